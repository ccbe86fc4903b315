"""A version's questions and words as they are asked: alike for everybody, and as one person gets them."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache

from django.db.models import Count
from django.utils.functional import cached_property

from contacts.models import Customer
from surveys.costs import words_shown
from surveys.known import known, read_facts
from surveys.models import CallCase, Invitation, SurveyVersion
from surveys.questions.answers import Answers
from surveys.questions.draw import left_out_modules
from surveys.questions.progress import Way, way
from surveys.questions.spec import paged
from surveys.texts import QuestionWords, Words, words, zone

NOTHING: Answers = {}


@dataclass(frozen=True, eq=False)
class Questionnaire:
    """A version's words in one language, the id and the position of each question by its key.

    `languages`: those in which every question is written, in small letters. Each is equal to itself alone, so that
    what is kept for it is found without comparing all its words.
    """

    words: Words
    question_ids: Mapping[str, int]
    positions: Mapping[str, int]
    languages: tuple[str, ...]

    @cached_property
    def pages(self) -> list[list[QuestionWords]]:
        """Return all its questions, by page."""
        return paged(self.words.questions)

    @cached_property
    def is_for_all(self) -> bool:
        """Whether everybody is asked the same: nothing may be known already, and nothing is drawn."""
        return not any(question.fact or question.module for question in self.words.questions)

    @cached_property
    def only_way(self) -> Way[QuestionWords] | None:
        """Return the pages for whoever is asked everything, where no answer leads elsewhere; else None."""
        leads = any(question.show_if or question.jumps for question in self.words.questions)
        return None if leads else way(self.words.questions, NOTHING)

    @cached_property
    def asks_several(self) -> bool:
        """Whether there is more than one question to be answered."""
        return sum(question.asks for question in self.words.questions) > 1

    @cached_property
    def words_shown(self) -> dict[str, int]:
        """Return how many words each question shows, by key."""
        return words_shown(self.words.questions)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A questionnaire as one person gets it.

    `known`: answers that need not be asked for. `undrawn`: keys of questions of rotating modules that were not drawn
    for this person. `seed`: what is drawn for this person depends on it alone.
    """

    asked: Questionnaire
    seed: str = ""
    known: Answers = field(default_factory=dict)
    undrawn: Collection[str] = frozenset()

    @property
    def questions(self) -> tuple[QuestionWords, ...]:
        """Return all questions of the version."""
        return self.asked.words.questions

    @property
    def left_out(self) -> set[str]:
        """Return the keys of the questions that this person is not asked."""
        return {*self.known, *self.undrawn}

    def way(self, answers: Answers) -> Way[QuestionWords]:
        """Return the pages for these answers (`surveys.questions.progress.way`)."""
        if self.asked.only_way and not self.known and not self.undrawn:
            return self.asked.only_way
        return way(self.questions, {**answers, **self.known}, left_out=self.left_out)


def read_questionnaire(version: SurveyVersion, language: str) -> Questionnaire:
    """Return the words and questions of a version as they are now. Four statements."""
    spoken = words(version, language)
    rows = list(version.questions.values_list("key", "pk", "position"))
    texts = version.translations.filter(question__isnull=False, field="text").exclude(text="").order_by("language")
    written = texts.values_list("language").annotate(n=Count("pk"))
    return Questionnaire(
        words=spoken,
        question_ids={key: pk for key, pk, _ in rows},
        positions={key: position for key, _, position in rows},
        languages=tuple(tag.casefold() for tag, n in written if n == len(rows)),
    )


@lru_cache(maxsize=256)
def questionnaire(version: SurveyVersion, language: str) -> Questionnaire:
    """Return the words and questions of a published version, from memory but for the first time in a process.

    Every process may keep its own copy for good, because a published version never changes.
    """
    return read_questionnaire(version, language)


def sheet_for(asked: Questionnaire, about: Invitation | CallCase, at: datetime) -> Sheet:
    """Return the sheet of the customer of an invitation or a call who has answered nothing yet."""
    answers = NOTHING
    if not asked.is_for_all and any(question.fact for question in asked.words.questions):
        read_facts(about.customer, about.touchpoint)
        answers = known(asked.words.questions, about.customer, about.touchpoint, today(about.customer, at))
    return drawn(asked, about.version, str(about.pk), answers)


def drawn(asked: Questionnaire, version: SurveyVersion, seed: str, answers: Answers = NOTHING) -> Sheet:
    """Return the sheet of whoever `seed` names, of whom these answers are known."""
    if asked.is_for_all:
        return Sheet(asked, seed)
    undrawn = left_out_modules(asked.words.questions, version.modules_asked, seed)
    return Sheet(asked, seed, answers, undrawn - answers.keys())


def today(customer: Customer | None, at: datetime) -> date:
    """Return the day of an instant in the customer's zone, or the organisation's."""
    return at.astimezone(zone(customer or Customer())).date()
