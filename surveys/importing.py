"""A file of any format that people have, read into a document; and a document stored as a draft."""

from collections.abc import Mapping
from datetime import timedelta
from pathlib import PurePosixPath

from django.db import transaction
from django.db.models import Max

from contacts.models import Brand
from surveys.formats import own, surveyjs_reading, workbook, xlsform_reading
from surveys.formats.document import LONGEST_NAME, Document, FormatError, Item, Read
from surveys.formats.strict_json import read_object
from surveys.models import Question, Survey, SurveyVersion, Translation
from surveys.questions.checks import problems
from surveys.questions.conditions import write_condition, write_jumps
from surveys.questions.details import write_details

SNIFFED = 4096
"""Bytes at the beginning by which a PO file is known."""


def read(content: bytes, file_name: str) -> Read:
    """Return what a file holds, whatever its name says: a workbook is an XLSForm, JSON ours or SurveyJS's.

    Raises FormatError, which says where the file is wrong and what to do.
    """
    name = PurePosixPath(file_name.replace("\\", "/")).name.split(".")[0][:LONGEST_NAME] or "Survey"
    if content.startswith(workbook.SIGNATURE):
        return xlsform_reading.read(content, name)
    if b"msgid" in content[:SNIFFED] and not content.lstrip().startswith(b"{"):
        raise FormatError("This is a PO file. Open the survey's translations and bring it in there.")
    if "format" in read_object(content):
        return Read(own.read(content))
    return surveyjs_reading.read(content, name)


def left_to_do(document: Document, brand: Brand | None) -> list[str]:
    """Return what would keep the document from being published, one sentence each."""
    found = problems(document.specs, document.modules_asked)
    if brand and brand.default_language.casefold() not in document.languages:
        found.append(f"Nothing is written in “{brand.default_language}”, the language of {brand}.")
    return found


@transaction.atomic
def store_new(document: Document, brand: Brand, *, slug: str, name: str) -> SurveyVersion:
    """Store the document as the first draft of a new survey. Raises FormatError where the key is taken."""
    if Survey.objects.filter(slug=slug).exists():
        raise FormatError(f"There is a survey with the key “{slug}”. Choose another, or make a version of that one.")
    survey = Survey.objects.create(
        slug=slug,
        name=name,
        brand=brand,
        occasion=document.occasion,
        change_for=timedelta(seconds=document.change_for),
        review_url=document.review_url,
    )
    return _store(document, survey)


@transaction.atomic
def store_version(document: Document, survey: Survey) -> SurveyVersion:
    """Store the document as the next draft of a survey, whose own settings stay as they are."""
    return _store(document, Survey.objects.select_for_update().get(pk=survey.pk))


def _store(document: Document, survey: Survey) -> SurveyVersion:
    newest: int = survey.versions.aggregate(newest=Max("number"))["newest"] or 0
    version = SurveyVersion.objects.create(
        survey=survey,
        number=newest + 1,
        modules_asked=document.modules_asked,
        hidden_fields=list(document.hidden_fields),
    )
    rows = [_question(version, item, position) for position, item in enumerate(document.items, start=1)]
    Question.objects.bulk_create(rows)
    words: Mapping[Question | None, Item | Document] = {None: document, **dict(zip(rows, document.items, strict=True))}
    Translation.objects.bulk_create(
        Translation(version=version, question=question, language=language, field=field, text=text)
        for question, owner in words.items()
        for language, texts in owner.words.items()
        for field, text in texts.items()
        if text
    )
    return version


def _question(version: SurveyVersion, item: Item, position: int) -> Question:
    spec = item.spec
    return Question(
        version=version,
        key=spec.key,
        kind=spec.kind,
        position=position,
        starts_page=spec.starts_page,
        required=spec.required,
        details=write_details(spec.details),
        show_if=write_condition(spec.show_if),
        jumps=write_jumps(spec.jumps),
        module=spec.module,
        fact=spec.fact,
        aspect=item.aspect,
        compass=item.compass,
    )
