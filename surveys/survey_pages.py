"""A page of questions, written once for all customers whose pages differ in nothing but what is their own.

What a page shows is either part of its likeness (`Alike`), which nothing else can get into the mold of, or put into the
mold for this one response (`Own`, facts and address of the voice), escaped as the template would have done it. So what
changes a page (a new look, another state) is another likeness, at once and in every process.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from functools import lru_cache
from html import escape
from typing import NamedTuple

from django.template.loader import get_template
from django.utils.safestring import mark_safe

from contacts.models import Brand, Customer
from surveys.fields import SCALES, Showing, untouched
from surveys.keeping import Standing
from surveys.looks import SHOWN_OF_LOOK
from surveys.models import Invitation, Look
from surveys.molds import MARK, MOLDS, cast
from surveys.page_times import write_time
from surveys.page_words import page_words
from surveys.pages import frame, own_page_link, stop_buttons
from surveys.questionnaires import Questionnaire, today
from surveys.questions.progress import is_last, is_settled
from surveys.questions.reading import Given, Problem, as_given
from surveys.texts import FACTS, Facts, fill
from surveys.voices import LinkVoice
from surveys.wishes import LESS_DAYS, local_days_later

#: Name of the field that people do not see and programs fill in. No question can have it: a key holds no dot.
TRAP = "home.page"
#: Names of the form's other fields: when the page was loaded, and the button that goes back.
LOADED, BACK = "home.at", "home.back"
NO_PROBLEMS: Mapping[str, Problem] = {}


class Whose(StrEnum):
    """Who is asked: passers-by have no page of their own and get no messages; a colleague only tries it out."""

    CUSTOMER = "customer"
    PASSER_BY = "passer-by"
    COLLEAGUE = "colleague"


@dataclass(frozen=True, slots=True)
class Sent:
    """What a page sent and could not be kept: its fields, the problem by question, and when it had been loaded."""

    given: Given
    problems: Mapping[str, Problem]
    loaded: str


class ShownBrand(NamedTuple):
    """What pages show of a brand; `look`: SHOWN_OF_LOOK, empty without one."""

    name: str
    legal_lines: str
    look: tuple[str | int, ...]

    def as_rows(self) -> Brand:
        """Return it as the template reads it; the rows are in no table."""
        brand = Brand(name=self.name, legal_lines=self.legal_lines)
        if self.look:
            brand.look = Look(**dict(zip(SHOWN_OF_LOOK, self.look, strict=True)))
        return brand


class Alike(NamedTuple):
    """All that decides how a page looks, but for what is one customer's own.

    `told`: names of the facts that are not empty; `chosen`: the language that was chosen on the page; `place`: “Page 2
    of 3”; `later`: the numbers of days that can be waited; `fields`: each question's key and what is chosen in
    advance, None where the questions look as only this customer's do.
    """

    asked: Questionnaire
    brand: ShownBrand
    whose: Whose
    told: tuple[str, ...]
    chosen: str
    channel: str
    number: int
    place: str
    is_first: bool
    is_last: bool
    is_finished: bool
    is_about_visit: bool
    later: tuple[int, ...]
    has_problems: bool = False
    fields: tuple[tuple[str, str], ...] | None = None


class Own(NamedTuple):
    """What stands on one customer's page alone, besides the facts and the address of the voice.

    `loaded`: when, signed; `closing`: the day until which it can be answered; `fields`: the questions in HTML.
    """

    nonce: str
    loaded: str
    closing: str
    fields: str


@dataclass(frozen=True, slots=True)
class Page:
    """A page of questions for one customer."""

    alike: Alike
    voice: LinkVoice
    own: Own

    def html(self) -> str:
        """Return the page. Renders nothing where another page of this likeness was shown before."""
        own, facts = self.own, self.voice.facts
        values = {name: escape(getattr(facts, name)) for name in self.alike.told}
        values |= {"address": escape(self.voice.address), "nonce": own.nonce, "loaded": escape(own.loaded)}
        return cast(_mold(self.alike), values | {"closing": escape(own.closing), "fields": own.fields})


@dataclass(frozen=True)
class MarkedVoice(LinkVoice):
    """Speaks to a customer of whom it is only known which facts are `told`, with marks in their place."""

    told: tuple[str, ...] = ()

    @property
    def facts(self) -> Facts:
        """Return marks."""
        return Facts(**dict.fromkeys(FACTS, "") | {name: f"\0{name}\0" for name in self.told})


def survey_page(
    voice: LinkVoice,
    standing: Standing,
    number: int,
    at: datetime,
    *,
    whose: Whose,
    nonce: str,
    chosen: Given,
    sent: Sent | None = None,
) -> Page:
    """One page of the form with what was given so far; on the first page also who asks, and the other ways.

    `chosen`: what the link chose in advance; an answer that is kept comes before it.
    """
    shown, problems = standing.pages[number], sent.problems if sent else NO_PROBLEMS
    given = sent.given if sent else {**chosen, **_kept(standing, number)}
    fields = None if problems else untouched(shown, given)
    own_fields = ""
    if fields is None:
        showing = Showing(voice.language, voice.facts, standing.sheet.seed, today(voice.customer, at))
        own_fields = "".join(showing.fields(shown, given, problems))
    alike = _alike(voice, standing, number, at, whose)._replace(has_problems=bool(problems), fields=fields)
    loaded = sent.loaded if sent else write_time(at, voice.address)
    closing = "" if alike.is_first else voice.day(voice.invitation.closes_at)
    return Page(alike, voice, Own(nonce, loaded, closing, own_fields))


def _alike(voice: LinkVoice, standing: Standing, number: int, at: datetime, whose: Whose) -> Alike:
    invitation, sheet = voice.invitation, standing.sheet
    is_first, is_finished = number == min(standing.pages), _finished(invitation)
    facts = voice.facts
    last = number == len(voice.asked.pages) or is_last(sheet.questions, number, sheet.left_out)
    return Alike(
        asked=voice.asked,
        brand=_shown_brand(voice.brand),
        whose=whose,
        told=tuple(name for name in FACTS if getattr(facts, name)),
        chosen=voice.chosen,
        channel=invitation.channel,
        number=number,
        place="" if last and len(standing.pages) == 1 else _place_told(voice, standing, number),
        is_first=is_first,
        is_last=last,
        is_finished=is_finished,
        is_about_visit=bool(invitation.touchpoint_id),
        later=_later(voice, at) if is_first and not is_finished and whose != Whose.PASSER_BY else (),
    )


def chosen_in_advance(standing: Standing, number: int, query: Mapping[str, str]) -> dict[str, str]:
    """Return what a link may choose in advance on a page: answers that are offered, but no words put into a mouth."""
    if not query:
        return {}
    scales = [question for question in standing.pages[number] if question.kind in SCALES]
    offered = {question.key: [str(value) for value in question.scale or ()] for question in scales}
    return {key: query[key] for key, choices in offered.items() if query.get(key) in choices}


@lru_cache(MOLDS)
def _mold(alike: Alike) -> Sequence[str]:
    return MARK.split(get_template("surveys/survey.html").render(_context(alike)))


def _context(alike: Alike) -> dict[str, object]:
    """What the template shows: the likeness, and marks in the place of what is one customer's own."""
    voice = MarkedVoice(
        customer=Customer(),
        words=page_words(alike.asked.words.language),
        asked=alike.asked,
        brand=alike.brand.as_rows(),
        about=Invitation(channel=alike.channel),
        address="\0address\0",
        chosen=alike.chosen,
        told=alike.told,
    )
    words, title = voice.words, fill(alike.asked.words.title, voice.facts)
    step, changes = "" if alike.is_first else alike.number, alike.is_first and alike.is_finished
    asks_only = alike.is_first and not alike.is_finished
    keeps = not (alike.is_first or alike.is_finished or alike.whose == Whose.PASSER_BY)
    return frame(voice, title, "change" if changes else step) | {
        "CSP_NONCE": "\0nonce\0",
        "test": words.test if alike.whose == Whose.COLLEAGUE else "",
        "action": voice.to(step),
        "page": alike.place,
        "changing": words.changing if alike.is_finished else "",
        "fields": _fields(alike, voice),
        "problems": alike.has_problems,
        "loaded": (LOADED, "\0loaded\0"),
        "trap": TRAP,
        "send": words.send if alike.is_last else words.next,
        "back": "" if alike.is_first else BACK,
        "kept": voice.say(words.kept, date="\0closing\0") if keeps else "",
        **(_asks(alike, voice, title) if asks_only else {}),
        **(_wishes(alike, voice) if asks_only and alike.whose != Whose.PASSER_BY else {}),
    }


def _fields(alike: Alike, voice: LinkVoice) -> list[str]:
    """The questions, where they look alike for all; else the place of this customer's."""
    if alike.fields is None:
        return [mark_safe("\0fields\0")]
    chosen = dict(alike.fields)
    shown = [question for question in alike.asked.words.questions if question.key in chosen]
    return Showing(voice.language, voice.facts, "", date.min).fields(shown, chosen, NO_PROBLEMS)


def _asks(alike: Alike, voice: LinkVoice, title: str) -> dict[str, object]:
    """Who asks about what, and how long it takes."""
    words = voice.words
    told = not alike.is_about_visit or voice.facts.visit in title
    return {
        "asks": voice.say((words.asks if told else words.asks_about)[alike.asked.asks_several]),
        "seconds": voice.say(words.seconds, seconds=voice.facts.seconds),
    }


def _wishes(alike: Alike, voice: LinkVoice) -> dict[str, object]:
    """What else can be asked for: later, less often, not at all; and the customer's own page."""
    words = voice.words
    return {
        "wishes": {name: voice.to(name) for name in ("later", "less", "unsubscribe")},
        "later": [(days, words.later[days]) for days in alike.later],
        "less": [(days, voice.say(words.less, days=days)) for days in LESS_DAYS],
        "stop": stop_buttons(voice),
        **(own_page_link(voice) if alike.whose == Whose.CUSTOMER else {}),
    }


def _later(voice: LinkVoice, at: datetime) -> tuple[int, ...]:
    """In how many days the customer can be asked again before the link closes."""
    closes_at = voice.invitation.closes_at
    return tuple(days for days in voice.words.later if local_days_later(voice.customer, at, days) < closes_at)


def _shown_brand(brand: Brand) -> ShownBrand:
    look = getattr(brand, "look", None)
    return ShownBrand(
        brand.name, brand.legal_lines, tuple(getattr(look, name) for name in SHOWN_OF_LOOK) if look else ()
    )


def _place_told(voice: LinkVoice, standing: Standing, number: int) -> str:
    """Where on the way the page is; of how many, only where nothing can change that."""
    numbers = list(standing.pages)
    place, is_known = numbers.index(number) + 1, is_settled(standing.sheet.questions, number)
    sentence = voice.words.page_of if is_known else voice.words.page
    return sentence.format(page=place, pages=len(numbers))


def _kept(standing: Standing, number: int) -> dict[str, list[str]]:
    """What was given to the questions of a page before, as its form sends it."""
    given: dict[str, list[str]] = {}
    if standing.answers:
        for question in standing.pages[number]:
            given |= as_given(question, standing.answers.get(question.key, {}))
    return given


def _finished(invitation: Invitation) -> bool:
    response = getattr(invitation, "response", None)
    return bool(response and response.finished_at)
