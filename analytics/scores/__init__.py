"""Scores and what may be said of them: intervals, comparisons, sample sizes, and what readers may see.

Pure functions over counts and columns, with no database and no web behind them; docs/statistics.md has an example of
each.
"""

from analytics.scores.boxes import TopBox, ces, csat
from analytics.scores.comparing import REST, Comparison, Difference, Pair, compare, nps_difference
from analytics.scores.customers import (
    Clustering,
    PairedChange,
    clustering,
    nps_clustered,
    paired_change,
    repeated_n_eff,
)
from analytics.scores.intervals import Interval, adjusted_wald, score_interval, wilson
from analytics.scores.ranking import Homogeneity, Rank
from analytics.scores.score import ADJUSTED_WALD_FROM, Counts, Method, PublishedScore, Score, nps, published
from analytics.scores.shown import SHOWN_FROM, WIDEST_MARGIN, State, state, withheld, withheld_in_table
from analytics.scores.sizes import SampleSize, answers_for_margin, sample_size, sample_size_difference

__all__ = [
    "ADJUSTED_WALD_FROM",
    "REST",
    "SHOWN_FROM",
    "WIDEST_MARGIN",
    "Clustering",
    "Comparison",
    "Counts",
    "Difference",
    "Homogeneity",
    "Interval",
    "Method",
    "Pair",
    "PairedChange",
    "PublishedScore",
    "Rank",
    "SampleSize",
    "Score",
    "State",
    "TopBox",
    "adjusted_wald",
    "answers_for_margin",
    "ces",
    "clustering",
    "compare",
    "csat",
    "nps",
    "nps_clustered",
    "nps_difference",
    "paired_change",
    "published",
    "repeated_n_eff",
    "sample_size",
    "sample_size_difference",
    "score_interval",
    "state",
    "wilson",
    "withheld",
    "withheld_in_table",
]
