"""Runs the main job over the sample, day by day: plan, deliver, let the customers answer, see to the unhappy.

Everything goes the way of real customers: the planner, the gate, the channels, the step behind the answer page. A run
that was interrupted goes on where it stopped: what a customer does is drawn from her invitation alone (`answers`), so
it is found again at any time, and no step repeats what is done.
"""

import heapq
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import NamedTuple

from django.db import transaction
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from cxsurvey.models import SampleState
from cxsurvey.sample.answers import Invited, Reaction, react, react_to_check
from cxsurvey.sample.calling import HOURS as CALLING_HOURS
from cxsurvey.sample.calling import call_customers, ensure_interviewers
from cxsurvey.sample.fatigue import contacts_until
from cxsurvey.sample.load import Progress, end_of_data
from cxsurvey.sample.provider import GATEWAY, bounce, complain, empty_addresses
from cxsurvey.sample.staff import see_to_follow_ups, see_to_replies
from surveys.channels.events import IncomingMessage
from surveys.confirming import reply_due
from surveys.delivery import deliver
from surveys.durations import learn_seconds
from surveys.keeping import Seen, keep_page, sitting_of
from surveys.models import Invitation
from surveys.planning import plan
from surveys.questionnaires import questionnaire
from surveys.replying import take_in
from surveys.wishes import LESS_DAYS, less_often, stop

#: Hours (UTC) at which due invitations go out, and the one at which people are at work from California to Berlin.
HOURS = (9, 15, 18, 21)
WORK_HOUR = 15
#: What goes out later than this after the data end is left to be answered by whoever tries the demo.
STILL_ANSWERED = timedelta(days=1)
#: Nobody reacts later than this.
LONGEST = timedelta(days=21)
BETWEEN_TEXTS = timedelta(minutes=2)


class Due(NamedTuple):
    """A reaction that is still to come."""

    at: datetime
    invitation_id: int
    reaction: Reaction


def run(state: SampleState, staff_id: int, progress: Progress) -> None:
    """Run the days that are left; `staff_id` is the user who sees to the unhappy answers."""
    answered = Invitation.objects.filter(sent_at__lt=end_of_data(state.weeks) + STILL_ANSWERED)
    known = answered.filter(sent_at__gt=state.reached - LONGEST, sent_at__lte=state.reached)
    queue = [due for due in reactions(known.filter(response=None)) if due.at > state.reached]
    heapq.heapify(queue)
    end, interviewers, empty = end_of_data(state.weeks), ensure_interviewers(), empty_addresses()
    for day in progress(days_left(state.reached, state.until), "Running the days"):
        for at in day:
            while queue and queue[0].at <= at:
                carry_out(heapq.heappop(queue))
            if at.hour == WORK_HOUR:
                plan(at)
                see_to_follow_ups(at, end, staff_id)
                see_to_replies(at, end, staff_id)
            if at.hour in CALLING_HOURS:
                call_customers(at, end, interviewers)
            reply_due(at)
            deliver(at, worker="demo")
            bounce(at, empty)
            for due in reactions(answered.filter(sent_at=at)):
                heapq.heappush(queue, due)
            state.reached = at
            state.save(update_fields=["reached"])
    learn_seconds()


def days_left(reached: datetime, until: datetime) -> list[list[datetime]]:
    """Return the instants of the passes after `reached`, a list for each day; the last pass is at `until`."""
    start = reached.astimezone(UTC).date()
    days = [start + timedelta(days=n) for n in range((until - reached).days + 2)]
    passes = [[datetime.combine(day, time(hour), UTC) for hour in HOURS] for day in days]
    left = [[at for at in day if reached < at < until] for day in passes]
    return [day for day in left if day] + ([[until]] if reached < until else [])


def reactions(invitations: QuerySet[Invitation]) -> Iterator[Due]:
    """Yield what the customers do about these invitations, and when; nothing for those who do nothing."""
    touchpoint = ("external_id", "kind", "outcome", "team")
    columns = ("pk", "sent_at", "program", *(f"touchpoint__{name}" for name in touchpoint), "channel", "language")
    asked = invitations.filter(state=Invitation.State.SENT, touchpoint__isnull=False, replies_to=None)
    sent = contacts_before(asked)
    for pk, sent_at, program, *facts in sent.values_list(*columns, "contacts_before"):
        invited = Invited(*facts)
        check = f"check-{invited.touchpoint}-{sent_at:%Y-%m-%d}"
        reaction = react(invited) if program else react_to_check(check, invited.channel)
        if reaction.after < LONGEST and (reaction.answers or reaction.stop or reaction.texts):
            yield Due(sent_at + reaction.after, pk, reaction)


def contacts_before(invitations: QuerySet[Invitation]) -> QuerySet[Invitation]:
    """Annotate how often the customer was contacted in the days before the invitation was sent."""
    contacts = contacts_until(OuterRef("customer"), OuterRef("sent_at")).order_by()
    counted = contacts.values("customer").annotate(n=Count("pk")).values("n")
    return invitations.annotate(contacts_before=Coalesce(Subquery(counted), 0))


def carry_out(due: Due) -> None:
    """Let the customer do what she does with an invitation."""
    related = ("customer", "program", "version__survey", "address")
    invitation = Invitation.objects.select_related(*related).get(pk=due.invitation_id)
    if due.reaction.texts:
        write_back(invitation, due)
        return
    if due.reaction.stop == "complaint":
        complain(invitation.pk, due.at)
    if due.reaction.stop == "opt_out":
        stop(invitation, invitation.channel, at=due.at)
    if due.reaction.stop == "ask_less":
        less_often(invitation, LESS_DAYS[0], at=due.at)
    if due.reaction.answers:
        fill_in(invitation, due)


@transaction.atomic
def fill_in(invitation: Invitation, due: Due) -> None:
    """Let the customer send page after page, the last one at `due.at`, until she leaves or it is done."""
    answers, seconds, device = due.reaction.answers, due.reaction.seconds, due.reaction.device
    asked = questionnaire(invitation.version, invitation.language)
    sitting = sitting_of(invitation, asked, due.at)
    page, loaded_at = 1, due.at - timedelta(seconds=seconds)
    for left in reversed(range(due.reaction.pages)):
        given = {question.key: answers[question.key] for question in asked.pages[page - 1] if question.key in answers}
        at = due.at - timedelta(seconds=seconds * left / due.reaction.pages)
        page = keep_page(sitting, page, given, at=at, seen=Seen(loaded_at, device))
        if page == 0:
            return
        sitting, loaded_at = replace(sitting, begun=True), at


def write_back(invitation: Invitation, due: Due) -> None:
    """Let the customer write to the number that her SMS came from, each message some minutes after the other."""
    sender = invitation.address.value if invitation.address else ""
    take_in(
        GATEWAY,
        [
            IncomingMessage(f"{invitation.pk}-{place}", sender, "", text, due.at + place * BETWEEN_TEXTS)
            for place, text in enumerate(due.reaction.texts)
        ],
        due.at + len(due.reaction.texts) * BETWEEN_TEXTS,
    )
