"""What becomes of an unhappy answer: somebody owns it, does something visible, and the customer is the judge."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.admin.models import CHANGE
from django.db import transaction
from django.db.models import Exists, Max, OuterRef, Q, QuerySet

from analytics.themes import Refusal
from contacts.gate.audit import audit
from contacts.models import Decision
from contacts.models.words import Channel, Purpose
from recovery.models import FollowUp, FollowUpNote
from surveys.asking import ask_person
from surveys.channels.gateways import served
from surveys.defaults import ensure_fixed_survey
from surveys.models import Answer, Invitation, Question, Response
from surveys.scale import unhappy_answers

#: How long the question "is it fixed?" is worth asking after a follow-up was closed, and its link stays open.
CHECK_WORTH = timedelta(days=14)


class FollowUpError(ValueError):
    """A step that a follow-up's state does not allow; the text says what to do instead."""


@dataclass(frozen=True, slots=True)
class Closed:
    """What closing a follow-up led to: the question to the customer, or the gate's refusal, or neither."""

    check: Invitation | None
    refusal: Decision | None


def due_time(opened_at: datetime) -> datetime:
    """Return the instant by which a follow-up that is opened at `opened_at` should be seen to."""
    return opened_at + timedelta(hours=settings.FOLLOW_UP_WITHIN_HOURS)


def open_due(at: datetime) -> int:
    """Open a follow-up for every new unhappy answer, wish to be called, and comment that may refuse further surveys.

    Return how many were opened.
    Whoever wishes to be called only later, on another page or on second thoughts, has it noted in the one that is open.
    Answers brought in from another tool open none: they are history. Safe to repeat and to run twice at once.
    """
    responses = list(_without_follow_up(at))
    wishes, low = (
        set(answers.filter(response__in=responses).values_list("response_id", flat=True))
        for answers in (_wishes(), _low())
    )
    follow_ups = [
        FollowUp(
            response=response,
            customer=response.customer,
            trigger=_trigger(wish=response.pk in wishes, low=response.pk in low),
            opened_at=at,
            due_at=due_time(response.answered_at),
        )
        for response in responses
    ]
    FollowUp.objects.bulk_create(follow_ups, ignore_conflicts=True)
    _note_wishes(at)
    return len(follow_ups)


def reopen_unfixed(at: datetime) -> int:
    """Open again every closed follow-up whose customer answered that it is not fixed; return how many."""
    unfixed = FollowUp.objects.filter(
        state=FollowUp.State.CLOSED,
        check_invitation__response__answers__question__kind=Question.Kind.YES_NO,
        check_invitation__response__answers__number=0,
    )
    with transaction.atomic():
        follow_ups = list(unfixed.select_for_update(of=("self",)))
        for follow_up in follow_ups:
            _reopen(follow_up, at)
    return len(follow_ups)


@transaction.atomic
def assign(follow_up: FollowUp, owner_id: int, *, by_id: int | None, at: datetime) -> None:
    """Give the follow-up to a person."""
    _must_be_open(follow_up)
    follow_up.owner_id = owner_id
    follow_up.save(update_fields=["owner"])
    note(follow_up, "Took it over." if owner_id == by_id else "Gave it to a colleague.", by_id=by_id, at=at)


@transaction.atomic
def note(follow_up: FollowUp, text: str, *, by_id: int | None, at: datetime) -> None:
    """Add a line to the story; `by_id` is empty for what the system did."""
    if not text.strip():
        raise FollowUpError("Write what happened before you save the note.")
    FollowUpNote.objects.create(follow_up=follow_up, text=text.strip(), by_id=by_id, at=at)
    if by_id is not None:
        audit(follow_up, CHANGE, "A line was added to its story.", by_id=by_id, at=at)


def close(follow_up: FollowUp, *, action: str, no_action_reason: str, by_id: int | None, at: datetime) -> Closed:
    """Close with what the customer can see of it, or with the reason why there is nothing to see.

    After a visible action the customer is asked once, through the gate, whether it is fixed.
    """
    action, no_action_reason = action.strip(), no_action_reason.strip()
    if not (action or no_action_reason):
        raise FollowUpError("Say what was done for the customer, or why nothing was done.")
    with transaction.atomic():
        # Read again under lock: two colleagues who close at once must not ask the customer twice.
        follow_up.refresh_from_db(from_queryset=FollowUp.objects.select_for_update())
        _must_be_open(follow_up)
        asked = _ask_whether_fixed(follow_up, at) if action else None
        follow_up.state, follow_up.closed_at = FollowUp.State.CLOSED, at
        follow_up.action, follow_up.no_action_reason = action, no_action_reason
        follow_up.check_invitation = asked if isinstance(asked, Invitation) else None
        follow_up.save()
        note(follow_up, f"Closed: {action or no_action_reason}", by_id=by_id, at=at)
    return Closed(check=follow_up.check_invitation, refusal=asked if isinstance(asked, Decision) else None)


def _without_follow_up(at: datetime) -> QuerySet[Response]:
    newest = FollowUp.objects.aggregate(newest=Max("opened_at"))["newest"]
    unhappy, wish = (Exists(answers.filter(response=OuterRef("pk"))) for answers in (_low(), _wishes()))
    due = Q(unhappy) | Q(wish) | Q(reading__refusal=Refusal.PERHAPS)
    responses = Response.objects.counted().filter(due, invitation__isnull=False, follow_up=None)
    responses = responses.select_related("customer")
    responses = responses.filter(answered_at__lte=at).order_by("answered_at", "pk")
    # By when it was stored or changed, as an SMS may take days to arrive: nothing a day older than when one was opened
    # last can be new, as that pass has seen it.
    return responses.filter(updated_at__gte=newest - timedelta(days=1)) if newest else responses


@transaction.atomic
def _note_wishes(at: datetime) -> None:
    """Note in open follow-ups of unhappy answers that the customer wishes to be called by now."""
    wish = Exists(_wishes().filter(response=OuterRef("response")))
    unhappy = FollowUp.objects.filter(wish, state=FollowUp.State.OPEN, trigger=FollowUp.Trigger.LOW_SCORE)
    for follow_up in unhappy.select_for_update(of=("self",)):
        follow_up.trigger = FollowUp.Trigger.CONTACT_WISH
        follow_up.save(update_fields=["trigger"])
        note(follow_up, "The customer asked to be called.", by_id=None, at=at)


def _wishes() -> QuerySet[Answer]:
    return Answer.objects.filter(question__kind=Question.Kind.CONTACT_WISH, number=1)


def _low() -> QuerySet[Answer]:
    return Answer.objects.filter(unhappy_answers())


def _trigger(*, wish: bool, low: bool) -> str:
    """Why somebody has to see to it: what the customer asked for comes before what she may have meant."""
    if wish:
        return FollowUp.Trigger.CONTACT_WISH
    return FollowUp.Trigger.LOW_SCORE if low else FollowUp.Trigger.NO_MORE


def _must_be_open(follow_up: FollowUp) -> None:
    if follow_up.state != FollowUp.State.OPEN:
        raise FollowUpError("This follow-up is closed. The customer's answer can open it again.")


def _ask_whether_fixed(follow_up: FollowUp, at: datetime) -> Invitation | Decision:
    response = follow_up.response
    first = response.invitation.channel if response.invitation else Channel.EMAIL
    return ask_person(
        follow_up.customer_id,
        ensure_fixed_survey(at, response.version.survey.brand),
        at=at,
        purpose=Purpose.OTHER,
        touchpoint=response.touchpoint,
        channels=served((first, *(channel for channel in (Channel.EMAIL, Channel.SMS) if channel != first))),
        expires=at + CHECK_WORTH,
        closes=at + CHECK_WORTH,
    )


def _reopen(follow_up: FollowUp, at: datetime) -> None:
    note(follow_up, f"The customer says it is not fixed. Done before: {follow_up.action}", by_id=None, at=at)
    follow_up.state, follow_up.closed_at, follow_up.action = FollowUp.State.OPEN, None, ""
    follow_up.check_invitation, follow_up.due_at = None, due_time(at)
    follow_up.reopened += 1
    follow_up.save()
