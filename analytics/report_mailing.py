"""Scheduled reports go out: each due one is made into mails once, and each mail is handed over once.

A mail is claimed by a conditional update before its report is made, and marked again right before it is handed over:
what a dead worker has left is therefore either surely not sent, and tried again, or of unknown fate, and left alone.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from django.contrib.auth.models import User
from django.db import InterfaceError, OperationalError, transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from analytics.models import ReportMail, ScheduledReport
from analytics.report_mail import MadeReport, as_message, make
from analytics.report_times import Every, next_time
from analytics.reports import RIGHT
from analytics.scope import AGENT
from contacts.readers import Reader, reader_of
from surveys.channels.base import ChannelError, FateUnknownError, Message
from surveys.channels.gateways import GATEWAYS, gateway_name
from surveys.pausing import pause_of_everything

logger = logging.getLogger(__name__)

TRIES = 3
TRY_AGAIN_AFTER = timedelta(minutes=15)
CLAIM_LASTS = timedelta(minutes=15)
"""Three times as long as the queue lets a job run: whoever claimed it is not there any more."""
LONGEST = 300
State = ReportMail.State


def set_due(scheduled: ScheduledReport, at: datetime) -> None:
    """Set when it is sent next, or that it is not."""
    scheduled.due_at = _next(scheduled, at) if scheduled.on else None
    scheduled.save(update_fields=["due_at"])


def make_due(at: datetime) -> None:
    """Make the mails of what is due, once whoever calls it how often; after a long silence one time and not all."""
    for scheduled in ScheduledReport.objects.filter(on=True, due_at__lte=at):
        with transaction.atomic():
            due = ScheduledReport.objects.filter(pk=scheduled.pk, on=True, due_at=scheduled.due_at)
            if scheduled.due_at and due.update(due_at=_next(scheduled, at)):
                recipients = scheduled.recipients.order_by("pk").values_list("pk", flat=True)
                ReportMail.objects.bulk_create(
                    ReportMail(scheduled=scheduled, recipient_id=pk, due_at=scheduled.due_at, next_try_at=at)
                    for pk in recipients
                )


def ask_for_one(scheduled: ScheduledReport, user_id: int, at: datetime) -> None:
    """Make a mail to this user alone; it goes out with the next pass."""
    ReportMail.objects.create(scheduled=scheduled, recipient_id=user_id, due_at=at, next_try_at=at)


def why_not(user: User) -> str:
    """Return why this user gets no report, empty where nothing speaks against it."""
    if not (user.is_active and user.is_staff and user.has_perm(RIGHT)):
        return "May not see reports any more. Give the right back, or take the name off the recipients."
    if not user.email:
        return "Has no email address. Enter it on the user's page."
    return ""


def send_waiting(clock: Callable[[], datetime]) -> None:
    """Hand over every mail that waits. No transaction may be open. Safe to run any number of times at once."""
    settle_lost(clock())
    if pause_of_everything():
        return
    waiting = ReportMail.objects.filter(state=State.WAITING, next_try_at__lte=clock())
    sending = _Sending(clock)
    for pk in list(waiting.order_by("due_at", "pk").values_list("pk", flat=True)):
        if mail := _claim(pk, clock()):
            sending.send(mail)


def settle_lost(at: datetime) -> None:
    """Settle what workers have left that are not there any more."""
    left = ReportMail.objects.filter(state=State.CLAIMED, claimed_at__lt=at - CLAIM_LASTS)
    left.filter(handed_at__isnull=False).update(
        state=State.UNKNOWN,
        detail="The worker ended while it handed the mail over. Ask whether it came; it is not sent again by itself.",
    )
    told = "The worker ended before it could hand the mail over."
    unsent = left.filter(handed_at=None)
    unsent.filter(tries__gte=TRIES).update(state=State.FAILED, detail=told)
    unsent.filter(tries__lt=TRIES).update(state=State.WAITING, next_try_at=at, detail=told)


def _claim(pk: int, at: datetime) -> ReportMail | None:
    """The mail, where it is still nobody's."""
    free = ReportMail.objects.filter(pk=pk, state=State.WAITING, next_try_at__lte=at)
    if not free.update(state=State.CLAIMED, claimed_at=at, handed_at=None, tries=F("tries") + 1):
        return None
    return ReportMail.objects.select_related("scheduled", "recipient").get(pk=pk)


@dataclass
class _Sending:
    """One pass: what is due for several recipients who may read the same is made once."""

    clock: Callable[[], datetime]
    made: dict[tuple[int, datetime, Reader], MadeReport] = field(default_factory=dict)

    def send(self, mail: ReportMail) -> None:
        """Make a claimed mail, hand it over, and note what became of it."""
        if refusal := why_not(mail.recipient) or _why_hidden(mail):
            _note(mail, State.FAILED, refusal)
        elif (message := self._message(mail)) and _own(mail).update(handed_at=self.clock()):
            self._hand_over(mail, message)

    def _message(self, mail: ReportMail) -> Message | None:
        """The message; where an error of ours stops it, it is logged and tried again, and the others go on."""
        at, reader = self.clock(), reader_of(mail.recipient)
        key = mail.scheduled_id, mail.due_at, replace(reader, user_id=None)
        try:
            if key not in self.made:
                self.made[key] = make(mail.scheduled, mail.due_at, at, key[2])
            return as_message(self.made[key], mail, at)
        except (OperationalError, InterfaceError):
            raise  # the database is in trouble, and not a report
        except Exception as error:
            logger.exception("Could not make the report %s; the others go on.", mail.scheduled)
            self._try_again(mail, f"The report could not be made. {type(error).__name__}: {error}")
            return None

    def _hand_over(self, mail: ReportMail, message: Message) -> None:
        try:
            GATEWAYS[gateway_name("email")].send(message)
        except ChannelError as error:
            if error.permanent:
                _note(mail, State.FAILED, str(error))
            else:
                self._try_again(mail, str(error))
        except FateUnknownError as error:
            _note(mail, State.UNKNOWN, f"{error} Ask whether it came; it is not sent again by itself.")
        else:
            _note(mail, State.SENT, "", sent_at=self.clock())

    def _try_again(self, mail: ReportMail, told: str) -> None:
        if mail.tries >= TRIES:
            _note(mail, State.FAILED, f"Tried {TRIES} times. {told}")
        else:
            _note(mail, State.WAITING, told, next_try_at=self.clock() + TRY_AGAIN_AFTER)


def _why_hidden(mail: ReportMail) -> str:
    """Why what the report is about is nothing for the recipient; empty where nothing speaks against it."""
    if mail.scheduled.filters.get(AGENT) and not reader_of(mail.recipient).personal:
        return "It is about one agent, and may not see names. Give the right, or take the name off the recipients."
    return ""


def _own(mail: ReportMail) -> QuerySet[ReportMail]:
    """The row, as long as the claim under which it was read is still ours."""
    return ReportMail.objects.filter(pk=mail.pk, state=State.CLAIMED, claimed_at=mail.claimed_at)


def _note(mail: ReportMail, state: ReportMail.State, told: str, **fields: datetime) -> None:
    _own(mail).update(state=state, detail=told[:LONGEST], **fields)


def _next(scheduled: ScheduledReport, at: datetime) -> datetime:
    zone = timezone.get_default_timezone()
    return next_time(Every(scheduled.every), scheduled.day, scheduled.hour, after=at, zone=zone)
