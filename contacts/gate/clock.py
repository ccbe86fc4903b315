"""An answer or a decline starts its clock, mostly in few statements; part of `contacts.gate`."""

from datetime import datetime

from django.db import connection, transaction

from contacts.gate.recording import Entry, record
from contacts.models import Contact
from contacts.models.words import OURS, Outcome
from contacts.newest import push_one, refresh
from contacts.prepared import Insert
from contacts.sharing import ELSEWHERE

CONTACTS = Insert(Contact)
PLAIN = f"""
SELECT 1 FROM contacts_customer customer WHERE customer.id = %s AND customer.merged_into_id IS NULL
AND NOT EXISTS (SELECT 1 FROM contacts_customer other WHERE other.merged_into_id = customer.id)
AND NOT EXISTS (SELECT 1 FROM contacts_identifier own WHERE own.customer_id = customer.id AND own.type = 'phone'
    AND own.issuer = '' AND {ELSEWHERE})
AND NOT EXISTS (SELECT 1 FROM contacts_appointment made WHERE made.touchpoint_id = %s AND made.state = 'open')
AND NOT EXISTS (SELECT 1 FROM contacts_contact known
    WHERE known.source = %s AND known.external_id = %s AND known.external_id <> '')
"""
"""Whether a customer is one record and shares no number, no call is agreed on about the touchpoint, and the ledger does
not have the event: then nobody else is to be locked, nothing to be ended, and nothing to be told anew."""
LOCKED = f"{PLAIN} FOR NO KEY UPDATE OF customer"


@transaction.atomic(savepoint=False)
def clock_event(
    customer_id: int,
    purpose: str,
    *,
    at: datetime,
    survey: str,
    program: str = "",
    seconds: int = 0,
    source: str = OURS,
    external_id: str = "",
    simulated: bool = False,
    touchpoint_id: int | None = None,
) -> None:
    """Start the clock of a response or a decline: an event that rules read, and no contact.

    Call it in the transaction that stores the answer, so that no call is made for an answer that is there. It does what
    `record` does, which takes a dozen statements; where there is nothing but the event to write, these are three (on
    PostgreSQL four).
    """
    entry = Entry(
        customer_id,
        at,
        purpose,
        source,
        external_id,
        outcome=Outcome.COMPLETED,
        survey=survey,
        program=program,
        seconds=seconds,
        simulated=simulated,
        touchpoint_id=touchpoint_id,
    )
    if _lock_plain(entry):
        CONTACTS.many([CONTACTS.new(**entry.columns(at))])
        alike = {"channel": entry.channel, "purpose": purpose, "survey": survey, "program": program, "source": source}
        if not push_one(customer_id, at, **alike):
            refresh([customer_id])
    else:
        record([entry], at=at)


def _lock_plain(entry: Entry) -> bool:
    """Lock the customer of an event, if that is all that is to be locked for it; return whether it was so."""
    asked = [entry.customer_id, entry.touchpoint_id, entry.source, entry.external_id]
    with connection.cursor() as cursor:
        if connection.vendor != "postgresql":  # there the transaction has locked the whole file
            return cursor.execute(PLAIN, asked).fetchone() is not None
        if cursor.execute(LOCKED, asked).fetchone() is None:
            return False
        # Once more, as whoever held the lock may have made it otherwise, and the first statement does not see that.
        return cursor.execute(PLAIN, asked).fetchone() is not None
