"""What a customer gets, shown to a colleague beforehand: each message, by each channel, in each language."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.conf import settings
from django.core.signing import b62_encode

from contacts.models import Customer, Identifier, Touchpoint
from contacts.models.words import Channel, Purpose
from surveys.channels.base import Message
from surveys.composing import compose
from surveys.costs import estimate
from surveys.links import SIGNATURE_LENGTH, signing_key
from surveys.models import Attempt, Invitation, Program, Question, SurveyVersion
from surveys.phrases import LANGUAGES
from surveys.speaking import base_of
from surveys.texts import VERSION_FIELDS, Found, words, written

OTHER = "und"
"""Stands for every language in which nothing is written (ISO 639: undetermined)."""
NAMES = {
    "usual": "Ada Example",
    "long": "Maximiliane-Alexandra Freifrau von und zu Hohenstein-Wittgenstein",
    "right-to-left": "فاطمة الزهراء بنت عبد الرحمن",
    "not Latin": "王小明",
    "none": "",
}
"""Sample customers: those whose names break a message that was only ever tried with a usual one."""
ADDRESSES = {Channel.EMAIL: "customer@example.com", Channel.SMS: "+12025550123"}
SOME_KIND = "purchase"
NOT_SAVED = -1
"""Id of a sample's touchpoint: no row has it, and it is one."""
USUAL_ID = 1_000_000
"""Of an invitation: its link is as long as most are."""
ASKED_LATER = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which message is to be shown: of a version, perhaps as a program sends it; in a language, for a sample customer.

    `purpose` is an invitation or a reminder; `name` is a key of `NAMES`.
    """

    version: SurveyVersion
    program: Program | None
    language: str
    purpose: str = Purpose.INVITATION
    name: str = "usual"


@dataclass(frozen=True, slots=True)
class Gap:
    """Words that a language lacks: which, in the language of the admin, and what is taken instead (perhaps nothing)."""

    what: str
    instead: Found


def sample(wanted: Wanted, channel: str, at: datetime) -> Invitation:
    """Return an invitation that is in no table, of a sample customer about an experience of the day before `at`.

    What a draft costs is only an estimate yet: its version, which nobody saves, has it then.
    """
    wanted.version.seconds = wanted.version.seconds or estimate(wanted.version).seconds
    kinds = wanted.program.kinds if wanted.program else []
    customer = Customer(name=NAMES[wanted.name], time_zone=settings.TIME_ZONE, language=wanted.language)
    kind = kinds[0] if kinds else SOME_KIND
    touchpoint = Touchpoint(pk=NOT_SAVED, customer=customer, kind=kind, occurred_at=at - ASKED_LATER)
    return Invitation(
        version=wanted.version,
        program=wanted.program,
        customer=customer,
        touchpoint=touchpoint,
        address=Identifier(value=ADDRESSES[Channel(channel)]),
        purpose=wanted.purpose,
        channel=channel,
        language=wanted.language,
        closes_at=at + timedelta(days=wanted.program.link_days if wanted.program else 30),
    )


def preview(wanted: Wanted, channel: str, at: datetime, *, link: str = "") -> Message:
    """Return the message as a customer gets it: with `link` or, without, with one that opens nothing.

    Two statements for a version whose survey, brand and look are read.
    """
    attempt = Attempt(pk=0, number=0, started_at=at)
    spoken = words(wanted.version, wanted.language)
    return compose(sample(wanted, channel, at), spoken, attempt, link=link or example_link())


def example_link() -> str:
    """Return an address like that of a survey page, whose signature is none."""
    return f"{settings.SITE_URL}/s/{signing_key()}-{b62_encode(USUAL_ID)}{'x' * SIGNATURE_LENGTH}"


def languages(version: SurveyVersion) -> list[str]:
    """Return the languages worth looking at: those written in, the brand's, those of our own words; then any other."""
    own = {version.survey.brand.default_language.casefold(), *LANGUAGES}
    own |= {language.casefold() for language in version.translations.values_list("language", flat=True).distinct()}
    return [*sorted(own), OTHER]


def gaps(version: SurveyVersion, language: str) -> list[Gap]:
    """Return the words that are not written in a language, with what customers get instead. Two statements."""
    found = written(version, language)
    own = ((field.replace("_", " "), found.find(None, field)) for field in VERSION_FIELDS)
    asked = ((f"{question.key}: {field}", found.find(question.pk, field)) for question, field in _asked(version))
    looked_up = (*own, *asked)
    return [Gap(what, text) for what, text in looked_up if base_of(text.language) != base_of(language) or not text.text]


def with_first_words(message: Message, mark: str) -> Message:
    """Return the message with a mark as the first of what its reader sees: of the subject or, without one, the text."""
    if message.subject:
        return replace(message, subject=f"{mark} {message.subject}")
    return replace(message, text=f"{mark} {message.text}")


def _asked(version: SurveyVersion) -> Iterator[tuple[Question, str]]:
    """Each question with the fields that it cannot do without."""
    ends: Sequence[str] = ("low", "high")
    for question in version.questions.all():
        for field in ("text", *(ends if question.kind == Question.Kind.NPS else ())):
            yield question, field
