"""A colleague sends a message to herself, through the gateway that customers' messages take.

It is no contact of a customer: nothing of it is in the ledger, and an answer to it is a test. But it leaves the house,
so it is counted, logged without the address, never goes to an address whose owner said no, and not while everything is
paused. A pause of one channel or program does not hold it: it is how one looks whether that is mended.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from django.conf import settings
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth import get_user_model
from django.contrib.contenttypes.models import ContentType
from django.db import transaction

from contacts.explaining import say_unfit
from contacts.identity import normalise_email, normalise_phone
from contacts.models import Identifier
from contacts.models.words import Channel
from contacts.persons import ADDRESS_TYPES, read_persons, read_records
from contacts.sharing import unfit_line
from surveys.channels.base import ChannelError, Fate, FateUnknownError, Message, Sent
from surveys.channels.gateways import GATEWAYS, gateway_name
from surveys.models import SurveyVersion
from surveys.pausing import pause_of_everything
from surveys.previewing import Wanted, preview, with_first_words
from surveys.trial_links import trial_url

MARK = "[Test]"
MOST = 20
WITHIN = timedelta(hours=1)
LOGGED = "Test message"
"""The log's words begin with it: by it the messages of the last hour are found again."""


class TrialRefusedError(ValueError):
    """A test message that is not sent; the text says why."""


class Outcome(StrEnum):
    """What became of a test message."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Told:
    """What the gateway made of the message; `detail` in its own words, may be empty."""

    outcome: Outcome
    detail: str = ""


def send_trial(wanted: Wanted, channel: str, to: str, *, at: datetime, by_id: int) -> Told:
    """Send a message to an address that the colleague typed, and return what became of it.

    Not to be called in a transaction: none may be open during the call of the gateway. Raises IdentityError for what is
    no address of the channel, and TrialRefusedError for one that gets none, after too many messages, or while all is
    paused.
    """
    address = normalise_phone(to, settings.DEFAULT_PHONE_REGION) if channel == Channel.SMS else normalise_email(to)
    _refuse_while_paused()
    if line := unfit_line(address, channel):
        raise TrialRefusedError(f"Nothing is sent there: {say_unfit(line, channel)}. Choose another one.")
    _refuse_unwilling(channel, address)
    program_id = wanted.program.pk if wanted.program else 0
    message = preview(wanted, channel, at, link=trial_url(wanted.version.pk, program_id, wanted.language, channel, at))
    entry = _log(wanted, channel, at, by_id)
    marked = replace(with_first_words(message, MARK), recipient=address, reference=f"test-{entry.pk}", key="")
    told = _told(_hand_over(marked))
    entry.change_message = f"{entry.change_message} Outcome: {told.outcome}."
    entry.save(update_fields=["change_message"])
    return told


def _refuse_while_paused() -> None:
    """Raise TrialRefusedError while the kill switch is on."""
    if pause := pause_of_everything():
        raise TrialRefusedError(
            f"Everything is paused, and nothing leaves the house, no test either. Reason: {pause.reason} "
            "Resume “Everything” on the page Sending, then send the test again."
        )


def _refuse_unwilling(channel: str, address: str) -> None:
    """Raise TrialRefusedError for the address of a customer who said no, or one that does not work any more."""
    known = list(Identifier.objects.filter(type=ADDRESS_TYPES[Channel(channel)], value=address))
    if known and all(identifier.closed_at for identifier in known):
        raise TrialRefusedError("Messages to this address came back: it is closed. Choose another one.")
    persons = read_persons(read_records({identifier.customer_id for identifier in known}))
    if any({channel, "all"} & person.facts.opt_outs for person in persons.values()):
        raise TrialRefusedError(
            f"A customer with this address said no to {Channel(channel).label}: nothing is sent there, and no test "
            "either. Choose another address."
        )


@transaction.atomic
def _log(wanted: Wanted, channel: str, at: datetime, by_id: int) -> LogEntry:
    """Note in the admin's log that a message is about to go out, one colleague at a time, so that the count holds."""
    get_user_model().objects.select_for_update(no_key=True).get(pk=by_id)
    mine = LogEntry.objects.filter(user_id=by_id, action_time__gt=at - WITHIN, change_message__startswith=LOGGED)
    if mine.count() >= MOST:
        raise TrialRefusedError(f"You sent {MOST} test messages within an hour. Wait a little before the next one.")
    program = f" of program {wanted.program.slug}" if wanted.program else ""
    return LogEntry.objects.create(
        user_id=by_id,
        content_type=ContentType.objects.get_for_model(SurveyVersion),
        object_id=str(wanted.version.pk),
        object_repr=str(wanted.version)[:200],
        action_flag=CHANGE,
        action_time=at,
        change_message=f"{LOGGED} by {channel}: {wanted.purpose}{program}, in “{wanted.language}”.",
    )


def _hand_over(message: Message) -> Fate:
    try:
        return GATEWAYS[gateway_name(message.channel)].send(message)
    except (ChannelError, FateUnknownError) as fate:
        return fate


def _told(fate: Fate) -> Told:
    match fate:
        case Sent():
            return Told(Outcome.ACCEPTED)
        case ChannelError():
            return Told(Outcome.REFUSED, str(fate))
        case FateUnknownError():
            return Told(Outcome.UNKNOWN, str(fate))
