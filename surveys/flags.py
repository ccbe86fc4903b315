"""What makes an answer doubtful. A flagged answer is stored like any other: who reads the figures decides. Pure.

Too fast and too straight are the two signs that R. Greszki, M. Meyer and H. Schoen, "Exploring the Effects of Removing
'Too Fast' Responses and Respondents from Web Surveys", Public Opinion Quarterly 79(2), 2015 (thresholds of 30 to 50
per cent of the usual time) and C. Zhang and F. Conrad, "Speeding in Web Surveys", Survey Research Methods 8(2), 2014,
look at; the exact bounds are ours.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum

from surveys.questions.answers import Answers
from surveys.questions.budget import cost
from surveys.questions.kinds import Kind
from surveys.questions.spec import Spec

SPEEDER_SHARE = 1 / 3
STRAIGHT = 4
"""So many rows or scales must be answered alike."""
INSTANT = timedelta(seconds=10)
"""No person has read a message and answered so soon after it was handed over."""
SCALES = (Kind.NPS, Kind.CSAT, Kind.CES, Kind.STARS)


class Flag(StrEnum):
    """Why an answer is doubtful."""

    TRAP = "trap"
    """The field that people do not see was filled in."""
    UNSEEN = "unseen"
    """A form was sent that was never loaded."""
    INSTANT = "instant"
    """It came within seconds after the message was sent: scanners of mail do that."""
    SPEEDER = "speeder"
    """It took less than a third of the estimated time."""
    STRAIGHT = "straight_liner"
    """The same column in every row of a table, or the same number on every scale of a kind."""
    PARTIAL = "partial"
    """An interview that broke off."""


FINAL = frozenset({Flag.SPEEDER, Flag.STRAIGHT})
"""Told from the whole, and anew each time that it is changed."""


def of_sending(*, trap: bool, started_at: datetime | None, sent_at: datetime | None, at: datetime) -> set[str]:
    """Return the flags of one page that was sent at `at`; `sent_at`: when the message was."""
    found = {Flag.TRAP: trap, Flag.UNSEEN: started_at is None, Flag.INSTANT: bool(sent_at and at - sent_at < INSTANT)}
    return {flag.value for flag, holds in found.items() if holds}


def of_whole(questions: Sequence[Spec], answers: Answers, words: Mapping[str, int], seconds: int | None) -> set[str]:
    """Return the flags of a finished answer that took so many seconds; `words`: how many a question shows, by key.

    The estimate is of the questions that were answered, so that who skips what may be skipped is no speeder.
    """
    answered = [question for question in questions if question.key in answers]
    expected = sum(cost(question, words.get(question.key, 0)) for question in answered)
    fast = seconds is not None and seconds < expected * SPEEDER_SHARE
    found = {Flag.SPEEDER: fast, Flag.STRAIGHT: _is_straight(answered, answers)}
    return {flag.value for flag, holds in found.items() if holds}


def _is_straight(answered: Sequence[Spec], answers: Answers) -> bool:
    scales = defaultdict[Kind, list[int | None]](list)
    for question in answered:
        numbers = [part.number for part in answers[question.key].values()]
        if question.kind == Kind.MATRIX and len(numbers) >= STRAIGHT and len(set(numbers)) == 1:
            return True
        if question.kind in SCALES:
            scales[question.kind] += numbers
    return any(len(numbers) >= STRAIGHT and len(set(numbers)) == 1 for numbers in scales.values())
