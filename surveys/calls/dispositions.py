"""Final dispositions of calls, in the codes of AAPOR. Pure.

Source: The American Association for Public Opinion Research, Standard Definitions: Final Dispositions of Case Codes and
Outcome Rates for Surveys, 10th edition, 2023, telephone surveys (in the 9th, 2016: page 13 and table 1). They were made
for numbers that are drawn. A customer is a specifically named person, who is presumed eligible, and of whom a wrong
number says nothing: as with mail that comes back (9th edition, page 27 and table 3) it leaves the case unknown, and in
the base of every rate. docs/calls.md says why each of ours got its code.
"""

from collections.abc import Collection
from dataclasses import dataclass

from django.db import models

from surveys.models import CallOutcome


class Disposition(models.TextChoices):
    """How a case ended, for good."""

    COMPLETE = "1.1", "Complete"
    PARTIAL = "1.2", "Partial"
    REFUSAL = "2.11", "Refusal"
    BREAK_OFF = "2.12", "Break-off"
    NEVER_AVAILABLE = "2.21", "Respondent never available"
    NOT_ATTEMPTED = "3.11", "Not attempted"
    ALWAYS_BUSY = "3.12", "Always busy"
    NO_ANSWER = "3.13", "No answer"
    MACHINE = "3.14", "Answering machine, not known whose"
    NOT_WORKING = "3.91", "Unknown: number does not work"
    NUMBER_CHANGED = "3.92", "Unknown: number belongs to somebody else"


@dataclass(frozen=True, slots=True)
class Ended:
    """What is known of a case at its end, beside its calls.

    `answered`: there is a response, by phone or on the web. `enough`: of an interview that broke off all is answered
    that had to be; `begun`: anything is. `refused`: she opted out of calls. `unreachable`: no number of hers is open.
    """

    answered: bool = False
    enough: bool = False
    begun: bool = False
    refused: bool = False
    unreachable: bool = False


def final(outcomes: Collection[str], ended: Ended) -> Disposition:
    """Return the disposition of a case by the outcomes of its calls and its end: the farthest that it ever came."""
    if ended.answered:
        return Disposition.COMPLETE
    if ended.enough:
        return Disposition.PARTIAL
    if ended.begun:
        return Disposition.BREAK_OFF
    if ended.refused or {CallOutcome.REFUSED, CallOutcome.SOFT_REFUSAL} & {*outcomes}:
        return Disposition.REFUSAL
    if {CallOutcome.NOT_NOW, CallOutcome.COMPLETED} & {*outcomes}:
        return Disposition.NEVER_AVAILABLE
    return _never_reached(outcomes, ended)


def _never_reached(outcomes: Collection[str], ended: Ended) -> Disposition:
    if ended.unreachable:
        wrong = CallOutcome.WRONG_NUMBER in outcomes
        return Disposition.NUMBER_CHANGED if wrong else Disposition.NOT_WORKING
    farthest = (
        (CallOutcome.VOICEMAIL, Disposition.MACHINE),
        (CallOutcome.NO_ANSWER, Disposition.NO_ANSWER),
        (CallOutcome.BUSY, Disposition.ALWAYS_BUSY),
    )
    return next((final for outcome, final in farthest if outcome in outcomes), Disposition.NOT_ATTEMPTED)
