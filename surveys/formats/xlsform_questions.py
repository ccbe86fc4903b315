"""The questions of an XLSForm as questions of ours, one row after the other."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from surveys.formats.document import FormatError, Item, Note
from surveys.formats.parsing import ExpressionError
from surveys.formats.workbook import Row
from surveys.formats.xlsform_logic import ALONE, limits
from surveys.formats.xlsform_names import NO, YES
from surveys.languages import tag_of
from surveys.page_words import page_words
from surveys.questions.details import MOST_DECIMALS, NONE, OTHER, DetailsError, read_details
from surveys.questions.keys import Keys, plain
from surveys.questions.kinds import MAKES, Kind
from surveys.questions.spec import Spec
from surveys.texts import OPTION, ROW

TRUE = frozenset(("yes", "true", "true()", "1"))
READ = frozenset(
    (
        *("type", "name", "label", "hint", "required", "relevant", "constraint", "appearance", "parameters"),
        *("constraint_message", "required_message"),
    )
)
SCALES = {(0, 10): Kind.NPS, (1, 5): Kind.CSAT, (1, 7): Kind.CES}
PLAIN_KINDS = {
    "integer": Kind.NUMBER,
    "int": Kind.NUMBER,
    "decimal": Kind.NUMBER,
    "date": Kind.DATE,
    "note": Kind.STATEMENT,
    "text": Kind.SHORT_TEXT,
    "string": Kind.SHORT_TEXT,
    "acknowledge": Kind.YES_NO,
    "trigger": Kind.YES_NO,
}
LISTS = {"select_one": Kind.CHOICE, "select_multiple": Kind.CHOICES, "rank": Kind.RANKING}
#: How a scale's steps are worded where its ends mean something: "0 (not at all)" or "0 - not at all".
_STEP = re.compile(r"-?\d+\s*(?:\((?P<in>.*)\)|[-–—:.=]?\s*(?P<after>.*))", re.DOTALL)  # noqa: RUF001


@dataclass(frozen=True, slots=True)
class Question:
    """A question with its words; `values`: names of choices -> keys, `rows`: names of a table's rows -> keys."""

    item: Item
    values: Mapping[str, str] = field(default_factory=dict)
    rows: Mapping[str, str] = field(default_factory=dict)


class Form:
    """What the rows of a form share: its lists of choices, the language without a name, and the notes."""

    def __init__(self, choices: Sequence[Row], language: str) -> None:
        self.language = language
        self.notes = list[Note]()
        self._lists: dict[str, list[Row]] = {}
        for row in choices:
            self._lists.setdefault(row.get("list_name") or row.get("list name"), []).append(row)

    def note(self, row: Row, what: str, why: str) -> None:
        """Note what is not carried over."""
        self.notes.append(Note(f"Row {row.number} “{row.get('name')[:60]}”", what, why))

    def choices(self, row: Row, name: str) -> list[Row]:
        """Return the choices of a list. Raises FormatError where there is none."""
        if name not in self._lists:
            raise FormatError(f"there is no list “{name[:60]}” in the sheet “choices”.", f"Row {row.number}")
        return self._lists[name]

    def texts(self, row: Row, column: str) -> dict[str, str]:
        """Return the texts of `label` or `hint` by language."""
        found = dict[str, str]()
        for heading, text in row.cells.items():
            name, _, language = heading.partition("::")
            tag = tag_of(language) if language else self.language
            if name == column and tag:
                found.setdefault(tag, text)
            elif name == column:
                self.note(row, heading, "This is no language that we know: write a tag, such as German (de).")
        return found

    def strange(self, row: Row, known: frozenset[str]) -> None:
        """Note the columns of a row that have no counterpart."""
        names = sorted({heading.partition("::")[0] for heading in row.cells} - known)
        if names:
            self.note(row, ", ".join(names), "These columns have no counterpart here.")


def question(row: Row, form: Form) -> Question | None:
    """Return a row as a question; None, with a note, for a type that has no counterpart."""
    kind, _, rest = row.get("type").strip().partition(" ")
    if kind == "range":
        return _range(row, form)
    if kind in LISTS:
        return _listed(row, form, LISTS[kind], rest.split())
    if kind not in PLAIN_KINDS:
        form.note(row, f"type “{row.get('type')[:60]}”", "There is no such question here; it is left out.")
        return None
    ours = Kind.TEXT if "multiline" in row.get("appearance").split() else PLAIN_KINDS[kind]
    details = _limits(row, form, ours)
    if kind == "decimal":
        details.setdefault("decimals", MOST_DECIMALS)
    return _made(row, form, ours, details)


def table(row: Row, rows: Sequence[Row], form: Form) -> Question | None:
    """Return a group `table-list` as a table; None, with a note, where its rows are not all of one list."""
    types = {one.get("type") for one in rows}
    kind, _, name = next(iter(types), "").partition(" ")
    if len(types) != 1 or kind != "select_one":
        form.note(row, "table", "All rows of a table must choose from the same list; it is left out.")
        return None
    start = f"{row.get('name')}_"
    prefix = start if all(one.get("name").startswith(start) for one in rows) else ""
    keys, words, values = Keys(), dict[str, dict[str, str]](), dict[str, str]()
    row_keys: dict[str, str] = {}
    for one in rows:
        form.strange(one, READ)
        if one.get("relevant"):
            form.note(one, f"condition “{one.get('relevant')[:200]}”", "A row of a table is always asked.")
        key = row_keys[one.get("name")] = keys.give(one.get("name").removeprefix(prefix), "row")
        words[f"{ROW}{key}"] = form.texts(one, "label")
    options, option_words = _options(form, form.choices(row, name.strip()), values)
    required = any(one.get("required").casefold() in TRUE for one in rows)
    details = {"options": options, "rows": list(row_keys.values())}
    return _made(row, form, Kind.MATRIX, details, words | option_words, values, row_keys, required=required)


def _listed(row: Row, form: Form, kind: Kind, rest: Sequence[str]) -> Question | None:
    choices = form.choices(row, rest[0] if rest else "")
    names = [choice.get("name") for choice in choices]
    if kind == Kind.CHOICE and "or_other" not in rest:
        if _is_yes_no(form, choices):
            return _made(row, form, Kind.YES_NO, {}, values={YES: "1", NO: "0"})
        if scale := _scale(names):
            return _rated(row, form, scale, choices)
    values: dict[str, str] = {}
    other = "or_other" in rest
    own = [choice for choice in choices if choice.get("name") not in ((OTHER,) if other else ())]
    none = kind != Kind.RANKING and NONE in names
    options, words = _options(form, [choice for choice in own if not none or choice.get("name") != NONE], values)
    details: dict[str, Any] = {"options": options, **_limits(row, form, kind)}
    details |= {name: True for name, given in (("other", other), ("none", none)) if given}
    if "randomize=true" in row.get("parameters").replace(" ", "").casefold():
        details["shuffle"] = True
    elif row.get("parameters"):
        form.note(row, f"parameters “{row.get('parameters')[:60]}”", "They have no counterpart here.")
    return _made(row, form, kind, details, words, values)


def _options(form: Form, choices: Sequence[Row], values: dict[str, str]) -> tuple[list[str], dict[str, dict[str, str]]]:
    """Keys and words of choices; which key a name has comes into `values`."""
    keys, order, words = Keys(), list[str](), dict[str, dict[str, str]]()
    for choice in choices:
        key = keys.give(choice.get("name"), "option")
        order.append(key)
        values[choice.get("name")] = key
        words[f"{OPTION}{key}"] = form.texts(choice, "label") or {form.language: choice.get("name")}
    return order, words


def _is_yes_no(form: Form, choices: Sequence[Row]) -> bool:
    """Whether a list says yes and no and nothing more particular."""
    if [choice.get("name").casefold() for choice in choices] != [YES, NO]:
        return False
    said = [form.texts(choice, "label") for choice in choices]
    spoken = {tag: page_words(tag) for tag in said[0] if page_words(tag).language == tag.partition("-")[0]}
    told = {tag: tuple(texts.get(tag, "").casefold() for texts in said) for tag in spoken}
    return bool(told) and all(told[tag] == (ours.yes.casefold(), ours.no.casefold()) for tag, ours in spoken.items())


def _scale(names: Sequence[str]) -> Kind | None:
    numbers = [int(name) for name in names if re.fullmatch(r"\d{1,2}", name)]
    whole = len(numbers) == len(names) and numbers and numbers == list(range(numbers[0], numbers[-1] + 1))
    return SCALES.get((numbers[0], numbers[-1])) if whole else None


def _rated(row: Row, form: Form, kind: Kind, choices: Sequence[Row]) -> Question | None:
    if kind == Kind.CSAT and "rating" in row.get("appearance").split():
        kind = Kind.STARS
    said = [
        {tag: text for tag, label in form.texts(choice, "label").items() if (text := _meaning(label))}
        for choice in choices
    ]
    if any(said[1:-1]):
        form.note(row, "the words of the steps between", "A scale here has words for its two ends only.")
    return _made(row, form, kind, {}, {"low": said[0], "high": said[-1]})


def _meaning(label: str) -> str:
    """What the label of a step says besides its number."""
    found = _STEP.fullmatch(label.strip())
    return (found["in"] or found["after"] or "").strip() if found else label.strip()


def _range(row: Row, form: Form) -> Question | None:
    given = dict(part.partition("=")[::2] for part in row.get("parameters").replace(",", " ").split())
    bounds = [given.get(name, otherwise) for name, otherwise in (("start", "1"), ("end", "10"), ("step", "1"))]
    ends = [int(bound) if re.fullmatch(r"-?\d{1,9}", bound) else None for bound in bounds]
    scale = SCALES.get((ends[0] or 0, ends[1] or 0)) if ends[2] == 1 else None
    if scale:
        stars = scale == Kind.CSAT and "rating" in row.get("appearance").split()
        return _made(row, form, Kind.STARS if stars else scale, {})
    if ends[2] != 1:
        form.note(row, f"step “{bounds[2][:20]}”", "Any number between the ends can be written here.")
    form.note(row, "range", "It is a number that is typed here.")
    return _made(row, form, Kind.NUMBER, {"least": bounds[0], "most": bounds[1], **_limits(row, form, Kind.NUMBER)})


def _limits(row: Row, form: Form, kind: Kind) -> dict[str, Any]:
    """The limits that a constraint says; one that says more is noted."""
    if not row.get("constraint"):
        return {}
    constraint = row.get("constraint")
    try:
        found, why = limits(constraint), "Such a limit does not fit the question."
    except ExpressionError as error:
        found, why = {}, str(error)
    if (not found and constraint != ALONE) or not set(found) <= MAKES[kind].settings:
        form.note(row, f"constraint “{constraint[:200]}”", why)
        return {}
    return found


def _made(
    row: Row,
    form: Form,
    kind: Kind,
    details: Mapping[str, Any],
    words: Mapping[str, dict[str, str]] | None = None,
    values: Mapping[str, str] | None = None,
    rows: Mapping[str, str] | None = None,
    *,
    required: bool = False,
) -> Question | None:
    """Return the question with its words; None, with a note, where its settings do not fit."""
    required = (required or row.get("required").casefold() in TRUE) and kind != Kind.STATEMENT
    try:
        spec = Spec(
            key=plain(row.get("name")) or "q", kind=kind, details=read_details(kind, details), required=required
        )
    except DetailsError as error:
        form.note(row, "the question is left out", str(error))
        return None
    said = {"text": form.texts(row, "label"), "help": form.texts(row, "hint"), **(words or {})}
    if not said["text"]:
        said["text"] = {form.language: row.get("name")}
    by_language: dict[str, dict[str, str]] = {}
    for name in Item(spec).fields:
        for language, text in said.get(name, {}).items():
            by_language.setdefault(language, {})[name] = text
    return Question(Item(spec, by_language), values or {}, rows or {})
