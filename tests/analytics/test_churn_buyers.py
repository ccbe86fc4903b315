"""BG/NBD: the published figures of CDNOW, and people made up to be as the model says."""

from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from analytics.churn.buyers import Buyers, alive, expected_purchases, fit_buyers, histories
from cxsurvey.sample.purchases import purchases

SAMPLE = Path(__file__).with_name("reference") / "cdnow_sample.txt"
END = datetime(1997, 9, 30, tzinfo=UTC)
"""After 39 weeks; the rest of the data is the future."""


@pytest.fixture(scope="module")
def sample() -> pd.DataFrame:
    ids = {f"{int(word):05}" for line in SAMPLE.read_text().splitlines()[1:] for word in line.split()}
    rows = [(row.customer, datetime.combine(row.day, time(), UTC)) for row in purchases() if row.customer in ids]
    return pd.DataFrame(rows, columns=["customer", "at"])


@pytest.fixture(scope="module")
def known(sample: pd.DataFrame) -> pd.DataFrame:
    return histories(sample[sample["at"] <= END], observed_until=END)


@pytest.fixture(scope="module")
def model(known: pd.DataFrame) -> Buyers:
    return fit_buyers(known)


def history(*rows: tuple[Any, Any, Any]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["repeats", "last", "observed"])


def test_parameters_are_the_published_ones(model: Buyers) -> None:
    """Fader, Hardie and Lee 2005, table 2."""
    assert (round(model.r, 3), round(model.alpha, 3), round(model.a, 3), round(model.b, 3)) == (
        *(0.243, 4.414),
        *(0.793, 2.426),
    )
    assert (round(model.log_likelihood, 2), model.n) == (-9582.43, 2357)


def test_first_customer_is_expected_to_buy_as_published(model: Buyers, known: pd.DataFrame) -> None:
    """Two repeats, the last in week 30.43 of 38.86: 1.226 purchases in the next 39 weeks (Fader and Hardie)."""
    first = known.head(1)
    assert first.round(2).to_numpy().tolist() == [[2, 30.43, 38.86]]
    assert expected_purchases(model, first, ahead=39).tolist() == pytest.approx([1.226], abs=5e-4)
    assert alive(model, first).tolist() == pytest.approx([0.7266], abs=5e-4)


def test_the_future_is_foreseen(model: Buyers, known: pd.DataFrame, sample: pd.DataFrame) -> None:
    """In sum an eighth too few (the model knows of no Christmas), and customers nearly in the right order."""
    days = sample.drop_duplicates()
    came = days[days["at"] > END].groupby("customer").size().reindex(known.index, fill_value=0)
    expected = expected_purchases(model, known, ahead=39)
    assert expected.sum() == pytest.approx(came.sum(), rel=0.13)
    assert np.corrcoef(expected, came)[0, 1] > 0.6


def made_up(people: int, r: float, alpha: float, a: float, b: float) -> tuple[pd.DataFrame, Any, Any]:
    """Histories of 40 to 60 weeks, whether each is still there, and purchases in the 26 weeks after."""
    random = np.random.default_rng(12)
    rate, gone, observed = random.gamma(r, 1 / alpha, people), random.beta(a, b, people), random.uniform(40, 60, people)
    rows, there, later = [], np.zeros(people, dtype=bool), np.zeros(people)
    for n in range(people):
        lifetime = random.geometric(gone[n])
        at = np.cumsum(random.exponential(1 / rate[n], min(lifetime, 2000)))
        before = int((at <= observed[n]).sum())
        rows.append((before, at[before - 1] if before else 0.0, observed[n]))
        there[n], later[n] = before < lifetime, ((at > observed[n]) & (at <= observed[n] + 26)).sum()
    return history(*rows), there, later


def test_people_made_as_the_model_says_are_recognised() -> None:
    truth = (0.5, 6.0, 1.2, 3.0)
    seen, there, later = made_up(12_000, *truth)
    model = fit_buyers(seen)
    assert (model.r, model.alpha) == pytest.approx(truth[:2], rel=0.1)
    assert model.a / (model.a + model.b) == pytest.approx(1.2 / 4.2, rel=0.1)
    p, expected = alive(model, seen), expected_purchases(model, seen, ahead=26)
    for group in range(5):
        rows = (np.argsort(np.argsort(p, kind="stable")) * 5 // len(p)) == group
        assert p[rows].mean() == pytest.approx(there[rows].mean(), abs=0.03)
    assert expected.sum() == pytest.approx(later.sum(), rel=0.05)


def test_time_may_be_in_any_unit(model: Buyers, known: pd.DataFrame) -> None:
    daily = fit_buyers(known.assign(last=known["last"] * 7, observed=known["observed"] * 7))
    assert daily.alpha == pytest.approx(7 * model.alpha, rel=1e-3)
    assert (daily.r, daily.a, daily.b) == pytest.approx((model.r, model.a, model.b), rel=1e-3)


def test_silence_after_many_purchases_says_more_than_after_few(model: Buyers) -> None:
    p = alive(model, history((0, 0, 30), (2, 10, 30), (12, 10, 30), (12, 29, 30)))
    assert p[0] == 1.0
    assert p[2] < p[1] < p[3]


def test_purchases_of_one_moment_are_one() -> None:
    start = datetime(2026, 1, 1, tzinfo=UTC)
    bought = pd.DataFrame({"customer": 1, "at": [start, start, start + timedelta(days=7)]})
    found = histories(bought, observed_until=start + timedelta(days=21))
    assert found.to_numpy().tolist() == [[1, 1.0, 3.0]]


@pytest.mark.parametrize(
    ("of", "told"),
    [
        (history(*[(0, 0, 10)] * 50), "0 of 50 customers bought again"),
        (history(*[(2, 5, 10)] * 50), "50 of 50 customers bought again"),
        (history(), "0 of 0"),
        (history((1, 11, 10)), "customer 0 cannot be"),
        (history((0, 5, 10)), "customer 0 cannot be"),
        (history((1.5, 5, 10)), "customer 0 cannot be"),
        (history((2, np.nan, 10)), "customer 0 cannot be"),
    ],
)
def test_histories_that_cannot_be_or_say_nothing_are_refused(of: pd.DataFrame, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        fit_buyers(of)


def test_no_time_to_come_and_purchases_of_the_future_are_refused(model: Buyers, sample: pd.DataFrame) -> None:
    with pytest.raises(ValueError, match="need a time to come"):
        expected_purchases(model, history((1, 2, 3)), ahead=0)
    with pytest.raises(ValueError, match="purchases lie after 1997-09-30"):
        histories(sample, observed_until=END)


def test_customers_all_alike_have_no_best_model() -> None:
    """Nothing tells whether somebody left: everybody bought once more, just now, or not at all."""
    with pytest.raises(ValueError, match="no model fits best"):
        fit_buyers(history(*[(1, 10, 10)] * 30, *[(0, 0, 10)] * 30))


def test_somebody_who_bought_a_thousand_times_is_foreseen_too() -> None:
    cdnow = Buyers(0.243, 4.414, 0.793, 2.426, log_likelihood=-9582.43, n=2357)
    often = expected_purchases(cdnow, history((1000, 38.9, 39)), ahead=1).iloc[0]
    assert often == pytest.approx(1000.243 / 43.414, rel=0.05)


def test_purchases_to_come_have_no_gap_where_leaving_is_even() -> None:
    below, even, above = (
        expected_purchases(Buyers(0.243, 4.414, a, 2.426, 0.0, 1), history((2, 30, 39)), ahead=39).iloc[0]
        for a in (0.9999, 1.0, 1.0001)
    )
    assert below > even > above
    assert even == pytest.approx((below + above) / 2, rel=1e-4)
