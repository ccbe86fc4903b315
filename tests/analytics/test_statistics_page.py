"""The worked examples of docs/statistics.md."""

from datetime import timedelta

import numpy as np
import pandas as pd
import pytest
from django.conf import settings
from scipy.special import expit

from analytics import scores, shares
from analytics.churn import boosting, buyers, by_kind, evaluating, fitting, judging, leaks, months
from analytics.churn.calibration import in_the_large

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
    assert timedelta(days=90) == by_kind.HORIZON
    assert "in the 90 days after" in TEXT
    assert by_kind.STRATA == (1, 2, 3, 5, 9)
    assert (scores.SHOWN_FROM, scores.WIDEST_MARGIN, scores.ADJUSTED_WALD_FROM) == (10, 20, 30)


def test_examples_of_the_churn_models_are_right() -> None:
    added = (-2.94, 1.20, 1.10, -0.60)
    assert f"the logit is {sum(added):.2f}, the\nprobability **{100 * expit(sum(added)):.1f}%**" in TEXT
    logit, left = np.full(2000, np.log(0.047 / 0.953)), (np.arange(2000) < 70).astype(np.int64)
    assert f"says\n**{in_the_large(logit, left):.2f}**" in TEXT
    assert f"the update is **{in_the_large(logit, left, level_sd=fitting.LEVEL_SD):.2f}**" in TEXT


def test_example_of_the_buyers_is_right() -> None:
    cdnow = buyers.Buyers(0.243, 4.414, 0.793, 2.426, log_likelihood=-9582.43, n=2357)
    first = pd.DataFrame({"repeats": [2], "last": [30.43], "observed": [38.86]})
    assert f"r **{cdnow.r}**, alpha **{cdnow.alpha}**, a **{cdnow.a}**, b **{cdnow.b}**" in TEXT
    assert f"log-likelihood **{cdnow.log_likelihood}**" in TEXT
    assert f"still one with **{buyers.alive(cdnow, first)[0]:.2f}**" in TEXT
    assert f"**{buyers.expected_purchases(cdnow, first, ahead=39)[0]:.2f}** purchases" in TEXT


def test_limits_of_the_churn_models_are_those_of_the_code() -> None:
    assert (leaks.TOGETHER, leaks.ALONE, judging.DRAWS, fitting.LEVEL_SD) == (0.95, 0.9, 200, 0.2)
    assert (boosting.SETTINGS["interactions"], months.RECENT, evaluating.LATEST) == (20, timedelta(days=90), 0.2)
