"""Nothing is missed that a long transaction commits late, and nobody claims what another has claimed."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from threading import Event as Signal
from threading import Thread

import pytest
from django.db import connection, transaction

from contacts import consent
from recovery.models import WebhookDelivery, WebhookEvent, WebhookMark
from recovery.webhooks.delivering import _claim
from recovery.webhooks.marks import SLACK
from recovery.webhooks.noticing import notice
from surveys.models import Response
from tests.recovery.webhooks.receivers import MINUTE, make_endpoint
from tests.surveys.answered import make_response
from tests.surveys.makers import NOON, make_customer, make_version

pytestmark = pytest.mark.django_db(transaction=True)
AT_ONCE = pytest.mark.skipif(
    connection.vendor == "sqlite", reason="on SQLite one writes after another: nobody commits late"
)


@contextmanager
def long_transaction(finished: Response) -> Iterator[None]:
    """Write in a transaction of another connection, which is committed at the end of the block."""
    written, end = Signal(), Signal()

    def write() -> None:
        with transaction.atomic():
            make_response(2, version=finished.version, finished_at=NOON)
            Response.objects.filter(pk=finished.pk).update(finished_at=NOON, updated_at=NOON)
            consent.opt_out(finished.customer_id or 0, "sms", at=NOON, via="link")
            written.set()
            assert end.wait(60)
        connection.close()

    writer = Thread(target=write)
    writer.start()
    assert written.wait(60)
    try:
        yield
    finally:
        end.set()
        writer.join()


def told() -> list[str]:
    return sorted(WebhookEvent.objects.values_list("type", flat=True))


@AT_ONCE
def test_what_is_committed_late_is_told_however_long_it_took() -> None:
    finished = make_response(9, version=make_version())
    make_endpoint(at=NOON - MINUTE)
    with long_transaction(finished):
        make_response(9, version=finished.version)  # with a larger id, and committed before
        for n in range(1, 6):
            notice(NOON + timedelta(hours=n))
        assert told() == ["response.created"]
        assert WebhookMark.objects.get().seen_at < NOON
    notice(NOON + timedelta(hours=6))
    expected = ["customer.opted_out", "response.created", "response.created", "response.finished", "response.finished"]
    assert told() == [*expected, "score.low"]
    for n in (7, 8):
        notice(NOON + timedelta(hours=n))
    assert WebhookMark.objects.get().seen_at == NOON + timedelta(hours=7) - SLACK
    assert told() == [*expected, "score.low"]


def test_a_mark_of_another_server_starts_anew() -> None:
    """A restored database may hold the number of a transaction that its new server reaches in years."""
    make_endpoint()
    WebhookMark.objects.update(next_transaction=2**60)
    for n in (1, 2, 3):
        notice(NOON + timedelta(hours=n))
    assert WebhookMark.objects.get().seen_at >= NOON + timedelta(hours=1)


def test_a_delivery_is_claimed_by_one_of_many() -> None:
    make_endpoint(events=["customer.opted_out"])
    for _ in range(5):
        consent.opt_out(make_customer().pk, "", at=NOON, via="link")
    notice(NOON)
    pks = list(WebhookDelivery.objects.values_list("pk", flat=True))
    claimed: list[int] = []

    def claim() -> None:
        claimed.extend(pk for pk in pks if _claim(pk, NOON))
        connection.close()

    workers = [Thread(target=claim) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert sorted(claimed) == sorted(pks)
