"""When two people who have something in common are one: by itself, by asking, not at all."""

from dataclasses import replace
from typing import Any

import pytest

from contacts.models import Proposal
from contacts.sameness import Side, comparable, held_by, worth_asking

Held = Proposal.Held
ADA = Side(1, {"crm"}, {"Ada Lovelace"}, {1}, {7}, frozenset(), simulated=False, erased=False)
DESK = replace(ADA, sources={"support"})


def held(*, verified: bool = True, further: int = 0, one: Side = ADA, **fields: Any) -> list[str]:
    other = replace(DESK, **fields)
    found = held_by(one, other, verified=verified, further=further)
    assert found == held_by(other, one, verified=verified, further=further)
    return [reason.value for reason in found]


def test_nothing_speaks_against_it() -> None:
    assert held() == []
    assert held(names=set(), brands=set(), accounts=set()) == []


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"verified": False}, Held.UNVERIFIED),
        ({"further": 1}, Held.SHARED),
        ({"sources": {"chat", "crm"}}, Held.SOURCE),
        ({"names": {"Ada Baker"}}, Held.NAME),
        ({"brands": {2}}, Held.BRAND),
        ({"brands": {1, 2}}, Held.BRAND),
        ({"accounts": {8}}, Held.ACCOUNT),
        ({"refused": {"sms"}}, Held.OPT_OUT),
        ({"refused": {""}}, Held.OPT_OUT),
        ({"records": 5}, Held.RECORDS),
    ],
)
def test_each_thing_alone_keeps_them_apart(change: dict[str, Any], reason: Held) -> None:
    assert held(**change) == [reason]


def test_what_both_refused_is_no_difference() -> None:
    assert held(one=replace(ADA, refused={"sms"}), refused={"sms"}) == []


@pytest.mark.parametrize(
    "name", ["ada LOVELACE", "Lovelace, Ada", "A. Lovelace", "Ada", "Ada King Lovelace", "Lovelace"]
)
def test_ways_of_writing_a_name_are_one_name(name: str) -> None:
    assert held(names={name}) == []


@pytest.mark.parametrize("name", ["Bob Lovelace", "Ada Lavalace", "B. Lovelace", "Charles Babbage"])
def test_other_names_are_not(name: str) -> None:
    assert held(names={name}) == [Held.NAME]


def test_who_shares_an_unverified_address_and_no_word_of_a_name_is_somebody_else() -> None:
    stranger, relative = replace(DESK, names={"Bo Yu"}), replace(DESK, names={"Bob Lovelace"})
    both = [Held.NAME, Held.UNVERIFIED]
    assert not worth_asking(ADA, stranger, both)
    assert worth_asking(ADA, stranger, [Held.NAME])
    assert worth_asking(ADA, relative, both)
    assert worth_asking(ADA, replace(DESK, names=set()), [Held.UNVERIFIED])


@pytest.mark.parametrize("change", [{"erased": True}, {"simulated": True}])
def test_who_was_erased_or_made_up_is_compared_with_nobody(change: dict[str, Any]) -> None:
    other = replace(DESK, **change)
    assert not comparable(ADA, other)
    assert not comparable(other, ADA)
    assert not worth_asking(ADA, other, [])
    assert comparable(replace(ADA, simulated=True), replace(DESK, simulated=True))
