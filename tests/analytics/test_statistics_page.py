"""The worked examples of docs/statistics.md."""

from datetime import timedelta

import pytest
from django.conf import settings

from analytics import churn, scores, shares

TEXT = (settings.BASE_DIR / "docs" / "statistics.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "interval",
    [
        scores.adjusted_wald(400, 250, 162),
        scores.score_interval(5, 3, 2),
        scores.wilson(30, 40),
        shares.newcombe(30, 40, 15, 40),
    ],
)
def test_intervals_of_the_examples_are_right(interval: scores.Interval) -> None:
    low, high = interval
    assert f"**{low:.1f}**" in TEXT
    assert f"**{high:.1f}**" in TEXT


def test_numbers_that_the_text_names_are_those_of_the_code() -> None:
    assert timedelta(days=90) == churn.HORIZON
    assert "in the 90 days after" in TEXT
    assert churn.STRATA == (1, 2, 3, 5, 9)
    assert (scores.SHOWN_FROM, scores.WIDEST_MARGIN, scores.ADJUSTED_WALD_FROM) == (10, 20, 30)
