"""Whether a no closes a message out, asked of many messages at a time while they are sent."""

from collections import defaultdict
from collections.abc import Collection, Mapping

from django.db import connection

from contacts.copying import among_ids
from contacts.models import Identifier
from contacts.records import owners_of
from contacts.sharing import holders_elsewhere, on_another_record


def whose_no_counts(messages: Mapping[int, tuple[int, int | None]]) -> dict[int, set[int]]:
    """Message -> (customer, address) in, message -> ids of the records whose opt-outs close its channel out.

    Those of the person, and of whoever has the address too. Two statements, unless an address is shared.
    """
    addresses = {address for _, address in messages.values() if address}
    shared = Identifier.objects.filter(pk__in=addresses).filter(on_another_record())
    holders = {pk: set(persons) for pk, persons in shared.values_list("pk", holders_elsewhere())}
    customers = {customer for customer, _ in messages.values()}
    owners = owners_of(customers.union(*holders.values()))
    records: dict[int, set[int]] = defaultdict(set)
    for record, person in owners.items():
        records[person].add(record)
    return {
        message: records[owners[customer]].union(*(records[person] for person in holders.get(address or 0, ())))
        for message, (customer, address) in messages.items()
    }


def hold_open(records: Collection[int], channel: str) -> bool:
    """Whether none of these customer records has said no to the channel: what is true stays so until the commit.

    As SQL, because it is asked for each message.
    """
    among, ids = among_ids("id", records)
    of_them, _ = among_ids("customer_id", records)
    with connection.cursor() as cursor:
        if connection.features.has_select_for_update:
            cursor.execute(f"SELECT id FROM contacts_customer WHERE {among} ORDER BY id FOR NO KEY UPDATE", ids)
        standing = f"{of_them} AND channel IN ('', %s) AND reopened_at IS NULL"
        cursor.execute(f"SELECT 1 FROM contacts_optout WHERE {standing} LIMIT 1", [*ids, channel])
        return cursor.fetchone() is None
