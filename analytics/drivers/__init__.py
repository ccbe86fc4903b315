"""What moves the score: shares of what is explained, effects in NPS points, and what the organisation weighs."""

from analytics.drivers.exposure import Exposed, by_exposure
from analytics.drivers.ordered import OrderedLogit, ordered_logit
from analytics.drivers.shapley import Shares, shares
from analytics.drivers.weights import Alignment, Gap, against_weights

__all__ = [
    "Alignment",
    "Exposed",
    "Gap",
    "OrderedLogit",
    "Shares",
    "against_weights",
    "by_exposure",
    "ordered_logit",
    "shares",
]
