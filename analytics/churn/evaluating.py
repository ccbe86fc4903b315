"""How well a model foresees who leaves: judged on months or customers that it did not learn from."""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import expit

from analytics.churn.coding import usable
from analytics.churn.fitting import FOLDS, Kind, learn, logits, on_one_core
from analytics.churn.folds import folds
from analytics.churn.judging import Judged, calibration_table, judge
from analytics.churn.leaks import TOGETHER, LeakWarning, suspicion, telling_alone
from analytics.churn.table import Columns, Real, Table, check_both_happen, table

LATEST = 0.2
"""The share of the months, the latest ones, that a dated panel is judged on."""
SEEDS = (11, 22, 33)


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Figures of a model, how they came about (`split`), and whether they can be believed (`warnings`).

    `rows`, `left`: what was judged. `brier_of_all_alike`: that of giving everybody the same probability, the true
    share. `calibration`: see `calibration_table`. `probability`: of each judged row, by its place in the panel; of
    several seeds the mean.
    """

    kind: Kind
    split: str
    rows: int
    left: int
    figures: Judged
    brier_of_all_alike: float
    calibration: pd.DataFrame
    probability: "pd.Series[float]"
    warnings: tuple[str, ...]


def evaluate(
    panel: pd.DataFrame,
    *,
    model: Kind = "hazard",
    outcome: str = "churn",
    customer: str = "customer",
    month: str = "month",
    test_months: int | None = None,
    seeds: Sequence[int] = SEEDS,
) -> Evaluation:
    """The model judged on rows that it did not learn from; the columns as in `fit`.

    With months: learned from the earlier ones, judged on the last `test_months` (a fifth of them, at least one).
    Customer-months are never split at random, as the same customer, and the future, would be learned from. Without
    months: five folds of customers for each seed, each judged by a model of the other four; the mean over the seeds.

    Warns (LeakWarning) where the AUC is too good to be true, with the facts that are suspected. Raises ValueError as
    `fit` does, for what is learned from and for what is judged on.
    """
    columns = Columns(outcome, customer, month)
    known = table(panel, columns)
    check_both_happen(known.outcome, "the panel")
    if not len(seeds):
        raise ValueError("name at least one seed")
    with on_one_core():
        if len(known.months) < 2:
            predicted, judged, split = _by_folds(known, model, columns, seeds)
        else:
            predicted, judged, split = _by_time(known, model, columns, test_months, seeds)
        part, logit = known.part(judged), np.mean(predicted, axis=0)
        figures = judge(predicted, part.outcome, part.customer, seed=seeds[0])
    told = _too_good(figures, known)
    for warning in told:
        warnings.warn(warning, LeakWarning, stacklevel=2)
    return Evaluation(
        kind=model,
        split=split,
        rows=len(part.outcome),
        left=int(part.outcome.sum()),
        figures=figures,
        brier_of_all_alike=float(part.outcome.var()),
        calibration=calibration_table(logit, part.outcome),
        probability=pd.Series(expit(logit), index=panel.index[judged]),
        warnings=told,
    )


Split = tuple[list[Real], npt.NDArray[np.bool_], str]
"""Logits of the judged rows for each seed, which rows these are, and the split in words."""


def _by_folds(known: Table, kind: Kind, columns: Columns, seeds: Sequence[int]) -> Split:
    predicted = []
    for seed in seeds:
        fold, logit = folds(known.outcome, known.customer, count=FOLDS, seed=seed), np.zeros(len(known.outcome))
        for left_out in range(FOLDS):
            rows = fold == left_out
            logit[rows] = logits(learn(known.part(~rows), kind, columns, seed=seed), known.facts[rows])
        predicted.append(logit)
    named = ", ".join(map(str, seeds))
    return predicted, np.ones(len(known.outcome), dtype=np.bool_), f"{FOLDS} folds of customers, seeds {named}"


def _by_time(known: Table, kind: Kind, columns: Columns, test_months: int | None, seeds: Sequence[int]) -> Split:
    count = len(known.months)
    tested = max(1, round(LATEST * count)) if test_months is None else test_months
    if not 0 < tested < count:
        raise ValueError(f"{tested} of {count} months to judge on leave none to learn from: take from 1 to {count - 1}")
    late = np.asarray(known.month) >= count - tested
    earlier, later = known.part(~late), known.part(late)
    check_both_happen(later.outcome, "what the model is judged on")
    predicted = [logits(learn(earlier, kind, columns, seed=seed), later.facts) for seed in seeds]
    months = known.months
    split = (
        f"learned from {months[0]} to {months[count - tested - 1]}, judged on {months[count - tested]} to {months[-1]}"
    )
    return predicted, late, split


def _too_good(figures: Judged, known: Table) -> tuple[str, ...]:
    suspects = telling_alone(usable(known.facts)[0], known.outcome)
    told = [suspicion(name) for name in suspects]
    if figures.auc.value >= TOGETHER:
        told.append(
            f"an AUC of {figures.auc.value:.2f} is too good to be true: "
            "look for facts that were written after the customer had left, and for customers that are there twice"
        )
    return tuple(told)
