"""The fixed words around a survey, in each language that we speak: kinds of visits, dates, the frame of a message.

A survey's own words are translations in the database (`surveys.texts`). A language that is missing here gets English.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.utils import dateformat, translation


@dataclass(frozen=True, slots=True)
class Phrases:
    """One language. Visits stand in the case that follows "about": in German the dative ("zu Ihrem Einkauf")."""

    language: str
    visits: Mapping[str, str]
    other_visit: str
    on_day: str
    day: str
    """Formats are those of Django's `date` filter."""
    short_day: str
    answer: str
    answer_here: str
    less_often: str
    score_label: str

    def visit(self, kind: str, at: datetime | None, *, short: bool = False) -> str:
        """Say which experience is meant: "your purchase on Tuesday, May 5, 2026"; `at` in the customer's zone.

        Without an instant the day is left out; `short` leaves out weekday and year.
        """
        name = self.visits.get(kind.casefold().replace(" ", "_"), self.other_visit)
        if at is None:
            return name
        return self.on_day.format(visit=name, day=self.date(at, short=short))

    def date(self, at: datetime, *, short: bool = False) -> str:
        """Write the day of a local instant in this language's words."""
        with translation.override(self.language):
            return dateformat.format(at, self.short_day if short else self.day)


ENGLISH = Phrases(
    language="en",
    visits={
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
    other_visit="your contact with us",
    on_day="{visit} on {day}",
    day="l, F j, Y",
    short_day="F j",
    answer="Answer",
    answer_here="Answer here:",
    less_often="Asked too often? Ask us less often, another time or never:",
    score_label="{score} of 10",
)

GERMAN = Phrases(
    language="de",
    visits={
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
    other_visit="Ihrem Kontakt mit uns",
    on_day="{visit} am {day}",
    day="l, j. F Y",
    short_day="j. F",
    answer="Antworten",
    answer_here="Hier antworten:",
    less_often="Zu viele Fragen? Seltener, ein andermal oder nie fragen:",
    score_label="{score} von 10",
)

LANGUAGES = {phrases.language: phrases for phrases in (ENGLISH, GERMAN)}


def phrases(language: str) -> Phrases:
    """Return the fixed words of a language tag such as `de-AT`, or English."""
    return LANGUAGES.get(language.casefold().partition("-")[0], ENGLISH)
