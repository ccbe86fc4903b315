"""What the customer's pages show: every fact and sentence, so that the templates only place them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from django.template.loader import get_template
from django.urls import reverse

from contacts.models import Brand, Customer
from surveys.answering import LinkState, Questionnaire, questionnaire
from surveys.models import CallCase, Invitation, Question
from surveys.page_words import PageWords, page_words
from surveys.phrases import phrases
from surveys.questions.details import text_limit
from surveys.questions.reading import Given, Problem
from surveys.texts import Facts, QuestionWords, facts, fill, zone
from surveys.wishes import LESS_DAYS, Noted, local_days_later

#: Name of the field that people do not see and programs fill in. No question can have it: a key holds no dot.
TRAP = "home.page"
RADIOS = (Question.Kind.NPS, Question.Kind.YES_NO)
TEMPLATES: dict[str, str] = {
    Question.Kind.NPS: "surveys/questions/choice.html",
    Question.Kind.YES_NO: "surveys/questions/choice.html",
    Question.Kind.TEXT: "surveys/questions/text.html",
    Question.Kind.CONTACT_WISH: "surveys/questions/contact_wish.html",
}


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer of a question that offers some."""

    value: str
    label: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Field:
    """A question as the form shows it, with what was given to it and what is wrong with that."""

    question: QuestionWords
    text: str
    choices: tuple[Choice, ...]
    value: str
    problem: str

    @property
    def ends(self) -> tuple[str, str]:
        """What the first and the last choice mean; with their names, as a narrow page breaks the row of choices."""
        first, last = self.choices[0].label, self.choices[-1].label
        return f"{first} · {self.question.low}", f"{last} · {self.question.high}"

    @property
    def described_by(self) -> str:
        """Ids of the notes that a screen reader reads with the question."""
        question = self.question
        notes = {"problem": self.problem, "help": question.help, "ends": question.low}
        return " ".join(f"{question.key}-{note}" for note, text in notes.items() if text)


@dataclass(frozen=True, slots=True)
class Aftercare:
    """What the customer is told after an answer, from the rooms that see to it.

    `said_and_done`: what was changed after such answers, may be empty. `read_by` and `call_by`: until when somebody
    reads this answer and calls; None where nobody does.
    """

    said_and_done: str
    read_by: datetime | None
    call_by: datetime | None


@dataclass(frozen=True, slots=True)
class Voice:
    """How to speak to one customer: the words of the page and of the survey, the facts, and her way to write a day."""

    customer: Customer
    words: PageWords
    asked: Questionnaire
    facts: Facts
    brand: Brand

    def say(self, sentence: str, at: datetime | None = None, **values: object) -> str:
        """Put the brand, the visit and the day of `at` in the customer's zone into one of the page's sentences."""
        date = self.day(at) if at else ""
        return sentence.format(brand=self.facts.brand, visit=self.facts.visit, date=date, **values)

    def day(self, at: datetime) -> str:
        """Write the day of an instant in the customer's zone and language."""
        return phrases(self.words.language).date(at.astimezone(zone(self.customer)))


@dataclass(frozen=True, slots=True)
class LinkVoice(Voice):
    """The same for whoever opened the link of an invitation."""

    invitation: Invitation


def voice(invitation: Invitation) -> LinkVoice:
    """Return how to speak to the customer of an invitation that `surveys.answering` opened."""
    return LinkVoice(**_parts(invitation), invitation=invitation)


def voice_of_call(case: CallCase) -> Voice:
    """Return how an interviewer speaks to the customer of a case."""
    return Voice(**_parts(case))


def _parts(about: Invitation | CallCase) -> dict[str, Any]:
    asked = questionnaire(about.version, about.language)
    return {
        "customer": about.customer,
        "words": page_words(asked.words.language),
        "asked": asked,
        "facts": facts(about, asked.words),
        "brand": about.version.survey.brand,
    }


def chosen_in_advance(voice: Voice, query: Mapping[str, str]) -> dict[str, str]:
    """Return what a link may choose in advance: answers that are offered, but no words put into somebody's mouth."""
    radios = [question for question in voice.asked.words.questions if question.kind in RADIOS]
    offered = {question.key: [str(number) for number in question.scale or ()] for question in radios}
    return {key: query[key] for key, choices in offered.items() if query.get(key) in choices}


def survey_page(
    voice: LinkVoice, token: str, at: datetime, given: Given, problems: Mapping[str, Problem]
) -> dict[str, object]:
    """The form with what was given so far, and below it the other ways: later, less often, not at all."""
    words = voice.words
    title = fill(voice.asked.words.title, voice.facts)
    told = not voice.invitation.touchpoint_id or voice.facts.visit in title
    return _frame(voice, title, token) | {
        "asks": voice.say(words.asks if told else words.asks_about),
        "seconds": voice.say(words.seconds, seconds=voice.facts.seconds),
        "fields": fields(voice, given, problems),
        "problems": problems,
        "trap": TRAP,
        "later": [
            (days, label)
            for days, label in words.later.items()
            if local_days_later(voice.invitation.customer, at, days) < voice.invitation.closes_at
        ],
        "less": [(days, voice.say(words.less, days=days)) for days in LESS_DAYS],
        "stop": _stop(voice),
    }


def fields(voice: Voice, given: Given, problems: Mapping[str, Problem]) -> list[str]:
    """Return the questions as the form shows them, with what was given and what is wrong with that."""
    return [_field(voice, question, given, problems) for question in voice.asked.words.questions]


def ended_page(voice: LinkVoice, token: str, state: LinkState) -> dict[str, object]:
    """What a genuine link shows that takes no answer any more."""
    words, invitation = voice.words, voice.invitation
    if state == LinkState.ANSWERED:
        title, text = words.answered, voice.say(words.answered_text, invitation.response.answered_at)
    elif state == LinkState.EXPIRED:
        title, text = words.expired, voice.say(words.expired_text, invitation.closes_at)
    else:
        title, text = words.closed, words.closed_text
    return _frame(voice, title, token) | {"sentences": [text], "stop_link": True}


def unknown_page(language: str) -> dict[str, object]:
    """What every link shows that we did not make, whatever is wrong with it; `language` is the browser's."""
    words = page_words(language)
    return {"words": words, "title": words.unknown, "sentences": [words.unknown_text]}


def thanks_page(voice: Voice, token: str, aftercare: Aftercare) -> dict[str, object]:
    """The thanks, what happens next, and what was changed because customers said so."""
    words = voice.words
    promises = ((words.somebody_reads, aftercare.read_by), (words.will_call, aftercare.call_by))
    return _frame(voice, fill(voice.asked.words.thanks, voice.facts) or words.answered, token) | {
        "sentences": [voice.say(sentence, until) for sentence, until in promises if until],
        "said_and_done": aftercare.said_and_done,
    }


def noted_page(voice: LinkVoice, token: str, noted: Noted, *, still_open: bool) -> dict[str, object]:
    """Every wish that is in force, as the tables have it, and the way back while the link takes an answer."""
    words = voice.words
    sentences = [words.noted_stop[channel] for channel in noted.stopped]
    if noted.once_in_days:
        sentences.append(voice.say(words.noted_less, days=noted.once_in_days))
    if noted.pause_until:
        sentences.append(voice.say(words.noted_pause, noted.pause_until))
    if noted.reminder_at:
        sentences.append(voice.say(words.noted_reminder, noted.reminder_at))
    frame = _frame(voice, words.noted, token) | {"sentences": sentences or [words.noted_nothing]}
    return frame | ({"open": voice.say(words.still_open, voice.invitation.closes_at)} if still_open else {})


def unsubscribe_page(voice: LinkVoice, token: str) -> dict[str, object]:
    """The form that a link "unsubscribe" in a message leads to."""
    words = voice.words
    return _frame(voice, words.stop_title, token) | {"text": voice.say(words.stop_text), "stop": _stop(voice)}


def _frame(voice: Voice, title: str, token: str) -> dict[str, object]:
    address = reverse("answers:page", args=[token])
    return {"words": voice.words, "brand": voice.brand, "title": title, "address": address}


def _stop(voice: LinkVoice) -> list[tuple[str, str]]:
    return [(channel, voice.words.stop[channel]) for channel in (voice.invitation.channel, "")]


def _field(voice: Voice, question: QuestionWords, given: Given, problems: Mapping[str, Problem]) -> str:
    text, sent = fill(question.text, voice.facts), given.get(question.key, "")
    value = sent if isinstance(sent, str) else "".join(sent[:1])
    problem = problems.get(question.key)
    if problem or (value and question.kind == Question.Kind.TEXT):
        return _render(question, text, value, problem, voice.words.language)
    return _render_untouched(question, text, value, voice.words.language)


def _render(question: QuestionWords, text: str, value: str, problem: Problem | None, language: str) -> str:
    words = page_words(language)
    labels = _labels(words, question)
    field = Field(
        question=question,
        text=text,
        choices=tuple(Choice(choice, label, choice == value) for choice, label in labels.items()),
        value=value,
        problem=words.problems[problem].format(limit=_limit(question)) if problem else "",
    )
    return get_template(TEMPLATES[question.kind]).render({"field": field, "words": words})


@lru_cache(maxsize=256)
def _render_untouched(question: QuestionWords, text: str, chosen: str, language: str) -> str:
    """Render a question before it is answered: alike for all who get the same words, and half the page's cost."""
    return _render(question, text, chosen, None, language)


def _labels(words: PageWords, question: QuestionWords) -> dict[str, str]:
    if question.kind == Question.Kind.YES_NO:
        return {"1": words.yes, "0": words.no}
    if question.kind == Question.Kind.CONTACT_WISH:
        return {"1": words.call_me}
    return {str(number): str(number) for number in question.scale or ()}


def _limit(question: QuestionWords) -> int:
    return text_limit(question.kind, question.details) if question.kind == Question.Kind.TEXT else 0
