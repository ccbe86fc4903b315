"""Forget what was found out about a person."""

from collections.abc import Collection

from analytics import churn_runs, comments


def erase(records: Collection[int]) -> None:
    """Forget what her comments were about, and the risk to lose her."""
    comments.erase(records)
    churn_runs.erase(records)
