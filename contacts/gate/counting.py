"""How many contacts of each of many customers a cap counts, asked of the ledger itself."""

from collections.abc import Collection
from datetime import datetime

import numpy as np
from django.db import connection

from contacts.columns import read_columns
from contacts.copying import given, stored
from contacts.frequency.caps import CLOCKS, MEASURES, Cap
from contacts.frequency.facts import CONTACT_PURPOSES
from contacts.frequency.zone_arrays import Ints, instant
from contacts.newest import COUNTING

HAS_TAG = {
    "postgresql": "jsonb_exists_any(contact.tags, ARRAY[{}])",
    "sqlite": "EXISTS (SELECT 1 FROM json_each(contact.tags) WHERE value IN ({}))",
}


def count_since(cap: Cap, customers: Ints, since: Ints, at: datetime) -> Ints:
    """How many contacts the cap counts of each of these records that are later than `since`, up to `at`.

    Each record is there once. One statement, with a look into the ledger's index for each record.
    """
    begins = {begin: stored(instant(begin)) for begin in np.unique(since).tolist()}
    table, records = given(customer_id=customers.tolist(), begin=[begins[begin] for begin in since.tolist()])
    condition, words = _counts(cap)
    found = read_columns(
        f"SELECT customer_id, (SELECT count(*) FROM contacts_contact contact "
        "WHERE contact.customer_id = given.customer_id AND contact.at > given.begin AND contact.at <= %s "
        f"AND {COUNTING} AND {condition}) FROM {table}",
        [stored(at), *words, *records],
        customer=np.int64,
        count=np.int64,
    )
    counts = np.empty(len(customers), np.int64)
    counts[np.argsort(customers)] = found["count"][np.argsort(found["customer"])]
    return counts


def _counts(cap: Cap) -> tuple[str, list[str]]:
    """`Cap.counts` for SQL, and the parameters; what was released is left out elsewhere."""
    measured, values = _among("purpose", MEASURES[cap.measure])
    if cap.measure == "call_attempts":
        contacts, purposes = _among("purpose", CONTACT_PURPOSES)
        measured, values = f"({measured} OR contact.channel = 'phone' AND {contacts})", [*values, *purposes]
    means = {} if cap.measure in CLOCKS else {"channel": cap.channels, "purpose": cap.purposes}
    scopes = means | {"survey": cap.surveys, "program": cap.programs, "source": cap.sources}
    conditions = [measured]
    for column, words in scopes.items():
        if words:
            condition, found = _among(column, words)
            conditions.append(condition)
            values += found
    if cap.tags:
        conditions.append(HAS_TAG[connection.vendor].format(_places(cap.tags)))
        values += sorted(cap.tags)
    return " AND ".join(conditions), values


def _among(column: str, words: Collection[str]) -> tuple[str, list[str]]:
    return f"contact.{column} IN ({_places(words)})", sorted(words)


def _places(words: Collection[str]) -> str:
    return ", ".join(["%s"] * len(words))
