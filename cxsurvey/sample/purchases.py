"""The real part: the CDNOW purchases (Fader and Hardie, Interfaces 31, 2001), as they are packed in `data/`."""

import csv
import gzip
import io
from datetime import date
from decimal import Decimal
from importlib import resources
from typing import NamedTuple

FIRST_DAY = date(1997, 1, 1)
LAST_DAY = date(1998, 6, 30)


class Purchase(NamedTuple):
    """One row of the data set; `number` counts the rows of a customer from 1, in the file's order."""

    customer: str
    number: int
    day: date
    quantity: int
    value: Decimal


def purchases() -> list[Purchase]:
    """Return all 69,659 purchases, each customer's in order of time; `value` is in US dollars."""
    packed = resources.files("cxsurvey.sample").joinpath("data/purchases.csv.gz").read_bytes()
    table = csv.DictReader(io.StringIO(gzip.decompress(packed).decode()))
    counted: dict[str, int] = {}
    rows = []
    for row in table:
        customer = row["customer"]
        counted[customer] = counted.get(customer, 0) + 1
        day, quantity, value = date.fromisoformat(row["date"]), int(row["quantity"]), Decimal(row["value"])
        rows.append(Purchase(customer, counted[customer], day, quantity, value))
    return rows
