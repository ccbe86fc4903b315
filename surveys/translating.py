"""A version's texts side by side in two languages: what is missing, what is wrong, and how what was written is kept."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from django.db import transaction

from surveys.formats.document import LONGEST_TEXT
from surveys.formats.placeholders import known, unknown
from surveys.formats.po import Line
from surveys.models import Question, SurveyVersion, Translation
from surveys.texts import OPTION, ROW, VERSION_FIELDS, question_fields, spec

LABELS = {
    "title": "Title of the page",
    "thanks": "Thanks",
    "subject": "Subject of the email",
    "message": "Email",
    "sms": "SMS",
    "reminder_subject": "Subject of the reminder",
    "reminder_message": "Reminder by email",
    "reminder_sms": "Reminder by SMS",
    "text": "Question",
    "help": "Help",
    "low": "What the lowest means",
    "high": "What the highest means",
    "unit": "Unit",
}
#: Without these a message leads nowhere.
NEEDS_LINK = ("sms", "reminder_sms")


class TranslatingError(ValueError):
    """Texts that cannot be kept; nothing was. The text says why."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One text in the language translated from and in the one translated into.

    `context` names it in files and forms: the field, after the question's key and a dot where it belongs to a question.
    """

    context: str
    label: str
    question: str
    field: str
    source: str
    target: str
    warnings: tuple[str, ...] = ()

    @property
    def missing(self) -> bool:
        """Whether there is something to translate and no translation."""
        return bool(self.source) and not self.target


@dataclass(frozen=True, slots=True)
class Sheet:
    """All texts of a version in two languages, in the order in which customers meet them."""

    version: SurveyVersion
    source: str
    target: str
    entries: Sequence[Entry] = field(default_factory=list)

    @property
    def missing(self) -> list[Entry]:
        """Return what is not translated."""
        return [entry for entry in self.entries if entry.missing]

    @property
    def to_translate(self) -> int:
        """How many texts there are in the language translated from."""
        return sum(bool(entry.source) for entry in self.entries)


def languages(version: SurveyVersion) -> list[str]:
    """Return the brand's language and then every other in which something is written."""
    first = version.survey.brand.default_language.casefold()
    written = {tag.casefold() for tag in version.translations.values_list("language", flat=True).distinct()}
    return [first, *sorted(written - {first})]


def sheet(version: SurveyVersion, source: str, target: str) -> Sheet:
    """Return the texts side by side. Two statements."""
    texts = _texts(version)
    entries = list[Entry]()
    for question, name, context, label in _fields(version):
        said = (texts.get((question, language, name), "") for language in (source, target))
        entries.append(_entry(context, label, question, name, *said))
    return Sheet(version, source, target, entries)


def lines(side_by_side: Sheet) -> list[Line]:
    """Return what a PO file of the texts holds."""
    return [
        Line(entry.context, entry.source, entry.target, entry.label) for entry in side_by_side.entries if entry.source
    ]


def warnings(field: str, source: str, target: str) -> tuple[str, ...]:
    """Return what is wrong with the placeholders of a translation, one sentence each."""
    if not target:
        return ()
    found = [f"{strange} is no placeholder: it stays as it is." for strange in unknown(target)]
    lost, new = sorted(known(source) - known(target)), sorted(known(target) - known(source))
    found += [f"{{{name}}} is in the original and not here." for name in lost]
    found += [f"{{{name}}} is here and not in the original." for name in new]
    if field in NEEDS_LINK and "link" not in known(target) | set(lost):
        found.append("Without {link} nobody can answer.")
    return tuple(found)


@transaction.atomic
def keep(
    version: SurveyVersion, language: str, texts: Mapping[str, str], before: Mapping[str, str] | None = None
) -> int:
    """Keep texts of a draft by context, and return how many changed; an empty one is taken away.

    `before`: what stood there when whoever wrote them began; a text that somebody else has changed since is not
    overwritten. Raises TranslatingError, and keeps nothing, for that, for a version that is no draft, for a context
    that it does not have and for a text that is too long.
    """
    locked = SurveyVersion.objects.select_for_update().get(pk=version.pk)
    if locked.state != SurveyVersion.State.DRAFT:
        raise TranslatingError("A published version never changes. Start the next draft and translate that.")
    current = sheet(version, language, language)
    entries = {entry.context: entry for entry in current.entries}
    if strange := sorted(set(texts) - set(entries)):
        raise TranslatingError(f"This version has no text “{strange[0][:130]}”. Load the page again.")
    changed = {context: text for context, text in texts.items() if text != entries[context].target}
    _refuse(entries, changed, before or {})
    _write(version, language, [(entries[context], text) for context, text in changed.items()])
    return len(changed)


def _refuse(entries: Mapping[str, Entry], changed: Mapping[str, str], before: Mapping[str, str]) -> None:
    for context, text in changed.items():
        if len(text) > LONGEST_TEXT:
            raise TranslatingError(f"“{entries[context].label}” has more than {LONGEST_TEXT} characters.")
        if context in before and entries[context].target not in (before[context], text):
            raise TranslatingError(
                f"Somebody else has changed “{entries[context].label}” to “{entries[context].target[:200]}” meanwhile. "
                "Nothing is saved: look at it, and save again."
            )


def _write(version: SurveyVersion, language: str, changes: Collection[tuple[Entry, str]]) -> None:
    questions = dict(version.questions.values_list("key", "pk"))
    for entry, text in changes:
        question = questions[entry.question] if entry.question else None
        rows = version.translations.filter(question=question, field=entry.field, language__iexact=language)
        if not text:
            rows.delete()
        elif not rows.update(text=text):
            Translation.objects.create(
                version=version, question_id=question, language=language, field=entry.field, text=text
            )


def _entry(context: str, label: str, question: str, name: str, source: str, target: str) -> Entry:
    return Entry(context, label, question, name, source, target, warnings(name, source, target))


def _texts(version: SurveyVersion) -> dict[tuple[str, str, str], str]:
    """Every text by question key (empty: of the version), language and field."""
    rows = version.translations.values_list("question__key", "language", "field", "text")
    return {(question or "", language.casefold(), name): text for question, language, name, text in rows}


def _fields(version: SurveyVersion) -> Iterator[tuple[str, str, str, str]]:
    """Question key, field, context and label of every text that a version can have."""
    first, *around = VERSION_FIELDS
    yield "", first, first, LABELS[first]
    for number, question in enumerate(version.questions.all(), start=1):
        for name in question_fields(spec(question)):
            yield question.key, name, f"{question.key}.{name}", f"{number}. {_label(question, name)}"
    for name in around:
        yield "", name, name, LABELS.get(name, name)


def _label(question: Question, name: str) -> str:
    for prefix, what in ((OPTION, "Option"), (ROW, "Row")):
        if name.startswith(prefix):
            return f"{what} {name.removeprefix(prefix)} of {question.key}"
    return f"{LABELS[name]}: {question.key}"
