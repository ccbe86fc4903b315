"""One question, and the words around all of them, put as their writer wants them; a colleague's work stays visible."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db import transaction

from surveys.differences import WORDS_AROUND, Described, Difference, compare, described
from surveys.drafts import Item, sheet
from surveys.editing import EditError, find_question, needed_by, write_texts
from surveys.models import Question, SurveyVersion, Translation
from surveys.questions.conditions import Condition, Jump, read_condition, read_jumps, write_condition, write_jumps
from surveys.questions.details import Details, write_details
from surveys.questions.keys import is_key, renamed, renamed_jumps
from surveys.questions.kinds import Kind
from surveys.texts import OPTION, ROW, question_fields, spec
from surveys.version_states import lock_draft

LONGEST = 2_000
"""Characters of a question, its help, an option."""
LONGEST_MESSAGE = 5_000
LONG_FIELDS = ("message", "reminder_message")


class ChangedMeanwhileError(EditError):
    """A colleague changed the same thing since it was shown; `differences` says what, and nothing was stored."""

    def __init__(self, differences: Sequence[Difference]) -> None:
        super().__init__(
            "A colleague changed this meanwhile. Look at what differs, then save again to put yours in its place."
        )
        self.differences = list(differences)


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """All of a question as it is to be: `texts` by field are those of one language, the rest is of all."""

    language: str
    texts: Mapping[str, str]
    key: str
    required: bool
    details: Details
    show_if: Condition | None = None
    jumps: tuple[Jump, ...] = ()
    module: str = ""
    fact: str = ""
    aspect: str = ""
    compass: str = ""


@transaction.atomic
def edit_question(version_id: int, question_id: int, edit: Edit, seen: Described) -> bool:
    """Store a question as it is to be, where it is still as it was `seen` (`surveys.differences.described`).

    A new key is put into every condition that names the old one. Returns whether a new page begins with the question
    now because its condition needs an answer that was on the same page. Raises EditError, ChangedMeanwhileError or
    StateError; then nothing is changed.
    """
    version, row = find_question(version_id, question_id)
    shown = sheet(version, edit.language)
    item = next(item for item in shown.items if item.row.pk == row.pk)
    if found := compare(seen, described(item, shown.asked)):
        raise ChangedMeanwhileError(found)
    _check(version, item, edit)
    row.required, row.details = edit.required, write_details(edit.details)
    row.show_if, row.jumps = write_condition(edit.show_if), write_jumps(edit.jumps)
    row.module, row.fact, row.aspect, row.compass = edit.module, edit.fact, edit.aspect, edit.compass
    page = next(page for page in shown.pages if item in page)
    asks_its_page = bool(edit.show_if) and _named(edit.show_if) & {one.key for one in page[: page.index(item)]}
    row.starts_page = row.starts_page or bool(asks_its_page)
    if edit.key != row.key:
        _rename(version, row, edit.key)
    row.save()
    _write(version, row, edit)
    return bool(asks_its_page)


@transaction.atomic
def edit_words(version_id: int, language: str, texts: Mapping[str, str], seen: Described) -> None:
    """Store the words around the questions in one language, where they are still as they were `seen` (by field)."""
    version = lock_draft(version_id)
    _check_lengths(texts)
    now = sheet(version, language).texts
    before = {WORDS_AROUND[field]: seen.get(field, "") for field in texts}
    if found := compare(before, {WORDS_AROUND[field]: now[field] for field in texts}):
        raise ChangedMeanwhileError(found)
    write_texts(version, None, language, texts)


@transaction.atomic
def edit_settings(version_id: int, *, modules_asked: int, hidden_fields: Sequence[str]) -> None:
    """Store how many rotating modules each customer is asked, and which attributes of the touchpoint are kept."""
    version = lock_draft(version_id)
    version.modules_asked, version.hidden_fields = modules_asked, list(dict.fromkeys(hidden_fields))
    version.save(update_fields=["modules_asked", "hidden_fields"])


def _check(version: SurveyVersion, item: Item, edit: Edit) -> None:
    """Raise EditError for what cannot be stored, or would break the condition of another question."""
    _check_lengths(edit.texts)
    others = version.questions.exclude(pk=item.row.pk)
    if not is_key(edit.key):
        raise EditError(
            "A key has small letters, digits, - and _, such as “how_fast”; “end”, “other” and “none” are taken."
        )
    if others.filter(key=edit.key).exists():
        raise EditError(f"Another question has the key “{edit.key}”: choose one of its own.")
    gone = {*item.details.offered, *item.details.rows} - {*edit.details.offered, *edit.details.rows}
    for part in sorted(gone):
        if needing := needed_by(others, item.key, part):
            raise EditError(f"“{part}” cannot go while the condition of “{needing[0]}” names it: change that first.")
    kept = edit.details.options[: len(item.details.options)]
    if item.kind == Kind.MATRIX and kept != item.details.options and (needing := needed_by(others, item.key)):
        raise EditError(f"The condition of “{needing[0]}” counts the columns of this table: change that first.")


def _check_lengths(texts: Mapping[str, str]) -> None:
    for field, text in texts.items():
        most = LONGEST_MESSAGE if field in LONG_FIELDS else LONGEST
        if len(text) > most:
            raise EditError(f"“{text[:30]} …” has {len(text)} characters, and may have {most}: shorten it.")


def _named(condition: Condition | None) -> set[str]:
    return {test.question for test in condition.tests} if condition else set()


def _rename(version: SurveyVersion, row: Question, key: str) -> None:
    """Give a question another key, also where the conditions and jumps of others, or its own jumps, name it."""
    others = list(version.questions.exclude(pk=row.pk))
    for other in (*others, row):
        other.show_if = write_condition(renamed(read_condition(other.show_if), row.key, key))
        other.jumps = write_jumps(renamed_jumps(read_jumps(other.jumps), row.key, key))
    Question.objects.bulk_update(others, ["show_if", "jumps"])
    row.key = key


def _write(version: SurveyVersion, row: Question, edit: Edit) -> None:
    """Store the words, without those of options and rows that are gone."""
    fields = question_fields(spec(row))
    listed = Translation.objects.filter(question=row, field__startswith=OPTION) | Translation.objects.filter(
        question=row, field__startswith=ROW
    )
    listed.exclude(field__in=fields).delete()
    write_texts(version, row, edit.language, {field: edit.texts[field] for field in fields if field in edit.texts})
