"""Customers and touchpoints in, from CSV files: every row accounted for, the same file twice without a trace."""

from functools import partial

from contacts.intake.customers import CUSTOMERS
from contacts.intake.running import ImportResult, bring_in
from contacts.intake.tables import Reject, Unreadable
from contacts.intake.touchpoints import TOUCHPOINTS

__all__ = [
    "CUSTOMERS",
    "TOUCHPOINTS",
    "ImportResult",
    "Reject",
    "Unreadable",
    "bring_in",
    "import_customers",
    "import_touchpoints",
]

import_customers = partial(bring_in, CUSTOMERS)
import_touchpoints = partial(bring_in, TOUCHPOINTS)
