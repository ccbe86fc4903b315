import re

import pytest
from pytest_django import Settings

from surveys.links import invitation_id, signing_key, token, unsubscribe_url, url
from surveys.models import Invitation


@pytest.fixture(autouse=True)
def two_keys(settings: Settings) -> None:
    settings.LINK_KEYS = {"2": "new secret", "1": "old secret"}
    settings.SITE_URL = "https://ask.example.com"


def invitation(number: int = 4711, **fields: object) -> Invitation:
    return Invitation(pk=number, link_key="2", **fields)


def test_a_token_leads_back_to_its_invitation() -> None:
    for number in (1, 61, 62, 4711, 2**63 - 1):
        assert invitation_id(token(invitation(number))) == number


def test_a_token_is_short_and_fit_for_an_address() -> None:
    assert re.fullmatch(r"2-[0-9A-Za-z]{3}[\w-]{22}", token(invitation()))


def test_the_first_key_signs_and_all_verify() -> None:
    assert signing_key() == "2"
    assert invitation_id(token(Invitation(pk=7, link_key="1"))) == 7


def test_a_key_taken_out_opens_nothing_any_more(settings: Settings) -> None:
    old = token(Invitation(pk=7, link_key="1"))
    settings.LINK_KEYS = {"2": "new secret"}
    assert invitation_id(old) is None
    with pytest.raises(KeyError):
        token(Invitation(pk=7, link_key="1"))


def test_every_changed_character_is_refused() -> None:
    genuine = token(invitation())
    for place, character in enumerate(genuine):
        forged = genuine[:place] + ("B" if character == "A" else "A") + genuine[place + 1 :]
        assert invitation_id(forged) is None, forged


@pytest.mark.parametrize("text", ["", "-", "2-", "2-1", "x" * 22, "2-00" + "A" * 22, "é" * 40, "\ud800" * 30, "-" * 30])
def test_what_we_never_made_is_refused(text: str) -> None:
    assert invitation_id(text) is None


def test_an_unknown_key_id_is_refused_even_with_the_signature_of_an_empty_secret(settings: Settings) -> None:
    settings.LINK_KEYS = {"3": ""}
    with_empty_secret = token(Invitation(pk=1, link_key="3"))
    settings.LINK_KEYS = {"2": "new secret"}
    assert invitation_id(with_empty_secret) is None


def test_a_reminder_opens_the_first_invitation() -> None:
    assert token(invitation(99, first_id=4711)) == token(invitation(4711))


def test_addresses_carry_the_token_and_the_query() -> None:
    page = f"https://ask.example.com/s/{token(invitation())}"
    assert url(invitation()) == page
    assert url(invitation(), score=9, language="de") == f"{page}?score=9&language=de"
    assert unsubscribe_url(url(invitation())) == f"{page}/unsubscribe"
