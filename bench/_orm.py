"""The same wave by the ORM: batches of 1,000 customers with their history prefetched, no lock.

Fair to the ORM: it compares what it has prefetched and counts days of 24 hours, which is less than the evaluator does.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Prefetch

from bench._world import AT, DAY, POLICY
from contacts.frequency.facts import RELEASED
from contacts.frequency.hours import Week, first_open
from contacts.frequency.policy import Policy, parse_policy
from contacts.models import Contact, Customer, Decision, Identifier, OptOut, PolicyVersion, Touchpoint
from contacts.newest import refresh
from surveys.links import signing_key
from surveys.models import Invitation, Program, SurveyVersion

BATCH = 1_000
YEAR = timedelta(days=365)


def plan(customers: int) -> dict[str, Any]:
    """Plan for the first customers; returns how many were decided about and asked."""
    planner = _Planner()
    asked = sum(planner.batch(range(first, first + BATCH)) for first in range(1, customers + 1, BATCH))
    return {"touchpoints": customers, "asked": asked}


class _Planner:
    def __init__(self) -> None:
        self.program = Program.objects.select_related("survey").get()
        self.version = SurveyVersion.objects.get(state=SurveyVersion.State.PUBLISHED)
        self.policy_version, self.policy = PolicyVersion.objects.get(in_force=True), parse_policy(POLICY)
        self.alike = {"channel": "email", "purpose": "invitation"}
        self.named = self.alike | {"survey": self.program.survey.slug, "program": self.program.slug}

    @transaction.atomic
    def batch(self, ids: Sequence[int]) -> int:
        """Decide about these customers and write what follows; returns how many are asked."""
        contacts: list[Contact] = []
        decisions: list[Decision] = []
        invitations: list[Invitation] = []
        for touchpoint in self._touchpoints(ids):
            customer = touchpoint.customer
            expires = touchpoint.occurred_at + self.program.worth
            reasons, allowed = _decide(self.policy, customer, expires)
            asked = allowed is not None and allowed <= expires
            contact = self._contact(customer, allowed, expires) if asked and allowed else None
            decisions.append(self._decision(touchpoint, contact, reasons, allowed))
            if contact:
                contacts.append(contact)
                invitations.append(self._invitation(touchpoint, contact, expires))
        Contact.objects.bulk_create(contacts)
        Decision.objects.bulk_create(decisions)
        Invitation.objects.bulk_create(invitations)
        refresh([contact.customer_id for contact in contacts])
        return len(contacts)

    def _touchpoints(self, ids: Sequence[int]) -> Iterator[Touchpoint]:
        recent = Contact.objects.filter(at__gt=AT - YEAR).exclude(outcome__in=RELEASED).order_by("-at")
        addresses = Identifier.objects.filter(type="email", closed_at=None)
        return (
            Touchpoint.objects.filter(customer_id__in=ids, occurred_at__lte=AT - self.program.delay)
            .exclude(decisions__program=self.program.slug, decisions__stage=Decision.Stage.PLAN)
            .select_related("customer")
            .prefetch_related(
                Prefetch("customer__contacts", recent.only("customer_id", "at", "channel"), "recent"),
                Prefetch("customer__identifiers", addresses.only("customer_id"), "addresses"),
                Prefetch("customer__opt_outs", OptOut.objects.filter(reopened_at=None), "refusals"),
            )
            .iterator(BATCH)
        )

    def _contact(self, customer: Customer, at: datetime, expires: datetime) -> Contact:
        times = {"at": at, "expires_at": expires, "recorded_at": AT, "updated_at": AT}
        place = {"customer": customer, "address": customer.addresses[0], "seconds": self.version.seconds, "priority": 0}
        return Contact(**place, **times, **self.named, outcome="reserved", source="cxsurvey")

    def _decision(
        self, touchpoint: Touchpoint, contact: Contact | None, reasons: list[dict[str, Any]], allowed: datetime | None
    ) -> Decision:
        result = "skip" if contact is None else "send" if allowed == AT else "delay"
        about = {
            "customer_id": touchpoint.customer_id,
            "touchpoint": touchpoint,
            "contact": contact,
            "reasons": reasons,
        }
        times = {"at": AT, "allowed_at": allowed, "decided_at": AT}
        return Decision(**about, **times, **self.named, result=result, stage="plan", policy_version=self.policy_version)

    def _invitation(self, touchpoint: Touchpoint, contact: Contact, expires: datetime) -> Invitation:
        about = {"touchpoint": touchpoint, "customer_id": contact.customer_id, "contact": contact}
        closes = contact.at + timedelta(days=self.program.link_days)
        times = {"due_at": contact.at, "expires_at": expires, "closes_at": closes, "created_at": AT}
        fixed = {"program": self.program, "version": self.version, "address": contact.address}
        return Invitation(**about, **times, **fixed, **self.alike, language="en", link_key=signing_key())


def _decide(policy: Policy, customer: Any, expires: datetime) -> tuple[list[dict[str, Any]], datetime | None]:
    """Every reason against asking a customer at AT by email, and the first instant without any."""
    reasons: list[dict[str, Any]] = []
    room = AT
    if customer.refusals:
        reasons.append({"rule": "opt-out", "kind": "consent", "channel": "email"})
    for cap in policy.caps:
        days = int(cap.window.days) * DAY  # type: ignore[union-attr]  # the policy of the benchmark has days only
        instants = [
            contact.at
            for contact in customer.recent
            if contact.at > AT - days and (not cap.channels or contact.channel in cap.channels)
        ]
        if len(instants) >= cap.limit:
            until = instants[cap.limit - 1] + days
            used = {"used": len(instants), "limit": cap.limit, "until": until.isoformat()}
            reasons.append({"rule": cap.name, "kind": "cap", **used, "channel": "email"})
            room = max(room, until)
    zone = ZoneInfo(customer.time_zone)
    week = policy.hours["email"]
    if not isinstance(week, Week):
        raise TypeError("The policy of the benchmark has hours for email.")
    if (opens := first_open(week, (zone,), AT)) != AT:
        reasons.append({"rule": "hours", "kind": "hours", "until": opens and opens.isoformat(), "channel": "email"})
    allowed = None if customer.refusals else first_open(week, (zone,), room)
    if allowed and allowed > expires:
        reasons.append({"rule": "expiry", "kind": "expiry", "channel": "email"})
    return reasons, allowed
