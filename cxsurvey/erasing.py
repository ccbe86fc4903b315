"""Erase all that is known of a person, in every room at once: the only way it is done."""

from datetime import datetime

from django.db import transaction

from analytics import erasing as of_analytics
from contacts import consent
from contacts import erasing as of_contacts
from contacts.persons import read_records
from cxsurvey import exports
from recovery import erasing as of_recovery
from surveys import erasing as of_surveys


@transaction.atomic
def erase(customer_id: int, *, at: datetime, via: str) -> None:
    """Empty every row about the person behind a customer record, and never contact her again.

    `via`: how the wish reached us. What is left: that somebody was asked, when and what was decided, and the numbers
    of the answers, none of which says who it was; and the hashes by which she stays in peace. Safe to repeat.
    """
    consent.opt_out(customer_id, "", at=at, via=via)  # holds the person locked
    records = [record.id for record in read_records([customer_id])]
    found_by = of_contacts.traces(records)
    of_recovery.erase(records, at=at)
    of_analytics.erase(records)
    of_surveys.erase(records, found_by, at=at)
    of_contacts.erase(records, found_by, at=at)
    exports.withdraw_files()
