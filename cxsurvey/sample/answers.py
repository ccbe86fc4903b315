"""How a simulated customer takes an invitation: whether she answers, when, what, and whether she has had enough."""

from collections.abc import Mapping
from datetime import timedelta
from functools import cache
from typing import Any, NamedTuple
from zlib import crc32

import numpy as np

from cxsurvey.sample.chat_survey import CHAT_PAGES
from cxsurvey.sample.people import load_toml
from cxsurvey.sample.texting import texts
from cxsurvey.sample.truth import TRUTH, Truth, answer_chance, further_scores, satisfaction, score_chances
from surveys.scale import mood


class Invited(NamedTuple):
    """What a customer's reaction depends on, and nothing else does.

    `touchpoint` is its external id and decides the lots: the same invitation always gets the same reaction.
    `contacts` counts what we sent her in the `Truth.fatigue_days` before this invitation.
    """

    touchpoint: str
    kind: str
    outcome: str
    team: str
    channel: str
    language: str
    contacts: int


class Reaction(NamedTuple):
    """What a customer does `after` an invitation: her answers as the form sends them, empty where she gives none.

    `stop` is what she asks for besides: "opt_out" (of this channel), "ask_less", "complaint" (marks it as spam) or
    nothing. `texts`: what she writes back to an SMS, in place of all that. `seconds` and `device`: how long she has the
    survey before her, and on what (`Response.Device`). She sends so many of its `pages` and leaves.
    """

    after: timedelta
    answers: Mapping[str, str]
    stop: str = ""
    texts: tuple[str, ...] = ()
    seconds: int = 0
    device: str = ""
    pages: int = 1


def react(invited: Invited, truth: Truth = TRUTH) -> Reaction:
    """Return what the customer does about a program's invitation; always the same for the same one."""
    rng = _lots(invited.touchpoint, truth)
    score = _score(invited, rng, truth)
    reaction = _react(invited, score, rng, truth)
    return _go_on(reaction, score, invited, rng, truth) if reaction.answers and invited.kind == "chat" else reaction


def _react(invited: Invited, score: int, rng: np.random.Generator, truth: Truth) -> Reaction:
    after = _after(invited.channel, rng, truth)
    answers = rng.random() < answer_chance(invited.channel, score, invited.contacts, truth)
    stop = _stop(rng, truth)
    given = _answers(score, invited, rng, truth) if answers else {}
    if invited.channel == "sms":
        written = texts(given, stop, invited.language, rng, truth)
        return Reaction(after, given, stop, written, _seconds(given, rng, truth), "phone")
    complains = invited.channel == "email" and rng.random() < truth.complains
    stop = "complaint" if complains else stop
    return Reaction(after, given, stop, (), _seconds(given, rng, truth), _device(rng, truth))


def react_to_check(check: str, channel: str, truth: Truth = TRUTH) -> Reaction:
    """Return what the customer says to "is it fixed?"; `check` is a text that no other such question has."""
    rng = _lots(check, truth)
    answers = rng.random() < truth.fixed_answers
    fixed = rng.random() < truth.fixed_yes
    given, after = {"fixed": str(int(fixed))} if answers else {}, _after(channel, rng, truth)
    device = "phone" if channel == "sms" else _device(rng, truth)
    return Reaction(after, given, seconds=_seconds(given, rng, truth), device=device)


def _go_on(reaction: Reaction, score: int, invited: Invited, rng: np.random.Generator, truth: Truth) -> Reaction:
    """Add what is said about the chat itself, and draw after which page the customer leaves."""
    satisfied = satisfaction(invited.kind, invited.outcome, invited.team, invited.contacts, truth)
    further = further_scores(score, rng.random(), satisfied, truth)
    pages = 1
    while pages < CHAT_PAGES and rng.random() >= truth.leaves_page:
        pages += 1
    answers = {**reaction.answers, **{key: str(number) for key, number in further.items()}}
    seconds = reaction.seconds + round(truth.seconds_a_page * (pages - 1))
    return reaction._replace(answers=answers, seconds=seconds, pages=pages)


def say(invited: Invited, rng: np.random.Generator, truth: Truth = TRUTH) -> dict[str, str]:
    """Return what a customer who is asked by somebody answers."""
    return _answers(_score(invited, rng, truth), invited, rng, truth)


@cache
def comments() -> Mapping[str, Any]:
    """Return the sentences by language, mood and kind of touchpoint."""
    return load_toml("comments.toml")


def _lots(key: str, truth: Truth) -> np.random.Generator:
    return np.random.default_rng([truth.seed, 3, crc32(key.encode())])


def _score(invited: Invited, rng: np.random.Generator, truth: Truth) -> int:
    satisfied = satisfaction(invited.kind, invited.outcome, invited.team, invited.contacts, truth)
    return int(rng.choice(len(truth.cuts) + 1, p=score_chances(satisfied, truth)))


def _after(channel: str, rng: np.random.Generator, truth: Truth) -> timedelta:
    return timedelta(hours=truth.answer_hours[channel] * rng.lognormal(0, truth.answer_spread))


def _answers(score: int, invited: Invited, rng: np.random.Generator, truth: Truth) -> dict[str, str]:
    """Return the score with, by lot, a comment and the wish to be called."""
    feels = mood(score)
    answers = {"score": str(score)}
    if rng.random() < truth.comments[feels]:
        answers["reason"] = _comment(rng, invited.language, feels, invited.kind)
    if rng.random() < truth.asks_for_call[feels]:
        answers["call_me"] = "1"
    return answers


def _seconds(given: Mapping[str, str], rng: np.random.Generator, truth: Truth) -> int:
    """Draw how long the answer takes: as long as reading does, and writing what is written."""
    usual = truth.seconds_to_read + truth.seconds_a_letter * len(given.get("reason", ""))
    return max(2, round(usual * rng.lognormal(0, truth.seconds_spread)))


def _device(rng: np.random.Generator, truth: Truth) -> str:
    lot, below = rng.random(), 0.0
    for device, share in truth.devices.items():
        below += share
        if lot < below:
            return device
    return ""


def _comment(rng: np.random.Generator, language: str, feels: str, kind: str) -> str:
    """Put a comment together: a sentence about the visit, and as often as not a closing one."""
    sentences = comments()[language][feels]
    said = str(rng.choice(sentences[kind]))
    return f"{said} {rng.choice(sentences['closing'])}" if rng.random() < 0.5 else said


def _stop(rng: np.random.Generator, truth: Truth) -> str:
    """Draw whether the customer asks us to stop, or to ask less often."""
    drawn = rng.random()
    if drawn < truth.opts_out:
        return "opt_out"
    return "ask_less" if drawn < truth.opts_out + truth.asks_less else ""
