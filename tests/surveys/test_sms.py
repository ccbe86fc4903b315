from decimal import Decimal

import pytest
from pytest_django import Settings

from surveys.composing import compose
from surveys.defaults import ensure_fixed_survey, ensure_nps_survey
from surveys.links import url
from surveys.models import Attempt
from surveys.sms import cost, fit, gsm, is_gsm, segments, septets, size
from surveys.texts import Facts, words
from tests.surveys.makers import NOON, make_brand, make_customer, make_invitation, make_touchpoint, make_version

LINK = "https://ask.example.com/s/1-3cPq0123456789abcdefghiJ"
AWKWARD = [
    "Müller & Söhne GmbH & Co. KG 30",
    "{brand} {link} {[~|^€]} {seconds}",
    "東京カスタマーサービス株式会社",
    "Ромашка",
    "Żółta Łódź “Кафе” – Nº 5",  # noqa: RUF001
    "W" * 30,
    "x",
    "Crème Brûlée l’Atelier d’Œuvre",  # noqa: RUF001
    "Tab\tand\nline\r\nbreak",
    "€€€€€€€€€€€€€€€€€€€€€€€€€€€€€€",
]


def facts(**changed: str) -> Facts:
    values = {
        "name": "Ada",
        "brand": "Northwind",
        "experience": "your visit",
        "visit": "your visit on September 30",
        "date": "September 30",
        "seconds": "20",
        "link": LINK,
    }
    return Facts(**values | changed)


@pytest.mark.parametrize(
    ("text", "length"),
    [("", 0), ("abc", 3), ("ä", 1), ("€", 2), ("[x]", 5), ("^{}\\[~]|€", 18), ("a_b-c@d$", 8), ("\n", 1)],
)
def test_what_a_text_takes(text: str, length: int) -> None:
    assert is_gsm(text)
    assert septets(text) == length


@pytest.mark.parametrize("text", ["ł", "“", "ê", "東", "\t", "😀", "\f", "\x1b"])
def test_what_gsm_cannot_write(text: str) -> None:
    assert not is_gsm(text)


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("Łódź “Café” – l’été", 'Lodz "Café" - l\'été'),  # noqa: RUF001
        ("Œuvre… ﬁn", "OEuvre... fin"),
        ("A\u030angström", "Ångström"),
        ("東京 Tours 😀", "Tours"),
        ("Ромашка", ""),
        (" a \t b\nc ", "a b c"),
    ],
)
def test_the_nearest_that_gsm_can_write(text: str, written: str) -> None:
    assert gsm(text) == written


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 1),
        ("x" * 160, 1),
        ("x" * 161, 2),
        ("x" * 306, 2),
        ("x" * 307, 3),
        ("€" * 80, 1),
        ("€" * 81, 2),
        ("x" * 152 + "€" * 77, 3),  # the euro sign is not cut in two: 152, 152 and 2 septets
        ("ж" * 70, 1),
        ("ж" * 71, 2),
        ("ж" * 134, 2),
        ("ж" * 135, 3),
        ("😀" * 35, 1),
        ("😀" * 36, 2),
        ("x" * 69 + "ł", 1),
        ("x" * 70 + "ł", 2),
        ("x" * 100 + "\x1b", 2),
    ],
)
def test_how_many_messages_a_text_takes(text: str, count: int) -> None:
    assert segments(text) == count


@pytest.mark.parametrize(
    ("count", "price", "said"),
    [
        (1, None, "1 message"),
        (3, None, "3 messages"),
        (1, Decimal("0.0750"), "1 message, 0.0750 EUR"),
        (3, Decimal("0.0750"), "3 messages, 0.2250 EUR"),
        (2, Decimal("0.00000001"), "2 messages, 0.00000002 EUR"),
        (10, Decimal(0), "10 messages, 0 EUR"),
    ],
)
def test_what_a_text_costs(count: int, price: Decimal | None, said: str) -> None:
    assert cost(count, price, "EUR") == said


def filled_up(facts: Facts) -> str:
    """Return a text that these facts fill up to the last septet allowed."""
    room = 159 - septets(fit("{brand} {visit} {link}", facts, brand_slug="b"))
    return "{brand}" + "y" * room + " {visit} {link}"


def test_a_text_that_just_fits_is_left_as_it_is() -> None:
    sms = fit(filled_up(facts()), facts(), brand_slug="b")
    assert septets(sms) == 159
    assert sms.endswith(f"y your visit on September 30 {LINK}")


def test_the_day_goes_first() -> None:
    sms = fit(filled_up(facts(brand="Northern Light")), facts(brand="Northern Lights"), brand_slug="b")
    assert sms.startswith("Northern Lightsy")
    assert sms.endswith(f"y your visit {LINK}")


def test_then_the_brand_is_cut_to_its_first_words() -> None:
    text = filled_up(facts(brand="Northern Light"))
    sms = fit(text, facts(brand="Northern Light Customer Care and"), brand_slug="b")
    assert sms.startswith("Northern Lighty")
    assert sms.endswith(f"y your visit {LINK}")


def test_at_last_every_word_but_who_asks_how_long_and_where() -> None:
    assert fit("{brand} " + "y" * 150 + " {link}", facts(), brand_slug="b") == f"Northwind, 20 s: {LINK}"


def test_a_text_in_another_script_is_left_as_it_is() -> None:
    assert fit("{brand}: как прошёл {visit}?", facts(brand="Ромашка"), brand_slug="b").startswith("Ромашка: как")


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize("brand", AWKWARD)
@pytest.mark.parametrize("kind", ["purchase", "service_call", "public_post", "else"])
def test_every_default_sms_is_one_message_whatever_the_brand(db: None, brand: str, language: str, kind: str) -> None:
    customer = make_customer(phone="+12025550123")
    for ensure in (ensure_nps_survey, ensure_fixed_survey):
        version = ensure(NOON, make_brand(brand))
        version.survey.brand.slug = "a-brand"
        touchpoint = make_touchpoint(customer, kind=kind)
        invitation = make_invitation(version, touchpoint=touchpoint, channel="sms", language=language)
        message = compose(invitation, words(version, language), Attempt(pk=1, number=1, started_at=NOON))
        assert is_gsm(message.text)
        assert septets(message.text) < 160
        assert segments(message.text) == 1
        assert message.text.endswith(url(invitation))
        assert message.text.startswith(gsm(" ".join(brand.split()))[:8] or "a-brand")


def test_the_default_sms_says_who_about_what_and_how_long(db: None, settings: Settings) -> None:
    settings.SITE_URL = "https://ask.example.com"
    invitation = make_invitation(customer=make_customer(phone="+12025550123"), channel="sms")
    message = compose(invitation, words(invitation.version, "de"), Attempt(pk=1, number=1, started_at=NOON))
    asks = "Northwind Outfitters fragt nach Ihrem Einkauf am 4. Mai. Es dauert 20 Sekunden: "
    assert message.text == asks + url(invitation)
    assert (message.recipient, message.sender, message.subject, message.html) == (
        "+12025550123",
        "Northwind O",
        "",
        "",
    )


@pytest.mark.parametrize(
    ("of_brand", "of_all", "sender"),
    [("+12025550100", "40404", "+12025550100"), ("", "40404", "40404"), ("", "", "Northwind O")],
)
def test_who_an_sms_comes_from(db: None, settings: Settings, of_brand: str, of_all: str, sender: str) -> None:
    settings.SMS_SENDER = of_all
    version = make_version(sender_phone=of_brand)
    invitation = make_invitation(version, customer=make_customer(phone="+12025550123"), channel="sms")
    message = compose(invitation, words(version, "en"), Attempt(pk=1, number=1, started_at=NOON))
    assert message.sender == sender


@pytest.mark.parametrize(
    ("text", "encoding", "messages"),
    [
        ("a" * 160, "GSM-7", 1), ("a" * 161, "GSM-7", 2), ("a" * 307, "GSM-7", 3),
        ("€" * 80, "GSM-7", 1), ("€" * 81, "GSM-7", 2),
        ("я" * 70, "UCS-2", 1), ("я" * 71, "UCS-2", 2), ("я" * 135, "UCS-2", 3), ("", "UCS-2", 1),
    ],
)  # fmt: skip
def test_an_sms_is_as_many_messages_as_the_standard_says(text: str, encoding: str, messages: int) -> None:
    told = size(text, None, "")
    assert f", {messages} message" in told
    assert not text or f"in {encoding}," in told
