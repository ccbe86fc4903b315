"""What the queue wakes in this room."""

from django.utils import timezone

from analytics import churn_runs, comments, counted_months, report_mailing


def find_themes() -> None:
    """Find the themes of comments that are new, or that the codebook has changed since."""
    comments.find_themes()


def send_reports() -> None:
    """Send the scheduled reports that are due. Safe to run any number of times at once."""
    report_mailing.make_due(timezone.now())
    report_mailing.send_waiting(timezone.now)


def learn_churn() -> None:
    """Learn who may leave, and judge both models of it."""
    churn_runs.learn(timezone.now(), with_boosting=True)


def count_months() -> None:
    """Count the scores of months that are over."""
    counted_months.count_months(timezone.now())
