"""What asking too often does to the answers: in answer rate and in score, and how much of it is proven."""

from analytics.fatigue.by_contacts import ContactsRow, Cost, by_contacts, cost_of_contacts
from analytics.fatigue.randomised import Randomised, compare, more_months
from analytics.fatigue.standardised import Standardised, standardise

__all__ = [
    "ContactsRow",
    "Cost",
    "Randomised",
    "Standardised",
    "by_contacts",
    "compare",
    "cost_of_contacts",
    "more_months",
    "standardise",
]
