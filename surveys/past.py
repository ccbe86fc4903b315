"""Hands over what customers were asked and answered in a month that lies far back, without their words."""

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from django.db.models import Q

from contacts.past import Past
from surveys.models import Attempt, CallAttempt, CallCase, IncomingSms, Invitation, OutboxMessage, Response
from surveys.retention import forget_comments


class Contacts(NamedTuple):
    """Ids of the ledger: of what is handed over, and of what of the same person stays."""

    linked: Collection[int]
    kept: Collection[int]


def hand_over(past: Past, *, at: datetime) -> Contacts:
    """Hand a month over; return which contacts go along."""
    own = Invitation.objects.filter(customer__in=past.records)
    about_none = Q(touchpoint=None, contact__at__gte=past.since, contact__at__lt=past.until)
    moved = list(own.filter(Q(touchpoint__in=past.touchpoints) | about_none).values_list("pk", "contact"))
    invitations = [pk for pk, _ in moved]
    calls = CallAttempt.objects.filter(case__customer__in=past.records).exclude(contact=None)
    of_cases = set(calls.filter(case__touchpoint__in=past.touchpoints).values_list("contact", flat=True))
    linked = {contact for _, contact in moved} | of_cases
    kept = {*own.values_list("contact", flat=True), *calls.values_list("contact", flat=True)} - linked
    _hand_over_answers(past, invitations, at)
    _hand_over_messages(past, invitations)
    return Contacts(linked, kept)


def _hand_over_answers(past: Past, invitations: Collection[int], at: datetime) -> None:
    loose = Q(touchpoint=None, invitation=None, answered_at__gte=past.since, answered_at__lt=past.until)
    answered = Response.objects.filter(Q(touchpoint__in=past.touchpoints) | Q(invitation__in=invitations) | loose)
    responses = list(answered.filter(customer__in=past.records).values_list("pk", flat=True))
    forget_comments(responses, at)
    Response.objects.filter(pk__in=responses).update(customer=past.to, external_id="")


def _hand_over_messages(past: Past, invitations: Collection[int]) -> None:
    attempts = Attempt.objects.filter(invitation__in=invitations)
    OutboxMessage.objects.filter(attempt__in=attempts).delete()
    attempts.update(detail="")
    CallAttempt.objects.filter(case__touchpoint__in=past.touchpoints).update(note="")
    CallCase.objects.filter(touchpoint__in=past.touchpoints).update(customer=past.to, answers={})
    in_month = Q(invitation=None, at__gte=past.since, at__lt=past.until)
    texts = IncomingSms.objects.filter(Q(invitation__in=invitations) | in_month, customer__in=past.records)
    texts.update(customer=past.to, sender="", text="", for_person="")
    Invitation.objects.filter(pk__in=invitations).update(customer=past.to, address=None, state_reason="")
