"""The only crossing from the tables to data frames: columns with fixed types, whatever the rows.

What is learned from (`analytics.frames.history`) is not among what is offered here: it loads the models of churn, which
take a second that no page has to spare.
"""

from analytics.frames.asked import FATIGUE_DAYS, invited, planned
from analytics.frames.drawn import drawn
from analytics.frames.experiences import experiences, ratings
from analytics.frames.touched import PURCHASE, outcomes, purchases, recorded_until, touchpoints
from analytics.frames.typed import as_rows, of_rows

__all__ = [
    "FATIGUE_DAYS",
    "PURCHASE",
    "as_rows",
    "drawn",
    "experiences",
    "invited",
    "of_rows",
    "outcomes",
    "planned",
    "purchases",
    "ratings",
    "recorded_until",
    "touchpoints",
]
