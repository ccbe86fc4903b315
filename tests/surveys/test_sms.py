import pytest
from pytest_django import Settings

from surveys.composing import compose
from surveys.defaults import ensure_fixed_survey, ensure_nps_survey
from surveys.links import url
from surveys.models import Attempt
from surveys.sms import fit, gsm, is_gsm, septets
from surveys.texts import Facts, words
from tests.surveys.makers import NOON, make_brand, make_customer, make_invitation, make_touchpoint

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


@pytest.mark.parametrize("text", ["ł", "“", "ê", "東", "\t", "😀"])
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
        assert message.text.endswith(url(invitation))
        assert message.text.startswith(gsm(brand)[:8] or "a-brand")


def test_the_default_sms_says_who_about_what_and_how_long(db: None, settings: Settings) -> None:
    settings.SITE_URL = "https://ask.example.com"
    invitation = make_invitation(customer=make_customer(phone="+12025550123"), channel="sms")
    message = compose(invitation, words(invitation.version, "de"), Attempt(pk=1, number=1, started_at=NOON))
    asks = "Northwind Outfitters fragt nach Ihrem Einkauf am 4. Mai. Eine Frage, 20 Sekunden: "
    assert message.text == asks + url(invitation)
    assert (message.recipient, message.sender, message.subject, message.html) == (
        "+12025550123",
        "Northwind O",
        "",
        "",
    )
