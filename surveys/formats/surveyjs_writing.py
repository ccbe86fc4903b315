"""A survey as SurveyJS JSON (https://surveyjs.io/form-library/documentation/design-survey/create-a-simple-survey).

Conditions become `visibleIf`; so do jumps, on the pages that they lead over, because SurveyJS's own triggers act at
another moment than ours and leave the pages between them visible. `clearInvisibleValues` makes answers count, as here,
only where their question is asked.
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from html import escape
from typing import Any, TypeAlias

from surveys.formats.document import Document, Exported, Item, Note, Texts, not_carried
from surveys.formats.logic import (
    ALWAYS,
    MOST_TESTS,
    NEVER,
    Formula,
    every_test,
    of_condition,
    page_formulas,
    rewritten,
)
from surveys.formats.placeholders import left_as_they_are
from surveys.questions.conditions import Operator, Test
from surveys.questions.details import TODAY
from surveys.questions.kinds import Kind
from surveys.questions.spec import Spec
from surveys.texts import OPTION, ROW

Json: TypeAlias = dict[str, Any]
JOINTS = {"and": " and ", "or": " or ", "not": "!"}
SIGNS = {Operator.IS: "=", Operator.IS_NOT: "<>", Operator.AT_LEAST: ">=", Operator.AT_MOST: "<="}
RATINGS: Mapping[Kind, Json] = {
    Kind.NPS: {"rateMin": 0, "rateMax": 10},
    Kind.CSAT: {"rateMin": 1, "rateMax": 5},
    Kind.CES: {"rateMin": 1, "rateMax": 7},
    Kind.STARS: {"rateMin": 1, "rateMax": 5, "rateType": "stars"},
}
#: Their grammar escapes quotes with a backslash, but no backslash.
UNWRITABLE = re.compile(r"\\(?:['\"]|$)")
LISTS = {Kind.CHOICE: "radiogroup", Kind.CHOICES: "checkbox", Kind.RANKING: "ranking"}


def write(document: Document) -> Exported:
    """Return the survey as SurveyJS JSON, with what that cannot hold."""
    specs = {spec.key: spec for spec in document.specs}
    notes = [*not_carried(document, ("title", "thanks")), *left_as_they_are(document)]
    over, pages = page_formulas(document.specs), list[Json]()
    for item in document.items:
        if item.spec.starts_page or not pages:
            place = f"Page {len(pages) + 1}"
            pages.append({"name": f"page{len(pages) + 1}", "elements": []})
            pages[-1] |= _visible(over[len(pages) - 1], specs, place, notes)
        pages[-1]["elements"].append(_element(document, item, specs, notes))
    survey = {
        "locale": document.language,
        "title": _said(document, document.words, "title"),
        "completedHtml": _said(document, document.words, "thanks", _html),
        "clearInvisibleValues": "onHidden",
        "pages": pages,
    }
    return Exported((json.dumps(_filled(survey), ensure_ascii=False, indent=1) + "\n").encode(), notes)


def _element(document: Document, item: Item, specs: Mapping[str, Spec], notes: list[Note]) -> Json:
    spec, place = item.spec, f"“{item.spec.key}”"
    element: Json
    if not spec.asks:
        element = {"type": "html", "name": spec.key, "html": _said(document, item.words, "text", _html)}
    else:
        element = {
            "name": spec.key,
            "title": _said(document, item.words, "text"),
            "description": _said(document, item.words, "help"),
            "isRequired": spec.required,
            **_own(document, item),
        }
    if spec.kind == Kind.CONTACT_WISH:
        notes.append(Note(place, "contact wish", "There it is a yes or no that nobody follows up."))
    if "unit" in item.fields and any("unit" in texts for texts in item.words.values()):
        notes.append(Note(place, "unit", "A number there has no unit: write it into the question."))
    return _filled(element | _visible(of_condition(spec.show_if), specs, place, notes))


def _own(document: Document, item: Item) -> Json:
    """What the kind of a question comes to there."""
    return _OWN[item.spec.kind](document, item)


def _rating(document: Document, item: Item) -> Json:
    ends = {"minRateDescription": "low", "maxRateDescription": "high"}
    faces = {"rateType": "smileys"} if item.spec.details.faces else {}
    said = {name: _said(document, item.words, field) for name, field in ends.items()}
    return {"type": "rating", **RATINGS[item.spec.kind], **faces, **said}


def _matrix(document: Document, item: Item) -> Json:
    details = item.spec.details
    return {
        "type": "matrix",
        "columns": _values(document, item, OPTION, details.options),
        "rows": _values(document, item, ROW, details.rows),
        "eachRowRequired": item.spec.required,
        "rowOrder": "random" if details.shuffle else None,
    }


def _text(_: Document, item: Item) -> Json:
    kind = "text" if item.spec.kind == Kind.SHORT_TEXT else "comment"
    return {"type": kind, "maxLength": _number(item.spec.details.most)}


def _numeric(_: Document, item: Item) -> Json:
    details = item.spec.details
    bounds = {"min": _number(details.least), "max": _number(details.most)}
    return {"type": "text", "inputType": "number", "step": _number(Decimal(10) ** -details.decimals), **bounds}


def _date(_: Document, item: Item) -> Json:
    details = item.spec.details
    return {"type": "text", "inputType": "date", **_day("min", details.earliest), **_day("max", details.latest)}


def _listed(document: Document, item: Item) -> Json:
    spec, details = item.spec, item.spec.details
    least, most = _number(details.least), _number(details.most)
    # Theirs takes no answer for too few chosen, where it sets the minimum itself; a validator does not.
    fewest = {"minSelectedChoices": least} if spec.required else {"validators": _fewest(least)}
    return {
        "type": LISTS[spec.kind],
        "choices": _values(document, item, OPTION, details.options),
        "showOtherItem": details.other,
        "showNoneItem": details.none,
        "choicesOrder": "random" if details.shuffle else None,
        **fewest,
        "maxSelectedChoices": most,
    }


def _fewest(least: float | None) -> list[Json] | None:
    return [{"type": "answercount", "minCount": least}] if least else None


def _values(document: Document, item: Item, prefix: str, keys: Sequence[str]) -> list[Json]:
    return [_filled({"value": key, "text": _said(document, item.words, f"{prefix}{key}")}) for key in keys]


def _day(name: str, bound: str) -> Json:
    return {f"{name}ValueExpression": "today()"} if bound == TODAY else {name: bound or None}


def _visible(formula: Formula, specs: Mapping[str, Spec], place: str, notes: list[Note]) -> Json:
    if formula == ALWAYS:
        return {}
    if formula == NEVER:
        return {"visible": False}
    tests = list(every_test(formula))
    if len(tests) > MOST_TESTS or any(UNWRITABLE.search(test.value) for test in tests):
        notes.append(Note(place, "when it is asked", "SurveyJS cannot hold this condition; there it is always asked."))
        return {}
    return {"visibleIf": rewritten(formula, lambda test: _test(test, specs[test.question]), JOINTS)}


def _test(test: Test, about: Spec) -> str:
    name = f"{{{test.question}}}"
    if not test.operator.takes_value:
        row = f".{test.part}" if about.kind == Kind.MATRIX and test.part else ""
        return f"{{{test.question}{row}}} {'notempty' if test.operator == Operator.ANSWERED else 'empty'}"
    if about.kind in _TESTS:
        return _TESTS[about.kind](test, about)
    quoted = about.kind in (Kind.CHOICE, Kind.DATE, Kind.TEXT, Kind.SHORT_TEXT)
    return f"{name} {SIGNS[test.operator]} {_quoted(test.value) if quoted else f'{Decimal(test.value):f}'}"


def _cell_test(test: Test, about: Spec) -> str:
    options = about.details.options
    columns = [options[step - 1] for step in test.steps(len(options))]
    return _one_of(f"{{{test.question}.{test.part}}}", test, columns)


def _rank_test(test: Test, about: Spec) -> str:
    ranks = test.steps(len(about.details.options))
    sign = "<>" if test.operator == Operator.IS_NOT else "="
    places = [f"{{{test.question}[{rank - 1}]}} {sign} {_quoted(test.part)}" for rank in ranks]
    return places[0] if len(places) == 1 else f"({' or '.join(places)})"


def _several_test(test: Test, _: Spec) -> str:
    operator = "contains" if test.operator == Operator.IS else "notcontains"
    return f"{{{test.question}}} {operator} {_quoted(test.value)}"


def _yes_test(test: Test, _: Spec) -> str:
    values = [("false", "true")[step] for step in test.steps(1, first=0)]
    return _one_of(f"{{{test.question}}}", test, values, quote=str)


def _quoted(text: str) -> str:
    return "'" + re.sub("(['\"])", r"\\\1", text) + "'"


def _one_of(name: str, test: Test, values: Sequence[str], quote: Callable[[str], str] = _quoted) -> str:
    if test.operator in (Operator.IS, Operator.IS_NOT):
        return f"{name} {SIGNS[test.operator]} {quote(values[0])}"
    return f"{name} anyof [{', '.join(quote(value) for value in values)}]"


def _said(document: Document, words: Texts, field: str, write: Callable[[str], str] = str) -> str | Json:
    """A text, in several languages as SurveyJS keeps them: its default locale is English."""
    texts = {tag: write(words[tag][field]) for tag in document.languages if words.get(tag, {}).get(field)}
    if len(document.languages) == 1:
        return next(iter(texts.values()), "")
    return {"default" if tag == "en" else tag: text for tag, text in texts.items()} or ""


def _html(text: str) -> str:
    return escape(text).replace("\n", "<br>")


def _number(value: Decimal | None) -> int | float | None:
    if value is None:
        return None
    return int(value) if value == value.to_integral_value() else float(value)


def _filled(members: Json) -> Json:
    """The members without those that say nothing; 0 says something."""
    return {name: value for name, value in members.items() if value is not None and value is not False and value != ""}


_OWN: dict[Kind, Callable[[Document, Item], Json]] = {
    **dict.fromkeys(RATINGS, _rating),
    Kind.YES_NO: lambda _, __: {"type": "boolean"},
    Kind.CONTACT_WISH: lambda _, __: {"type": "boolean", "renderAs": "checkbox"},
    **dict.fromkeys(LISTS, _listed),
    Kind.MATRIX: _matrix,
    **dict.fromkeys((Kind.TEXT, Kind.SHORT_TEXT), _text),
    Kind.NUMBER: _numeric,
    Kind.DATE: _date,
}
_TESTS: dict[Kind, Callable[[Test, Spec], str]] = {
    Kind.MATRIX: _cell_test,
    Kind.RANKING: _rank_test,
    Kind.CHOICES: _several_test,
    **dict.fromkeys((Kind.YES_NO, Kind.CONTACT_WISH), _yes_test),
}
