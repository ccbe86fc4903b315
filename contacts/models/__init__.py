"""Whom we may ask, and how often: the tables of this room."""

from contacts.models.appointments import Appointment
from contacts.models.brand_limits import BrandLimit
from contacts.models.changes import Era
from contacts.models.consent import ConsentEvent, Erased, ErasureDue, OptOut, Wish
from contacts.models.customers import Account, Brand, Customer, Identifier
from contacts.models.events import Event, EventMeaning, EventSource
from contacts.models.holdouts import Holdout
from contacts.models.imports import ImportRun
from contacts.models.ledger import Contact, Decision, Override
from contacts.models.newest import ContactKind, NewestContacts
from contacts.models.policy import Policy, PolicyVersion
from contacts.models.proposals import Compared, Proposal
from contacts.models.touchpoints import Touchpoint

__all__ = [
    "Account",
    "Appointment",
    "Brand",
    "BrandLimit",
    "Compared",
    "ConsentEvent",
    "Contact",
    "ContactKind",
    "Customer",
    "Decision",
    "Era",
    "Erased",
    "ErasureDue",
    "Event",
    "EventMeaning",
    "EventSource",
    "Holdout",
    "Identifier",
    "ImportRun",
    "NewestContacts",
    "OptOut",
    "Override",
    "Policy",
    "PolicyVersion",
    "Proposal",
    "Touchpoint",
    "Wish",
]
