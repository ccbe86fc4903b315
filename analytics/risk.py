"""What a panel says about who will leave, as readers may see it: how many, how well that is foreseen, and of whom."""

import math
import warnings
from typing import Any, NamedTuple, TypedDict

import numpy as np
import pandas as pd

from analytics import churn
from analytics.churn.judging import Estimate
from analytics.churn.leaks import suspicion
from analytics.churn.periods import Panel
from analytics.estimates import of_influence
from analytics.scores import State, withheld
from analytics.shares import PublishedShare, published

MONTH = "period"
LEARNED_FROM = 50_000
"""Customer-periods at most: more would make the risks little better, and the nightly job too long."""
SEED = 1
BANDS = ((0, 25), (25, 50), (50, 75), (75, 100))
"""Risks in percent, from the first up to the second."""
FIGURES = {
    "auc": "Ranking (AUC)",
    "brier": "Error (Brier)",
    "slope": "Calibration: slope",
    "in_the_large": "Calibration: level",
    "lift": "Lift of the tenth most at risk",
}


class BandRow(TypedDict):
    """How many customers have a risk in a range now, and how many of them are expected to leave; None is hidden."""

    value: str
    n: int
    expected: float | None
    state: State


class FigureRow(TypedDict):
    """A figure of a model on periods that it did not learn from, with its 95% interval; None: it does not exist."""

    value: str
    model: str
    estimate: float | None
    low: float | None
    high: float | None


class CalibrationRow(PublishedShare):
    """A tenth of the customers who were judged, by risk: what was foreseen (percent), and what came true."""

    value: str
    predicted: float | None


class Risk(NamedTuple):
    """`numbers`: what readers may see. `scored`: `churn.score` of each customer at risk now, with gone_quiet."""

    numbers: dict[str, Any]
    scored: pd.DataFrame


def risk(panel: Panel, *, with_boosting: bool) -> Risk:
    """Learn from a panel, judge by its latest periods, and score who is at risk now.

    Boosting is judged beside the hazard model where it is asked for: it takes several times as long. Raises ValueError
    where nothing can be learned, saying what is missing.
    """
    past, drawn = _drawn(panel.past)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", churn.LeakWarning)  # told below, from the models themselves
        model = churn.fit(past, month=MONTH)
        found, refusals = _judged(past, with_boosting=with_boosting)
    scored = churn.score(model, panel.today).assign(gone_quiet=panel.today["gone_quiet"])
    hazard = found.get("hazard")
    told = [*drawn, *model.notes, *map(suspicion, model.suspects), *(hazard.warnings if hazard else ()), *refusals]
    numbers = {
        "learned_from": {"customer_periods": model.rows, "left": model.left, "first": model.months[0]},
        "split": hazard.split if hazard else "",
        "bands": _bands(scored["probability"]),
        "figures": [row for name, one in found.items() for row in _figures(name, one)],
        "calibration": _calibration(hazard) if hazard else [],
        "boosting": _against_boosting(past, found),
        "notes": [{"note": text[0].upper() + text[1:]} for text in dict.fromkeys(told)],
    }
    return Risk(numbers, scored)


def _drawn(past: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    """All rows of as many customers, drawn at random, as can be learned from within minutes; and the note on that."""
    if len(past) <= LEARNED_FROM:
        return past, []
    customers = past["customer"].drop_duplicates().sample(frac=LEARNED_FROM / len(past), random_state=SEED)
    part = past[past["customer"].isin(customers)].reset_index(drop=True)
    return part, [f"learned from {len(part):,} of {len(past):,} customer-periods, those of customers drawn at random"]


def _judged(past: pd.DataFrame, *, with_boosting: bool) -> tuple[dict[str, churn.Evaluation], list[str]]:
    """Each model judged on the latest periods, and why one cannot be."""
    found: dict[str, churn.Evaluation] = {}
    refusals = []
    kinds: list[churn.Kind] = ["hazard", "boosting"] if with_boosting else ["hazard"]
    for kind in kinds:
        try:
            found[kind] = churn.evaluate(past, model=kind, month=MONTH)
        except ValueError as refusal:
            refusals.append(f"how well {kind} foresees cannot be said: {refusal}")
    return found, refusals


def _bands(probability: "pd.Series[float]") -> list[BandRow]:
    percent = 100 * probability
    inside = {
        f"{low} to {high}%": probability[(percent >= low) & ((percent < high) | (high == BANDS[-1][1]))]
        for low, high in BANDS
    }
    cells = {name: (round(one.sum()), len(one) - round(one.sum())) for name, one in inside.items()}
    hidden = withheld(cells)
    return [
        BandRow(
            value=name,
            n=len(one),
            expected=None if name in hidden else round(float(one.sum()), 1),
            state="withheld" if name in hidden else "ok",
        )
        for name, one in inside.items()
    ]


def _figures(name: str, found: churn.Evaluation) -> list[FigureRow]:
    rows = [_figure(FIGURES[key], name, getattr(found.figures, key)) for key in FIGURES]
    alike = found.brier_of_all_alike
    return [*rows, _figure("Error (Brier) of one risk for all", name, Estimate(alike, math.nan, math.nan))]


def _figure(value: str, model: str, found: Estimate) -> FigureRow:
    estimate, low, high = (round(bound, 3) if math.isfinite(bound) else None for bound in _of(found))
    return FigureRow(value=value, model=model, estimate=estimate, low=low, high=high)


def _of(found: Estimate) -> tuple[float, float, float]:
    return found.value, found.low, found.high


def _calibration(found: churn.Evaluation) -> list[CalibrationRow]:
    rows = []
    for group, row in enumerate(found.calibration.to_dict("records"), start=1):
        share = published(round(row["observed"] * row["n"]), int(row["n"]))
        predicted = None if share["state"] == "withheld" else round(100 * row["predicted"], 1)
        rows.append(CalibrationRow(value=f"Tenth {group}", predicted=predicted, **share))
    return rows


def _against_boosting(past: pd.DataFrame, found: dict[str, churn.Evaluation]) -> dict[str, float] | None:
    """What explainable boosting errs less than the hazard model, in Brier points with the 95% interval (paired)."""
    if len(found) < 2:
        return None
    rows = found["hazard"].probability.index
    left = past.loc[rows, "churn"].to_numpy(np.float64)
    hazard, boosting = ((found[name].probability.to_numpy() - left) ** 2 for name in ("hazard", "boosting"))
    gain = hazard - boosting
    customer = np.asarray(pd.factorize(past.loc[rows, "customer"])[0], dtype=np.intp)
    estimate = of_influence(float(gain.mean()), gain - gain.mean(), customer)
    return {name: round(value, 4) for name, value in zip(("estimate", "low", "high"), estimate, strict=True)}
