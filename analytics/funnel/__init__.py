"""From touchpoint to score: how far each came, and what became of those that came no further."""

from analytics.funnel.fates import Fate, Pair, farthest, fate
from analytics.funnel.steps import STEPS, FunnelRow, SpreadRow, funnel, spread

__all__ = ["STEPS", "Fate", "FunnelRow", "Pair", "SpreadRow", "farthest", "fate", "funnel", "spread"]
