"""Deliveries that are due go out: each claimed, called without a transaction, and noted.

A delivery is claimed by a conditional update, so that any number of workers may run; what a dead one has left is tried
again, with the same webhook-id: at least once. Only the calls run in threads, some for each endpoint, so that a slow
one holds up nobody else; the tables are read and written by the thread that began.
"""

from collections import Counter, deque
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce

from contacts.models import Customer
from recovery.models import WebhookAttempt, WebhookDelivery, WebhookEndpoint, WebhookEvent
from recovery.webhooks import endpoints, waiting
from recovery.webhooks.addresses import AddressError
from recovery.webhooks.calling import Answer, Resolve, call, resolve
from recovery.webhooks.payloads import body_of
from recovery.webhooks.signing import keys_of, signed

State = WebhookDelivery.State
CLAIM_LASTS = timedelta(minutes=10)
"""Twice as long as the queue lets a job run: whoever claimed it is not there any more."""
AT_ONCE = 4
"""Calls to one endpoint."""
THREADS = 64
LOT = 200
"""Deliveries to one endpoint in one pass."""


def deliver(clock: Callable[[], datetime], *, until: datetime, resolve: Resolve = resolve) -> int:
    """Hand over what is due, beginning nothing after `until`; return how many calls were made.

    No transaction may be open. `resolve` finds the addresses of a host.
    """
    settle_lost(clock())
    queues = _queues(clock())
    return _Pass(clock, until, resolve, queues).run() if queues else 0


def settle_lost(at: datetime) -> int:
    """Let wait again what workers have left that are not there any more; return how many."""
    left = WebhookDelivery.objects.filter(state=State.CLAIMED, claimed_at__lt=at - CLAIM_LASTS)
    given_up = left.filter(tries__gte=waiting.TRIES).update(state=State.FAILED, done_at=at)
    return given_up + left.update(state=State.WAITING, next_try_at=at)


def _due(at: datetime) -> QuerySet[WebhookDelivery]:
    """What may go now: a test also to an endpoint that is paused or left alone.

    Without joins: the state has to be tested on the very row that is claimed, or two workers could claim it.
    """
    open_ = WebhookEndpoint.objects.filter(Q(quiet_until=None) | Q(quiet_until__lte=at), paused_at=None)
    is_test = WebhookEvent.objects.filter(pk=OuterRef("event"), type=WebhookEvent.Type.TEST)
    may = Q(endpoint__in=open_) | Q(Exists(is_test))
    return WebhookDelivery.objects.filter(may, state=State.WAITING, next_try_at__lte=at)


def _queues(at: datetime) -> dict[int, deque[int]]:
    """Endpoint -> its due deliveries, the oldest first."""
    queues = {}
    for pk in WebhookEndpoint.objects.order_by("pk").values_list("pk", flat=True):
        due = _due(at).filter(endpoint=pk).order_by("next_try_at", "pk").values_list("pk", flat=True)
        if found := deque(due[:LOT]):
            queues[pk] = found
    return queues


class _Pass:
    """One pass over the queues."""

    def __init__(
        self, clock: Callable[[], datetime], until: datetime, resolve: Resolve, queues: dict[int, deque[int]]
    ) -> None:
        self.clock, self.until, self.resolve, self.queues = clock, until, resolve, queues
        self.flying: dict[Future[Answer], WebhookDelivery] = {}
        self.calls = 0

    def run(self) -> int:
        """Make the calls; return how many."""
        with ThreadPoolExecutor(min(THREADS, AT_ONCE * len(self.queues))) as pool:
            self._send_off(pool)
            while self.flying:
                for landed in wait(self.flying, return_when=FIRST_COMPLETED).done:
                    self._note(self.flying.pop(landed), landed.result())
                self._send_off(pool)
        return self.calls

    def _send_off(self, pool: ThreadPoolExecutor) -> None:
        """Begin what may be begun."""
        busy = Counter(delivery.endpoint_id for delivery in self.flying.values())
        for endpoint, queue in self.queues.items():
            while queue and busy[endpoint] < AT_ONCE and self.clock() < self.until:
                if delivery := _claim(queue.popleft(), self.clock()):
                    self.flying[self._begin(pool, delivery)] = delivery
                    busy[endpoint] += 1
                    self.calls += 1

    def _begin(self, pool: ThreadPoolExecutor, delivery: WebhookDelivery) -> Future[Answer]:
        endpoint, event = delivery.endpoint, delivery.event
        try:
            place = endpoints.place_of(endpoint.url)
        except AddressError as error:  # what is allowed was narrowed since
            return pool.submit(Answer, None, f"Not called: {error}", 0.0)
        body, at = body_of(event, personal=endpoint.personal), self.clock()
        headers = signed(event.uid, body, keys_of(endpoint, at), at)
        return pool.submit(call, place, body, headers, resolve=self.resolve)

    def _note(self, delivery: WebhookDelivery, answer: Answer) -> None:
        if note(delivery, answer, self.clock()):
            self.queues[delivery.endpoint_id].clear()  # the rest need not find out one after the other


def _claim(pk: int, at: datetime) -> WebhookDelivery | None:
    """The delivery, where it is still due."""
    if not _due(at).filter(pk=pk).update(state=State.CLAIMED, claimed_at=at, tries=F("tries") + 1):
        return None
    return WebhookDelivery.objects.select_related("endpoint", "event").get(pk=pk)


@transaction.atomic
def note(delivery: WebhookDelivery, answer: Answer, at: datetime) -> bool:
    """Note what became of a claimed delivery; return whether its endpoint is in trouble, and to be left alone."""
    taken = waiting.was_taken(answer.status)
    asked = waiting.asked_for(answer.status, answer.retry_after, at)
    again = None if taken else waiting.wait(delivery.tries, delivery.event.uid, asked)
    changes = {"state": State.WAITING, "next_try_at": at + again} if again else {"done_at": at, "state": State.FAILED}
    changes |= {"state": State.DELIVERED} if taken else {}
    own = WebhookDelivery.objects.filter(pk=delivery.pk, state=State.CLAIMED, claimed_at=delivery.claimed_at)
    if not own.update(**changes):
        return False  # it took so long that somebody else has it
    text = "" if _is_erased(delivery) else answer.text
    WebhookAttempt.objects.create(
        delivery=delivery, at=at, seconds=answer.seconds, status=answer.status, answer=text[:300]
    )
    if taken:
        _recovered(delivery.endpoint)
        return False
    return _failed(delivery.endpoint, answer, asked, at)


def _is_erased(delivery: WebhookDelivery) -> bool:
    """Whether the customer was erased while it was told of: the answer may repeat who she was."""
    customer = delivery.event.customer_id
    return customer is not None and Customer.objects.filter(pk=customer).exclude(erased_at=None).exists()


def _recovered(endpoint: WebhookEndpoint) -> None:
    WebhookEndpoint.objects.filter(pk=endpoint.pk).exclude(failures=0).update(**endpoints.HEALTHY)


def _failed(endpoint: WebhookEndpoint, answer: Answer, asked: timedelta | None, at: datetime) -> bool:
    row = WebhookEndpoint.objects.filter(pk=endpoint.pk)
    row.update(failures=F("failures") + 1, failing_since=Coalesce("failing_since", at))
    endpoint.refresh_from_db(fields=["failures", "failing_since"])
    if answer.status == waiting.GONE:
        endpoints.pause(endpoint, "It answered 410 Gone: it wants no more calls.", at=at, by_id=None)
        return True
    if waiting.is_dead(endpoint.failures, endpoint.failing_since or at, at):
        # Not what it answered: that may repeat whom it was told of, and nobody would look for her here.
        newest = f"status {answer.status}" if answer.status else answer.text
        reason = f"Nothing was taken since {endpoint.failing_since:%Y-%m-%d %H:%M} UTC. The newest answer: {newest}"
        endpoints.pause(endpoint, reason, at=at, by_id=None)
        return True
    if not waiting.is_the_endpoints(answer.status):
        return False
    row.update(quiet_until=at + max(waiting.quiet(endpoint.failures), asked or timedelta()))
    return True
