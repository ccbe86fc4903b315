"""What opens a place, a receipt and an answer: each only itself."""

import pytest
from pytest_django import Settings

from surveys.links import invitation_id, token
from surveys.models import Invitation, OpenLink
from surveys.open_tokens import NAME, new_name, open_token, open_url, read_open, read_receipt, receipt_token
from surveys.trial_links import read_trial


@pytest.fixture(autouse=True)
def two_keys(settings: Settings) -> None:
    settings.LINK_KEYS = {"2": "new secret", "1": "old secret"}
    settings.SITE_URL = "https://ask.example.com"


def link(number: int = 7, key: str = "2") -> OpenLink:
    return OpenLink(pk=number, link_key=key)


def test_tokens_lead_back_to_what_they_were_made_for() -> None:
    for number in (1, 61, 62, 2**63 - 1):
        assert read_open(open_token(link(number))) == number
        assert read_receipt(link(), receipt_token(link(), number)) == number
    assert read_open(open_token(link(9, "1"))) == 9, "an older key verifies"


def test_no_token_of_one_purpose_is_one_of_another() -> None:
    place = open_token(link(4711))
    asked = token(Invitation(pk=4711, link_key="2"))
    assert place[:-22] == asked[:-22], "the same head"
    assert invitation_id(place) is None
    assert read_open(asked) is None
    assert read_trial(place) is None
    assert read_receipt(link(4711), place.partition("-")[2]) is None


def test_a_receipt_opens_nothing_behind_another_link() -> None:
    assert read_receipt(link(8), receipt_token(link(7), 1)) is None


def test_every_changed_character_is_refused() -> None:
    for genuine, read in (
        (open_token(link()), read_open),
        (receipt_token(link(), 99), lambda t: read_receipt(link(), t)),
    ):
        for place, character in enumerate(genuine):
            forged = genuine[:place] + ("B" if character == "A" else "A") + genuine[place + 1 :]
            assert read(forged) is None, forged


@pytest.mark.parametrize("text", ["", "-", "2-", "x" * 22, "2-00" + "A" * 22, "é" * 40, "\ud800" * 30])
def test_what_we_never_made_is_refused(text: str) -> None:
    assert read_open(text) is None
    assert read_receipt(link(), text) is None


def test_a_key_taken_out_opens_nothing_any_more(settings: Settings) -> None:
    old = open_token(link(7, "1"))
    settings.LINK_KEYS = {"2": "new secret"}
    assert read_open(old) is None


def test_a_name_of_an_answer_is_never_a_receipt() -> None:
    names = {new_name() for _ in range(100)}
    assert len(names) == 100
    assert all(NAME.fullmatch(name) for name in names)
    assert not NAME.fullmatch(receipt_token(link(), 1))


def test_addresses_are_full_and_short_enough_for_a_small_code() -> None:
    assert open_url(link()) == f"https://ask.example.com/s/o/{open_token(link())}"
    assert open_url(link(), 5).startswith(open_url(link()) + "/5")
    assert len(open_url(link(), 10**9)) < 90
