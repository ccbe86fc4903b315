"""What the queue wakes in this room."""

from django.utils import timezone

from analytics import churn_runs, comments


def find_themes() -> None:
    """Find the themes of comments that are new, or that the codebook has changed since."""
    comments.find_themes()


def learn_churn() -> None:
    """Learn who may leave, and judge both models of it."""
    churn_runs.learn(timezone.now(), with_boosting=True)
