"""Weights for who did not answer, and what is left to doubt: response weights, raking, and bounds for the silent.

Pure functions over frames, with no database and no web behind them. Weights remove only what is known of all who were
asked; what they cannot is for `bounds`. docs/statistics.md has an example of each.
"""

from analytics.weighting.cells import WeightedCounts, cell_weights, weighted_counts
from analytics.weighting.raking import Margins, rake
from analytics.weighting.response import response_weights
from analytics.weighting.silent import Bound, bounds
from analytics.weighting.weights import Weights, standard_error, trimmed, weighted_nps

__all__ = [
    "Bound",
    "Margins",
    "WeightedCounts",
    "Weights",
    "bounds",
    "cell_weights",
    "rake",
    "response_weights",
    "standard_error",
    "trimmed",
    "weighted_counts",
    "weighted_nps",
]
