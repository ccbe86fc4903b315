"""Messages that an error of ours stops: each steps aside for the others, is tried again, and is shown to a person."""

from datetime import datetime, timedelta

from django.db.models import QuerySet

from surveys.models import Invitation

STEP_ASIDE = timedelta(minutes=5)
"""So long a message waits for its next try, so that the others are not behind it."""
MARK = "Error of ours: "
LONGEST = 200


def step_aside(invitation_id: int, error: Exception, at: datetime) -> None:
    """Leave a planned message for later, with the error that stopped it; what comes of its next try replaces that."""
    planned = Invitation.objects.filter(pk=invitation_id, state=Invitation.State.PLANNED)
    told = f"{MARK}{type(error).__name__}: {error}"[:LONGEST]
    planned.update(due_at=at + STEP_ASIDE, state_reason=told)


def stopped(at: datetime) -> QuerySet[Invitation]:
    """Return the messages that are tried again and again; one that the rules have put off since is not among them."""
    planned = Invitation.objects.filter(state=Invitation.State.PLANNED, due_at__lte=at + STEP_ASIDE)
    return planned.filter(state_reason__startswith=MARK)
