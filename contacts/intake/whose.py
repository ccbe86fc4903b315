"""Whose rows a file may bring in: who reads only some brands changes, and adds to, nothing of the others."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from contacts.brands import visible_to
from contacts.intake.rows import Line
from contacts.intake.tables import Reject
from contacts.models import Brand, Customer, ImportRun, Touchpoint
from contacts.readers import Reader

OF_OURS = "a customer of your brands; import the customers first"
TAKEN = "an id that is free, or one of your brands: this one is of another brand"
NAME_IT = "one of your brands: {}"
FOR_ALL = "Responses are brought in by who reads all brands, and you read only some. Ask an administrator."
"""They may be about any survey."""


@dataclass(frozen=True, slots=True)
class _Known:
    """What is kept already under the ids of some lines: id -> whether the reader may read it."""

    customers: Mapping[str, bool]
    touchpoints: Mapping[str, bool]
    brands: Sequence[str]


def within(reader: Reader, subject: str, lines: Sequence[Line], source: str) -> tuple[Sequence[Line], list[Reject]]:
    """Return the lines that somebody may bring in, and the others as rejects; all for who reads all brands.

    A customer who is new belongs to the brand that the line names, or to the only one that the reader reads.
    """
    if reader.brands is None:
        return lines, []
    known = _known(reader, subject, lines, source)
    refused = dict(_customers(lines, known) if subject == ImportRun.Subject.CUSTOMERS else _about(lines, known))
    return [line for line in lines if line.number not in refused], list(refused.values())


def _known(reader: Reader, subject: str, lines: Sequence[Line], source: str) -> _Known:
    column = "external_id" if subject == ImportRun.Subject.CUSTOMERS else "customer"
    customers = Customer.objects.filter(source=source, external_id__in={line.values[column] for line in lines})
    own = set(visible_to(reader, customers).values_list("external_id", flat=True))
    touchpoints: Mapping[str, bool] = {}
    if subject == ImportRun.Subject.TOUCHPOINTS:
        there = Touchpoint.objects.filter(source=source, external_id__in={line.values["external_id"] for line in lines})
        ours = set(visible_to(reader, there).values_list("external_id", flat=True))
        touchpoints = {key: key in ours for key in there.values_list("external_id", flat=True)}
    return _Known(
        {key: key in own for key in customers.values_list("external_id", flat=True)},
        touchpoints,
        list(visible_to(reader, Brand.objects.order_by("slug")).values_list("slug", flat=True)),
    )


def _customers(lines: Sequence[Line], known: _Known) -> Iterator[tuple[int, Reject]]:
    for line in lines:
        key, brand = line.values["external_id"], line.values.get("brand", "")
        if not known.customers.get(key, True):
            yield line.number, Reject(line.number, "external_id", key, TAKEN)
        elif not brand and key not in known.customers and len(known.brands) == 1:
            line.values["brand"] = known.brands[0]
        elif brand not in known.brands and (brand or key not in known.customers):
            yield line.number, Reject(line.number, "brand", brand, NAME_IT.format(", ".join(known.brands)))


def _about(lines: Sequence[Line], known: _Known) -> Iterator[tuple[int, Reject]]:
    for line in lines:
        customer, key = line.values["customer"], line.values["external_id"]
        if not known.customers.get(customer, False):
            yield line.number, Reject(line.number, "customer", customer, OF_OURS)
        elif not known.touchpoints.get(key, True):
            yield line.number, Reject(line.number, "external_id", key, TAKEN)
