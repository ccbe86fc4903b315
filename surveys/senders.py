"""Who sent an SMS, and which of our questions it can be about."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models.functions import Coalesce

from contacts.identity import IdentityError, normalise_phone
from contacts.models import Brand, Identifier
from contacts.models.customers import PERSON
from contacts.models.words import Channel
from contacts.records import records_of
from surveys.answering import survey_is_open
from surveys.models import Invitation

ARRIVED = (Invitation.State.SENT, Invitation.State.CLAIMED, Invitation.State.UNKNOWN)
"""A customer who replies has got the message, whatever we know about it."""
SKEW = timedelta(minutes=5)
"""So much may a provider's clock be behind ours."""
LOOK_BACK = 20
"""Messages to a number that a reply is tried on, the newest first."""


@dataclass(frozen=True, slots=True)
class Sender:
    """A number and who has it: the identifiers, the one seen last first, and the ids of the persons behind them."""

    number: str
    identifiers: tuple[Identifier, ...]
    persons: frozenset[int]

    @property
    def shared(self) -> bool:
        """Whether several persons have the number, so that nobody can say which of them wrote."""
        return len(self.persons) > 1


@dataclass(frozen=True, slots=True)
class Asked:
    """The invitation that a message is about, never a reminder, and whether it could still be answered then."""

    invitation: Invitation
    open: bool


def number_of(sender: str) -> str:
    """Return a sender in E.164 where it is a phone number, with or without its plus; else as it came."""
    given = sender.strip()
    for written in (given, f"+{given.removeprefix('00')}"):
        try:
            return normalise_phone(written)
        except IdentityError:
            continue
    return given


def who_has(number: str) -> Sender:
    """Return who has the number, also where it is closed: one statement."""
    having = Identifier.objects.filter(type=Identifier.Type.PHONE, issuer="", value=number)
    found = having.annotate(person=PERSON).order_by("-last_seen_at", "-pk")
    identifiers = tuple(found)
    return Sender(number, identifiers, frozenset(identifier.person for identifier in identifiers))


def is_ours(number: str) -> bool:
    """Whether one of our brands sends from this number, so that a reply would come back to us."""
    return number != "" and Brand.objects.filter(sender_phone=number).exists()


def asked_of(sender: Sender, at: datetime) -> Asked | None:
    """Return the newest invitation that could be answered at `at`, else the newest; see `all_asked_of`."""
    asked = all_asked_of(sender, at)
    return next((one for one in asked if one.open), asked[0] if asked else None)


def all_asked_of(sender: Sender, at: datetime) -> list[Asked]:
    """Return the invitations that had gone to the number by SMS at `at`, the newest first, each once.

    A reminder stands for what it reminds of. One statement, and one more for each version that is not asked any more.
    """
    of_them = Invitation.objects.filter(customer__in=records_of(sender.persons), channel=Channel.SMS, replies_to=None)
    there = of_them.filter(address__value=sender.number, state__in=ARRIVED)
    gone = there.annotate(left=Coalesce("sent_at", "claimed_at")).filter(left__lte=at + SKEW).order_by("-left", "-pk")
    needed = gone.select_related(
        "customer", "version__survey__brand", "first__customer", "first__version__survey__brand"
    )
    found = dict.fromkeys(invitation.first or invitation for invitation in needed[:LOOK_BACK])
    return [Asked(invitation, _is_open(invitation, at)) for invitation in found]


def _is_open(invitation: Invitation, at: datetime) -> bool:
    return at <= invitation.closes_at and survey_is_open(invitation.version)
