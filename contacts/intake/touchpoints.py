"""Touchpoints, by source and external id; a customer never heard of comes in with them."""

from collections.abc import Sequence
from datetime import datetime

from contacts.intake import fields
from contacts.intake.changes import compare, known_rows, save
from contacts.intake.customers import records_of
from contacts.intake.erased import without_erased
from contacts.intake.rows import Column, Line, Subject, Tally, Values
from contacts.models import ImportRun, Touchpoint

DIRECTIONS = frozenset(Touchpoint.Direction.values)


def _direction(text: str) -> str:
    direction = text.casefold()
    if direction not in DIRECTIONS:
        raise fields.FieldError("in (by the customer) or out (by us)")
    return direction


def _check(values: Values, at: datetime) -> None:
    fields.happened(values["occurred_at"], at, "occurred_at")


def _write(lines: Sequence[Line], source: str, at: datetime) -> Tally:
    lines, rejects = without_erased(lines, source, "customer")
    records = records_of(source, {line.values["customer"] for line in lines}, at)
    for line in lines:
        # The record that was named, also where it was merged into another: a split must find its rows again.
        line.values["customer_id"] = records[line.values.pop("customer")].id
    changes = compare(lines, known_rows(Touchpoint.objects, source, lines))
    save(Touchpoint.objects, source, changes.rows, received_at=at, updated_at=at)
    changes.tally.rejects += rejects
    return changes.tally


TOUCHPOINTS = Subject(
    name=ImportRun.Subject.TOUCHPOINTS,
    columns=(
        Column(
            "external_id",
            fields.key,
            required=True,
            also=("id", "touchpoint", "touchpointid", "eventid", "ticketid", "orderid", "caseid", "interactionid"),
        ),
        Column(
            "customer",
            fields.customer_key,
            required=True,
            also=("customerid", "customerno", "customernumber", "contactid", "userid"),
        ),
        Column("kind", fields.text_up_to(60), required=True, also=("type", "event", "eventtype", "touchpointtype")),
        Column("channel", fields.text_up_to(60), required=True, also=("medium", "via")),
        Column(
            "occurred_at",
            fields.instant,
            required=True,
            also=("date", "datetime", "time", "timestamp", "occurred", "eventdate", "eventtime", "createdat"),
        ),
        Column("direction", _direction),
        Column("agent", fields.text_up_to(120), also=("agentname", "employee", "handledby", "owner")),
        Column("team", fields.text_up_to(120), also=("teamname", "group", "department")),
        Column("product", fields.text_up_to(200), also=("productname", "item", "sku")),
        Column("reference", fields.text_up_to(200), also=("ref", "ordernumber", "caseno", "ticketnumber")),
        Column("outcome", fields.text_up_to(120), also=("result", "status", "disposition")),
        Column("value", fields.amount, empty=None, also=("amount", "total", "price", "revenue")),
    ),
    check=_check,
    write=_write,
)
