"""The file format of docs/frequency.md: policy, customers, history and requests in, an answer to each request out."""

import json
import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import NoReturn, TypedDict, TypeVar

from contacts.frequency.evaluate import evaluate
from contacts.frequency.facts import (
    CHANNELS,
    CLOSING,
    CONTACT_PURPOSES,
    EVENT_PURPOSES,
    OUTCOMES,
    Customer,
    Request,
    Row,
    Verdict,
    instant_text,
)
from contacts.frequency.policy import Policy, read_policy, read_zone
from contacts.frequency.reading import DocumentError, Members, Node, shown
from contacts.frequency.windows import LONGEST_DAYS
from contacts.frequency.zones import zones_by_country

PURPOSES = CONTACT_PURPOSES | EVENT_PURPOSES


class About(TypedDict):
    """What a contact and a request both say about themselves."""

    survey: str
    program: str
    source: str
    tags: frozenset[str]
    seconds: int


ABOUT = tuple(About.__annotations__)
Identified = TypeVar("Identified", Customer, Request)


@dataclass(frozen=True, slots=True)
class Document:
    """A preview document that has been read; `history` and `requests` refer to customers by id."""

    policy: Policy
    customers: Mapping[str, Customer]
    history: Mapping[str, list[Row]]
    requests: list[Request]


def preview(document: Mapping[str, object]) -> list[dict[str, object]]:
    """The answer to each request of a document, in order of time, then priority, then the file.

    Raises DocumentError that names the place: `history[3].channel: unknown channel "fax"`.
    """
    return answers(parse_document(document))


def answers(document: Document) -> list[dict[str, object]]:
    """The answers to the requests of a document; what is sent or delayed joins the history of those after it."""
    history = {customer: [*document.history[customer]] for customer in document.customers}
    members = defaultdict(list)
    for customer in document.customers.values():
        members[customer.account].append(customer.id)
    lines = []
    for request in sorted(document.requests, key=lambda request: (request.at, -request.priority)):
        customer = document.customers[request.customer]
        others = members[customer.account] if customer.account else []
        account_history = [row for other in others if other != customer.id for row in history[other]]
        verdict = evaluate(document.policy, customer, history[customer.id], request, account_history)
        if verdict.at is not None:
            history[customer.id].append(_reserved(request, verdict.at))
        lines.append(_line(request, verdict))
    return lines


def parse_document(document: Mapping[str, object]) -> Document:
    """A document in the product's words. Raises DocumentError that names the place of what cannot be read."""
    members = Node(document, "", DocumentError).fields(optional=("policy", "customers", "history", "requests"))
    policy = read_policy(members.get("policy", Node({}, "policy", DocumentError)))
    customers: dict[str, Customer] = {}
    for node in _items(members, "customers"):
        _add(customers, _read_customer(node), node)
    history: dict[str, list[Row]] = {customer: [] for customer in customers}
    for node in _items(members, "history"):
        customer, row = _read_row(node, customers)
        history[customer].append(row)
    requests: dict[str, Request] = {}
    for node in _items(members, "requests"):
        _add(requests, _read_request(node, customers), node)
    reachable = {id_: _closing(customer, history[id_]) for id_, customer in customers.items()}
    return Document(policy, reachable, history, list(requests.values()))


def read_json(text: str) -> Mapping[str, object]:
    """The object in a JSON text. Raises DocumentError for anything else, also for a key given twice and for NaN."""
    try:
        document = json.loads(text, object_pairs_hook=_unique, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise DocumentError(f"document: not readable as JSON: {error}") from error
    if not isinstance(document, dict):
        raise DocumentError(f"document: expected an object, not {shown(document)}")
    return document


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    members = dict(pairs)
    if len(members) < len(pairs):
        keys = [key for key, _ in pairs]
        raise ValueError(f'the key "{next(key for key in keys if keys.count(key) > 1)}" is there twice')
    return members


def _no_number(text: str) -> NoReturn:
    raise ValueError(f"{text} is no number")


def _items(members: Mapping[str, Node], name: str) -> list[Node]:
    return members[name].items() if name in members else []


def _add(known: dict[str, Identified], found: Identified, node: Node) -> None:
    if found.id in known:
        node.fail(f'the id "{found.id}" is there twice')
    known[found.id] = found


def _read_customer_id(node: Node, customers: Mapping[str, Customer]) -> str:
    if node.text() not in customers:
        node.fail(f"unknown customer {shown(node.value)}")
    return node.text()


def _read_customer(node: Node) -> Customer:
    members = node.fields(
        required=("id",),
        optional=("timezone", "country", "phone", "account", "opt_outs", "pause_until", "once_in_days"),
    )
    return Customer(
        id=members["id"].text(),
        timezone=members.read("timezone", read_zone, None),
        country=members.read("country", lambda node: node.one_of(zones_by_country(), "country"), None),
        phone=members.read("phone", _read_number, None),
        account=members.read("account", Node.text, None),
        opt_outs=members.read("opt_outs", lambda node: node.words((*CHANNELS, "all"), "channel"), frozenset()),
        pause_until=members.read("pause_until", Node.instant, None),
        once_in_days=members.read("once_in_days", lambda node: node.whole(1, LONGEST_DAYS), None),
    )


def _read_number(node: Node) -> str:
    if not re.fullmatch(r"\+[1-9][0-9]{1,14}", node.text()):
        node.fail(f"expected a number like +12025550123, not {shown(node.value)}")
    return node.text()


def _read_row(node: Node, customers: Mapping[str, Customer]) -> tuple[str, Row]:
    members = node.fields(required=("customer", "at", "purpose"), optional=("channel", "outcome", *ABOUT))
    purpose = members["purpose"].one_of(PURPOSES, "purpose")
    if purpose in CONTACT_PURPOSES and "channel" not in members:
        node.fail('"channel" is missing')
    row = Row(
        at=members["at"].instant(),
        channel=members.read("channel", _read_channel, ""),
        purpose=purpose,
        outcome=members.read("outcome", lambda node: node.one_of(OUTCOMES, "outcome"), "delivered"),
        **_read_about(members),
    )
    return _read_customer_id(members["customer"], customers), row


def _read_request(node: Node, customers: Mapping[str, Customer]) -> Request:
    members = node.fields(
        required=("id", "customer", "at", "channel", "purpose"), optional=("expires", "priority", *ABOUT)
    )
    return Request(
        id=members["id"].text(),
        customer=_read_customer_id(members["customer"], customers),
        at=members["at"].instant(),
        channel=_read_channel(members["channel"]),
        purpose=members["purpose"].one_of(CONTACT_PURPOSES, "purpose of a contact"),
        expires=members.read("expires", Node.instant, None),
        priority=members.read("priority", Node.whole, 0),
        **_read_about(members),
    )


def _read_channel(node: Node) -> str:
    return node.one_of(CHANNELS, "channel")


def _read_about(members: Members) -> About:
    return {
        "survey": members.read("survey", Node.text, ""),
        "program": members.read("program", Node.text, ""),
        "source": members.read("source", Node.text, ""),
        "tags": members.read("tags", Node.words, frozenset()),
        "seconds": members.read("seconds", lambda node: node.whole(0), 0),
    }


def _closing(customer: Customer, rows: list[Row]) -> Customer:
    """The file has no addresses, so that a bounce closes the channel that it came by."""
    return replace(customer, closed=frozenset(row.channel for row in rows if row.outcome in CLOSING))


def _reserved(request: Request, at: datetime) -> Row:
    return Row(at, request.channel, request.purpose, "reserved", **{name: getattr(request, name) for name in ABOUT})


def _line(request: Request, verdict: Verdict) -> dict[str, object]:
    return {
        "id": request.id,
        "decision": verdict.decision,
        "at": instant_text(verdict.at),
        "reasons": [reason.as_dict() for reason in verdict.reasons],
    }
