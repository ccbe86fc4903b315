"""A place that the gate granted becomes an invitation."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from django.db import transaction

from contacts.gate import Ask, reserve
from contacts.models import Contact, Customer, Decision, Touchpoint
from surveys.links import signing_key
from surveys.models import Invitation, SurveyVersion

WAITING = (Invitation.State.PLANNED, Invitation.State.CLAIMED)
NO_WAY_THERE = ("no-address", "closed-address")


@transaction.atomic
def ask_person(
    customer_id: int,
    version: SurveyVersion,
    *,
    at: datetime,
    purpose: str,
    channels: tuple[str, ...],
    expires: datetime,
    closes: datetime,
    touchpoint: Touchpoint | None = None,
    first: Invitation | None = None,
) -> Invitation | Decision:
    """Plan one invitation beside the programs' own, if the rules allow it by `expires`; else return their decision.

    `first`: the invitation that this one reminds of; a reminder of it that still waits is returned as it is.
    """
    customer, program = Customer.objects.get(pk=customer_id), first.program if first else None
    if first and (waiting := _waiting_reminder(first)):
        return waiting
    survey, slug, about = version.survey.slug, program.slug if program else "", touchpoint.pk if touchpoint else None
    simulated = customer.simulated or (touchpoint is not None and touchpoint.simulated)
    ask = Ask(customer_id, at, channels, purpose, survey, slug, about, expires, 0, version.seconds, simulated=simulated)
    [grant] = reserve([ask], at=at, stage=Decision.Stage.PERSON)
    give_way(grant.gave_way)
    if grant.contact is None:
        return grant.decision
    invitation = granted(ask, grant.contact, version, language=customer.language, expires=expires, closes=closes, at=at)
    invitation.first, invitation.program = first, program
    invitation.save()
    return invitation


def _waiting_reminder(first: Invitation) -> Invitation | None:
    """The reminder of an invitation that still waits; nobody else adds one until the transaction ends."""
    Invitation.objects.select_for_update().get(pk=first.pk)
    return Invitation.objects.filter(first=first, state__in=WAITING).first()


def granted(
    ask: Ask,
    contact: Contact,
    version: SurveyVersion,
    *,
    language: str,
    expires: datetime,
    closes: datetime,
    at: datetime,
) -> Invitation:
    """Return the invitation (not saved) for a place that the gate reserved; an empty language is that of the brand."""
    return Invitation(
        touchpoint_id=ask.touchpoint_id,
        customer_id=ask.customer_id,
        version=version,
        contact=contact,
        purpose=ask.purpose,
        channel=contact.channel,
        address=contact.address,
        language=language or version.survey.brand.default_language,
        due_at=contact.at,
        expires_at=expires,
        closes_at=closes,
        link_key=signing_key(),
        simulated=ask.simulated,
        created_at=at,
    )


def give_way(decisions: Iterable[Decision]) -> None:
    """Bring those invitations in line whose places were taken: planned for later, or not sent; see `Grant.gave_way`.

    One that a delivery holds just now is left to it: the check at hand-over finds what became of its place.
    """
    lost = {decision.contact_id: decision for decision in decisions}
    if not lost:
        return
    planned = Invitation.objects.filter(contact__in=lost.keys(), state=Invitation.State.PLANNED).order_by("pk")
    free = planned.select_for_update(of=("self",), no_key=True, skip_locked=True).select_related("contact")
    invitations = list(free)
    for invitation in invitations:
        decision = lost[invitation.contact_id]
        if decision.result == Decision.Result.SKIP:
            invitation.state = Invitation.State.CANCELLED
            invitation.state_reason = main_reason(decision.reasons)["rule"]
        else:
            invitation.closes_at += invitation.contact.at - invitation.due_at
            invitation.due_at = invitation.contact.at
    Invitation.objects.bulk_update(invitations, ["due_at", "closes_at", "state", "state_reason"])


def main_reason(reasons: Sequence[Mapping[str, str]]) -> Mapping[str, str]:
    """Return the reason to name where there is room for one: that of the first channel with an address.

    Expiry is named only where it is the whole story: it ends every delay that is too long, and what delays says more.
    """
    without = {reason["channel"] for reason in reasons if reason["rule"] in NO_WAY_THERE}
    reachable = [reason for reason in reasons if reason["channel"] not in without] or reasons
    told = [reason for reason in reachable if reason["channel"] == reachable[0]["channel"]]
    return next((reason for reason in told if reason["kind"] != "expiry"), told[-1])
