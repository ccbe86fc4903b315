"""The customer's own page: why she was asked, what became of it, what she can ask of us, her data."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

from contacts.arms import Arm
from contacts.models import Decision
from contacts.own_data import OwnData
from surveys.data_in_words import data_sections
from surveys.models import Invitation, Program
from surveys.own_page_words import OwnPageWords, own_page_words
from surveys.page_words import page_words
from surveys.pages import frame, noted_sentences
from surveys.phrases import phrases
from surveys.texts import zone
from surveys.voices import LinkVoice
from surveys.wishes import LESS_DAYS, Noted, pause_days


@dataclass(frozen=True, slots=True)
class Became:
    """What became of the newest answer: when it was given, until when somebody sees to it, or what was done and when.

    None and empty where that is not (yet) so; `action` is empty too where there was nothing to see.
    """

    answered_at: datetime | None = None
    due_at: datetime | None = None
    done_at: datetime | None = None
    action: str = ""


@dataclass(frozen=True, slots=True)
class OwnFacts:
    """What the rooms know for the page: contacts of 90 days, when she may be asked again at the earliest, and the rest.

    `again_at` is None where no rule waits for anything; `never`: nothing can be sent to her. `arm`: what was drawn for
    her; with another limit `limits` are hers and that of the others.
    """

    contacts: int
    again_at: datetime | None
    never: bool
    became: Became
    arm: Arm = Arm.USUAL
    limits: tuple[int, int] = (0, 0)


@dataclass(frozen=True, slots=True)
class OwnSteps:
    """What several rooms do for the page; handed in with the addresses, because this room must not import them.

    `facts` and `data` read only; `erase` empties everything about the person and returns when it is done.
    """

    facts: Callable[[Invitation, datetime], OwnFacts]
    data: Callable[[Invitation], OwnData]
    erase: Callable[[Invitation, datetime], None]


def own_page(voice: LinkVoice, at: datetime, facts: OwnFacts, noted: Noted, problem: str = "") -> dict[str, object]:
    """The page; `problem`: what is wrong with the day that was chosen."""
    own = own_page_words(voice.words.language)
    earliest, latest = pause_days(voice.customer, at)
    in_force = [*noted_sentences(voice, noted), *([own.noted_prefer[noted.preferred]] if noted.preferred else [])]
    return frame(voice, own.title.format(brand=voice.facts.brand), "you") | {
        "own_words": own,
        "why": _why(voice, own, facts),
        "became": _became(voice, own, facts.became),
        "in_force": [] if noted.nothing else in_force,
        "prefer": [(channel, own.prefer[channel]) for channel in noted.reachable if channel != noted.preferred]
        if len(noted.reachable) > 1
        else [],
        "less": [(days, voice.say(voice.words.less, days=days)) for days in LESS_DAYS],
        "earliest": earliest.isoformat(),
        "latest": latest.isoformat(),
        "problem": problem,
        "to": {name.replace("/", "_"): voice.to(name) for name in STEPS},
    }


#: The steps that the page leads to.
STEPS = ("less", "unsubscribe", "you/prefer", "you/pause", "you/resume", "you/data", "you/erase")


def wrong_day(voice: LinkVoice, at: datetime) -> str:
    """Say until which days she can ask to be left in peace."""
    earliest, latest = (_day(voice, day) for day in pause_days(voice.customer, at))
    return own_page_words(voice.words.language).pause_problem.format(earliest=earliest, latest=latest)


def data_page(voice: LinkVoice, data: OwnData) -> dict[str, object]:
    """Everything that is kept about her, to be read."""
    own = own_page_words(voice.words.language)
    return frame(voice, own.data, "you") | {
        "own_words": own,
        "sections": data_sections(data, voice.words.language, zone(voice.customer)),
        "you": voice.to("you"),
    }


def erase_page(voice: LinkVoice, *, unticked: bool = False) -> dict[str, object]:
    """What erasing means, and the form that does it; `unticked`: it was sent without the tick."""
    own = own_page_words(voice.words.language)
    brand = voice.facts.brand
    return frame(voice, own.erase, "you/erase") | {
        "own_words": own,
        "sentences": [own.erase_text, own.erase_stays, own.erase_elsewhere.format(brand=brand)],
        "problem": own.erase_unticked if unticked else "",
        "action": voice.to("you/erase"),
        "you": voice.to("you"),
    }


def erased_page(voice: LinkVoice) -> dict[str, object]:
    """What is said when it is done."""
    own = own_page_words(voice.words.language)
    return frame(voice, own.erased) | {"sentences": [own.erased_text], "tongues": []}


def erased_before_page(language: str) -> dict[str, object]:
    """The same once nothing says any more whose link it was; `language` is the browser's."""
    own, words = own_page_words(language), page_words(language)
    named = {"language": words.language, "direction": words.direction}
    return named | {"words": words, "title": own.erased, "sentences": [own.erased_text]}


def _why(voice: LinkVoice, own: OwnPageWords, facts: OwnFacts) -> list[str]:
    program = voice.invitation.program
    sentences = [voice.say(own.why_visit)]
    if program:
        sentences.append(own.why_program.format(program=program.name))
    if program and (drawn := _drawn_with(voice.invitation, program)) < 1:
        sentences.append(own.why_drawn.format(percent=max(1, round(100 * drawn))))
    if facts.arm == Arm.HELD_OUT:
        sentences.append(own.held_out)
    if facts.arm == Arm.OTHER_LIMIT:
        limit, usual = facts.limits
        sentences.append(own.other_limit.format(limit=limit, usual=usual))
    sentences.append(own.contacts.get(facts.contacts) or own.contacts_more.format(times=facts.contacts))
    if facts.never:
        return [*sentences, own.again_never]
    return [*sentences, voice.say(own.again_from, facts.again_at) if facts.again_at else own.again_any]


def _drawn_with(invitation: Invitation, program: Program) -> float:
    """With which probability she was drawn: as the decision says, by the program's share or for a target."""
    decisions = Decision.objects.filter(contact=invitation.contact_id, stage=Decision.Stage.PLAN)
    probability = decisions.values_list("probability", flat=True).first()
    return program.share if probability is None else probability


def _became(voice: LinkVoice, own: OwnPageWords, became: Became) -> list[str]:
    if became.answered_at is None:
        return [own.became_nothing]
    sentences = [voice.say(own.became_kept, became.answered_at)]
    if became.due_at:
        sentences.append(voice.say(own.became_open, became.due_at))
    if became.done_at:
        done = own.became_done if became.action else own.became_seen
        sentences.append(voice.say(done, became.done_at, action=became.action))
    return sentences


def _day(voice: LinkVoice, day: date) -> str:
    return phrases(voice.words.language).date(datetime(day.year, day.month, day.day, 12, tzinfo=zone(voice.customer)))
