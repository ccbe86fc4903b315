"""What is on record of customers, from which the risk to lose them is learned."""

from datetime import datetime

from analytics.churn.periods import History
from analytics.frames.typed import AT_ONCE, typed
from analytics.people import OF_ANSWER
from contacts.models import Contact, Touchpoint
from contacts.models.customers import PERSON
from contacts.models.words import CLOCK_EVENTS, RELEASED, Purpose
from surveys.models import Answer, Invitation, Question


def history(at: datetime) -> History:
    """Everything up to a moment, in four statements. Merged records are one customer."""
    touched = Touchpoint.objects.filter(occurred_at__lte=at)
    scored = Answer.objects.counted().filter(question__kind=Question.Kind.NPS, response__answered_at__lte=at)
    asked = Invitation.objects.filter(purpose=Purpose.INVITATION, state=Invitation.State.SENT)
    unanswered = asked.filter(response=None, closes_at__lte=at)
    contacts = Contact.objects.filter(at__lte=at).exclude(purpose__in=CLOCK_EVENTS).exclude(outcome__in=RELEASED)
    return History(
        touchpoints=typed(
            touched.values_list(PERSON, "kind", "outcome", "occurred_at").iterator(chunk_size=AT_ONCE),
            ("customer", "kind", "outcome", "at"),
        ),
        answers=typed(
            scored.values_list(OF_ANSWER, "number", "response__answered_at").iterator(chunk_size=AT_ONCE),
            ("customer", "score", "at"),
        ),
        unanswered=typed(unanswered.values_list(PERSON, "closes_at").iterator(chunk_size=AT_ONCE), ("customer", "at")),
        contacts=typed(contacts.values_list(PERSON, "at").iterator(chunk_size=AT_ONCE), ("customer", "at")),
    )
