"""Deliveries go out over real HTTP: signed, at least once, tried again, never held up, and stopped where nobody is."""

import json
import subprocess
from base64 import b64encode
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from threading import Event as Signal

import pytest
from django.utils import timezone
from pytest_django import Settings

from contacts import consent
from recovery.models import WebhookAttempt, WebhookDelivery, WebhookEndpoint
from recovery.webhooks import endpoints
from recovery.webhooks.calling import Answer
from recovery.webhooks.delivering import CLAIM_LASTS, _claim, deliver, note, settle_lost
from recovery.webhooks.noticing import notice, send_test
from recovery.webhooks.signing import BOTH_FOR, keys_of, secret_of, signed
from recovery.webhooks.waiting import DEAD_AFTER, DEAD_FAILURES, TRIES, WAITS
from tests.judges import HERE, PYTHON
from tests.recovery.webhooks.receivers import MINUTE, Got, Receiver, Reply, here, let_inside, make_endpoint, receiver
from tests.surveys.answered import make_response
from tests.surveys.makers import NOON, make_customer

pytestmark = pytest.mark.django_db
LATER = NOON + MINUTE
State = WebhookDelivery.State


@pytest.fixture
def system(settings: Settings) -> Iterator[Receiver]:
    with receiver() as running:
        let_inside(settings, running)
        yield running


def send(at: datetime = LATER) -> int:
    """Hand over what is due at an instant."""
    return deliver(lambda: at, until=at + MINUTE, resolve=here)


def opt_outs(count: int) -> None:
    for _ in range(count):
        consent.opt_out(make_customer().pk, "", at=NOON, via="link")
    notice(LATER)


def judged(secret: str, headers: Mapping[str, str], body: bytes) -> "subprocess.CompletedProcess[str]":
    """Let Standard Webhooks' own library say whether it is ours."""
    told = json.dumps({"headers": dict(headers), "body": body.decode()})
    command = [str(PYTHON), str(HERE / "verify_webhook.py"), secret]
    return subprocess.run(command, input=told, text=True, capture_output=True, timeout=60, check=False)


def test_everything_that_happened_arrives_once(system: Receiver) -> None:
    endpoint = make_endpoint(system)
    make_response(2, finished_at=NOON)
    notice(LATER)
    assert (send(), send()) == (3, 0)
    assert system.types == ["response.created", "response.finished", "score.low"]
    assert {one.path for one in system.got} == {"/hook"}
    assert set(endpoint.deliveries.values_list("state", "tries")) == {("delivered", 1)}
    assert set(WebhookAttempt.objects.values_list("status", flat=True)) == {204}


@pytest.mark.clients
def test_the_library_of_standard_webhooks_takes_what_is_sent(system: Receiver) -> None:
    endpoint = make_endpoint(system, name="Bücher")
    now = timezone.now()
    send_test(endpoint, now)
    old = secret_of(endpoint)
    endpoints.rotate(endpoint, now)
    send(now)
    [got] = system.got
    for secret in (old, secret_of(endpoint)):
        verdict = judged(secret, got.headers, got.body)
        assert (verdict.returncode, json.loads(verdict.stdout)) == (0, got.told), verdict.stderr
    other = make_endpoint()
    for secret, body in ((secret_of(other), got.body), (old, got.body.replace("ü".encode(), b"u"))):
        assert judged(secret, got.headers, body).stderr == "No matching signature found\n"


def test_the_signature_is_that_of_the_specification() -> None:
    """HMAC-SHA256 over id, time and body, worked out with openssl for this secret."""
    key, at = b"MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"[:24], datetime(2021, 2, 25, 15, 2, 10, tzinfo=UTC)
    headers = signed("msg_p5jXN8AQM9LWM0D4loKWxJek", b'{"test": 2432232314}', [key, key], at)
    content = b'msg_p5jXN8AQM9LWM0D4loKWxJek.1614265330.{"test": 2432232314}'
    command = ["openssl", "dgst", "-sha256", "-hmac", key.decode(), "-binary"]
    made = subprocess.run(command, input=content, capture_output=True, check=True).stdout
    expected = f"v1,{b64encode(made).decode()}"
    assert headers["webhook-timestamp"] == "1614265330"
    assert headers["webhook-signature"] == f"{expected} {expected}"


def test_a_secret_is_its_endpoints_own_and_the_old_one_signs_for_a_day() -> None:
    endpoint, other = make_endpoint(), make_endpoint()
    old = secret_of(endpoint)
    assert old.startswith("whsec_")
    assert old != secret_of(other)
    assert len(keys_of(endpoint, NOON)) == 1
    endpoints.rotate(endpoint, NOON)
    assert secret_of(endpoint) != old
    assert len(keys_of(endpoint, NOON + BOTH_FOR - MINUTE)) == 2
    assert len(keys_of(endpoint, NOON + BOTH_FOR)) == 1


def test_no_table_holds_a_secret(settings: Settings) -> None:
    endpoint = make_endpoint()
    row = str(WebhookEndpoint.objects.values().get())
    before = secret_of(endpoint)
    assert before.removeprefix("whsec_") not in row
    settings.WEBHOOK_KEY = "another"
    assert secret_of(endpoint) != before


def test_a_failure_is_tried_again_with_the_same_id_and_body_signed_anew(system: Receiver) -> None:
    make_endpoint(system, events=["customer.opted_out"])
    opt_outs(1)
    system.answer(400, b"no")
    assert send() == 1
    delivery = WebhookDelivery.objects.get()
    assert (delivery.state, delivery.tries) == (State.WAITING, 1)
    assert LATER + WAITS[0] <= delivery.next_try_at <= LATER + 2 * WAITS[0]
    system.answer(200)
    assert (send(), send(delivery.next_try_at)) == (0, 1)
    first, second = system.got
    assert (first.headers["webhook-id"], first.body) == (second.headers["webhook-id"], second.body)
    assert first.headers["webhook-signature"] != second.headers["webhook-signature"]
    assert list(WebhookAttempt.objects.values_list("status", "answer")) == [(400, "no"), (200, "")]


def test_what_nobody_takes_is_given_up_after_days_and_can_be_sent_again(system: Receiver) -> None:
    make_endpoint(system, events=["customer.opted_out"])
    opt_outs(1)
    system.answer(404)
    at = LATER
    for _ in range(TRIES):
        assert send(at) == 1
        delivery = WebhookDelivery.objects.get()
        at = delivery.next_try_at
    assert (delivery.state, delivery.tries, delivery.done_at) == (State.FAILED, TRIES, at)
    assert endpoints.send_again(WebhookDelivery.objects.all(), at) == 1
    WebhookEndpoint.objects.update(paused_at=None)
    system.answer(204)
    assert send(at) == 1
    assert WebhookDelivery.objects.get().state == State.DELIVERED


@pytest.mark.parametrize(("status", "headers", "seconds"), [(503, {}, 30), (429, {"Retry_After": "3600"}, 3600)])
def test_an_endpoint_in_trouble_is_left_alone_as_a_whole(
    system: Receiver, status: int, headers: dict[str, str], seconds: int
) -> None:
    endpoint = make_endpoint(system, events=["customer.opted_out"])
    opt_outs(9)
    system.answer(status, b"", **headers)
    assert send() <= 4
    endpoint.refresh_from_db()
    assert endpoint.quiet_until is not None
    assert endpoint.quiet_until >= LATER + timedelta(seconds=seconds)
    assert send(LATER + timedelta(seconds=seconds - 1)) == 0
    assert WebhookDelivery.objects.filter(tries=0).count() >= 5
    system.answer(204)
    later = LATER + timedelta(days=1)
    assert send(later) == 9
    assert WebhookEndpoint.objects.filter(failures=0, failing_since=None, quiet_until=None).exists()


def test_one_event_that_is_not_liked_does_not_keep_back_the_others(system: Receiver) -> None:
    endpoint = make_endpoint(system, events=["customer.opted_out"])
    opt_outs(6)
    disliked = endpoint.deliveries.earliest("pk").event.uid
    system.reply = lambda got: (422 if got.headers["webhook-id"] == disliked else 204, {}, b"")
    assert send() == 6
    assert endpoint.deliveries.filter(state=State.DELIVERED).count() == 5


def test_410_pauses_at_once_and_resuming_sends_what_waited(system: Receiver) -> None:
    endpoint = make_endpoint(system, events=["customer.opted_out"])
    opt_outs(6)
    system.answer(410)
    send()
    endpoint.refresh_from_db()
    assert (endpoint.paused_at, endpoint.paused_by) == (LATER, None)
    assert "410" in endpoint.pause_reason
    assert list(endpoints.in_trouble(LATER)) == [endpoint]
    assert send(LATER + timedelta(days=2)) == 0
    system.answer(204)
    assert endpoints.resume(endpoint, LATER + MINUTE) == 6
    assert send(LATER + MINUTE) == 6
    assert list(endpoints.in_trouble(LATER + MINUTE)) == []


def test_a_dead_endpoint_pauses_itself_and_is_shown(system: Receiver) -> None:
    endpoint = make_endpoint(system, events=["customer.opted_out"])
    opt_outs(1)
    system.answer(500, b"broken")
    WebhookEndpoint.objects.update(failures=DEAD_FAILURES, failing_since=LATER - DEAD_AFTER)
    assert list(endpoints.in_trouble(LATER)) == [endpoint]
    send()
    endpoint.refresh_from_db()
    assert endpoint.paused_at == LATER
    assert endpoint.pause_reason.endswith("The newest answer: status 500")


def test_a_paused_endpoint_gets_tests_and_nothing_else(system: Receiver) -> None:
    endpoint = make_endpoint(system)
    assert endpoints.pause(endpoint, "We move.", at=NOON, by_id=None)
    assert not endpoints.pause(endpoint, "Again.", at=NOON, by_id=None)
    opt_outs(1)
    send_test(endpoint, LATER)
    assert (send(), system.types) == (1, ["webhook.test"])


def test_a_slow_endpoint_holds_up_nobody(system: Receiver, settings: Settings) -> None:
    with receiver() as slow:
        let_inside(settings, system, slow)
        go = Signal()
        slow.reply = lambda got: (204 if go.wait(20) else 500, {}, b"")
        make_endpoint(slow, events=["customer.opted_out"])
        make_endpoint(system, events=["customer.opted_out"])
        opt_outs(8)

        def last_one_lets_go(got: Got) -> Reply:
            if len(system.got) == 8:
                go.set()
            return 204, {}, b""

        system.reply = last_one_lets_go
        assert send() == 16
        assert go.is_set()
    assert set(WebhookDelivery.objects.values_list("state", flat=True)) == {"delivered"}


def test_what_a_dead_worker_left_is_sent_again(system: Receiver) -> None:
    make_endpoint(system, events=["customer.opted_out"])
    opt_outs(1)
    assert _claim(WebhookDelivery.objects.get().pk, LATER)
    assert _claim(WebhookDelivery.objects.get().pk, LATER) is None
    assert send(LATER + CLAIM_LASTS) == 0
    assert send(LATER + CLAIM_LASTS + MINUTE) == 1
    assert WebhookDelivery.objects.get().tries == 2


def test_what_kills_every_worker_is_given_up(system: Receiver) -> None:
    make_endpoint(system, events=["customer.opted_out"])
    opt_outs(1)
    WebhookDelivery.objects.update(state="claimed", claimed_at=NOON, tries=TRIES)
    assert settle_lost(NOON + CLAIM_LASTS + MINUTE) == 1
    assert WebhookDelivery.objects.get().state == State.FAILED


def test_a_worker_that_comes_back_late_notes_nothing(system: Receiver) -> None:
    make_endpoint(system, events=["customer.opted_out"])
    opt_outs(1)
    late = _claim(WebhookDelivery.objects.get().pk, LATER)
    assert late
    send(LATER + CLAIM_LASTS + MINUTE)
    assert not note(late, Answer(500, "late", 1.0), LATER + CLAIM_LASTS + 2 * MINUTE)
    assert WebhookDelivery.objects.get().state == State.DELIVERED


def test_what_is_not_allowed_any_more_is_not_called(system: Receiver, settings: Settings) -> None:
    make_endpoint(system, events=["customer.opted_out"])
    opt_outs(1)
    settings.WEBHOOK_INSIDE_HOSTS = []
    send()
    assert (system.got, WebhookAttempt.objects.get().answer[:11]) == ([], "Not called:")


def test_nothing_is_begun_when_the_time_is_over(system: Receiver) -> None:
    make_endpoint(system, events=["customer.opted_out"])
    opt_outs(2)
    assert deliver(lambda: LATER, until=LATER, resolve=here) == 0
