"""What other systems are told of each thing that happens: ids, scores and times, and apart from them what is personal.

docs/webhooks.md has an example of each; tests hold it to what is really sent.
"""

import json
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from analytics.metrics import Definitions
from analytics.models import ChurnRun, CustomerRisk
from contacts.models import Customer, Identifier, OptOut
from recovery.models import WebhookEvent
from surveys.models import Answer, Response
from surveys.questions.kinds import MAKES, Kind
from surveys.scale import UNHAPPY, is_unhappy

VERSION = 1
"""Of what the fields mean; new ones may come, and none changes or goes, within a version."""
SCORED = [str(kind) for kind in UNHAPPY]
WRITTEN = [str(Kind.TEXT), str(Kind.SHORT_TEXT)]
ADDRESSES = (Identifier.Type.EMAIL, Identifier.Type.PHONE)
Data = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Told:
    """What is told of one thing: for everybody, and what takes the place of parts of it where that is allowed."""

    data: Data
    personal: Data = field(default_factory=dict)


def body_of(event: WebhookEvent, *, personal: bool) -> bytes:
    """Return what is posted, the same bytes each time: retries are signed anew and not written anew."""
    data = {**event.data, **event.personal} if personal else event.data
    told = {"type": event.type, "version": VERSION, "timestamp": stamp(event.happened_at), "data": data}
    return json.dumps(told, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def stamp(at: datetime | None) -> str | None:
    """Return an instant as it is written everywhere: UTC, as RFC 3339 has it."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z") if at else None


def of_responses(responses: Sequence[Response], *, personal: bool) -> list[Told]:
    """Return what is told of responses, each with all that was scored so far. Two statements, three with `personal`."""
    answers = _answers(responses)
    people = _people([response.customer for response in responses if response.customer], personal=personal)
    told = []
    for response in responses:
        given = answers[response.pk]
        data = {**_about(response), "scores": [_score(answer) for answer in given if answer.question.kind in SCORED]}
        beside = {"customer": people[response.customer_id], "comments": _comments(given)} if personal else {}
        told.append(Told(data, beside))
    return told


def of_low_scores(answers: Sequence[Answer], metrics: Definitions, *, personal: bool) -> list[Told]:
    """Return what is told of answers of unhappy customers: which score, on which scale, and from where on it is low."""
    responses = [answer.response for answer in answers]
    people = _people([response.customer for response in responses if response.customer], personal=personal)
    written = _answers(responses) if personal else {}
    return [
        Told(
            {**_about(answer.response), "score": _score(answer) | _meaning(answer.question.kind, metrics)},
            {"customer": people[answer.response.customer_id], "comments": _comments(written[answer.response_id])}
            if personal
            else {},
        )
        for answer in answers
    ]


def of_opt_outs(opt_outs: Sequence[OptOut], *, personal: bool) -> list[Told]:
    """Return what is told of a customer's no, and of its being taken back. Of whoever is erased only our id."""
    people = _people([opt_out.customer for opt_out in opt_outs], personal=personal)
    told = []
    for opt_out in opt_outs:
        no: Data = {"id": opt_out.pk, "channel": opt_out.channel or None, "at": stamp(opt_out.at), "via": opt_out.via}
        no |= {"reopened_at": stamp(opt_out.reopened_at), "reopened_via": opt_out.reopened_via or None}
        data = {"customer": _customer(opt_out.customer), "opt_out": no}
        is_erased = opt_out.customer.erased_at is not None
        beside = {"customer": people[opt_out.customer_id], "opt_out": no | {"wording": opt_out.wording}}
        told.append(Told(data, beside if personal and not is_erased else {}))
    return told


def of_risks(run: ChurnRun, risks: Sequence[CustomerRisk], *, personal: bool) -> list[Told]:
    """Return what is told of customers who came onto the list of those most at risk."""
    people = _people([risk.customer for risk in risks], personal=personal)
    return [
        Told(
            {
                "customer": _customer(risk.customer),
                "risk": {
                    "probability": round(risk.probability, 4),
                    "within_days": run.days,
                    "gone_quiet": risk.gone_quiet,
                    "learned_at": stamp(run.at),
                },
            },
            {"customer": people[risk.customer_id]} if personal else {},
        )
        for risk in risks
    ]


def without_who(data: Mapping[str, Any], customer_id: int) -> Data:
    """Return what may be left of the data of an event whose customer is erased: it says no more who it was."""
    return {**data, "customer": {"id": customer_id}}


def _about(response: Response) -> Data:
    program = response.invitation.program if response.invitation else None
    touchpoint = response.touchpoint
    return {
        "response": {
            "id": response.pk,
            "survey": response.version.survey.slug,
            "version": response.version.number,
            "program": program.slug if program else None,
            "channel": response.channel,
            "language": response.language,
            "answered_at": stamp(response.answered_at),
            "finished_at": stamp(response.finished_at),
            "updated_at": stamp(response.updated_at),
            "simulated": response.simulated,
        },
        "customer": _customer(response.customer) if response.customer else None,
        "touchpoint": {
            "id": touchpoint.pk,
            "kind": touchpoint.kind,
            "channel": touchpoint.channel,
            "occurred_at": stamp(touchpoint.occurred_at),
        }
        if touchpoint
        else None,
    }


def _customer(customer: Customer) -> Data:
    if customer.erased_at is not None:
        return {"id": customer.pk}
    return {"id": customer.pk, "source": customer.source, "external_id": customer.external_id}


def _people(customers: Collection[Customer], *, personal: bool) -> dict[int | None, Data]:
    """Customers with name and addresses; nothing is read where nobody may have it."""
    if not personal:
        return defaultdict(dict)
    addresses: dict[tuple[int, str], list[str]] = defaultdict(list)
    known = Identifier.objects.filter(customer__in=customers, type__in=ADDRESSES, issuer="", closed_at=None)
    for pk, type_, value in known.order_by("pk").values_list("customer", "type", "value"):
        addresses[pk, type_].append(value)
    return {
        one.pk: _customer(one) | {"name": one.name} | {str(type_): addresses[one.pk, type_] for type_ in ADDRESSES}
        for one in customers
    }


def _answers(responses: Sequence[Response]) -> dict[int, list[Answer]]:
    found: dict[int, list[Answer]] = defaultdict(list)
    wanted = Answer.objects.filter(response__in=responses, known=False, question__kind__in=[*SCORED, *WRITTEN])
    for answer in wanted.select_related("question").order_by("question__position", "pk"):
        found[answer.response_id].append(answer)
    return found


def _score(answer: Answer) -> Data:
    kind = answer.question.kind
    return {
        "question": answer.question.key,
        "kind": kind,
        "number": answer.number,
        "low": is_unhappy(kind, answer.number),
    }


def _meaning(kind: str, metrics: Definitions) -> Data:
    """The scale, up to where it is low, and which score it counts in, as the organisation has set it down."""
    scale = MAKES[Kind(kind)].scale or range(0)
    metric = next((one for one in metrics.values() if one.question_kind == kind), None)
    return {"scale": [scale[0], scale[-1]], "low_to": UNHAPPY[Kind(kind)][-1], "metric": metric.key if metric else None}


def _comments(answers: Sequence[Answer]) -> list[Data]:
    return [{"question": one.question.key, "text": one.text} for one in answers if one.question.kind in WRITTEN]
