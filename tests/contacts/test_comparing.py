"""Records that came since the last run are compared: merged where it is certain, else proposed, once."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from pytest_django import DjangoAssertNumQueries, Settings

from contacts import comparing, consent
from contacts.comparing import PAUSE, compare_new
from contacts.merging import BY_ITSELF, are_different, merge, split
from contacts.models import Account, Brand, Compared, Customer, Identifier, Proposal
from tests.contacts.makers import NOON, add_address, make_customer

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def colleague() -> User:
    return User.objects.create(username="colleague")


def make(source: str = "crm", email: str = "ada@example.com", *, verified: bool = True, **fields: Any) -> Customer:
    """Return a customer with an address that was shown to be hers, unless told otherwise."""
    customer = make_customer(email=False, phone=False, source=source, **{"name": "Ada Lo"} | fields)
    add_address(customer, "email", email, verified_at=NOON if verified else None)
    return customer


def run(at: datetime = NOON + HOUR) -> list[tuple[str, str, str]]:
    """Run twice, so that nothing is too new; return of each pair why, why it was held, and how it stands."""
    compare_new(at)
    compare_new(at + 2 * PAUSE)
    return list(Proposal.objects.order_by("pk").values_list("why", "held", "state"))


def persons() -> int:
    return Customer.objects.filter(merged_into=None).count()


def test_a_verified_address_of_two_makes_them_one_by_itself() -> None:
    first, second = make(), make("support")
    assert run() == [("email", "", "merged")]
    second.refresh_from_db()
    assert second.merged_into == first
    entry = LogEntry.objects.get()
    assert (entry.user.username, entry.user.is_active, entry.object_id) == (BY_ITSELF, False, str(second.pk))
    assert entry.change_message == (
        f"Merged into customer {first.pk}: By itself: Same email, shown to be theirs on both records."
    )
    assert not entry.user.has_usable_password()


def test_it_can_be_taken_apart_and_stays_apart(colleague: User) -> None:
    make()
    second = make("support")
    run()
    split(second.pk, at=NOON + 2 * HOUR, by_id=colleague.pk)
    Identifier.objects.update(verified_at=NOON + 3 * HOUR)
    assert run(NOON + 4 * HOUR) == [("email", "", "different")]
    assert persons() == 2


@pytest.mark.parametrize(
    ("of_second", "held"),
    [
        ({"verified": False}, "unverified"),
        ({"source": "crm"}, "source"),
        ({"name": "Bob Yu"}, "name"),
    ],
)
def test_what_is_not_certain_is_asked(of_second: dict[str, Any], held: str) -> None:
    make()
    make(**{"source": "support"} | of_second)
    assert run() == [("email", held, "open")]
    assert persons() == 2


def test_brands_accounts_and_opt_outs_are_looked_at() -> None:
    account = [Account.objects.create(source="crm", external_id=name) for name in "ab"]
    brand = [Brand.objects.create(slug=name, name=name) for name in "ab"]
    for place in (0, 1):
        source = ("crm", "support")[place]
        make(source, "a@example.com", account=account[place])
        make(source, "b@example.com", brand=brand[place])
    make("crm", "c@example.com")
    consent.opt_out(make("support", "c@example.com").pk, "sms", at=NOON, via="link")
    assert {held for _, held, _ in run()} == {"account", "brand", "opt_out"}


def test_of_three_nobody_is_merged_and_of_four_nobody_asked() -> None:
    for source in ("crm", "support", "chat"):
        make(source)
        make(source, "desk@example.com")
    make("till", "desk@example.com")
    assert run() == [("email", "shared", "open")] * 3


def test_who_shares_a_phone_and_no_name_is_not_asked_about() -> None:
    for name, source in (("Ada Lo", "crm"), ("Bo Yu", "support")):
        add_address(make_customer(email=False, phone=False, name=name, source=source), "phone", "+12125550123")
    assert run() == []


def test_closed_addresses_and_devices_say_nothing() -> None:
    for source in ("crm", "support"):
        customer = make(source, f"{source}@example.com")
        add_address(customer, "email", "old@example.com", verified_at=NOON, closed_at=NOON)
        add_address(customer, "external", "d1", issuer="shop device", verified_at=NOON)
    assert run() == []


class TestIds:
    """A record that names the id that another system gave the customer."""

    @pytest.mark.parametrize(
        ("verified", "expected"), [(True, ("id", "", "merged")), (False, ("id", "unverified", "open"))]
    )
    def test_the_record_with_that_id_is_the_same_person_where_it_is_certain(
        self, verified: bool, expected: tuple[str, ...]
    ) -> None:
        make("crm", "ada@example.com", external_id="c-17")
        desk = make("support", "other@example.com")
        add_address(desk, "external", "c-17", issuer="crm", verified_at=NOON if verified else None)
        assert run() == [expected]

    def test_it_may_come_first(self) -> None:
        desk = make("support", "other@example.com")
        add_address(desk, "external", "c-17", issuer="crm", verified_at=NOON)
        assert run() == []
        make("crm", "ada@example.com", external_id="c-17")
        assert run(NOON + 2 * HOUR) == [("id", "", "merged")]

    def test_the_same_id_of_another_system_is_another_id(self) -> None:
        add_address(make("support", "other@example.com"), "external", "c-17", issuer="shop", verified_at=NOON)
        make("crm", "ada@example.com", external_id="c-17")
        assert run() == []


def test_what_is_verified_later_is_looked_at_again() -> None:
    make()
    second = make("support", verified=False)
    assert run() == [("email", "unverified", "open")]
    second.identifiers.update(verified_at=NOON + 2 * HOUR)
    assert run(NOON + 2 * HOUR) == [("email", "", "merged")]
    assert Proposal.objects.get().decided_at == NOON + 2 * HOUR


def test_so_many_a_day_and_the_others_are_asked(settings: Settings) -> None:
    settings.MERGES_PER_DAY = 1
    for name in "abc":
        make("crm", f"{name}@example.com")
        make("support", f"{name}@example.com")
    assert sorted(run()) == [("email", "", "merged"), ("email", "day", "open"), ("email", "day", "open")]


def test_two_ways_to_one_person_are_one_merge() -> None:
    for source in ("crm", "support"):
        customer = make(source)
        add_address(customer, "email", "second@example.com", verified_at=NOON)
        add_address(customer, "phone", "+12125550123")
    assert run() == [("email", "", "merged")]


def test_a_person_of_five_records_grows_no_more() -> None:
    for source in "abcdef":
        customer = make(f"s{source}", f"{source}@example.com")
        for other in "abcdef":
            if other < source:
                add_address(customer, "email", f"{other}{source}@example.com", verified_at=NOON)
            elif other > source:
                add_address(customer, "email", f"{source}{other}@example.com", verified_at=NOON)
    run()
    assert persons() == 2
    assert Customer.objects.exclude(merged_into=None).count() == 4
    assert {held for _, held, state in run(NOON + 3 * HOUR) if state == "open"} == {"records"}


def test_who_was_said_to_be_two_is_not_asked_about_nor_merged_by_other_records(colleague: User) -> None:
    first, second = make(), make("support", verified=False)
    run()
    are_different(second.pk, first.pk, at=NOON + HOUR, by_id=colleague.pk)
    third = make("chat", "third@example.com")
    merge(third.pk, into=first.pk, at=NOON + HOUR, by_id=colleague.pk, why="Rang.")
    for customer in (second, third):
        add_address(customer, "phone", "+12125550123", verified_at=NOON + HOUR)
    assert run(NOON + 2 * HOUR) == [("email", "unverified", "different")]


def test_merging_by_hand_closes_what_was_asked(colleague: User) -> None:
    first, second = make(), make("support", verified=False)
    run()
    merge(second.pk, into=first.pk, at=NOON + HOUR, by_id=colleague.pk, why="Rang.")
    asked = Proposal.objects.get()
    assert (asked.state, asked.by, asked.held) == ("merged", colleague, "unverified")


class TestRuns:
    """A run goes on where the last one stopped."""

    def test_what_came_a_moment_ago_is_left_to_the_next_one(self) -> None:
        compare_new(NOON)
        make(verified=False)
        make("support", verified=False)
        compare_new(NOON + HOUR)
        assert not Proposal.objects.exists()
        compare_new(NOON + 2 * HOUR)
        assert Proposal.objects.get().found_at == NOON + 2 * HOUR

    def test_a_second_run_at_once_does_nothing(self) -> None:
        make(verified=False)
        make("support", verified=False)
        compare_new(NOON)
        assert compare_new(NOON + PAUSE / 2)
        assert (Proposal.objects.exists(), Compared.objects.get().at) == (False, NOON)

    def test_it_stops_when_it_has_to_and_goes_on(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(comparing, "LOT", 1)
        for name in "abc":
            make("crm", f"{name}@example.com", verified=False)
            make("support", f"{name}@example.com", verified=False)
        compare_new(NOON)
        turns = iter([False, False] + [True] * 9)
        assert not compare_new(NOON + HOUR, enough=lambda: next(turns))
        assert Proposal.objects.count() == 1
        assert compare_new(NOON + 2 * HOUR)
        assert Proposal.objects.count() == 3

    def test_what_was_looked_at_costs_nothing_again(
        self, django_assert_max_num_queries: DjangoAssertNumQueries
    ) -> None:
        for number in range(40):
            make("crm", f"{number}@example.com")
        run()
        with django_assert_max_num_queries(20):
            compare_new(NOON + 3 * HOUR)
