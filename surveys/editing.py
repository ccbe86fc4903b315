"""Steps by which a draft is written, each whole or not at all; what is published never changes."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from hashlib import sha256

from django.db import transaction
from django.db.models import F

from surveys.models import Question, SurveyVersion, Translation
from surveys.publishing import COPIED
from surveys.questions import paging
from surveys.questions.conditions import Condition
from surveys.questions.details import write_details
from surveys.questions.keys import key_from
from surveys.questions.kinds import Kind
from surveys.questions.spec import Spec
from surveys.survey_templates.standard import standard_texts, starting_details
from surveys.texts import spec
from surveys.version_states import lock_draft

SHIFT = 10_000
"""Added to the positions while they are given anew, because no two questions may ever have the same."""
MOST_QUESTIONS = 200
REMOVED = "This question was removed meanwhile, so there is nothing left to change."
PLACE = ("position", "starts_page")
"""Columns that say where a question stands."""


class EditError(ValueError):
    """The draft cannot be changed so; the text says why and what to do."""


@transaction.atomic
def add_question(
    version_id: int, kind: Kind, text: str, language: str, *, languages: Sequence[str], after_id: int | None = None
) -> Question:
    """Add a question after another one, else at the end, and return it.

    Where no text is given, and for the ends of its scale, it gets the customary words in each of the `languages`.
    """
    version = lock_draft(version_id)
    rows = list(version.questions.all())
    if len(rows) >= MOST_QUESTIONS:
        raise EditError(f"A survey may have {MOST_QUESTIONS} questions; nobody answers that many.")
    words = {tag: standard_texts(kind, tag, with_question=not text) for tag in {language, *languages}}
    named = words[language].setdefault("text", text)
    key = key_from(named, {row.key for row in rows}, otherwise=kind.value)
    row = Question(version=version, key=key, kind=kind, details=write_details(starting_details(kind)))
    _insert(version, rows, row, after_id)
    for tag, texts in words.items():
        write_texts(version, row, tag, texts)
    return row


@transaction.atomic
def duplicate_question(version_id: int, question_id: int) -> Question:
    """Add a copy of a question, with its words in all languages, right after it, and return it."""
    version, row = find_question(version_id, question_id)
    rows = list(version.questions.all())
    copied = Question(version=version, **{field: getattr(row, field) for field in COPIED})
    copied.key = key_from(row.key, {other.key for other in rows}, otherwise=row.kind)
    copied.starts_page = False
    _insert(version, rows, copied, row.pk)
    Translation.objects.bulk_create(
        Translation(version=version, question=copied, language=words.language, field=words.field, text=words.text)
        for words in row.translations.all()
    )
    return copied


@transaction.atomic
def remove_question(version_id: int, question_id: int, seen: str) -> None:
    """Remove a question that nobody changed since its fingerprint was `seen`, unless others need its answer."""
    version, row = find_question(version_id, question_id)
    if seen != fingerprints(version)[row.pk]:
        raise EditError(f"“{row.key}” was changed meanwhile: look at it again before you remove it.")
    if needing := needed_by(version.questions.exclude(pk=row.pk), row.key):
        named = ", ".join(f"“{key}”" for key in needing)
        raise EditError(
            f"“{row.key}” cannot be removed while conditions or jumps of {named} name it: change those first."
        )
    pages = _pages(version)
    row.answers.filter(response__test=True).delete()  # a draft has no others
    row.delete()
    _arrange([[other for other in page if other.pk != question_id] for page in pages])


@transaction.atomic
def move_question(version_id: int, question_id: int, step: int) -> None:
    """Move a question one place up (-1) or down (1), over the edge of its page onto the next."""
    _rearrange(version_id, question_id, lambda pages, row: paging.moved(pages, row, step))


@transaction.atomic
def put_question(version_id: int, question_id: int, page: int, place: int | None = None) -> None:
    """Put a question onto a page (from 0; one more than there are makes a new one), at a place or at its end."""

    def put(pages: list[list[Question]], row: Question) -> list[list[Question]]:
        if not 0 <= page <= len(pages):
            raise EditError("There is no such page.")
        others = [other for other in (*pages, [])[page] if other != row]
        return paging.put(pages, row, page, len(others) if place is None else min(max(place, 0), len(others)))

    _rearrange(version_id, question_id, put)


@transaction.atomic
def start_page(version_id: int, question_id: int) -> None:
    """Begin a new page with a question."""
    _rearrange(version_id, question_id, paging.split)


@transaction.atomic
def join_page(version_id: int, question_id: int) -> None:
    """Put the page of a question to the end of the page before it."""
    _rearrange(version_id, question_id, paging.joined)


@transaction.atomic
def set_pages(version_id: int, *, one_each: bool) -> None:
    """Give each question a page of its own, or put all on one."""
    pages = _pages(lock_draft(version_id))
    _arrange(paging.one_each(pages) if one_each else paging.on_one(pages))


def needed_by(rows: Iterable[Question], key: str, part: str = "") -> list[str]:
    """Return the keys of the questions whose conditions or jumps name a question, or a `part` (option, row) of it."""
    return [row.key for row in rows if any(_names(found, key, part) for found in _conditions(spec(row)))] + [
        row.key for row in rows if not part and any(jump.to == key for jump in spec(row).jumps)
    ]


def write_texts(version: SurveyVersion, row: Question | None, language: str, texts: Mapping[str, str]) -> None:
    """Store words of a version or of one of its questions, in place of those of the same fields; empty ones go."""
    Translation.objects.filter(version=version, question=row, language__iexact=language, field__in=texts).delete()
    Translation.objects.bulk_create(
        Translation(version=version, question=row, language=language, field=field, text=text)
        for field, text in texts.items()
        if text
    )


def fingerprints(version: SurveyVersion) -> dict[int, str]:
    """Return by question id what stands for it in its settings and all its words: another text once it changed."""
    words: dict[int | None, list[tuple[str, str, str]]] = {}
    for question_id, *text in version.translations.values_list("question", "language", "field", "text"):
        words.setdefault(question_id, []).append((text[0], text[1], text[2]))
    settings = [field for field in COPIED if field not in PLACE]
    return {
        row.pk: _digest([[getattr(row, field) for field in settings], sorted(words.get(row.pk, []))])
        for row in version.questions.all()
    }


def fingerprint_of_all(version: SurveyVersion) -> str:
    """Return the same for the whole of a version."""
    words = sorted(version.translations.filter(question=None).values_list("language", "field", "text"))
    places = list(version.questions.values_list("pk", *PLACE))
    prints = list(fingerprints(version).values())
    return _digest([version.modules_asked, version.hidden_fields, words, places, prints])


def _digest(of: list[object]) -> str:
    return sha256(json.dumps(of).encode()).hexdigest()[:20]


def find_question(version_id: int, question_id: int) -> tuple[SurveyVersion, Question]:
    """Return a draft, locked, and one of its questions. Raises EditError or StateError."""
    version = lock_draft(version_id)
    row = version.questions.filter(pk=question_id).first()
    if row is None:
        raise EditError(REMOVED)
    return version, row


def _rearrange(
    version_id: int, question_id: int, arrange: Callable[[list[list[Question]], Question], list[list[Question]]]
) -> None:
    version, row = find_question(version_id, question_id)
    _arrange(arrange(_pages(version), row))


def _insert(version: SurveyVersion, rows: Sequence[Question], row: Question, after_id: int | None) -> None:
    """Save a new question in its place; without `after_id` on the last page."""
    pages = _pages(version)
    row.position = len(rows) + 1
    row.save()
    at = next((number for number, page in enumerate(pages) if any(one.pk == after_id for one in page)), len(pages) - 1)
    page = pages[at] if pages else []
    place = next((place for place, one in enumerate(page, start=1) if one.pk == after_id), len(page))
    _arrange(paging.put(pages, row, max(at, 0), place))


def _pages(version: SurveyVersion) -> list[list[Question]]:
    """The questions by page, as `surveys.questions.spec.paged` cuts them."""
    pages: list[list[Question]] = []
    for row in version.questions.all():
        if row.starts_page or not pages:
            pages.append([])
        pages[-1].append(row)
    return pages


def _arrange(pages: Sequence[Sequence[Question]]) -> None:
    """Store the order and the pages."""
    rows = [row for page in pages for row in page]
    begins = {page[0].pk for page in pages[1:]}
    Question.objects.filter(pk__in=[row.pk for row in rows]).update(position=F("position") + SHIFT)
    for position, row in enumerate(rows, start=1):
        row.position, row.starts_page = position, row.pk in begins
    Question.objects.bulk_update(rows, ["position", "starts_page"])


def _conditions(question: Spec) -> Iterator[Condition]:
    found = (question.show_if, *(jump.when for jump in question.jumps))
    return (condition for condition in found if condition)


def _names(condition: Condition, key: str, part: str) -> bool:
    return any(test.question == key and (not part or part in (test.part, test.value)) for test in condition.tests)
