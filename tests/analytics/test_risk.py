"""What a panel says about who leaves, as readers may see it."""

import math
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pandas as pd
import pytest

from analytics import risk as module
from analytics.churn.periods import Panel
from analytics.estimates import QUANTILE
from analytics.risk import risk


def world(seed: int = 1, customers: int = 600) -> Panel:
    """Customers over six periods, of whom one in ten leaves in each, and three in ten after a problem."""
    random = np.random.default_rng(seed)
    rows = pd.DataFrame({"customer": np.repeat(np.arange(customers), 6), "period": np.tile(np.arange(6), customers)})
    rows["problems"] = random.binomial(2, 0.3, len(rows))
    rows["tenure"] = rows["period"] * 3.0
    rows["churn"] = (random.random(len(rows)) < np.where(rows["problems"] > 0, 0.3, 0.1)).astype(int)
    gone = rows.groupby("customer")["churn"].cumsum() - rows["churn"] > 0
    dates = pd.date_range("2025-01-01", periods=6, freq="90D").strftime("%Y-%m-%d")
    past = rows.assign(customer=rows["customer"].astype(str), period=dates.to_numpy()[rows["period"]])[~gone]
    today = rows.drop_duplicates("customer").drop(columns=["period", "churn"]).assign(gone_quiet=False)
    return Panel(past.reset_index(drop=True), today.reset_index(drop=True), datetime(2026, 7, 1, tzinfo=UTC), False)


@pytest.fixture(scope="module")
def found() -> module.Risk:
    return risk(world(), with_boosting=False)


def test_every_customer_is_in_one_band(found: module.Risk) -> None:
    bands = found.numbers["bands"]
    assert [row["value"] for row in bands] == ["0 to 25%", "25 to 50%", "50 to 75%", "75 to 100%"]
    assert sum(row["n"] for row in bands) == len(found.scored) == 600
    lowest = found.scored["probability"][found.scored["probability"] < 0.25]
    assert (bands[0]["n"], bands[0]["expected"]) == (len(lowest), pytest.approx(lowest.sum(), abs=0.05))


def test_small_bands_say_how_many_and_no_more() -> None:
    probability = pd.Series([0.1] * 30 + [0.3] * 3 + [0.6] * 20 + [1.0] * 40)
    rows = {row["value"]: row for row in module._bands(probability)}
    assert (rows["25 to 50%"]["n"], rows["25 to 50%"]["expected"]) == (3, None)
    assert rows["75 to 100%"]["n"] == 40
    hidden = [row for row in rows.values() if row["expected"] is None]
    assert len(hidden) > 1, "or the total would tell what is expected of the three"


def test_the_model_is_judged_on_later_periods(found: module.Risk) -> None:
    assert found.numbers["split"] == "learned from 2025-01-01 to 2025-12-27, judged on 2026-03-27 to 2026-03-27"
    figures = {row["value"]: row for row in found.numbers["figures"]}
    assert 0.55 < figures["Ranking (AUC)"]["low"] < figures["Ranking (AUC)"]["estimate"] < 0.75
    assert figures["Error (Brier) of one risk for all"]["low"] is None
    assert sum(row["n"] for row in found.numbers["calibration"]) < 600
    assert found.numbers["boosting"] is None


def test_the_reasons_add_up_to_the_risk(found: module.Risk) -> None:
    for row in found.scored.head(20).to_dict("records"):
        logit = row["base"] + sum(reason["contribution"] for reason in row["reasons"])
        assert row["probability"] == pytest.approx(1 / (1 + math.exp(-logit)))


def test_what_boosting_adds_is_said_in_paired_errors() -> None:
    panel = world(customers=300)
    numbers = risk(panel, with_boosting=True).numbers
    brier = {row["model"]: row["estimate"] for row in numbers["figures"] if row["value"] == "Error (Brier)"}
    gain = numbers["boosting"]
    assert gain["estimate"] == pytest.approx(brier["hazard"] - brier["boosting"], abs=0.001)
    assert gain["low"] < gain["estimate"] < gain["high"]


def test_the_interval_of_the_gain_is_that_of_a_paired_mean() -> None:
    past = pd.DataFrame({"customer": ["1", "2", "3", "4"], "churn": [0, 1, 0, 1]})
    hazard, boosting = pd.Series([0.5, 0.5, 0.5, 0.5]), pd.Series([0.4, 0.7, 0.2, 0.5])
    gains = np.array([0.25 - 0.16, 0.25 - 0.09, 0.25 - 0.04, 0.0])
    evaluations: Any = {"hazard": Judged(hazard), "boosting": Judged(boosting)}
    gain = module._against_boosting(past, evaluations)
    margin = QUANTILE * gains.std(ddof=1) / 2
    assert gain == {
        "estimate": round(gains.mean(), 4),
        "low": round(gains.mean() - margin, 4),
        "high": round(gains.mean() + margin, 4),
    }


class Judged:
    def __init__(self, probability: "pd.Series[float]") -> None:
        self.probability = probability


def test_a_fact_that_knows_too_much_is_noted() -> None:
    panel = world()
    leak = panel.past.assign(told=panel.past["churn"] * 5.0 + np.arange(len(panel.past)) % 2)
    notes = risk(panel._replace(past=leak, today=panel.today.assign(told=0.0)), with_boosting=False).numbers["notes"]
    assert any("Told alone tells who left" in row["note"] for row in notes)
    assert any("too good to be true" in row["note"] for row in notes)


def test_what_cannot_be_judged_is_scored_all_the_same() -> None:
    panel = world()
    last = panel.past["period"].max()
    nobody = panel.past.assign(churn=panel.past["churn"].mask(panel.past["period"] == last, 0))
    found = risk(panel._replace(past=nobody), with_boosting=False)
    assert len(found.scored) == 600
    assert found.numbers["calibration"] == []
    [note] = [row["note"] for row in found.numbers["notes"] if row["note"].startswith("How well")]
    assert "what the model is judged on" in note


def test_more_than_can_be_learned_from_is_drawn_by_customers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LEARNED_FROM", 1000)
    panel = world()
    part, [note] = module._drawn(panel.past)
    assert 700 < len(part) < 1300
    whole = panel.past.groupby("customer").size()
    assert (part.groupby("customer").size() == whole.reindex(part["customer"].unique()).sort_index()).all()
    assert (
        note
        == f"learned from {len(part):,} of {len(panel.past):,} customer-periods, those of customers drawn at random"
    )


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"churn": 0}, "0 of .* rows end with leaving"),
        ({"problems": 0, "tenure": 1.0}, "no fact tells customers apart"),
    ],
)
def test_what_tells_nothing_is_refused(change: dict[str, Any], message: str) -> None:
    panel = world()
    with pytest.raises(ValueError, match=message):
        risk(panel._replace(past=panel.past.assign(**change)), with_boosting=False)


def test_everybody_left_is_refused() -> None:
    panel = world()
    first = panel.past.drop_duplicates("customer").assign(churn=1)
    with pytest.raises(ValueError, match="0 do not"):
        risk(panel._replace(past=first), with_boosting=False)


def test_with_nobody_at_risk_now_the_model_is_still_told() -> None:
    panel = world()
    found = risk(panel._replace(today=panel.today.head(0)), with_boosting=False)
    assert found.scored.empty
    assert all(row["n"] == 0 for row in found.numbers["bands"])
    assert found.numbers["figures"]
