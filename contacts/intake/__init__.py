"""Customers, touchpoints, contacts and consents in, from CSV files: every row accounted for, and none in twice."""

from functools import partial

from contacts.intake.consents import CONSENTS
from contacts.intake.contacts import CONTACTS
from contacts.intake.customers import CUSTOMERS
from contacts.intake.running import ImportResult, bring_in
from contacts.intake.tables import Reject, Unreadable
from contacts.intake.touchpoints import TOUCHPOINTS

__all__ = [
    "CONSENTS",
    "CONTACTS",
    "CUSTOMERS",
    "TOUCHPOINTS",
    "ImportResult",
    "Reject",
    "Unreadable",
    "bring_in",
    "import_consents",
    "import_contacts",
    "import_customers",
    "import_touchpoints",
]

import_consents = partial(bring_in, CONSENTS)
import_contacts = partial(bring_in, CONTACTS)
import_customers = partial(bring_in, CUSTOMERS)
import_touchpoints = partial(bring_in, TOUCHPOINTS)
