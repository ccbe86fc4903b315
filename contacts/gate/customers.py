"""Many customers locked at once, and what stands in their records: columns in place of a `Record` for each."""

from dataclasses import dataclass, fields

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from contacts.columns import read_columns
from contacts.copying import among_ids
from contacts.frequency.zone_arrays import Bools, Ints, Places
from contacts.locking import lock_records
from contacts.sharing import ELSEWHERE

Words = NDArray[np.str_]


@dataclass(frozen=True, slots=True, eq=False)
class Customers:
    """Records of locked persons, arrays of one length in the order of the ids; `merged`: several are one person."""

    ids: Ints
    merged: Bools
    has_account: Bools
    time_zone: Words
    country: Words
    language: Words
    simulated: Bools

    def places(self, customers: Ints) -> Places:
        """Where each of these customers is."""
        return np.searchsorted(self.ids, customers)

    def find(self, customers: Ints) -> tuple[Places, Bools]:
        """Where each of these customers would be, and whether it is there."""
        places = np.minimum(self.places(customers), max(len(self.ids) - 1, 0))
        return places, np.isin(customers, self.ids)

    def some(self, chosen: Bools) -> "Customers":
        """Some of them."""
        return Customers(*(getattr(self, field.name)[chosen] for field in fields(self)))


def lock_customers(customers: Ints) -> Customers:
    """Lock the persons behind these records as `lock_records` does, in three statements where each is one record.

    Those are most, and to look for the others first takes one statement for all of them.
    """
    ids = np.unique(customers)
    if _alone(ids):
        locked = _read(ids, lock=True)
        if not locked.merged.any():
            return locked
    return _read(np.unique([record.id for record in lock_records(ids.tolist())]), lock=False)


def _alone(ids: Ints) -> bool:
    """Whether none of these records was merged, and nobody else has a phone number of theirs."""
    among, parameter = among_ids("own.id", ids.tolist())
    among_merged, _ = among_ids("merged.merged_into_id", ids.tolist())
    among_owners, _ = among_ids("own.customer_id", ids.tolist())
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT EXISTS (SELECT 1 FROM contacts_customer own WHERE own.merged_into_id IS NOT NULL AND {among}) "
            f"OR EXISTS (SELECT 1 FROM contacts_customer merged WHERE {among_merged}) "
            "OR EXISTS (SELECT 1 FROM contacts_identifier own WHERE own.type = 'phone' AND own.issuer = '' "
            f"AND {among_owners} AND {ELSEWHERE})",
            parameter * 3,
        )
        [found] = cursor.fetchone() or (True,)
    return not found


def _read(ids: Ints, *, lock: bool) -> Customers:
    """The records; whether one was merged is looked up after its lock was waited for."""
    among, parameter = among_ids("own.id", ids.tolist())
    waits = " FOR NO KEY UPDATE" if lock and connection.vendor == "postgresql" else ""
    found = read_columns(
        "SELECT own.id, own.merged_into_id IS NOT NULL, own.account_id IS NOT NULL, own.time_zone, own.country, "
        f"own.language, own.simulated FROM contacts_customer own WHERE {among} ORDER BY own.id{waits}",
        parameter,
        id=np.int64,
        merged=np.bool_,
        has_account=np.bool_,
        time_zone=np.str_,
        country=np.str_,
        language=np.str_,
        simulated=np.bool_,
    )
    ids = found.pop("id")
    among, parameter = among_ids("merged_into_id", ids.tolist())
    stand = read_columns(f"SELECT merged_into_id FROM contacts_customer WHERE {among}", parameter, person=np.int64)
    found["merged"] |= np.isin(ids, stand["person"])
    return Customers(ids, **found)
