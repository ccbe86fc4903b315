"""What each fate of a message means for its attempt, its invitation and its place in the ledger."""

from dataclasses import dataclass
from datetime import timedelta

from contacts.models.words import Outcome
from surveys.channels.base import ChannelError, Fate, FateUnknownError, Sent
from surveys.models import Attempt, Invitation

WAITS = (timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=2), timedelta(hours=6))
"""After each refusal for now; after the last the invitation has failed."""

State = Invitation.State


@dataclass(frozen=True, slots=True)
class Note:
    """What is to be noted: `counted` names the figure of the report, `wait` is the time until the next try.

    `ledger` is empty where the place stays reserved.
    """

    counted: str
    attempt: str
    state: str
    ledger: str = ""
    reference: str = ""
    detail: str = ""
    wait: timedelta | None = None


def note(fate: Fate, number: int) -> Note:
    """Return what to note about the fate of an invitation's attempt of this number, counted from 1."""
    made = Attempt.Outcome
    match fate:
        case Sent():
            ledger = Outcome.DELIVERED if fate.delivered else Outcome.ACCEPTED
            return Note("sent", made.ACCEPTED, State.SENT, ledger, reference=fate.reference[:200])
        case FateUnknownError():
            return Note("unknown", made.UNKNOWN, State.UNKNOWN, Outcome.UNKNOWN, detail=str(fate)[:500])
        case ChannelError(permanent=True):
            ledger = Outcome.REJECTED if fate.bad_address else Outcome.CANCELLED
            return Note("failed", made.PERMANENT, State.FAILED, ledger, detail=str(fate)[:500])
        case ChannelError(busy_for=timedelta() as wait):
            # The provider takes nothing from anybody: that is no failed try of this invitation.
            return Note("retried", made.PASSING, State.PLANNED, detail=str(fate)[:500], wait=wait)
        case ChannelError() if number <= len(WAITS):
            return Note("retried", made.PASSING, State.PLANNED, detail=str(fate)[:500], wait=WAITS[number - 1])
        case ChannelError():
            return Note("failed", made.PASSING, State.FAILED, Outcome.CANCELLED, detail=str(fate)[:500])
