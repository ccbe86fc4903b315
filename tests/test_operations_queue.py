"""The queue only wakes: how many messages one task of it sends, and what an emptied queue costs."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from django.utils.module_loading import import_string
from django_q.models import OrmQ, Schedule
from django_q.scheduler import scheduler

from contacts.models import Contact, Customer, Decision, Identifier
from cxsurvey.schedules import JOBS, install_schedules
from surveys.links import signing_key
from surveys.models import Attempt, Invitation
from surveys.tasks import LOT
from tests.surveys.makers import make_version

MESSAGES = 1_001
PASS = next(job for job in JOBS if job.name == "plan and deliver")
assert MESSAGES > 2 * LOT, "more than two passes, or the task would not have to go on by itself"


def make_due(messages: int) -> None:
    """Plan messages to so many customers, a few statements for all."""
    now, version = timezone.now(), make_version()
    alike: dict[str, Any] = {"channel": "email", "purpose": "invitation"}
    new = {"source": "test", "time_zone": "UTC", "created_at": now, "updated_at": now}
    customers = Customer.objects.bulk_create(Customer(external_id=f"many{n}", **new) for n in range(messages))
    seen = {"type": "email", "first_seen_at": now, "last_seen_at": now}
    addresses = Identifier.objects.bulk_create(
        Identifier(customer=customer, value=f"{customer.external_id}@example.com", **seen) for customer in customers
    )
    held = {"outcome": "reserved", "source": "cxsurvey", "at": now, "recorded_at": now, "updated_at": now} | alike
    contacts = Contact.objects.bulk_create(
        Contact(customer=address.customer, address=address, **held) for address in addresses
    )
    said = {"stage": "person", "result": "send", "at": now, "allowed_at": now, "decided_at": now} | alike
    Decision.objects.bulk_create(Decision(customer=one.customer, contact=one, **said) for one in contacts)
    about = {"version": version, "language": "en", "link_key": signing_key(), "due_at": now, "created_at": now}
    about |= {"expires_at": now + timedelta(days=1), "closes_at": now + timedelta(days=30)} | alike
    Invitation.objects.bulk_create(
        Invitation(customer=one.customer, contact=one, address=one.address, **about) for one in contacts
    )


def a_minute_passes() -> list[str]:
    """What the queue's own scheduler then puts in: the functions that are to be called."""
    Schedule.objects.update(next_run=timezone.now() - timedelta(seconds=1))
    scheduler()
    return [task.func() for task in OrmQ.objects.all()]


@pytest.mark.django_db(transaction=True)
def test_a_thousand_messages_take_one_task_and_an_emptied_queue_only_delays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("surveys.tasks.BUDGET", timedelta(minutes=10))  # however busy the machine of the tests is
    make_due(MESSAGES)
    install_schedules(timezone.now(), (PASS,))
    assert a_minute_passes() == [PASS.path]

    OrmQ.objects.all().delete()
    assert Invitation.objects.filter(state="planned").count() == MESSAGES

    [task] = a_minute_passes()
    import_string(task)()

    assert set(Invitation.objects.values_list("state", flat=True)) == {"sent"}
    assert Attempt.objects.count() == MESSAGES
    assert OrmQ.objects.count() == 1, "sending puts nothing into the queue"
