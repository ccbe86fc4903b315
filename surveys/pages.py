"""What the customer's pages show: every fact and sentence, so that the templates only place them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from surveys.answering import LinkState, changeable_until
from surveys.fields import SCALES, Showing
from surveys.keeping import Standing
from surveys.models import Invitation, Question, Response
from surveys.own_page_words import own_page_words
from surveys.page_times import write_time
from surveys.page_words import page_words
from surveys.questionnaires import today
from surveys.questions.progress import is_last, is_settled
from surveys.questions.reading import Given, Problem, as_given
from surveys.speaking import direction
from surveys.texts import fill
from surveys.voices import LinkVoice
from surveys.wishes import LESS_DAYS, Noted, local_days_later

#: Name of the field that people do not see and programs fill in. No question can have it: a key holds no dot.
TRAP = "home.page"
#: Names of the form's other fields: when the page was loaded, and the button that goes back.
LOADED, BACK = "home.at", "home.back"
NO_PROBLEMS: Mapping[str, Problem] = {}


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
class Sent:
    """What a page sent and could not be kept: its fields, the problem by question, and when it had been loaded."""

    given: Given
    problems: Mapping[str, Problem]
    loaded: str


def chosen_in_advance(standing: Standing, number: int, query: Mapping[str, str]) -> dict[str, str]:
    """Return what a link may choose in advance on a page: answers that are offered, but no words put into a mouth."""
    scales = [question for question in standing.pages[number] if question.kind in SCALES]
    offered = {question.key: [str(value) for value in question.scale or ()] for question in scales}
    return {key: query[key] for key, choices in offered.items() if query.get(key) in choices}


def survey_page(
    voice: LinkVoice, standing: Standing, number: int, at: datetime, chosen: Given, sent: Sent | None = None
) -> dict[str, object]:
    """One page of the form with what was given so far; on the first page also who asks, and the other ways.

    `chosen`: what the link chose in advance; an answer that is kept comes before it.
    """
    words, invitation, shown = voice.words, voice.invitation, standing.pages[number]
    title, is_first = fill(voice.asked.words.title, voice.facts), number == min(standing.pages)
    step = "" if is_first else number
    finished = _finished(invitation)
    showing = Showing(voice.language, voice.facts, standing.sheet.seed, today(voice.customer, at))
    problems = sent.problems if sent else NO_PROBLEMS
    return frame(voice, title, "change" if finished and is_first else step) | {
        "action": voice.to(step),
        "page": _page_told(voice, standing, number),
        "changing": words.changing if finished else "",
        "fields": showing.fields(shown, sent.given if sent else {**chosen, **_kept(standing, number)}, problems),
        "problems": problems,
        "loaded": (LOADED, sent.loaded if sent else write_time(at, voice.address)),
        "trap": TRAP,
        "send": words.send if is_last(standing.sheet.questions, number, standing.sheet.left_out) else words.next,
        "back": "" if is_first else BACK,
        "kept": "" if is_first or finished else voice.say(words.kept, invitation.closes_at),
        **(_invites(voice, title, at) if is_first and not finished else {}),
    }


def _invites(voice: LinkVoice, title: str, at: datetime) -> dict[str, object]:
    """Who asks about what, how long it takes, and what else can be asked for: later, less often, not at all."""
    words, invitation = voice.words, voice.invitation
    told = not invitation.touchpoint_id or voice.facts.visit in title
    several = sum(question.asks for question in voice.asked.words.questions) > 1
    return {
        "asks": voice.say(words.asks[several] if told else words.asks_about[several]),
        "seconds": voice.say(words.seconds, seconds=voice.facts.seconds),
        "wishes": {name: voice.to(name) for name in ("later", "less", "unsubscribe")},
        "later": [
            (days, label)
            for days, label in words.later.items()
            if local_days_later(invitation.customer, at, days) < invitation.closes_at
        ],
        "less": [(days, voice.say(words.less, days=days)) for days in LESS_DAYS],
        "stop": _stop(voice),
        **_own_page(voice),
    }


def ended_page(voice: LinkVoice, state: LinkState) -> dict[str, object]:
    """What a genuine link shows that asks nothing (any more)."""
    words, invitation = voice.words, voice.invitation
    if state.is_finished:
        title, texts = words.answered, [voice.say(words.answered_text, invitation.response.answered_at)]
    elif state == LinkState.EXPIRED:
        title, texts = words.expired, [voice.say(words.expired_text, invitation.closes_at)]
    else:
        title, texts = words.closed, [words.closed_text]
    if not state.is_finished and hasattr(invitation, "response"):
        texts.append(words.begun_kept)
    change = _change(voice, invitation.response) if state == LinkState.CHANGEABLE else {}
    return frame(voice, title) | {"sentences": texts, "stop_link": voice.to("unsubscribe")} | change | _own_page(voice)


def unknown_page(language: str) -> dict[str, object]:
    """What every link shows that we did not make, whatever is wrong with it; `language` is the browser's."""
    words = page_words(language)
    named = {"language": words.language, "direction": words.direction}
    return named | {"words": words, "title": words.unknown, "sentences": [words.unknown_text]}


def thanks_page(
    voice: LinkVoice, state: LinkState, standing: Standing, response: Response, aftercare: Aftercare
) -> dict[str, object]:
    """The thanks, what happens next, what can still be done, and what was changed because customers said so.

    Everybody is led to the same place of public reviews, whatever the score: to ask only the happy ones may
    misrepresent what customers think (in the United States 16 CFR 465, in force since 21 October 2024; in the European
    Union Directive 2005/29/EC, annex I, 23c), and the large places of reviews forbid it.
    """
    words = voice.words
    promises = ((words.somebody_reads, aftercare.read_by), (words.will_call, aftercare.call_by))
    changeable = state == LinkState.CHANGEABLE
    seen = response.started_at is not None  # whoever has seen the questions was asked there, and left it open
    offer = voice.to("call") if aftercare.read_by and changeable and not seen and open_wish(standing) else ""
    return frame(voice, fill(voice.asked.words.thanks, voice.facts) or words.answered, "thanks") | {
        "sentences": [voice.say(sentence, until) for sentence, until in promises if until],
        "call": offer,
        "review": voice.invitation.version.survey.review_url,
        "said_and_done": aftercare.said_and_done,
        **_own_page(voice),
        **(_change(voice, response) if changeable else {}),
    }


def open_wish(standing: Standing) -> str:
    """Return the key of the question whether we may call, if it is on the way and not answered; else nothing."""
    shown = (question for page in standing.pages.values() for question in page)
    wishes = (question.key for question in shown if question.kind == Question.Kind.CONTACT_WISH)
    return next((key for key in wishes if key not in standing.answers), "")


def noted_page(voice: LinkVoice, noted: Noted, *, still_open: bool) -> dict[str, object]:
    """Every wish that is in force, as the tables have it, and the way back while the link takes an answer."""
    words = voice.words
    page = frame(voice, words.noted, "noted") | _own_page(voice)
    page["sentences"] = noted_sentences(voice, noted) or [words.noted_nothing]
    if not still_open:
        return page
    return page | {"open": voice.say(words.still_open, voice.invitation.closes_at), "question": voice.to()}


def noted_sentences(voice: LinkVoice, noted: Noted) -> list[str]:
    """Say every wish that is in force, but for the preferred channel."""
    words = voice.words
    sentences = [words.noted_stop[channel] for channel in noted.stopped]
    if noted.once_in_days:
        sentences.append(voice.say(words.noted_less, days=noted.once_in_days))
    if noted.pause_until:
        sentences.append(voice.say(words.noted_pause, noted.pause_until))
    if noted.reminder_at:
        sentences.append(voice.say(words.noted_reminder, noted.reminder_at))
    return sentences


def unsubscribe_page(voice: LinkVoice) -> dict[str, object]:
    """The form that a link "unsubscribe" in a message leads to."""
    words = voice.words
    wishes = {"unsubscribe": voice.to("unsubscribe")}
    return frame(voice, words.stop_title, "unsubscribe") | {
        "text": voice.say(words.stop_text),
        "stop": _stop(voice),
        "wishes": wishes,
    }


def frame(voice: LinkVoice, title: str, step: str | int = "") -> dict[str, object]:
    """What every page of a link has around it; `step`: where the page is, to be read in another language."""
    return {
        "words": voice.words,
        "language": voice.language,
        "direction": direction(voice.language),
        "tongues": voice.tongues(step),
        "brand": voice.brand,
        "title": title,
    }


def _own_page(voice: LinkVoice) -> dict[str, object]:
    """The way to the customer's own page."""
    return {"own_page": voice.to("you"), "own_link": own_page_words(voice.words.language).link}


def _stop(voice: LinkVoice) -> list[tuple[str, str]]:
    return [(channel, voice.words.stop[channel]) for channel in (voice.invitation.channel, "")]


def _change(voice: LinkVoice, response: Response) -> dict[str, object]:
    """The way to the form of a finished answer, and until when it is open."""
    until = changeable_until(response, voice.invitation.version)
    return {"change": voice.to("change"), "change_until": voice.say(voice.words.change_until, until)}


def _page_told(voice: LinkVoice, standing: Standing, number: int) -> str:
    """Where on the way the page is; of how many, only where nothing can change that. Nothing for a single page."""
    numbers = list(standing.pages)
    if is_last(standing.sheet.questions, number, standing.sheet.left_out) and len(numbers) == 1:
        return ""
    place, is_known = numbers.index(number) + 1, is_settled(standing.sheet.questions, number)
    sentence = voice.words.page_of if is_known else voice.words.page
    return sentence.format(page=place, pages=len(numbers))


def _kept(standing: Standing, number: int) -> dict[str, list[str]]:
    """What was given to the questions of a page before, as its form sends it."""
    given: dict[str, list[str]] = {}
    for question in standing.pages[number]:
        given |= as_given(question, standing.answers.get(question.key, {}))
    return given


def _finished(invitation: Invitation) -> bool:
    response = getattr(invitation, "response", None)
    return bool(response and response.finished_at)
