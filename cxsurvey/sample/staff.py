"""What the made-up shop does about unhappy answers (taken over, called where wished, closed) and unclear replies."""

from datetime import datetime, timedelta
from zlib import crc32

import numpy as np

from contacts.gate import log_call
from contacts.models import Decision
from contacts.models.words import Outcome
from cxsurvey.sample.truth import TRUTH
from recovery.followups import assign, close, open_due, reopen_unfixed
from recovery.models import FollowUp
from surveys.reply_list import mark_seen, to_read

SEEN_AFTER = timedelta(hours=20)
TAKEN_AFTER = timedelta(days=1)
CLOSED_AFTER = timedelta(days=3)
#: In the last days of the data nobody gets round to it, so that the start page has something to show.
LEFT_ALONE = timedelta(days=12)
TALK_SECONDS = 240

ACTIONS = {
    "purchase": ("Corrected the order and refunded the difference.", "Put the missing album aside and sent it free."),
    "service_call": ("Refunded the amount and said sorry.", "Had the technician look at it again; it works now."),
    "chat": ("Answered the question by email, with the steps.", "Changed the order as it was asked for in the chat."),
    "delivery": ("Sent a new copy by express post.", "Complained to the carrier and refunded the postage."),
}
NO_ACTION = (
    "The order was sent back and refunded before the answer came.",
    "Asked by email what went wrong; no reply within two days.",
)


def see_to_follow_ups(at: datetime, end: datetime, staff_id: int) -> None:
    """Open, reopen, take over and close what is due at `at`; after `end` less some days only open and reopen."""
    open_due(at)
    reopen_unfixed(at)
    if at > end - LEFT_ALONE:
        return
    waiting = FollowUp.objects.filter(state=FollowUp.State.OPEN).select_related("response__touchpoint", "owner")
    for follow_up in waiting.filter(owner=None, opened_at__lte=at - TAKEN_AFTER):
        assign(follow_up, staff_id, by_id=staff_id, at=at)
    for follow_up in waiting.filter(owner=staff_id, opened_at__lte=at - CLOSED_AFTER):
        _finish(follow_up, staff_id, at)


def see_to_replies(at: datetime, end: datetime, staff_id: int) -> None:
    """Let somebody see to the replies by SMS that wait for a person; not in the last days before `end`."""
    if at <= end - LEFT_ALONE:
        mark_seen(
            list(to_read().filter(received_at__lte=at - SEEN_AFTER).values_list("pk", flat=True)), by_id=staff_id, at=at
        )


def _finish(follow_up: FollowUp, staff_id: int, at: datetime) -> None:
    """Close a follow-up: after a call where she wished for one and may be called, else with what was done, by lot."""
    touchpoint = follow_up.response.touchpoint
    kind, key = (touchpoint.kind, touchpoint.external_id) if touchpoint else ("purchase", "")
    rng = np.random.default_rng([TRUTH.seed, 4, crc32(key.encode())])
    action, no_action_reason = str(rng.choice(ACTIONS[kind])), ""
    if follow_up.trigger == FollowUp.Trigger.CONTACT_WISH:
        called = log_call(follow_up.customer_id, Outcome.COMPLETED, at=at, by_id=staff_id, seconds=TALK_SECONDS)
        action = f"Called back. {action}" if called.result == Decision.Result.SEND else action
    elif rng.random() < TRUTH.no_action:
        action, no_action_reason = "", str(rng.choice(NO_ACTION))
    close(follow_up, action=action, no_action_reason=no_action_reason, by_id=staff_id, at=at)
