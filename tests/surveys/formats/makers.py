"""Whole questionnaires for tests, also any: with every kind of question, pages, conditions and jumps."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from surveys.formats.document import Document, Item
from surveys.questions.answers import Part, Parts
from surveys.questions.conditions import END, Condition, Jump, Operator, Test
from surveys.questions.details import NONE, OTHER, read_details
from surveys.questions.kinds import MAKES, Kind
from surveys.questions.spec import Spec, paged
from surveys.texts import VERSION_FIELDS

EXAMPLES = Path(__file__).parent / "examples"
KEYS = ("speed", "price", "staff", "2-days", "very_good")
DAYS = [date(2026, 5, 1) + timedelta(days=step) for step in range(4)]
SOME_TEXTS = ["good", "it's 5 o'clock", 'the "best"', "a\\b", "Größe 🎉"]
WORDS = st.sampled_from(
    [
        "How was it?",
        "Wie war's?",
        "كيف كانت زيارتك؟",
        "a < b & c > d",
        "two\nlines",
        "Tell {brand}, {name}",
        '"quoted" {x}',
    ]
)


def ask(key: str, kind: Kind = Kind.NPS, details: dict[str, Any] | None = None, **given: Any) -> Item:
    """Return a question with words in English."""
    spec = Spec(key=key, kind=kind, details=read_details(kind, details or {}), **given)
    return Item(spec, {"en": {field: f"{field} of {key}" for field in Item(spec).fields if field != "help"}})


def survey(*items: Item, **given: Any) -> Document:
    """Return a survey in English."""
    return Document(**{"slug": "visit", "name": "After a visit", "language": "en", "items": items} | given)


@st.composite
def details(draw: st.DrawFn, kind: Kind) -> dict[str, Any]:
    """Settings that a question of the kind can have, as JSON."""
    takes, found = MAKES[kind].settings, dict[str, Any]()
    if "options" in takes:
        found["options"] = draw(st.lists(st.sampled_from(KEYS), min_size=2, max_size=4, unique=True))
    if "rows" in takes:
        found["rows"] = draw(st.lists(st.sampled_from(KEYS), min_size=1, max_size=3, unique=True))
    for flag in sorted(takes & {"other", "none", "shuffle", "faces"}):
        found[flag] = draw(st.booleans())
    if kind == Kind.NUMBER:
        found |= {"decimals": draw(st.integers(0, 3)), "least": draw(st.sampled_from([None, 0, -5.5]))}
        found["most"] = draw(st.sampled_from([None, 10, 99.75]))
    elif kind == Kind.CHOICES:
        found |= draw(st.sampled_from([{}, {"least": 1}, {"least": 1, "most": 2}]))
    elif "most" in takes:
        found["most"] = draw(st.sampled_from([None, 80]))
    if kind == Kind.DATE:
        found |= draw(st.sampled_from([{}, {"earliest": "2020-02-29", "latest": "today"}, {"latest": "2030-12-31"}]))
    return found


@st.composite
def tests_of(draw: st.DrawFn, about: Spec) -> Test:
    """A test of the answer to a question that publishing allows."""
    kind, given, value, part = about.kind, about.details, "", ""
    operators = [Operator.ANSWERED, Operator.NOT_ANSWERED, Operator.IS, Operator.IS_NOT]
    if kind not in (Kind.CHOICE, Kind.CHOICES, Kind.TEXT, Kind.SHORT_TEXT):
        operators += [Operator.AT_LEAST, Operator.AT_MOST]
    operator = draw(st.sampled_from(operators))
    if kind == Kind.MATRIX and (operator.takes_value or draw(st.booleans())):
        part = draw(st.sampled_from(given.rows))
    if kind == Kind.RANKING and operator.takes_value:
        part = draw(st.sampled_from(given.options))
    if operator.takes_value:
        value = draw(_values(about))
    return Test(about.key, operator, value, part)


def _values(about: Spec) -> st.SearchStrategy[str]:
    if about.kind in (Kind.MATRIX, Kind.RANKING):
        return st.integers(1, len(about.details.options)).map(str)
    if about.details.offered:
        return st.sampled_from(about.details.offered)
    if about.scale:
        return st.sampled_from(about.scale).map(str)
    if about.kind == Kind.DATE:
        return st.sampled_from(DAYS).map(date.isoformat)
    return st.sampled_from(["3", "4", "7"]) if about.kind == Kind.NUMBER else st.sampled_from(SOME_TEXTS)


@st.composite
def conditions(draw: st.DrawFn, askable: list[Spec]) -> Condition:
    """A condition over the answers to some of these questions, with some tests in place of one."""
    about = st.sampled_from(askable)
    groups = draw(st.lists(st.lists(about, min_size=1, max_size=2), min_size=1, max_size=3))
    either = draw(st.booleans()) and len(groups) > 1
    if len(groups) == 1:
        groups = [[one] for one in groups[0]]
    tests = (tuple(draw(tests_of(one)) for one in group) for group in groups)
    return Condition(
        tuple(found[0] if len(found) == 1 else Condition(found, any=not either) for found in tests), any=either
    )


@st.composite
def questionnaires(draw: st.DrawFn, kinds: tuple[Kind, ...] = tuple(Kind)) -> list[Spec]:
    """Questions on pages, with conditions about earlier pages and jumps that lead onwards to the begin of a page."""
    chosen = draw(st.lists(st.sampled_from(kinds), min_size=1, max_size=7))
    plain = [
        Spec(
            key=f"q{number}",
            kind=kind,
            details=read_details(kind, draw(details(kind))),
            required=draw(st.booleans()) and kind != Kind.STATEMENT,
            starts_page=draw(st.booleans()),
        )
        for number, kind in enumerate(chosen)
    ]
    found, pages = list[Spec](), paged(plain)
    for number, page in enumerate(pages):
        before = [question for earlier in pages[:number] for question in earlier if question.asks]
        until = before + [question for question in page if question.asks]
        goals = [later[0].key for later in pages[number + 1 :]] + [END]
        found += [replace(one, show_if=draw(_maybe(before)), jumps=draw(_jumps(until, goals))) for one in page]
    return found


def _maybe(askable: list[Spec]) -> st.SearchStrategy[Condition | None]:
    return st.none() | conditions(askable) if askable else st.none()


def _jumps(askable: list[Spec], goals: list[str]) -> st.SearchStrategy[tuple[Jump, ...]]:
    jump = st.builds(Jump, st.sampled_from(goals), _maybe(askable))
    return st.just(()) | st.lists(jump, min_size=1, max_size=2).map(tuple)


@st.composite
def documents(draw: st.DrawFn, languages: tuple[str, ...] = ("en", "de", "ar")) -> Document:
    """Any survey in some languages, of which the first is the one translated from."""
    language, *others = draw(st.lists(st.sampled_from(languages), min_size=1, unique=True))
    specs = [
        replace(spec, module=draw(st.sampled_from(["", "a", "b"])), fact=draw(st.sampled_from(["", "customer.city"])))
        for spec in draw(questionnaires())
    ]
    return Document(
        slug="any-survey",
        name=draw(WORDS.filter(str.isprintable)),
        language=language,
        items=tuple(
            Item(
                spec,
                draw(_texts([language, *others], Item(spec).fields)),
                *draw(st.sampled_from([("", ""), ("speed", "need")])),
            )
            for spec in specs
        ),
        words=draw(_texts([language, *others], list(VERSION_FIELDS))),
        occasion=draw(st.sampled_from(["transactional", "relationship"])),
        change_for=draw(st.sampled_from([0, 86400])),
        review_url=draw(st.sampled_from(["", "https://reviews.example/us"])),
        modules_asked=draw(st.integers(1, 2)),
        hidden_fields=draw(st.sampled_from([(), ("store", "agent")])),
    )


@st.composite
def _texts(draw: st.DrawFn, languages: list[str], fields: list[str]) -> dict[str, dict[str, str]]:
    """Texts in the first language and, of some fields, in the others."""
    found = {
        tag: {field: draw(WORDS) for field in fields if tag == languages[0] or draw(st.booleans())} for tag in languages
    }
    return {tag: texts for tag, texts in found.items() if texts}


def answers_to(about: Spec) -> st.SearchStrategy[Parts]:
    """What can be answered to a question; nothing (empty) where it can be left out."""
    if not about.asks:
        return st.just({})
    said = _SAID.get(about.kind, _number)(about)
    return said if about.required else st.one_of(st.just({}), said, said)


def _number(about: Spec) -> st.SearchStrategy[Parts]:
    return st.sampled_from(about.scale or range(1)).map(lambda number: {"": Part(number=number)})


def _cells(about: Spec) -> st.SearchStrategy[Parts]:
    columns = st.integers(1, len(about.details.options))
    rows = st.fixed_dictionaries(dict.fromkeys(about.details.rows, columns))
    return rows.map(lambda cells: {row: Part(row, column) for row, column in cells.items()})


def _ranks(about: Spec) -> st.SearchStrategy[Parts]:
    order = st.permutations(about.details.options)
    return order.map(lambda keys: {key: Part(key, rank) for rank, key in enumerate(keys, start=1)})


def _options(about: Spec) -> st.SearchStrategy[Parts]:
    most = 1 if about.kind == Kind.CHOICE else int(about.details.most) if about.details.most else None
    keys = st.lists(st.sampled_from(about.details.offered), min_size=1, max_size=most, unique=True)
    return keys.map(lambda chosen: _chosen([NONE] if NONE in chosen else chosen))


def _chosen(keys: list[str]) -> Parts:
    return {key: Part(key, 1, text="Something else" if key == OTHER else "") for key in keys}


def _texts_said(_: Spec) -> st.SearchStrategy[Parts]:
    return st.sampled_from(SOME_TEXTS).map(lambda text: {"": Part(text=text)})


_SAID: dict[Kind, Callable[[Spec], st.SearchStrategy[Parts]]] = {
    Kind.MATRIX: _cells,
    Kind.RANKING: _ranks,
    Kind.CHOICE: _options,
    Kind.CHOICES: _options,
    Kind.TEXT: _texts_said,
    Kind.SHORT_TEXT: _texts_said,
    Kind.NUMBER: lambda _: st.sampled_from("34578").map(lambda digit: {"": Part(amount=Decimal(digit))}),
    Kind.DATE: lambda _: st.sampled_from(DAYS).map(lambda day: {"": Part(date=day)}),
}
