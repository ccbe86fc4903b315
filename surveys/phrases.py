"""The fixed words around a survey, in each language that we speak: kinds of visits, dates, the frame of a message.

A survey's own words are translations in the database (`surveys.texts`). A language that is missing here gets English.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache

from django.utils import dateformat, translation


@dataclass(frozen=True, slots=True)
class Phrases:
    """One language. Experiences stand in the case that follows "about": in German the dative ("zu Ihrem Einkauf")."""

    language: str
    experiences: Mapping[str, str]
    other_experience: str
    on_date: str
    date_format: str
    """Formats are those of Django's `date` filter."""
    short_date_format: str
    answer: str
    answer_here: str
    less_often: str
    reply_thanks: str
    """What we reply to an SMS; `question` is the survey's open question, `contact` may be empty."""
    reply_stop: str
    reply_stop_all: str
    reply_start: str
    reply_help: str
    reply_contact: str
    reminder: Mapping[str, str]
    """A reminder's words (`surveys.texts.REMINDER_FIELDS`) for a survey that has none of its own in this language."""

    def experience(self, kind: str) -> str:
        """Say what a touchpoint of this kind was to the customer: "your purchase"."""
        return self.experiences.get(kind.casefold().replace(" ", "_"), self.other_experience)

    def visit(self, experience: str, date: str) -> str:
        """Say which one is meant: "your purchase on Tuesday, May 5, 2026"; without a date only the experience."""
        return self.on_date.format(experience=experience, date=date) if date else experience

    def date(self, at: datetime, *, short: bool = False) -> str:
        """Write the day of a local instant in this language's words; `short` leaves out weekday and year."""
        return _written(self.language, at.date(), self.short_date_format if short else self.date_format)


ENGLISH = Phrases(
    language="en",
    experiences={
        "purchase": "your purchase",
        "order": "your order",
        "visit": "your visit",
        "call": "your call",
        "service_call": "your call to our service",
        "chat": "your chat with us",
        "email": "your message to us",
        "delivery": "your delivery",
        "return": "your return",
        "repair": "your repair",
        "complaint": "your complaint",
        "post": "your public post",
        "public_post": "your public post",
    },
    other_experience="your contact with us",
    on_date="{experience} on {date}",
    date_format="l, F j, Y",
    short_date_format="F j",
    answer="Answer",
    answer_here="Answer here:",
    less_often="Asked too often? Ask us less often, another time or never:",
    reply_thanks="Thank you. {question} Just reply to this message.",
    reply_stop="{brand}: you get no more text messages from us. To end calls and emails too, reply STOPALL. "
    "To get messages again, reply START.",
    reply_stop_all="{brand}: you will not hear from us again. To get text messages again, reply START.",
    reply_start="{brand}: you can get text messages from us again. To end them, reply STOP.",
    reply_help="This is {brand}. We ask customers how things went. To answer, reply with a number from 0 to 10. "
    "To get no more text messages, reply STOP.{contact}",
    reply_contact=" Contact: {address}",
    reminder={
        "reminder_subject": "A reminder: {brand} asks about {visit}",
        "reminder_message": "Hello {name},\n\n"
        "{brand} asked you about {visit} and has no answer from you yet. "
        "If you would like to answer, it takes about {seconds} seconds. If not, you need not do anything.",
        "reminder_sms": "{brand}: a reminder of our question about {visit}, {seconds} seconds: {link}",
    },
)

GERMAN = Phrases(
    language="de",
    experiences={
        "purchase": "Ihrem Einkauf",
        "order": "Ihrer Bestellung",
        "visit": "Ihrem Besuch",
        "call": "Ihrem Anruf",
        "service_call": "Ihrem Anruf beim Service",
        "chat": "Ihrem Chat mit uns",
        "email": "Ihrer Nachricht an uns",
        "delivery": "Ihrer Lieferung",
        "return": "Ihrer Rückgabe",
        "repair": "Ihrer Reparatur",
        "complaint": "Ihrer Beschwerde",
        "post": "Ihrem öffentlichen Beitrag",
        "public_post": "Ihrem öffentlichen Beitrag",
    },
    other_experience="Ihrem Kontakt mit uns",
    on_date="{experience} am {date}",
    date_format="l, j. F Y",
    short_date_format="j. F",
    answer="Antworten",
    answer_here="Hier antworten:",
    less_often="Zu viele Fragen? Seltener, ein andermal oder nie fragen:",
    reply_thanks="Vielen Dank. {question} Antworten Sie einfach auf diese SMS.",
    reply_stop="{brand}: Sie bekommen keine SMS mehr von uns. Auch keine Anrufe und E-Mails: STOPALL. "
    "Wieder SMS bekommen: START.",
    reply_stop_all="{brand}: Sie hören nichts mehr von uns. Wieder SMS bekommen: START.",
    reply_start="{brand}: Sie können wieder SMS von uns bekommen. Beenden: STOP.",
    reply_help="Hier ist {brand}. Wir fragen Kunden, wie es war. Antworten Sie mit einer Zahl von 0 bis 10. "
    "Keine SMS mehr: STOP.{contact}",
    reply_contact=" Kontakt: {address}",
    reminder={
        "reminder_subject": "Zur Erinnerung: {brand} fragt nach {visit}",
        "reminder_message": "Guten Tag {name},\n\n"
        "{brand} hat Sie zu {visit} gefragt und noch keine Antwort von Ihnen. "
        "Wenn Sie antworten möchten, dauert es etwa {seconds} Sekunden. Wenn nicht, brauchen Sie nichts zu tun.",
        "reminder_sms": "{brand} erinnert an die Frage zu {visit}. {seconds} Sekunden: {link}",
    },
)

LANGUAGES = {phrases.language: phrases for phrases in (ENGLISH, GERMAN)}


@lru_cache(maxsize=1024)  # the messages of a wave are about the same few days
def _written(language: str, day: date, date_format: str) -> str:
    with translation.override(language):
        return dateformat.format(day, date_format)


def phrases(language: str) -> Phrases:
    """Return the fixed words of a language tag such as `de-AT`, or English."""
    return LANGUAGES.get(_base(language), ENGLISH)


def speaks(language: str) -> bool:
    """Whether there are fixed words for a language tag such as `de-AT`."""
    return _base(language) in LANGUAGES


def _base(language: str) -> str:
    return language.casefold().partition("-")[0]
