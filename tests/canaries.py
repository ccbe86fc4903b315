"""A small world in which every field that is hidden holds a canary: a word that only some may see."""

from collections.abc import Iterator
from typing import Any

from django.contrib.auth.models import User
from django.db.models import ForeignKey, JSONField, Model
from django_q.models import Task

from analytics.models import ChurnRun, CustomerRisk
from contacts.models import (
    Account,
    Appointment,
    ConsentEvent,
    Contact,
    Customer,
    Event,
    EventMeaning,
    EventSource,
    ImportRun,
    OptOut,
    Override,
    Proposal,
)
from cxsurvey.models import ExportRun
from cxsurvey.personal import hidden_in_tables
from recovery.followups import open_due
from recovery.models import FollowUp, FollowUpNote, WebhookAttempt, WebhookDelivery, WebhookEvent
from surveys.models import Attempt, CallAttempt, IncomingSms, OutboxMessage, ProviderEvent, ProviderRequest
from tests.analytics.reported import make_scheduled
from tests.recovery.webhooks.receivers import make_endpoint
from tests.surveys.answered import make_response
from tests.surveys.makers import NOON, make_case, make_customer, make_invitation, make_open_link

CANARY = "kanari"
ASKED = CANARY[:-1]
"""What finds it; where only this comes back, it was the address that said it."""
SECRETS = {"key", "digest", "secret", "mark", "session_key", "session_data", "args", "kwargs", "payload"}
"""What opens something, tells rows apart or is pickled: no page shows it, and another value would break the rows."""
EMPTY = {"cxsurvey.loginsession", "surveys.opensecret", "surveys.openmark", "django_q.ormq"}
"""Tables that hold nothing of customers in words."""


def make_world(by: User) -> FollowUp:
    """Make a row in each table with something hidden, and put canaries into all of them; return the follow-up."""
    response = make_response(1, "Nobody rang back.", attributes={})
    customer, touchpoint, invitation = response.customer, response.touchpoint, response.invitation
    assert customer is not None
    assert touchpoint is not None
    assert invitation is not None
    Customer.objects.filter(pk=customer.pk).update(account=Account.objects.create(source="test", external_id="h1"))
    make_response(9, "Very quick.", attributes={})
    make_response(3, "Rude.", customer=None, touchpoint=None, invitation=None, open_link=make_open_link())
    open_due(NOON)
    follow_up = FollowUp.objects.order_by("pk")[0]
    FollowUpNote.objects.create(follow_up=follow_up, at=NOON, by=by, text="-")
    OptOut.objects.create(customer=customer, channel="sms", at=NOON, via="call", wording="-")
    said = {"said": "opt_out", "channel": "sms", "at": NOON, "recorded_at": NOON, "via": "call"}
    ConsentEvent.objects.create(customer=customer, wording=f"{CANARY} stop", evidence=f"{CANARY} 1", **said)
    leave = {"customer": customer, "by": by, "at": NOON}
    Override.objects.create(channel="phone", reason="-", ends_at=NOON.replace(hour=20), **leave)
    Appointment.objects.create(starts_at=NOON, ends_at=NOON.replace(hour=13), updated_at=NOON, **leave)
    Contact.objects.filter(customer=customer).update(by=by)
    other = make_customer()
    Proposal.objects.create(first=customer, second=other, why="email", held="name", state="open", found_at=NOON)
    source = EventSource.objects.create(name="shop", sender="events", created_at=NOON)
    about = {"name": "Bought", "occurred_at": NOON, "received_at": NOON, "state": "applied", "customer": customer}
    Event.objects.create(source=source, message_id="m1", type="track", body={}, detail="-", **about)
    EventMeaning.objects.create(source=source, name="Bought", becomes="nothing")
    ImportRun.objects.create(
        subject="customers", source="crm", file_name="list.csv", state="done", asked_at=NOON, finished_at=NOON
    )
    attempt = Attempt.objects.create(
        invitation=invitation, number=1, channel="email", gateway="outbox", started_at=NOON
    )
    OutboxMessage.objects.create(
        attempt=attempt, channel="email", sender="a@example.org", recipient="-", text="-", at=NOON
    )
    make_invitation(state="unknown", state_reason="-", customer=customer, touchpoint=touchpoint)
    ProviderRequest.objects.create(gateway="kannel", query="-", body="-", received_at=NOON)
    ProviderEvent.objects.create(gateway="kannel", key="k", status="failed", at=NOON, received_at=NOON, attempt=attempt)
    case = make_case(touchpoint)
    CallAttempt.objects.create(case=case, outcome="no_answer", at=NOON, by=by, note="-")
    IncomingSms.objects.create(
        gateway="test", key="s1", sender="-", recipient="+1", text="-", at=NOON, received_at=NOON, customer=customer
    )
    make_scheduled(by)
    run = ChurnRun.objects.create(at=NOON, days=90, refusal="too few customers")
    CustomerRisk.objects.create(run=run, customer=customer, probability=0.4, base=0.0, reasons=[], gone_quiet=True)
    event = WebhookEvent.objects.create(
        uid="e1", type="score.low", subject=1, as_of=NOON, customer=customer, happened_at=NOON, made_at=NOON
    )
    delivery = WebhookDelivery.objects.create(endpoint=make_endpoint(personal=True), event=event, next_try_at=NOON)
    WebhookAttempt.objects.create(delivery=delivery, at=NOON, seconds=1, answer="-")
    Task.objects.create(id="t1", name="t", func="f", started=NOON, stopped=NOON, success=False)
    ExportRun.objects.create(table="touchpoints", format="csv", by=by, asked_at=NOON, personal=True)
    for table, names in hidden_in_tables():
        if not table._meta.proxy and table is not ConsentEvent:  # which is only ever added to
            _put_canaries(table, names - SECRETS)
    return follow_up


def _put_canaries(table: type[Model], names: frozenset[str]) -> None:
    for row in table._default_manager.all():
        values = {field.name: _canary(row, field) for field in table._meta.concrete_fields if field.name in names}
        table._default_manager.filter(pk=row.pk).update(**{name: value for name, value in values.items() if value})


def _canary(row: Model, field: Any) -> Any:
    """What is put into a field; nothing into answers that are no words, and where colleagues stand."""
    known = getattr(row, field.attname)
    if isinstance(field, ForeignKey) or (row._meta.label_lower == "surveys.answer" and not known):
        return None
    if isinstance(field, JSONField):
        one = {"line": 1, "column": "name", "value": CANARY, "expected": "a name"}
        return [one] if isinstance(known, list) else {"agent": CANARY} if field.name == "filters" else {"said": CANARY}
    return f"{CANARY}{row.pk}@example.org"


def tables_without_rows() -> Iterator[str]:
    """Yield the tables with something hidden that hold nothing, so that nobody could see it."""
    for table, _ in hidden_in_tables():
        if not table._meta.proxy and not table._default_manager.exists():
            yield table._meta.label_lower
