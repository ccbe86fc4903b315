"""How to speak to one customer: the words of the page and of the survey, the facts, and her way to write a day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.functional import cached_property

from contacts.models import Brand, Customer
from surveys.models import CallCase, Invitation
from surveys.page_words import PageWords, page_words
from surveys.phrases import phrases
from surveys.questionnaires import Questionnaire, questionnaire
from surveys.speaking import direction, own_name, spoken
from surveys.texts import Facts, facts, zone


@dataclass(frozen=True)
class Voice:
    """How to speak to the customer of an invitation or a call."""

    customer: Customer
    words: PageWords
    asked: Questionnaire
    brand: Brand
    about: Invitation | CallCase

    @cached_property
    def facts(self) -> Facts:
        """Return what the placeholders stand for."""
        return facts(self.about, self.asked.words)

    @property
    def language(self) -> str:
        """Return the language of the survey's own words."""
        return self.asked.words.language

    def say(self, sentence: str, at: datetime | None = None, **values: object) -> str:
        """Put the brand, the visit and the day of `at` in the customer's zone into one of the page's sentences."""
        known = {"brand": self.facts.brand, "visit": self.facts.visit, "date": self.day(at) if at else ""}
        return sentence.format(**(known | values))

    def day(self, at: datetime) -> str:
        """Write the day of an instant in the customer's zone and language."""
        return phrases(self.words.language).date(at.astimezone(zone(self.customer)))


@dataclass(frozen=True, slots=True)
class Tongue:
    """A language in which the page can be read too."""

    tag: str
    name: str
    direction: str
    address: str


@dataclass(frozen=True)
class LinkVoice(Voice):
    """The same for whoever opened a link at an address; `chosen`: the language that was chosen there, may be empty."""

    about: Invitation
    address: str
    chosen: str = ""

    @property
    def invitation(self) -> Invitation:
        """Return what the link was sent with."""
        return self.about

    @property
    def query(self) -> str:
        """Return what the addresses of this link carry on: the language that was chosen."""
        return f"?lang={self.chosen}" if self.chosen else ""

    def to(self, step: str | int = "") -> str:
        """Return the address of a page or step of this link."""
        return f"{self.address}/{step}{self.query}" if step else f"{self.address}{self.query}"

    def tongues(self, step: str | int = "") -> list[Tongue]:
        """Return the other languages in which a page can be read."""
        place = f"{self.address}/{step}" if step else self.address
        return [
            Tongue(tag, own_name(tag), direction(tag), f"{place}?lang={tag}")
            for tag in self.asked.languages
            if tag != self.language
        ]


def voice(invitation: Invitation, address: str, *, chosen: str, accepted: Sequence[str]) -> LinkVoice:
    """Return how to speak to the customer of an invitation that `surveys.answering` opened.

    In the language that was `chosen` on the page, else that of the answer which was begun, else the customer's own,
    else the first that the browser accepts, else that of the message; the survey must be written in it.
    """
    asked = questionnaire(invitation.version, invitation.language)
    response = getattr(invitation, "response", None)
    own = (response.language if response else "", invitation.customer.language)
    by_choice = spoken(asked.languages, [chosen], "")
    language = by_choice or spoken(asked.languages, [*own, *accepted], invitation.language)
    if language != invitation.language:
        asked = questionnaire(invitation.version, language)
    return LinkVoice(**_parts(invitation, asked), address=address, chosen=by_choice)


def voice_of_call(case: CallCase) -> Voice:
    """Return how an interviewer speaks to the customer of a case."""
    return Voice(**_parts(case, questionnaire(case.version, case.language)))


def voice_of_trial(invitation: Invitation, asked: Questionnaire, address: str, chosen: str) -> LinkVoice:
    """Return how to speak to a colleague who tries a survey out; the invitation is in no table."""
    return LinkVoice(**_parts(invitation, asked), address=address, chosen=chosen)


def _parts(about: Invitation | CallCase, asked: Questionnaire) -> dict[str, Any]:
    return {
        "customer": about.customer,
        "words": page_words(asked.words.language),
        "asked": asked,
        "brand": about.version.survey.brand,
        "about": about,
    }
