"""How a simulated customer takes an invitation: whether she answers, when, what, and whether she has had enough."""

from collections.abc import Mapping
from datetime import timedelta
from functools import cache
from typing import Any, NamedTuple
from zlib import crc32

import numpy as np

from cxsurvey.sample.people import load_toml
from cxsurvey.sample.truth import TRUTH, Truth, answer_chance, mood, satisfaction, score_chances


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
    """What a customer does `after` an invitation; `score` None where she does not answer, `stop` what she asks for.

    `stop` is "opt_out" (this channel), "ask_less" or empty; the other fields are the answers.
    """

    after: timedelta
    score: int | None
    comment: str
    call_me: bool
    stop: str


def react(invited: Invited, truth: Truth = TRUTH) -> Reaction:
    """Return what the customer does; the same for the same invitation and truth."""
    rng = np.random.default_rng([truth.seed, 3, crc32(invited.touchpoint.encode())])
    satisfied = satisfaction(invited.kind, invited.outcome, invited.team, invited.contacts, truth)
    score = would_be_score(rng, satisfied, truth)
    after = timedelta(hours=truth.answer_hours[invited.channel] * rng.lognormal(0, 1.2))
    answers = rng.random() < answer_chance(invited.channel, score, invited.contacts, truth)
    stop = _stop(rng, truth)
    if not answers:
        return Reaction(after, None, "", call_me=False, stop=stop)
    feels = mood(score)
    says = rng.random() < truth.comments[feels]
    comment = _comment(rng, invited.language, feels, invited.kind) if says else ""
    return Reaction(after, score, comment, call_me=bool(rng.random() < truth.asks_for_call[feels]), stop=stop)


def would_be_score(rng: np.random.Generator, satisfied: float, truth: Truth) -> int:
    """Draw the score that a customer would give, whether or not she answers."""
    return int(rng.choice(11, p=score_chances(satisfied, truth)))


@cache
def comments() -> Mapping[str, Any]:
    """Return the sentences by language, mood and kind of touchpoint."""
    return load_toml("comments.toml")


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
