"""What a customer asks for instead of answering: another time, less often, not at all."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from contacts import consent
from contacts.models import Customer
from contacts.models.words import Channel, Purpose, Via
from contacts.persons import read_persons, read_records
from contacts.proof import UNPROVEN, Proof
from surveys.asking import WAITING, ask_person
from surveys.models import Invitation
from surveys.texts import zone

#: What can be asked for with one tap: in how many days to ask again, and the fewest days between two contacts.
LATER_DAYS = (1, 7)
LESS_DAYS = (90, 180)
LONGEST_PAUSE = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class Noted:
    """What a person has asked for and is in force: channels that are stopped (empty: everything), and the rest.

    `preferred` and `reachable` are the channel that was wished for, may be empty, and those that are left to choose.
    """

    stopped: tuple[str, ...]
    once_in_days: int | None
    pause_until: datetime | None
    reminder_at: datetime | None
    preferred: str = ""
    reachable: tuple[str, ...] = ()

    @property
    def nothing(self) -> bool:
        """Whether no wish is in force."""
        return not (self.stopped or self.once_in_days or self.pause_until or self.preferred)


def local_days_later(customer: Customer, at: datetime, days: int) -> datetime:
    """Return the instant at which the customer's clock shows the same time, so many days later."""
    return (at.astimezone(zone(customer)) + timedelta(days=days)).astimezone(UTC)


def another_time(invitation: Invitation, days: int, *, at: datetime, proof: Proof = UNPROVEN) -> None:
    """Leave the customer in peace for so many days, then remind of this invitation if the rules allow it.

    The pause stands whatever becomes of the reminder. One that waits already will find the new pause at hand-over.
    """
    until = local_days_later(invitation.customer, at, days)
    consent.pause(invitation.customer_id, until, at=at, via=Via.LINK, proof=proof)
    if until < invitation.closes_at:
        # Asked for now: the pause is one of the rules, so the first allowed instant is the end of it or later.
        ask_person(
            invitation.customer_id,
            invitation.version,
            at=at,
            purpose=Purpose.REMINDER,
            touchpoint=invitation.touchpoint,
            channels=(invitation.channel,),
            expires=invitation.closes_at,
            closes=invitation.closes_at,
            first=invitation,
        )


def less_often(invitation: Invitation, days: int, *, at: datetime, proof: Proof = UNPROVEN) -> None:
    """Contact the customer at most once in so many days from now on."""
    consent.ask_less(invitation.customer_id, days, at=at, via=Via.LINK, proof=proof)


def stop(invitation: Invitation, channel: str, *, at: datetime, proof: Proof = UNPROVEN) -> None:
    """Never contact the customer by this channel again, or not at all where it is empty."""
    consent.opt_out(invitation.customer_id, channel, at=at, via=Via.LINK, proof=proof)


def prefer(invitation: Invitation, channel: str, *, at: datetime, proof: Proof = UNPROVEN) -> None:
    """Contact the customer by this channel wherever a program offers it. Raises ConsentError for an unknown one."""
    consent.prefer(invitation.customer_id, channel, at=at, via=Via.LINK, proof=proof)


def pause_until(invitation: Invitation, day: date, *, at: datetime, proof: Proof = UNPROVEN) -> None:
    """Leave the customer in peace until a day begins by her clock. Raises ConsentError for one that is not ahead."""
    begins = datetime.combine(day, time(), zone(invitation.customer)).astimezone(UTC)
    consent.pause(invitation.customer_id, begins, at=at, via=Via.LINK, proof=proof)


def pause_days(customer: Customer, at: datetime) -> tuple[date, date]:
    """Return the first and the last day until which the customer can ask to be left in peace: tomorrow, in a year."""
    return local_days_later(customer, at, 1).astimezone(zone(customer)).date(), (
        (at + LONGEST_PAUSE).astimezone(zone(customer)).date()
    )


def take_all_back(invitation: Invitation, *, at: datetime, proof: Proof = UNPROVEN) -> None:
    """Forget every wish and every stop of the customer from now on."""
    consent.take_all_back(invitation.customer_id, at=at, via=Via.LINK, proof=proof)


def noted(invitation: Invitation, at: datetime) -> Noted:
    """Return every wish of the person that is in force at an instant, by whichever way it came."""
    person = read_persons(read_records([invitation.customer_id]))[invitation.customer_id]
    facts = person.facts
    everything = "all" in facts.opt_outs
    waiting = invitation.reminders.filter(state__in=WAITING).values_list("due_at", flat=True)
    return Noted(
        stopped=("",) if everything else tuple(sorted(facts.opt_outs)),
        once_in_days=facts.once_in_days,
        pause_until=facts.pause_until if facts.pause_until and facts.pause_until > at else None,
        reminder_at=None if everything else waiting.first(),
        preferred=person.preferred,
        reachable=()
        if everything
        else tuple(channel for channel in Channel.values if channel in person.addresses.keys() - facts.opt_outs),
    )
