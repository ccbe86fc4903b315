"""What a customer may see and take away of what this room knows of her (GDPR, articles 15 and 20)."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeAlias

from django.db.models import Q, QuerySet

from contacts.explaining import say_decision
from contacts.models import (
    Appointment,
    ConsentEvent,
    Contact,
    Customer,
    Decision,
    Event,
    Identifier,
    OptOut,
    Override,
    Proposal,
    Touchpoint,
    Wish,
)
from contacts.models.words import CLOCK_EVENTS, RELEASED

OwnData: TypeAlias = dict[str, list[dict[str, Any]]]
"""Name of a part -> its rows, each by column; values are texts, numbers, instants, lists and mappings of these."""


def own_data(records: Collection[int], zone: str) -> OwnData:
    """Return all that is kept about the person with these records, the oldest first; `zone` is hers, for texts."""
    return {
        "person": rows(Customer.objects.filter(pk__in=records), PERSON_COLUMNS),
        "addresses": rows(Identifier.objects.filter(customer__in=records), ADDRESS_COLUMNS),
        "experiences": rows(Touchpoint.objects.filter(customer__in=records).order_by("occurred_at"), VISIT_COLUMNS),
        "events": rows(Event.objects.filter(customer__in=records).order_by("occurred_at"), EVENT_COLUMNS),
        "contacts": rows(Contact.objects.filter(customer__in=records).order_by("at"), CONTACT_COLUMNS),
        "refusals": rows(OptOut.objects.filter(customer__in=records).order_by("at"), REFUSAL_COLUMNS),
        "wishes": rows(Wish.objects.filter(customer__in=records).order_by("at"), WISH_COLUMNS),
        "consents": rows(ConsentEvent.objects.filter(customer__in=records).order_by("at"), CONSENT_COLUMNS),
        "overrides": rows(Override.objects.filter(customer__in=records).order_by("at"), OVERRIDE_COLUMNS),
        "appointments": rows(Appointment.objects.filter(customer__in=records).order_by("at"), APPOINTMENT_COLUMNS),
        "compared": rows(
            Proposal.objects.filter(Q(first__in=records) | Q(second__in=records)).order_by("found_at"), PAIR_COLUMNS
        ),
        "decisions": [
            _decision(decision, zone)
            for decision in Decision.objects.filter(customer__in=records).order_by("decided_at")
        ],
    }


def contacts_between(records: Collection[int], since: datetime, until: datetime) -> int:
    """Return how often we have contacted the person from `since` on and before `until`, by any channel."""
    contacts = Contact.objects.filter(customer__in=records, at__gte=since, at__lt=until)
    return contacts.exclude(purpose__in=CLOCK_EVENTS).exclude(outcome__in=RELEASED).count()


def rows(found: QuerySet[Any], columns: Sequence[str]) -> list[dict[str, Any]]:
    """Return the columns of each row, without those that are empty."""
    return [_filled(row) for row in found.values(*columns)]


PERSON_COLUMNS = (
    "name",
    "source",
    "external_id",
    "account__name",
    "language",
    "country",
    "time_zone",
    "value",
    "attributes",
)
ADDRESS_COLUMNS = (
    *("type", "issuer", "value", "first_seen_at", "last_seen_at", "verified_at", "closed_at", "closed_reason"),
)
PAIR_COLUMNS = ("found_at", "state", "decided_at")
VISIT_COLUMNS = (
    *("occurred_at", "kind", "channel", "direction", "agent", "team", "product", "reference", "outcome", "value"),
    *("source", "external_id", "attributes"),
)
EVENT_COLUMNS = ("occurred_at", "name", "source__name", "body")
CONTACT_COLUMNS = ("at", "purpose", "channel", "outcome", "survey", "program", "source", "seconds")
REFUSAL_COLUMNS = ("at", "channel", "via", "wording", "reopened_at")
WISH_COLUMNS = ("at", "kind", "pause_until", "once_in_days", "channel", "hours", "via", "withdrawn_at")
CONSENT_COLUMNS = (
    *("at", "said", "channel", "asked", "via", "source", "language", "shown", "version", "wording", "evidence"),
    "recorded_at",
)
OVERRIDE_COLUMNS = ("at", "channel", "reason", "ends_at")
APPOINTMENT_COLUMNS = ("at", "starts_at", "ends_at", "state")


def _decision(decision: Decision, zone: str) -> dict[str, Any]:
    why = say_decision(decision.result, decision.allowed_at, decision.reasons, zone)
    about = {"decided_at": decision.decided_at, "purpose": decision.purpose, "channel": decision.channel}
    return _filled(about | {"decision": decision.result, "why": why})


def _filled(row: Mapping[str, Any]) -> dict[str, Any]:
    return {column: value for column, value in row.items() if value not in ("", None, {}, [])}
