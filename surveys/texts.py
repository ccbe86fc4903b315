"""A survey's words in the customer's language, and the facts that stand for their placeholders."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from dataclasses import fields as fields_of
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings

from contacts.models import Customer
from surveys.models import CallCase, Invitation, Question, SurveyVersion
from surveys.phrases import phrases, speaks
from surveys.questions.conditions import read_condition, read_jumps
from surveys.questions.details import read_details
from surveys.questions.kinds import MAKES, Kind
from surveys.questions.spec import Spec

REMINDER_FIELDS = ("reminder_subject", "reminder_message", "reminder_sms")
VERSION_FIELDS = ("title", "thanks", "subject", "message", "sms", *REMINDER_FIELDS)
OPTION, ROW = "option:", "row:"
"""Before the key of an option or a row, in the name of the field that holds its words."""
PLACEHOLDER = re.compile(r"( ?)\{(name|brand|visit|date|seconds|link)\}")


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionWords(Spec):
    """A question as it is put: what it is, and its words; `options` and `rows` by their keys."""

    text: str = ""
    help: str = ""
    low: str = ""
    high: str = ""
    unit: str = ""
    options: Mapping[str, str] = field(default_factory=dict, hash=False)
    rows: Mapping[str, str] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True)
class Words:
    """The words of a version in `language`; a field that nobody wrote is empty. Placeholders are not filled yet."""

    language: str
    title: str
    thanks: str
    subject: str
    message: str
    sms: str
    reminder_subject: str
    reminder_message: str
    reminder_sms: str
    questions: tuple[QuestionWords, ...]


@dataclass(frozen=True, slots=True)
class Facts:
    """What the placeholders stand for: `visit` is the experience and its day.

    Without a touchpoint there is no day: then `date` is empty, and `visit` says no more than `experience`.
    """

    name: str
    brand: str
    experience: str
    visit: str
    date: str
    seconds: str
    link: str


FACTS = tuple(field.name for field in fields_of(Facts))
"""Their names."""


@dataclass(frozen=True, slots=True)
class Found:
    """A field's text, and the language in which it is; `ours`: from the fixed words, because the survey has none."""

    text: str = ""
    language: str = ""
    ours: bool = False


@dataclass(frozen=True, slots=True)
class Written:
    """All that is written for a version: (question id, language, field) -> text; `chain` is where to look, in order."""

    texts: Mapping[tuple[int | None, str, str], str]
    chain: Sequence[str]

    @property
    def language(self) -> str:
        """The language of the whole."""
        return self.chain[0] if self.chain else "en"

    def find(self, question: int | None, field: str) -> Found:
        """Return a field of the version (`question` None) or of a question from the first language that has it.

        A reminder's words are also found in the fixed words of each language, which come before those of the next.
        """
        for tag in self.chain:
            if (question, tag, field) in self.texts:
                return Found(self.texts[question, tag, field], tag)
            if field in REMINDER_FIELDS and speaks(tag):
                return Found(phrases(tag).reminder[field], tag, ours=True)
        return Found(phrases("en").reminder[field], "en", ours=True) if field in REMINDER_FIELDS else Found()

    def fields(self, question: int | None, fields: Sequence[str]) -> dict[str, str]:
        """Return the texts of some fields."""
        return {field: self.find(question, field).text for field in fields}


def written(version: SurveyVersion, language: str) -> Written:
    """Return what is written for a version, to be looked up in `language`, then the brand's language, then English.

    `de-AT` may use `de`; a language in which nothing is written is left out. One statement.
    """
    texts: dict[tuple[int | None, str, str], str] = {
        (question, language.casefold(), field): text
        for question, language, field, text in version.translations.values_list("question", "language", "field", "text")
    }
    known = {key[1] for key in texts}
    return Written(texts, [tag for tag in _chain(language, version.survey.brand.default_language) if tag in known])


def words(version: SurveyVersion, language: str) -> Words:
    """Return the version's words in `language`, else in the brand's language, else in English.

    The first of these in which anything is written is the language of all; a single field that it lacks comes from
    the next. Two statements; a published version's words never change, so they can be kept.
    """
    found = written(version, language)
    questions = tuple(_question(question, found) for question in version.questions.all())
    return Words(language=found.language, questions=questions, **found.fields(None, VERSION_FIELDS))


def spec(question: Question) -> Spec:
    """Return what the rules know of a question. Raises DetailsError or ConditionError for settings that are none."""
    return Spec(**_settings(question))


def question_fields(question: Spec) -> list[str]:
    """Return the names of the fields that hold the words of a question."""
    details = question.details
    own = MAKES[question.kind].fields
    return [*own, *(f"{OPTION}{key}" for key in details.options), *(f"{ROW}{key}" for key in details.rows)]


def _settings(question: Question) -> dict[str, Any]:
    return {
        "key": question.key,
        "kind": Kind(question.kind),
        "required": question.required,
        "starts_page": question.starts_page,
        "details": read_details(question.kind, question.details),
        "show_if": read_condition(question.show_if),
        "jumps": read_jumps(question.jumps),
        "module": question.module,
        "fact": question.fact,
    }


def _question(question: Question, found: Written) -> QuestionWords:
    settings = _settings(question)
    details = settings["details"]
    settings |= found.fields(question.pk, MAKES[settings["kind"]].fields)
    return QuestionWords(
        **settings,
        options={key: found.find(question.pk, f"{OPTION}{key}").text for key in details.options},
        rows={key: found.find(question.pk, f"{ROW}{key}").text for key in details.rows},
    )


def facts(about: Invitation | CallCase, words: Words, *, link: str = "", short: bool = False) -> Facts:
    """Return what the placeholders stand for in this invitation or call; `short` writes the day as an SMS does.

    Names stand in one line, however they came in.
    """
    fixed = phrases(words.language)
    touchpoint = about.touchpoint
    experience = fixed.experience(touchpoint.kind if touchpoint else "")
    date = fixed.date(touchpoint.occurred_at.astimezone(zone(about.customer)), short=short) if touchpoint else ""
    return Facts(
        name=" ".join(about.customer.name.split()),
        brand=" ".join(about.version.survey.brand.name.split()),
        experience=experience,
        visit=fixed.visit(experience, date),
        date=date,
        seconds=str(about.version.seconds),
        link=link,
    )


def fill(text: str, facts: Facts) -> str:
    """Put the facts in place of the placeholders, once: what a fact contains is never read as a placeholder.

    An empty fact takes the space before it away, so that "Hello {name}," becomes "Hello,". Other braces stay.
    """

    def value(found: re.Match[str]) -> str:
        fact: str = getattr(facts, found[2])
        return found[1] + fact if fact else ""

    return PLACEHOLDER.sub(value, text)


def zone(customer: Customer) -> ZoneInfo:
    """Return the zone in which a date is written for this customer: hers, or the organisation's where unknown."""
    return ZoneInfo(customer.time_zone or settings.TIME_ZONE)


def _chain(language: str, default: str) -> list[str]:
    tags = [tag.casefold() for wanted in (language, default, "en") for tag in (wanted, wanted.partition("-")[0])]
    return list(dict.fromkeys(tags))
