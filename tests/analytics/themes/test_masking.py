"""Personal data leaves a comment before anything learns from it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.themes import mask

NAMES = ("Ada Example", "O'Neil-Çelik")


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("Write to ada.example+shop@mail.example.com please", "Write to [email] please"),
        ("see https://shop.example/o/4711?x=1 or www.shop.example", "see [link] or [link]"),
        ("I am @ada_example there", "I am [name] there"),
        ("@ada@bob and Ada@bob", "[name][name] and [name][name]"),
        ("IBAN DE89 3704 0044 0532 0130 00, thanks", "IBAN [iban], thanks"),
        ("gb82west12345698765432", "[iban]"),
        ("card 4111 1111 1111 1111 was charged twice", "card [card] was charged twice"),
        ("call +1 212 555 0123 after five", "call [phone] after five"),
        ("order 2024001234", "order [number]"),
        ("waited 20 minutes, paid 19.99, in 2024", "waited 20 minutes, paid 19.99, in 2024"),
        ("ADA called; Ms Example waited", "[name] called; Ms [name] waited"),
        ("Adam was kind", "Adam was kind"),
        ("o'neil-çelik again", "[name] again"),
        ("", ""),
    ],
)
def test_what_leads_to_a_person_is_replaced_and_nothing_else(text: str, masked: str) -> None:
    assert mask(text, names=NAMES) == masked


def test_a_number_without_its_country_is_a_phone_in_the_customers_country() -> None:
    assert mask("ring 030 901820", region="DE") == "ring [phone]"


def test_wrong_check_digits_are_no_iban_and_no_card_but_a_number_all_the_same() -> None:
    assert mask("DE88 3704 0044 0532 0130 00") == "DE[number]"
    assert mask("4111 1111 1111 1112") == "[number]"


@pytest.mark.parametrize("name", ["email", "Number", "phone link"])
def test_a_name_like_a_placeholder_does_not_break_it(name: str) -> None:
    once = mask("a@b.example 12345678", names=[name])
    assert once == "[email] [number]" == mask(once, names=[name])


@given(st.text(alphabet="aAdaz @.+-/()[]0123456789€éß\n'", max_size=60), st.sampled_from([None, "DE", "US"]))
def test_masking_twice_changes_nothing(text: str, region: str | None) -> None:
    once = mask(text, names=NAMES, region=region)
    assert mask(once, names=NAMES, region=region) == once


@given(st.text(max_size=40), st.sampled_from(["ada@example.com", "+12125550123", "4111111111111111"]))
def test_what_is_written_around_it_hides_nothing(text: str, secret: str) -> None:
    assert secret not in mask(f"{text} {secret} {text}")
