"""What happened that nobody was told of yet becomes an event, and a delivery for each endpoint that wants it.

Nothing signals it: a step looks in the tables, beyond the mark and for rows without an event, so that it may look as
often as it likes, and any worker may. Told is what customers did whom we asked: no tests, no history of other tools,
nothing from open links.
"""

import secrets
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from analytics import churn_runs
from analytics.metrics import definitions
from contacts.models import OptOut
from contacts.models.words import OURS
from recovery.models import WebhookDelivery, WebhookEndpoint, WebhookEvent, WebhookMark
from recovery.webhooks import marks, payloads
from recovery.webhooks.payloads import Told
from surveys.models import Answer, Response
from surveys.scale import unhappy_answers

Type = WebhookEvent.Type
MOST = 500
"""Events of one type that one pass makes, before others may write; `notice` says whether there may be more."""
TOLD_AGAIN = timedelta(days=30)
"""Whoever comes onto the list of those at risk again within so many days is not told again."""


@dataclass(frozen=True, slots=True)
class _Kind:
    """How the events of a type are found: the rows without one, what is told of them, and what identifies them."""

    rows: Callable[[WebhookMark], QuerySet[Any]]
    told: Callable[..., list[Told]]
    columns: Callable[[Any], dict[str, Any]]


def notice(at: datetime) -> bool:
    """Make the events and deliveries that are due; return whether there may be more. Safe to repeat and to run twice.

    `at` is now: instants that were written more than a quarter of an hour ago have had their turn (`marks`).
    """
    with transaction.atomic():
        mark = marks.lock()
        endpoints = list(WebhookEndpoint.objects.order_by("pk"))
        if mark is None or not endpoints:
            WebhookMark.objects.all().delete()
            return False
        wanted = _wanted(endpoints)
        made = [_notice(type_, kind, mark, endpoints, at) for type_, kind in KINDS.items() if type_ in wanted]
        if Type.CHURN_RISK in wanted:
            _notice_risks(mark, endpoints, at)
        more = MOST in made
        if not more:
            marks.move(mark, at)
        mark.save()
    return more


def send_test(endpoint: WebhookEndpoint, at: datetime) -> WebhookDelivery:
    """Let the endpoint be told of a test with the next pass, also while it is paused."""
    number = secrets.randbits(62)
    told = Told({"message": f"A test of {endpoint.name}. Nothing happened."})
    event = _event(Type.TEST, told, at, subject=number, as_of=at, happened_at=at)
    event.save()
    return WebhookDelivery.objects.create(endpoint=endpoint, event=event, next_try_at=at)


def _wanted(endpoints: Collection[WebhookEndpoint]) -> set[str]:
    """The types that somebody wants; what was changed can only be told from what was finished."""
    wanted = {type_ for endpoint in endpoints for type_ in endpoint.events}
    return wanted | ({Type.RESPONSE_FINISHED.value} if Type.RESPONSE_CHANGED in wanted else set())


def _notice(type_: Type, kind: _Kind, mark: WebhookMark, endpoints: Sequence[WebhookEndpoint], at: datetime) -> int:
    rows = list(kind.rows(mark)[:MOST])
    if rows:
        told = kind.told(rows, personal=_personal(type_, endpoints))
        events = [_event(type_, one, at, **kind.columns(row)) for row, one in zip(rows, told, strict=True)]
        _store(type_, events, endpoints, at)
    return len(rows)


def _notice_risks(mark: WebhookMark, endpoints: Sequence[WebhookEndpoint], at: datetime) -> None:
    """Tell of customers who came onto the list of those at risk: all at first, then whoever was not on it for long."""
    run = churn_runs.newest()
    if run is None or run.pk == mark.churn_run:
        return
    risks = churn_runs.risks(run)
    oldest = (run.at - TOLD_AGAIN).timestamp()
    known = {pk: last for pk, last in mark.told_at_risk.items() if last > oldest}
    new = [risk for risk in risks if str(risk.customer.pk) not in known]
    told = payloads.of_risks(run, new, personal=_personal(Type.CHURN_RISK, endpoints))
    events = [
        _event(
            Type.CHURN_RISK, one, at, subject=risk.customer.pk, part=run.pk, as_of=run.at, happened_at=run.at,
            customer_id=risk.customer.pk,
        )
        for risk, one in zip(new, told, strict=True)
    ]  # fmt: skip
    _store(Type.CHURN_RISK, events, endpoints, at)
    mark.churn_run = run.pk
    mark.told_at_risk = known | {str(risk.customer.pk): run.at.timestamp() for risk in risks}


def _personal(type_: Type, endpoints: Sequence[WebhookEndpoint]) -> bool:
    return any(endpoint.personal and type_ in endpoint.events for endpoint in endpoints)


def _event(type_: Type, told: Told, at: datetime, **columns: Any) -> WebhookEvent:
    uid = f"msg_{secrets.token_urlsafe(20)}"
    return WebhookEvent(uid=uid, type=type_, made_at=at, data=told.data, personal=told.personal, **columns)


def _store(type_: Type, events: list[WebhookEvent], endpoints: Sequence[WebhookEndpoint], at: datetime) -> None:
    stored = WebhookEvent.objects.bulk_create(events)
    WebhookDelivery.objects.bulk_create(
        WebhookDelivery(endpoint=endpoint, event=event, next_try_at=at)
        for event in stored
        for endpoint in endpoints
        if type_ in endpoint.events
    )


def _untold(rows: QuerySet[Any], subject: str, *types: Type, **same: Any) -> QuerySet[Any]:
    """Those of the rows without an event of these types."""
    events = WebhookEvent.objects.filter(type__in=types, subject=OuterRef(subject), **same)
    return rows.filter(~Exists(events)).order_by("pk")


def _responses() -> QuerySet[Response]:
    told = Response.objects.counted().filter(source=OURS, customer__erased_at=None)
    return told.select_related("customer", "touchpoint", "version__survey", "invitation__program")


def _created(mark: WebhookMark) -> QuerySet[Response]:
    return _untold(_responses().filter(pk__gt=mark.seen_response), "pk", Type.RESPONSE_CREATED)


def _finished(mark: WebhookMark) -> QuerySet[Response]:
    """New ones whenever they were finished, as an SMS may come late; older ones that were finished since."""
    since = Q(pk__gt=mark.seen_response) | Q(updated_at__gt=mark.seen_at, finished_at__gt=mark.seen_at)
    return _untold(_responses().filter(since, finished_at__isnull=False), "pk", Type.RESPONSE_FINISHED)


def _changed(mark: WebhookMark) -> QuerySet[Response]:
    """Those whose newest change was told neither as such nor when they were finished: `_finished` comes before."""
    rows = _responses().filter(updated_at__gt=mark.seen_at, finished_at__isnull=False)
    return _untold(rows, "pk", Type.RESPONSE_FINISHED, Type.RESPONSE_CHANGED, as_of=OuterRef("updated_at"))


def _low(mark: WebhookMark) -> QuerySet[Answer]:
    of_ours = Q(response__source=OURS, response__customer__erased_at=None)
    since = Q(response__gt=mark.seen_response) | Q(response__updated_at__gt=mark.seen_at)
    rows = Answer.objects.counted().filter(unhappy_answers(), of_ours, since)
    related = ("customer", "touchpoint", "version__survey", "invitation__program")
    rows = rows.select_related("question", *(f"response__{name}" for name in related))
    return _untold(rows, "response", Type.SCORE_LOW, part=OuterRef("question"))


def _opted_out(mark: WebhookMark) -> QuerySet[OptOut]:
    """By id, as many say since when they have held, and none when it was written."""
    rows = OptOut.objects.filter(pk__gt=mark.seen_opt_out).select_related("customer")
    return _untold(rows, "pk", Type.OPTED_OUT)


def _reopened(mark: WebhookMark) -> QuerySet[OptOut]:
    rows = OptOut.objects.filter(reopened_at__gt=mark.seen_at).select_related("customer")
    return _untold(rows, "pk", Type.REOPENED)


def _of_response(response: Response, happened_at: datetime | None, *, part: int = 0) -> dict[str, Any]:
    about = {"subject": response.pk, "part": part, "customer_id": response.customer_id}
    return about | {"as_of": response.updated_at, "happened_at": happened_at}


def _of_opt_out(opt_out: OptOut, happened_at: datetime | None) -> dict[str, Any]:
    about = {"subject": opt_out.pk, "customer_id": opt_out.customer_id}
    return about | {"as_of": happened_at, "happened_at": happened_at}


def _microseconds(at: datetime) -> int:
    return int(at.timestamp() * 1_000_000)


KINDS: dict[Type, _Kind] = {
    Type.RESPONSE_CREATED: _Kind(_created, payloads.of_responses, lambda row: _of_response(row, row.answered_at)),
    Type.RESPONSE_FINISHED: _Kind(_finished, payloads.of_responses, lambda row: _of_response(row, row.finished_at)),
    Type.RESPONSE_CHANGED: _Kind(
        _changed,
        payloads.of_responses,
        lambda row: _of_response(row, row.updated_at, part=_microseconds(row.updated_at)),
    ),
    Type.SCORE_LOW: _Kind(
        _low,
        lambda rows, *, personal: payloads.of_low_scores(rows, definitions(), personal=personal),
        lambda row: _of_response(row.response, row.response.answered_at, part=row.question_id),
    ),
    Type.OPTED_OUT: _Kind(_opted_out, payloads.of_opt_outs, lambda row: _of_opt_out(row, row.at)),
    Type.REOPENED: _Kind(_reopened, payloads.of_opt_outs, lambda row: _of_opt_out(row, row.reopened_at)),
}
"""In the order in which they are looked for."""
