"""A document as a person looks at it before it is stored: its pages, and each question in a few words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from surveys.formats.document import Document, Item
from surveys.questions.conditions import END, Condition, Test
from surveys.questions.kinds import Kind
from surveys.questions.spec import paged
from surveys.sentences import OPERATORS
from surveys.texts import OPTION, ROW


@dataclass(frozen=True, slots=True)
class Picture:
    """A question in words: what it asks, of which kind it is, what can be chosen, and when it is asked."""

    key: str
    kind: str
    text: str
    choices: Sequence[str]
    rows: Sequence[str]
    logic: Sequence[str]
    required: bool


def pictured(document: Document) -> list[list[Picture]]:
    """Return the questions by page, in the language that the others are translated from."""
    items = {item.spec.key: item for item in document.items}
    return [[_picture(items[spec.key], items, document.language) for spec in page] for page in paged(document.specs)]


def _picture(item: Item, items: Mapping[str, Item], language: str) -> Picture:
    spec, details = item.spec, item.spec.details
    own = [*(["other"] if details.other else []), *(["none of these"] if details.none else [])]
    logic = [f"Asked only where {_said(spec.show_if, items, language)}"] if spec.show_if else []
    for jump in spec.jumps:
        goal = "ends the survey" if jump.to == END else f"leads to “{jump.to}”"
        logic.append(f"Then {goal}" + (f" where {_said(jump.when, items, language)}" if jump.when else ""))
    return Picture(
        key=spec.key,
        kind=spec.kind.label,
        text=item.text("text", language),
        choices=[*(item.text(f"{OPTION}{key}", language) or key for key in details.options), *own],
        rows=[item.text(f"{ROW}{key}", language) or key for key in details.rows],
        logic=logic,
        required=spec.required,
    )


def _said(condition: Condition, items: Mapping[str, Item], language: str) -> str:
    return condition.said(lambda test: _test(test, items.get(test.question), language))


def _test(test: Test, about: Item | None, language: str) -> str:
    about_part = f"“{test.question}”" + (f" ({test.part})" if test.part else "")
    value = f" {_value(test.value, about, language) if about else test.value}" if test.operator.takes_value else ""
    return f"{about_part} {OPERATORS[test.operator]}{value}"


def _value(value: str, about: Item, language: str) -> str:
    """What a test compares with, as people say it."""
    options = about.spec.details.options
    match about.spec.kind:
        case Kind.YES_NO | Kind.CONTACT_WISH:
            return {"1": "yes", "0": "no"}.get(value, value)
        case Kind.MATRIX if value.isdigit() and 1 <= int(value) <= len(options):
            return f"“{about.text(f'{OPTION}{options[int(value) - 1]}', language) or value}”"
        case Kind.RANKING:
            return f"place {value}"
        case Kind.CHOICE | Kind.CHOICES:
            return f"“{about.text(f'{OPTION}{value}', language) or value}”"
    return value
