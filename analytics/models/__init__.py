"""This room's own tables: definitions that managers change. What the numbers are of belongs to the other rooms."""

from analytics.models.definitions import JourneyStage, Metric

__all__ = ["JourneyStage", "Metric"]
