"""The questions of a SurveyJS survey as questions of ours, one kind after the other."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from surveys.formats.surveyjs_drafts import Draft, Reading, options
from surveys.formats.surveyjs_texts import has_markup, plain
from surveys.questions.details import MOST_DECIMALS, SHORT_TEXT_LIMIT, TEXT_LIMIT, TODAY
from surveys.questions.kinds import Kind
from surveys.texts import OPTION, ROW

Members = Mapping[str, Any]
SCALES = {(0, 10): Kind.NPS, (1, 5): Kind.CSAT, (1, 7): Kind.CES}
#: What every question may have and we read; of the others each kind says itself what it reads.
COMMON = frozenset(("type", "name", "title", "description", "isRequired", "visibleIf", "visible"))
RATING_READ = frozenset(
    (
        *("rateMin", "rateMax", "rateType", "rateDisplayMode", "rateValues", "rateCount", "rateStep", "autoGenerate"),
        *("minRateDescription", "maxRateDescription"),
    )
)


def element(reading: Reading) -> Draft | None:
    """Return an element as a question of ours; None, with a note, for a kind that has no counterpart."""
    kind = reading.element.get("type", "text")
    read = _READERS.get(kind) if isinstance(kind, str) else None
    if read is None:
        reading.note(f"question of the type “{str(kind)[:40]}”", "There is no such question here; it is left out.")
        return None
    draft = read(reading)
    if draft is not None and (strange := sorted(set(reading.element) - COMMON - draft.read)):
        reading.note(", ".join(name[:40] for name in strange[:12]), "These settings have no counterpart here.")
    return draft


def _rating(reading: Reading) -> Draft | None:
    given, look = reading.element, reading.element.get("rateType") or reading.element.get("rateDisplayMode")
    read = RATING_READ
    ends = {"low": reading.texts("minRateDescription"), "high": reading.texts("maxRateDescription")}
    steps = _steps(given)
    scale = SCALES.get((steps[0], steps[-1])) if steps and len(steps) == steps[-1] - steps[0] + 1 else None
    if scale is None:
        return _as_choice(reading, steps, read)
    if given.get("rateValues"):
        ends = _ends_of_values(reading, given["rateValues"], ends)
    if scale == Kind.CSAT and look == "stars":
        scale = Kind.STARS
    return Draft(scale, {"faces": scale == Kind.CSAT and look == "smileys"}, ends, read=read)


def _steps(given: Members) -> list[int]:
    """The numbers of a rating; none where its values are no whole numbers."""
    if isinstance(values := given.get("rateValues"), list) and values:
        numbers = [value.get("value") if isinstance(value, dict) else value for value in values]
        return [number for number in numbers if isinstance(number, int) and not isinstance(number, bool)]
    first, step = given.get("rateMin", 1), given.get("rateStep", 1)
    last = given.get("rateMax", given["rateCount"] + first - 1 if isinstance(given.get("rateCount"), int) else 5)
    if not all(isinstance(number, int) for number in (first, last, step)) or step < 1 or not 0 < last - first <= 100:
        return []
    return list(range(first, last + 1, step))


def _ends_of_values(
    reading: Reading, values: Sequence[Any], ends: dict[str, dict[str, str]]
) -> dict[str, dict[str, str]]:
    """The words of the first and the last step as what the ends mean, where nothing else says it."""
    texts = [value.get("text") if isinstance(value, dict) else None for value in values]
    if any(texts[1:-1]):
        reading.note("the words of the steps between", "A scale here has words for its two ends only.")
    first, last = (reading.languages.read(text, reading.place) for text in (texts[0], texts[-1]))
    return {"low": ends["low"] or first, "high": ends["high"] or last}


def _as_choice(reading: Reading, steps: Sequence[int], read: frozenset[str]) -> Draft | None:
    values = reading.element.get("rateValues") or list(steps)
    if not values:
        reading.note("rating", "Its steps cannot be told; it is left out.")
        return None
    reading.note("a scale of its own", "Scales here go from 0 to 10, 1 to 5 or 1 to 7: it is a choice of one.")
    ends = [reading.texts(name) for name in ("minRateDescription", "maxRateDescription")]
    draft = options(reading, values, OPTION)
    for key, end in zip((f"{OPTION}{key}" for key in (draft[0][0], draft[0][-1])), ends, strict=True):
        draft[1][key] |= {
            language: f"{draft[1][key].get(language, '')} {text}".strip() for language, text in end.items()
        }
    return Draft(Kind.CHOICE, {"options": draft[0]}, draft[1], draft[2], read=read)


def _listed(kind: Kind) -> Callable[[Reading], Draft]:
    def read(reading: Reading) -> Draft:
        given = reading.element
        order, words, values = options(reading, given.get("choices"), OPTION)
        other, none = (bool(given.get(f"show{name}Item") or given.get(f"has{name}")) for name in ("Other", "None"))
        details: dict[str, Any] = {"options": order, "shuffle": given.get("choicesOrder") == "random"}
        names = {"choices", "choicesOrder", "type"}
        if kind != Kind.RANKING:
            details |= {"other": other, "none": none}
            names |= {"showOtherItem", "hasOther", "showNoneItem", "hasNone"}
        if kind == Kind.CHOICES:
            details |= _limits(reading, len(order) + other + none)
            names |= {"minSelectedChoices", "maxSelectedChoices"} | ({"validators"} if _counts(given) else set())
        if given.get("choicesOrder") not in (None, "none", "random"):
            reading.note(f"choicesOrder “{given.get('choicesOrder')}”", "Options stand as written, or in any order.")
        return Draft(kind, details, words, values, read=frozenset(names))

    return read


def _counts(given: Members) -> list[Members]:
    """Validators that count what is chosen, where there are no others."""
    validators = given.get("validators")
    found: list[Members] = [one for one in validators if isinstance(one, dict)] if isinstance(validators, list) else []
    return found if all(one.get("type") == "answercount" for one in found) else []


def _limits(reading: Reading, offered: int) -> dict[str, int]:
    """The least and the most that may be chosen, as far as they limit anything."""
    given = dict(reading.element)
    for one in _counts(given):
        given |= {"minSelectedChoices": one.get("minCount"), "maxSelectedChoices": one.get("maxCount")} | given
    bounds = {"least": given.get("minSelectedChoices"), "most": given.get("maxSelectedChoices")}
    return {name: bound for name, bound in bounds.items() if isinstance(bound, int) and 0 < bound <= offered}


def _matrix(reading: Reading) -> Draft:
    columns, words, values = options(reading, reading.element.get("columns"), OPTION)
    rows, row_words, row_values = options(reading, reading.element.get("rows"), ROW)
    given = reading.element
    if given.get("isRequired") and not (given.get("eachRowRequired") or given.get("isAllRowRequired")):
        reading.note("one row is enough", "Where a table must be answered here, every row must.")
    shuffled = "random" in (given.get("rowOrder"), given.get("rowsOrder"))
    details = {"options": columns, "rows": rows, "shuffle": shuffled}
    read = frozenset(("columns", "rows", "eachRowRequired", "isAllRowRequired", "rowOrder", "rowsOrder"))
    return Draft(Kind.MATRIX, details, words | row_words, values, row_values, read)


def _text(reading: Reading) -> Draft:
    kind = reading.element.get("inputType", "text")
    if kind in ("number", "range"):
        return _numeric(reading)
    if kind == "date":
        return _date(reading)
    if kind != "text":
        reading.note(f"inputType “{str(kind)[:40]}”", "It is a short text here, in any form.")
    return Draft(Kind.SHORT_TEXT, _longest(reading, SHORT_TEXT_LIMIT), read=frozenset(("inputType", "maxLength")))


def _comment(reading: Reading) -> Draft:
    return Draft(Kind.TEXT, _longest(reading, TEXT_LIMIT), read=frozenset(("maxLength", "rows")))


def _longest(reading: Reading, limit: int) -> dict[str, int]:
    longest = reading.number("maxLength")
    if longest is None or not 1 <= longest <= limit:
        if longest is not None and longest > limit:
            reading.note(f"maxLength {longest}", f"It may have {limit} characters here.")
        return {}
    return {"most": int(longest)}


def _numeric(reading: Reading) -> Draft:
    numbers = [reading.number(name) for name in ("min", "max", "step")]
    step = numbers[2]
    if step is None:
        reading.note("decimal places", "Only whole numbers are taken here until you say how many places there may be.")
    places = [max(0, -int(number.normalize().as_tuple().exponent)) for number in numbers if number is not None]
    details = {"least": numbers[0], "most": numbers[1], "decimals": min(max(places, default=0), MOST_DECIMALS)}
    return Draft(Kind.NUMBER, details, read=frozenset(("inputType", "min", "max", "step")))


def _date(reading: Reading) -> Draft:
    bounds = {"earliest": _day(reading, "min"), "latest": _day(reading, "max")}
    read = frozenset(("inputType", "min", "max", "minValueExpression", "maxValueExpression"))
    return Draft(Kind.DATE, {name: bound for name, bound in bounds.items() if bound}, read=read)


def _day(reading: Reading, name: str) -> str:
    expression = reading.element.get(f"{name}ValueExpression")
    if isinstance(expression, str) and expression.replace(" ", "") == "today()":
        return TODAY
    if expression:
        reading.note(f"{name}ValueExpression “{str(expression)[:100]}”", "A bound here is a day, or today.")
    value = reading.element.get(name)
    return value[: len("2026-05-31")] if isinstance(value, str) else ""


def _boolean(reading: Reading) -> Draft:
    given = reading.element
    values = {str(given.get("valueTrue", "true")).lower(): "1", str(given.get("valueFalse", "false")).lower(): "0"}
    read = frozenset(("valueTrue", "valueFalse", "renderAs"))
    return Draft(Kind.YES_NO, values=values, read=read)


def _html(reading: Reading) -> Draft:
    said = reading.texts("html") or reading.texts("title")
    if any(has_markup(text) for text in said.values()):
        reading.note("markup", "Texts here are plain; bold type, links and pictures are left out.")
    words = {"text": {language: plain(text) for language, text in said.items()}}
    return Draft(Kind.STATEMENT, words=words, read=frozenset(("html",)))


def _expression(reading: Reading) -> Draft:
    reading.note(f"expression “{str(reading.element.get('expression', ''))[:100]}”", "Here nothing is worked out.")
    return Draft(Kind.STATEMENT, words={"text": reading.texts("title")}, read=frozenset(("expression",)))


_READERS: dict[str, Callable[[Reading], Draft | None]] = {
    "rating": _rating,
    **dict.fromkeys(("radiogroup", "dropdown", "buttongroup"), _listed(Kind.CHOICE)),
    **dict.fromkeys(("checkbox", "tagbox"), _listed(Kind.CHOICES)),
    "ranking": _listed(Kind.RANKING),
    "matrix": _matrix,
    "text": _text,
    "comment": _comment,
    "boolean": _boolean,
    "html": _html,
    "expression": _expression,
}
