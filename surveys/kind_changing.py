"""A question of a draft made one of another kind: what of it stays, what is lost, and what has to change first."""

from collections.abc import Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, replace

from django.db import transaction

from surveys.differences import Difference, InLanguage, compare_questions
from surveys.drafts import Item, sheet
from surveys.editing import REMOVED, EditError, find_question, fingerprints, needed_by, write_texts
from surveys.models import SurveyVersion
from surveys.publishing import last_published
from surveys.questions.checks import misfits
from surveys.questions.details import Details, DetailsError, read_details, write_details
from surveys.questions.kinds import MAKES, Kind
from surveys.questions.spec import Spec
from surveys.survey_templates.standard import standard_texts, starting_details
from surveys.texts import question_fields, spec

TEXTS = (Kind.SHORT_TEXT, Kind.TEXT)
OWN_MEANING = ("least", "most")
"""Settings that mean something else for each kind, such as characters or choices, but the same for the two of text."""


@dataclass(frozen=True, slots=True)
class KindChange:
    """What another kind would mean for a question.

    `first`: what has to be changed before, a sentence each; only without any it can be done. `differences`: what it
    would have in place of what it has, in every language; what is empty then is lost. `look`: keys of questions whose
    conditions ask about its answer and go on. `new_series`: its figures would start anew, because it was asked as
    another kind before.
    """

    kind: Kind
    first: Sequence[str] = ()
    differences: Sequence[Difference] = ()
    look: Sequence[str] = ()
    new_series: bool = False


def kind_change(version: SurveyVersion, item: Item, kind: Kind) -> KindChange:
    """Return what it means to make a question one of another kind. Writes nothing."""
    try:
        before, after = _before_and_after(version, item.row.pk, kind)
    except EditError as error:
        return KindChange(kind, first=[str(error)])
    if first := _first(version, after[0][1]):
        return KindChange(kind, first=first)
    published = last_published(version.survey)
    return KindChange(
        kind,
        differences=compare_questions(before, after),
        look=needed_by(version.questions.exclude(pk=item.row.pk), item.key),
        new_series=bool(published and published.questions.filter(key=item.key).exclude(kind=kind).exists()),
    )


@transaction.atomic
def change_kind(version_id: int, question_id: int, kind: Kind, seen: str) -> None:
    """Make a question that nobody changed since its fingerprint was `seen` one of another kind.

    What test answers said to it goes, because they answered another kind. Raises EditError or StateError; then nothing
    is changed.
    """
    version, row = find_question(version_id, question_id)
    if seen != fingerprints(version)[row.pk]:
        raise EditError(f"“{row.key}” was changed meanwhile: look again at what another kind would mean for it.")
    _, after = _before_and_after(version, question_id, kind)
    if first := _first(version, after[0][1]):
        raise EditError(" ".join(first))
    after[0][1].row.save()
    row.answers.filter(response__test=True).delete()  # a draft has no others
    row.translations.all().delete()
    for shown, item in after:
        write_texts(version, row, shown.language, item.texts)


def turned(item: Item, kind: Kind, language: str) -> Item:
    """Return a question in one language as it is once it is of another kind; its row is a copy that nobody saved.

    Settings and words that the kind has too stay. The customary words of the old kind become those of the new one, and
    what the question has no words for yet, such as the ends of a scale, begins with them. Raises DetailsError.
    """
    details = fitting_details(item.kind, item.details, kind)
    changed = replace(item, kind=kind, details=details, texts={}, row=copy(item.row))
    old = standard_texts(item.kind, language, with_question=True)
    new = standard_texts(kind, language, with_question=True)
    texts = {name: _text(name, item.texts, old, new) for name in question_fields(changed)}
    row, asks = changed.row, changed.asks
    row.kind, row.details, row.required = kind, write_details(details), item.required and asks
    row.fact, row.compass = (item.fact, row.compass) if asks else ("", "")
    return replace(changed, texts=texts, required=row.required, fact=row.fact)


def fitting_details(old: Kind, details: Details, kind: Kind) -> Details:
    """Return the settings that another kind takes over, else those with which it begins. Raises DetailsError.

    A bound that the new kind cannot have, such as 500 characters of a short text, is left out.
    """
    takes = MAKES[kind].settings - (set() if {old, kind} <= set(TEXTS) else set(OWN_MEANING))
    begin = write_details(starting_details(kind))
    kept = {name: value for name, value in write_details(details).items() if name in takes}
    settings = begin | kept
    try:
        return read_details(kind, settings)
    except DetailsError:
        return read_details(kind, {name: value for name, value in settings.items() if name not in OWN_MEANING})


def _text(name: str, texts: Mapping[str, str], old: Mapping[str, str], new: Mapping[str, str]) -> str:
    """The words of a field: those that somebody wrote, else the customary ones; a question never loses its own."""
    now = texts.get(name)
    if now is None:
        return new.get(name, "")
    customary = now and now == old.get(name)
    return new.get(name, now if name == "text" else "") if customary else now


def _before_and_after(
    version: SurveyVersion, question_id: int, kind: Kind
) -> tuple[list[InLanguage], list[InLanguage]]:
    """The question as it is and as it would be, in every language of the version, that of its brand first."""
    before = list(_in_each_language(version, question_id))
    if before[0][1].kind == kind:
        raise EditError(f"“{before[0][1].key}” is of that kind already.")
    try:
        return before, [(shown, turned(item, kind, shown.language)) for shown, item in before]
    except DetailsError as error:
        raise EditError(f"{error} Do that before you change the kind.") from error


def _in_each_language(version: SurveyVersion, question_id: int) -> Iterator[InLanguage]:
    for language in sheet(version, version.survey.brand.default_language).languages:
        shown = sheet(version, language)
        item = shown.item(question_id)
        if item is None:
            raise EditError(REMOVED)
        yield shown, item


def _first(version: SurveyVersion, changed: Item) -> list[str]:
    """What of the conditions in the draft does not fit the question as it would be."""
    specs: list[Spec] = [changed if row.pk == changed.row.pk else spec(row) for row in version.questions.all()]
    return [f"{told} Change that first." for told in misfits(specs, changed.key)]
