"""A survey as an XLSForm (https://xlsform.org): an Excel workbook that ODK, KoboToolbox, Enketo and SurveyCTO take.

Each page is a group with the appearance `field-list`. Conditions become `relevant`; so do jumps, on the pages that they
lead over, as XLSForm has none.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal

from surveys.formats.document import Document, Exported, Item, Note, Texts, not_carried
from surveys.formats.logic import ALWAYS, MOST_TESTS, NEVER, Formula, every_test, of_condition, page_formulas, rewritten
from surveys.formats.placeholders import left_as_they_are
from surveys.formats.workbook import write as write_workbook
from surveys.formats.xlsform_logic import ALONE
from surveys.formats.xlsform_names import NO, SCALES, YES, Names, language_name
from surveys.page_words import page_words
from surveys.questions.conditions import Operator, Test
from surveys.questions.details import NONE, TODAY
from surveys.questions.kinds import Kind
from surveys.questions.spec import Spec, paged
from surveys.texts import OPTION, ROW

JOINTS = {"and": " and ", "or": " or ", "not": "not"}
SIGNS = {Operator.IS: "=", Operator.IS_NOT: "!=", Operator.AT_LEAST: ">=", Operator.AT_MOST: "<="}
PLAIN = ("type", "name", "required", "relevant", "constraint", "appearance", "parameters")
SETTINGS = ("form_title", "form_id", "default_language", "style")
Row = dict[str, str]


def write(document: Document) -> Exported:
    """Return the survey as a workbook, with what that cannot hold."""
    writer = _Writer(document)
    rows = list(writer.rows())
    columns = [f"{name}::{language_name(tag)}" for name in ("label", "hint") for tag in document.languages]
    labels = [f"label::{language_name(tag)}" for tag in document.languages]
    title = next((texts["title"] for texts in document.words.values() if texts.get("title")), document.name)
    settings = {
        "form_title": document.text("title", document.language) or title,
        "form_id": document.slug,
        "default_language": language_name(document.language),
        "style": "pages",
    }
    headings = {"survey": [*PLAIN, *columns], "choices": ["list_name", "name", *labels], "settings": SETTINGS}
    sheets = {"survey": rows, "choices": writer.choices, "settings": [settings]}
    return Exported(write_workbook(sheets, headings), writer.notes)


class _Writer:
    """Writes one survey row by row."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._names = Names(document.specs)
        self._specs = {spec.key: spec for spec in document.specs}
        self.choices = list[Row]()
        self.notes = [*not_carried(document), *left_as_they_are(document)]

    def rows(self) -> Iterator[Row]:
        """Yield the rows of the sheet `survey`."""
        items = {item.spec.key: item for item in self._document.items}
        over = page_formulas(self._document.specs)
        for number, page in enumerate(paged(self._document.specs)):
            relevant = self._relevant(over[number], f"Page {number + 1}")
            name = self._names.group(number + 1)
            yield {"type": "begin_group", "name": name, "appearance": "field-list", "relevant": relevant}
            for spec in page:
                yield from self._question(items[spec.key])
            yield {"type": "end_group", "name": name}

    def _question(self, item: Item) -> Iterator[Row]:
        spec, name = item.spec, self._names.of(item.spec.key)
        relevant = self._relevant(of_condition(spec.show_if), f"“{spec.key}”")
        self._note(item)
        if spec.kind == Kind.MATRIX:
            yield from self._matrix(item, name, relevant)
            return
        row = {"name": name, "required": "yes" if spec.required else "", "relevant": relevant, **self._own(item, name)}
        yield row | self._said(item.words, "label", "text", spec.key) | self._said(item.words, "hint", "help")

    def _matrix(self, item: Item, name: str, relevant: str) -> Iterator[Row]:
        spec = item.spec
        yield {
            "type": "begin_group",
            "name": name,
            "appearance": "table-list",
            "relevant": relevant,
            **self._said(item.words, "label", "text", spec.key),
            **self._said(item.words, "hint", "help"),
        }
        self._options(item, name)
        for row in spec.details.rows:
            yield {
                "type": f"select_one {name}",
                "name": self._names.row(spec.key, row),
                "required": "yes" if spec.required else "",
                **self._said(item.words, "label", f"{ROW}{row}", row),
            }
        yield {"type": "end_group", "name": name}

    def _own(self, item: Item, name: str) -> Row:
        """What the kind of a question comes to there."""
        spec, details = item.spec, item.spec.details
        if spec.kind in SCALES:
            return self._scale(item, name)
        if spec.kind in (Kind.YES_NO, Kind.CONTACT_WISH):
            self._yes_no()
            return {"type": "select_one yes_no"}
        if spec.kind in _LISTS:
            self._options(item, name)
            other = " or_other" if details.other else ""
            return {
                "type": f"{_LISTS[spec.kind]} {name}{other}",
                "parameters": "randomize=true" if details.shuffle else "",
                "constraint": _chosen(details.least, details.most, none=details.none and spec.kind == Kind.CHOICES),
            }
        return _PLAIN_KINDS[spec.kind](spec)

    def _scale(self, item: Item, name: str) -> Row:
        steps = item.spec.scale or range(0)
        ends = {steps[0]: "low", steps[-1]: "high"}
        for step in steps:
            said = self._said(item.words, "label", ends[step]) if step in ends else {}
            labels = {heading: f"{step} ({text})" for heading, text in said.items()}
            self.choices.append({"list_name": name, "name": str(step), **self._every(str(step)), **labels})
        return {"type": f"select_one {name}", "appearance": SCALES[item.spec.kind]}

    def _yes_no(self) -> None:
        if any(choice["list_name"] == "yes_no" for choice in self.choices):
            return
        for name, word in ((YES, "yes"), (NO, "no")):
            labels = {
                f"label::{language_name(tag)}": getattr(page_words(tag), word) for tag in self._document.languages
            }
            self.choices.append({"list_name": "yes_no", "name": name, **labels})

    def _options(self, item: Item, name: str) -> None:
        for key in item.spec.details.options:
            said = self._said(item.words, "label", f"{OPTION}{key}", key)
            self.choices.append({"list_name": name, "name": key, **said})
        if item.spec.details.none:
            labels = {f"label::{language_name(tag)}": page_words(tag).none for tag in self._document.languages}
            self.choices.append({"list_name": name, "name": NONE, **labels})

    def _every(self, text: str) -> Row:
        return {f"label::{language_name(tag)}": text for tag in self._document.languages}

    def _said(self, words: Texts, column: str, field: str, otherwise: str = "") -> Row:
        """A text in every language; `otherwise`: what stands there where nothing is written, as a label must."""
        texts = {tag: words.get(tag, {}).get(field, "") for tag in self._document.languages}
        if not any(texts.values()):
            texts = dict.fromkeys(texts, otherwise)
        return {f"{column}::{language_name(tag)}": text for tag, text in texts.items() if text}

    def _relevant(self, formula: Formula, place: str) -> str:
        if formula in (ALWAYS, NEVER):
            return "" if formula == ALWAYS else "false()"
        tests = list(every_test(formula))
        if len(tests) > MOST_TESTS or any("'" in test.value and '"' in test.value for test in tests):
            self.notes.append(
                Note(place, "when it is asked", "XLSForm cannot hold this condition; there it is always asked.")
            )
            return ""
        return rewritten(formula, self._test, JOINTS)

    def _test(self, test: Test) -> str:
        about = self._specs[test.question]
        if about.kind == Kind.MATRIX:
            return _cells(
                test, about, [self._names.row(about.key, row) for row in about.details.rows if test.part in ("", row)]
            )
        name = f"${{{self._names.of(about.key)}}}"
        if not test.operator.takes_value:
            return f"{name} {'!=' if test.operator == Operator.ANSWERED else '='} ''"
        if about.kind == Kind.RANKING:
            sign, ranks = ("!=" if test.operator == Operator.IS_NOT else "="), test.steps(len(about.details.options))
            return _or([f"selected-at({name}, {rank - 1}) {sign} {_quoted(test.part)}" for rank in ranks])
        if about.kind == Kind.CHOICES:
            selected = f"selected({name}, {_quoted(test.value)})"
            return selected if test.operator == Operator.IS else f"not({selected})"
        if about.kind in (Kind.YES_NO, Kind.CONTACT_WISH):
            sign, answers = ("!=" if test.operator == Operator.IS_NOT else "="), test.steps(1, first=0)
            return _or([f"{name} {sign} {_quoted((NO, YES)[answer])}" for answer in answers])
        return f"{name} {SIGNS[test.operator]} {_value(about, test.value)}"

    def _note(self, item: Item) -> None:
        """Note what of a question changes."""
        spec, place = item.spec, f"“{item.spec.key}”"
        if self._names.of(spec.key) != spec.key:
            self.notes.append(
                Note(place, "its key", f"It is “{self._names.of(spec.key)}” there: keys begin with a letter.")
            )
        if spec.kind == Kind.CONTACT_WISH:
            self.notes.append(Note(place, "contact wish", "There it is a yes or no that nobody follows up."))
        if "unit" in item.fields and any("unit" in texts for texts in item.words.values()):
            self.notes.append(Note(place, "unit", "A number there has no unit: write it into the question."))
        if spec.details.other:
            self.notes.append(Note(place, "the words for “other”", "They are English there, in every language."))
        if spec.kind == Kind.MATRIX and spec.details.shuffle:
            self.notes.append(Note(place, "the random order of its rows", "A table there has one order."))


def _chosen(least: Decimal | None, most: Decimal | None, *, none: bool) -> str:
    tests = [f"count-selected(.) {sign} {bound}" for sign, bound in ((">=", least), ("<=", most)) if bound is not None]
    if none:
        tests = [f"({' and '.join(tests)} or selected(., '{NONE}'))"] if tests else []
        tests.append(ALONE)
    return " and ".join(tests)


def _text(spec: Spec) -> Row:
    most = spec.details.most
    limit = f"string-length(.) <= {most}" if most is not None else ""
    return {"type": "text", "constraint": limit, "appearance": "multiline" if spec.kind == Kind.TEXT else ""}


def _number(spec: Spec) -> Row:
    details = spec.details
    bounds = ((">=", details.least), ("<=", details.most))
    tests = [f". {sign} {bound:f}" for sign, bound in bounds if bound is not None]
    if details.decimals:
        tests.append(f". = round(., {details.decimals})")
    return {"type": "decimal" if details.decimals else "integer", "constraint": " and ".join(tests)}


def _date(spec: Spec) -> Row:
    bounds = ((">=", spec.details.earliest), ("<=", spec.details.latest))
    days = {sign: "today()" if bound == TODAY else f"date('{bound}')" for sign, bound in bounds if bound}
    return {"type": "date", "constraint": " and ".join(f". {sign} {day}" for sign, day in days.items())}


def _cells(test: Test, about: Spec, names: Sequence[str]) -> str:
    """A test of one row of a table, or whether any row was answered."""
    if test.operator == Operator.NOT_ANSWERED:
        return _or([f"${{{name}}} = ''" for name in names], " and ")
    if test.operator == Operator.ANSWERED:
        return _or([f"${{{name}}} != ''" for name in names])
    sign, columns = ("!=" if test.operator == Operator.IS_NOT else "="), test.steps(len(about.details.options))
    return _or([f"${{{names[0]}}} {sign} {_quoted(about.details.options[column - 1])}" for column in columns])


def _or(tests: Sequence[str], joint: str = " or ") -> str:
    return tests[0] if len(tests) == 1 else f"({joint.join(tests)})"


def _value(about: Spec, value: str) -> str:
    if about.kind == Kind.DATE:
        return f"date('{value}')"
    texts = (Kind.CHOICE, Kind.TEXT, Kind.SHORT_TEXT)
    return _quoted(value) if about.kind in texts else f"{Decimal(value):f}"


def _quoted(text: str) -> str:
    return f'"{text}"' if "'" in text else f"'{text}'"


_LISTS: Mapping[Kind, str] = {Kind.CHOICE: "select_one", Kind.CHOICES: "select_multiple", Kind.RANKING: "rank"}
_PLAIN_KINDS: Mapping[Kind, Callable[[Spec], Row]] = {
    Kind.TEXT: _text,
    Kind.SHORT_TEXT: _text,
    Kind.NUMBER: _number,
    Kind.DATE: _date,
    Kind.STATEMENT: lambda _: {"type": "note"},
}
