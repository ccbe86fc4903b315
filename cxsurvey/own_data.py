"""Everything that is kept about a person, of all rooms: what the law calls access (GDPR, articles 15 and 20)."""

from collections.abc import Collection

from analytics import own_data as of_analytics
from contacts import own_data as of_contacts
from contacts.own_data import OwnData
from recovery import own_data as of_recovery
from surveys import own_data as of_surveys


def own_data(records: Collection[int], zone: str) -> OwnData:
    """Return all that is kept about the person with these records, by part; `zone` is hers, for texts."""
    return {
        **of_contacts.own_data(records, zone),
        **of_surveys.own_data(records),
        **of_recovery.own_data(records),
        **of_analytics.own_data(records),
    }
