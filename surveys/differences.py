"""What two questionnaires, or two states of one question, differ in: in the words of the editor."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from surveys.drafts import Item, Sheet
from surveys.questions.details import Details
from surveys.sentences import Asked, say_condition, say_jumps, title
from surveys.texts import QuestionWords

LABELS = {
    "text": "Question",
    "help": "Help",
    "low": "At the low end",
    "high": "At the high end",
    "unit": "Unit",
}
WORDS_AROUND = {
    "title": "Title of the page",
    "thanks": "Thanks",
    "subject": "Subject of the email",
    "message": "Email",
    "sms": "SMS",
    "reminder_subject": "Subject of the reminder",
    "reminder_message": "Reminder",
    "reminder_sms": "Reminder by SMS",
}
SETTINGS = {
    "other": "Offers “something else”",
    "none": "Offers “none of these”",
    "shuffle": "In random order",
    "faces": "Faces in place of numbers",
    "least": "At least",
    "most": "At most",
    "decimals": "Decimal places",
    "earliest": "Not before",
    "latest": "Not after",
}
Described = Mapping[str, str]
"""What a question is, in words: label -> value; what is empty is left out."""
InLanguage = tuple[Sheet, Item]
"""A question in one language, and the version around it."""


@dataclass(frozen=True, slots=True)
class Difference:
    """Something that is not as it was; empty where it was, or is, not there."""

    what: str
    before: str
    now: str


def settings(item: Item, asked: Asked) -> dict[str, str]:
    """Describe a question without its words."""
    row = item.row
    described = {
        "Key": item.key,
        "Kind": item.kind.label,
        "Must be answered": _yes(item.required),
        **_details(item.details),
        "Asked only if": say_condition(item.show_if, asked) if item.show_if else "",
        "Leads": "; ".join(say_jumps(item.jumps, asked)),
        "Rotating module": item.module,
        "Not asked where known": item.fact,
        "Is about": row.aspect,
        "Compass": row.get_compass_display() if row.compass else "",
    }
    return {label: value for label, value in described.items() if value}


def texts(question: QuestionWords) -> dict[str, str]:
    """Describe a question's words."""
    plain = {label: getattr(question, name) for name, label in LABELS.items()}
    listed = {"Options": question.options, "Rows": question.rows}
    joined = {label: "; ".join(words or key for key, words in them.items()) for label, them in listed.items()}
    return {label: value for label, value in (plain | joined).items() if value}


def described(item: Item, asked: Asked) -> dict[str, str]:
    """Describe all of a question that its form shows in one language."""
    return texts(item.own) | settings(item, asked)


def compare(before: Described, now: Described) -> list[Difference]:
    """Return what differs, in the order of the labels."""
    labels = dict.fromkeys([*before, *now])
    pairs = ((label, before.get(label, ""), now.get(label, "")) for label in labels)
    return [Difference(*pair) for pair in pairs if pair[1] != pair[2]]


def compare_questions(before: Sequence[InLanguage], now: Sequence[InLanguage]) -> list[Difference]:
    """Return what differs between two states of a question, each given as it is in the same languages."""
    return compare(_whole(before), _whole(now))


def compare_versions(before: Sequence[Sheet], now: Sequence[Sheet]) -> list[Difference]:
    """Return what differs between two versions, each given as a sheet per language, the same languages in both."""
    first, second = before[0], now[0]
    found = [*_around(before, now), *_questions(before, now)]
    order = [[item.key for item in one.items if item.key in other.asked] for one, other in _both(first, second)]
    if order[0] != order[1]:
        found.append(Difference("Order of the questions", ", ".join(order[0]), ", ".join(order[1])))
    pages = ["; ".join(", ".join(item.key for item in page) for page in one.pages) for one in (first, second)]
    if order[0] == order[1] and len(first.pages) != len(second.pages):
        found.append(Difference("Pages", *pages))
    return found


def _both(one: Sheet, other: Sheet) -> tuple[tuple[Sheet, Sheet], tuple[Sheet, Sheet]]:
    return (one, other), (other, one)


def _around(before: Sequence[Sheet], now: Sequence[Sheet]) -> Iterator[Difference]:
    for one, other in zip(before, now, strict=True):
        named = {f"{label} ({one.language})": name for name, label in WORDS_AROUND.items()}
        yield from compare(
            {label: one.texts[name] for label, name in named.items()},
            {label: other.texts[name] for label, name in named.items()},
        )
    versions = [
        {
            "Rotating modules that each customer is asked": str(one.version.modules_asked),
            "Kept from the touchpoint": ", ".join(one.version.hidden_fields),
        }
        for one in (before[0], now[0])
    ]
    yield from compare(*versions)


def _questions(before: Sequence[Sheet], now: Sequence[Sheet]) -> Iterator[Difference]:
    old, new = before[0].asked, now[0].asked
    for key in dict.fromkeys([*old, *new]):
        if key not in new:
            yield Difference(f"“{key}” is not asked any more", title(old[key]), "")
        elif key not in old:
            yield Difference(f"“{key}” is new", "", title(new[key]))
        else:
            yield from (
                Difference(f"“{key}”: {found.what}", found.before, found.now)
                for found in compare_questions(_named(before, key), _named(now, key))
            )


def _named(sheets: Sequence[Sheet], key: str) -> list[InLanguage]:
    return [(sheet, next(item for item in sheet.items if item.key == key)) for sheet in sheets]


def _whole(question: Sequence[InLanguage]) -> dict[str, str]:
    """Describe a question in all languages."""
    worded = {
        f"{label} ({sheet.language})": text for sheet, item in question for label, text in texts(item.own).items()
    }
    first, item = question[0]
    return worded | settings(item, first.asked)


def _details(details: Details) -> dict[str, str]:
    keys = {"Keys of options": ", ".join(details.options), "Keys of rows": ", ".join(details.rows)}
    return keys | {label: _said(getattr(details, name)) for name, label in SETTINGS.items()}


def _said(value: object) -> str:
    if isinstance(value, bool):
        return _yes(value)
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    return str(value) if value else ""


def _yes(value: bool) -> str:  # noqa: FBT001
    return "yes" if value else ""
