"""What is noted beside an answer: seconds, device, language, flags, what was known."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from pytest_django import Settings

from contacts.models import Customer, Touchpoint
from surveys import flags
from surveys.devices import device
from surveys.durations import ENOUGH, learn_seconds, spent, usual
from surveys.known import hidden, known
from surveys.models import SurveyVersion
from surveys.page_times import read_time, write_time
from surveys.questions.answers import Answers, Part
from surveys.questions.kinds import Kind
from surveys.speaking import accepted, direction, own_name, spoken
from tests.surveys.answered import make_response
from tests.surveys.makers import NOON, make_version
from tests.surveys.questions.makers import TWO, ask

TODAY = date(2026, 5, 5)


def after(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("sofar", "started", "before", "sent", "seconds"),
    [
        (None, NOON, None, after(12.4), 12),
        (12, after(20), after(13), after(25), 17),
        (12, NOON, after(13), after(14), 13),
        (0, NOON, None, after(3600), 600),
        (None, None, None, after(5), None),
        (9, None, after(1), after(5), 9),
        (5, after(60), None, NOON, 5),
        (32_700, NOON, None, after(600), 32_767),
    ],
    ids=["first", "second page", "same click twice", "gone away", "unknown", "unknown later", "clock back", "most"],
)
def test_seconds_add_up_page_by_page(
    sofar: int | None, started: datetime | None, before: datetime | None, sent: datetime, seconds: int | None
) -> None:
    assert spent(sofar, started, before, sent) == seconds


def test_the_usual_time_is_the_median_of_enough() -> None:
    assert usual([9] * (ENOUGH - 1)) is None
    assert usual([5] * 15 + [1000] * 16) == 1000
    assert usual([0] * ENOUGH) == 1


def answered_in(version: SurveyVersion, seconds: list[int], **fields: Any) -> None:
    for taken in seconds:
        values: dict[str, Any] = {"seconds": taken, "finished_at": NOON}
        make_response(version=version, **values | fields)


@pytest.mark.django_db
def test_published_versions_learn_their_seconds_from_finished_answers() -> None:
    version = make_version()
    answered_in(version, [11] * (ENOUGH - 1))
    answered_in(version, [500], finished_at=None)
    answered_in(version, [500], test=True, invitation=None)
    assert learn_seconds() == 0
    answered_in(version, [13])
    assert (learn_seconds(), learn_seconds()) == (1, 0)
    version.refresh_from_db()
    assert version.seconds == 11


@pytest.mark.django_db
def test_a_draft_and_a_closed_version_learn_nothing() -> None:
    version = make_version()
    answered_in(version, [11] * ENOUGH)
    SurveyVersion.objects.update(state="closed")
    assert learn_seconds() == 0


IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 Version/17.4 Mobile/15E148 Safari"
PIXEL = "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0 Mobile Safari"
TAB = "Mozilla/5.0 (Linux; Android 13; SM-X700) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0 Safari/537.36"
IPAD = "Mozilla/5.0 (iPad; CPU OS 12_5 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148 Safari/604.1"
WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0 Safari/537.36"
MAC = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.4 Safari"
LINUX = "Mozilla/5.0 (X11; Linux x86_64; rv:125.0) Gecko/20100101 Firefox/125.0"


@pytest.mark.parametrize(
    ("agent", "kind"),
    [
        *((agent, "phone") for agent in (IPHONE, PIXEL)),
        *((agent, "tablet") for agent in (TAB, IPAD)),
        *((agent, "computer") for agent in (WINDOWS, MAC, LINUX)),
        *((agent, "") for agent in ("", "curl/8.0")),
    ],
)
def test_a_browser_says_on_what_it_runs(agent: str, kind: str) -> None:
    assert device({"User-Agent": agent}) == kind


def test_a_client_hint_tells_a_phone_whose_agent_says_nothing() -> None:
    assert device({"Sec-CH-UA-Mobile": "?1", "User-Agent": LINUX}) == "phone"
    assert device({"Sec-CH-UA-Mobile": "?0", "User-Agent": LINUX}) == "computer"


# --- When a page was loaded ---------------------------------------------------------------------------------------


def test_a_page_tells_when_it_was_loaded() -> None:
    assert read_time(write_time(NOON, "/s/1"), "/s/1", after(9)) == NOON


@pytest.mark.parametrize("text", ["", "x", "1-abc", "ü" * 30])
def test_nobody_makes_up_a_time(text: str) -> None:
    assert read_time(text, "/s/1", after(9)) is None


def test_a_time_holds_for_its_link_and_no_instant_before_it(settings: Settings) -> None:
    told = write_time(NOON, "/s/1")
    assert read_time(told, "/s/2", after(9)) is None
    assert read_time(told, "/s/1", after(-1)) is None
    assert read_time(told[:-1] + ("A" if told[-1] != "A" else "B"), "/s/1", after(9)) is None
    settings.LINK_KEYS = {"other": "key"}
    assert read_time(told, "/s/1", after(9)) is None


# --- Flags ----------------------------------------------------------------------------------------------------------


def numbers(*values: int) -> Answers:
    return {f"q{place}": {"": Part(number=value)} for place, value in enumerate(values)}


@pytest.mark.parametrize(
    ("kind", "values", "straight"),
    [
        (Kind.CSAT, (3, 3, 3, 3), True),
        (Kind.CSAT, (3, 3, 3), False),
        (Kind.CSAT, (3, 3, 3, 4), False),
        (Kind.NPS, (0, 0, 0, 0, 0), True),
        (Kind.YES_NO, (1, 1, 1, 1), False),
    ],
)
def test_the_same_number_on_four_scales_is_straight(kind: Kind, values: tuple[int, ...], straight: bool) -> None:
    questions = [ask(f"q{place}", kind) for place in range(len(values))]
    found = flags.of_whole(questions, numbers(*values), {}, None)
    assert (flags.Flag.STRAIGHT in found) is straight


@pytest.mark.parametrize(("columns", "straight"), [((2, 2, 2, 2), True), ((2, 2, 2), False), ((2, 2, 1, 2), False)])
def test_the_same_column_in_four_rows_is_straight(columns: tuple[int, ...], straight: bool) -> None:
    rows = [f"r{place}" for place in range(len(columns))]
    table = ask("table", Kind.MATRIX, {**TWO, "rows": rows})
    answers = {"table": {row: Part(row, column) for row, column in zip(rows, columns, strict=True)}}
    assert (flags.Flag.STRAIGHT in flags.of_whole([table], answers, {}, None)) is straight


@pytest.mark.parametrize(("seconds", "fast"), [(2, True), (3, False), (None, False)])
def test_less_than_a_third_of_the_estimate_is_too_fast(seconds: int | None, fast: bool) -> None:
    questions = [ask("q0"), ask("unanswered", Kind.TEXT, required=True)]
    shown = {"q0": 14, "unanswered": 100}  # 14 words are read in 3.5 s, and a score is given in 4
    assert (flags.Flag.SPEEDER in flags.of_whole(questions, numbers(5), shown, seconds)) is fast


def test_one_page_tells_of_traps_of_forms_never_seen_and_of_scanners() -> None:
    sent: dict[str, Any] = {"trap": False, "started_at": after(4), "sent_at": NOON, "at": after(60)}
    assert flags.of_sending(**sent) == set()
    assert flags.of_sending(**sent | {"trap": True, "started_at": None}) == {"trap", "unseen"}
    assert flags.of_sending(**sent | {"at": after(9)}) == {"instant"}
    assert flags.of_sending(**sent | {"at": after(9), "sent_at": None}) == set()


# --- Languages ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (["de-AT"], "de"),
        (["pt"], "pt-br"),
        (["PT-BR"], "pt-br"),
        (["", "tlh", "de"], "de"),
        (["tlh"], "en"),
        ([], "en"),
    ],
)
def test_the_first_language_that_is_written_is_spoken(wanted: list[str], found: str) -> None:
    assert spoken(("de", "en", "pt-br"), wanted, "en") == found


def test_a_browser_names_its_languages_in_order() -> None:
    assert accepted("en;q=0.7, de-at, *;q=0.1") == ["de-at", "en"]
    assert accepted("") == []


def test_languages_have_names_and_directions_of_their_own() -> None:
    assert [direction(tag) for tag in ("de", "ar", "he-IL", "tlh")] == ["ltr", "rtl", "rtl", "ltr"]
    assert [own_name(tag) for tag in ("de", "de-CH", "tlh")] == ["Deutsch", "Deutsch", "tlh"]


# --- What is known --------------------------------------------------------------------------------------------------

ADA = Customer(country="DE", value=120, attributes={"member": True, "since": "2020-02-01", "likes": ["speed", "price"]})
VISIT = Touchpoint(kind="visit", team="North", occurred_at=datetime(2026, 5, 4, tzinfo=UTC), attributes={"bay": "x"})


@pytest.mark.parametrize(
    ("kind", "details", "fact", "said"),
    [
        (Kind.SHORT_TEXT, {}, "touchpoint.team", ["North"]),
        (Kind.YES_NO, {}, "customer.member", [1]),
        (Kind.DATE, {}, "customer.since", [date(2020, 2, 1)]),
        (Kind.DATE, {}, "touchpoint.occurred_at", [date(2026, 5, 4)]),
        (Kind.NUMBER, {}, "customer.value", [120]),
        (Kind.CHOICES, TWO, "customer.likes", [1, 1]),
        (Kind.CHOICE, TWO, "touchpoint.team", []),
        (Kind.SHORT_TEXT, {}, "touchpoint.nothing", []),
        (Kind.SHORT_TEXT, {}, "nobody.team", []),
        (Kind.NUMBER, {"most": 100}, "customer.value", []),
        (Kind.SHORT_TEXT, {}, "", []),
    ],
)
def test_what_is_known_and_fits_the_question_need_not_be_asked(
    kind: Kind, details: dict[str, Any], fact: str, said: list[object]
) -> None:
    found = known([ask("q", kind, details, fact=fact)], ADA, VISIT, TODAY).get("q", {})
    parts = [next(value for value in (p.number, p.amount, p.date, p.text) if value) for p in found.values()]
    assert parts == said


def test_without_an_experience_nothing_is_known_of_it() -> None:
    assert known([ask("q", Kind.SHORT_TEXT, fact="touchpoint.team")], ADA, None, TODAY) == {}
    assert hidden(["bay"], None) == {}


def test_hidden_fields_are_those_that_the_version_names() -> None:
    assert hidden(["bay", "absent"], VISIT) == {"bay": "x"}
