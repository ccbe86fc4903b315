"""Who is likely to leave, and why: a model is learned from a panel, and scores rows of customers that are still there.

Both models add up: the logit of a probability is a base plus what each fact contributes, to the last digit. Rows are
never weighted to make leavers as many as the rest ("balanced"): that leaves the ranking as it is and ruins the
probabilities.
"""

import warnings
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from typing import Any, Literal, Protocol, TypedDict

import numpy as np
import pandas as pd
from scipy.special import expit
from threadpoolctl import threadpool_limits

from analytics.churn.boosting import fit_boosting
from analytics.churn.calibration import in_the_large, line
from analytics.churn.coding import usable
from analytics.churn.folds import folds
from analytics.churn.hazard import fit_hazard
from analytics.churn.leaks import LeakWarning, suspicion, telling_alone
from analytics.churn.table import Columns, Real, Table, Whole, as_read, check_both_happen, table

Kind = Literal["hazard", "boosting"]

FOLDS = 5
SLOPE_SD = 0.5
"""How far from 1 the slope of a calibration is thought to lie before the rows are looked at."""
LEVEL_SD = 0.2
"""How far the level is thought to move, in logits, until a model is brought up to date: about a fifth more or fewer."""
LEAVERS_PER_FACT = 10
"""Leavers for each fact below which a model is noted to rest on little."""


class Learner(Protocol):
    """What is learned: the logit of a row is `intercept` plus a contribution of each term."""

    @property
    def terms(self) -> tuple[tuple[str, ...], ...]: ...

    @property
    def intercept(self) -> float: ...

    def contributions(self, facts: pd.DataFrame) -> Real: ...


class Reason(TypedDict):
    """What one fact, or a pair of them, adds to the logit of one customer; `values` are hers, None where not known."""

    facts: tuple[str, ...]
    values: tuple[Any, ...]
    contribution: float


@dataclass(frozen=True, slots=True)
class Model:
    """A fitted and calibrated model. `level`, `slope`: the line from the learner's logits to those that come true.

    `rows`, `left`: what it was learned from; `months`: the first and last of them, none of a plain table. `notes`:
    what a reader of its scores has to know. `suspects`: facts that tell leavers nearly alone, as if written after
    the customer had left.
    """

    kind: Kind
    columns: Columns
    learner: Learner
    level: float
    slope: float
    facts: tuple[str, ...]
    rows: int
    left: int
    months: tuple[str, ...]
    notes: tuple[str, ...]
    suspects: tuple[str, ...]

    @property
    def base(self) -> float:
        """The logit of a customer to whom no fact contributes anything."""
        return self.level + self.slope * self.learner.intercept


def fit(
    panel: pd.DataFrame,
    *,
    model: Kind = "hazard",
    outcome: str = "churn",
    customer: str = "customer",
    month: str = "month",
    seed: int = 0,
) -> Model:
    """A model of leaving, learned from a row per customer and month at risk, or per customer where no month is there.

    `outcome`, `customer` and `month` name the columns that say whether the customer left in the month, who it is, and
    when; every other column is a fact known at the start of the month. A fact of numbers may be missing, which is a
    fact too. `hazard`: logistic with bands of `tenure` (in months) and steps for counts. `boosting`: curves and
    pairs, better where facts act together, and about ten times slower. `seed` draws the customers that calibrate the
    model: those that it did not learn from.

    Warns (LeakWarning) of a fact that tells leavers nearly alone. Raises ValueError where rows are wrong (`table`),
    fewer than 10 left or stayed, no fact tells customers apart, or boosting has more facts than leavers.
    """
    columns = Columns(outcome, customer, month)
    with on_one_core():
        fitted = learn(table(panel, columns), model, columns, seed=seed)
    for name in fitted.suspects:
        warnings.warn(suspicion(name), LeakWarning, stacklevel=2)
    return fitted


def learn(known: Table, kind: Kind, columns: Columns, *, seed: int) -> Model:
    """The model of a checked panel."""
    check_both_happen(known.outcome, "what the model learns from")
    facts, notes = usable(known.facts)
    if facts.empty:
        told = "; ".join(notes) or "there are none"
        raise ValueError(f"no fact tells customers apart: {told}")
    left = int(known.outcome.sum())
    if kind == "boosting" and left < facts.shape[1]:
        raise ValueError(
            f"{left} leavers for {facts.shape[1]} facts are too few for boosting: take hazard, or fewer facts"
        )
    learner, unseen = _learned(kind, facts, known, seed)
    level, slope, more = _calibrated(unseen, known.outcome)
    if left < LEAVERS_PER_FACT * facts.shape[1]:
        more += (f"{left} leavers for {facts.shape[1]} facts: expect the reasons to change with more data",)
    return Model(
        kind=kind,
        columns=columns,
        learner=learner,
        level=level,
        slope=slope,
        facts=tuple(facts.columns),
        rows=len(facts),
        left=left,
        months=known.span(),
        notes=notes + more,
        suspects=telling_alone(facts, known.outcome),
    )


def on_one_core() -> AbstractContextManager[Any]:
    """So small are the tables that several cores wait for each other longer than they work."""
    limited: AbstractContextManager[Any] = threadpool_limits(limits=1)
    return limited


def update_level(model: Model, recent: pd.DataFrame, *, level_sd: float = LEVEL_SD) -> Model:
    """The model at the level of leaving of recent rows, which it did not learn from.

    One month has few leavers, so its level is shrunken towards the model's: of the posterior under a normal prior
    with mean 0 and the standard deviation `level_sd` (in logits), the mode. The reasons stay as they are.
    """
    known = table(recent, model.columns)
    moved = in_the_large(logits(model, known.facts), known.outcome, level_sd=level_sd)
    return replace(model, level=model.level + moved)


def score(model: Model, rows: pd.DataFrame) -> pd.DataFrame:
    """How likely each customer is to leave, and why, in the order of the rows and with their index.

    `rows`: the facts that the model was learned from, with or without the customer and the month. Columns: those two
    where given, probability, base (the logit of the average customer), reasons (a list of `Reason`, the strongest
    first). The base and the contributions add up to the logit of the probability. A choice that the model never saw
    adds nothing. Raises ValueError as `contributions` does.
    """
    added = contributions(model, rows)
    kept = rows[[name for name in (model.columns.customer, model.columns.month) if name in rows]]
    reasons: pd.Series[Any] = pd.Series(_reasons(model, rows, added), index=rows.index, dtype=object)
    p = expit(model.base + added.to_numpy().sum(axis=1))
    return kept.assign(probability=p, base=model.base, reasons=reasons)


def contributions(model: Model, rows: pd.DataFrame) -> pd.DataFrame:
    """What each fact (a pair: joined by ` & `) adds to the logit of each row; with the model's base, all of it.

    Raises ValueError where facts that the model was learned from are missing, infinite, or words instead of numbers.
    """
    added = model.slope * model.learner.contributions(_facts(model, rows))
    return pd.DataFrame(added, index=rows.index, columns=[" & ".join(term) for term in model.learner.terms])


def logits(model: Model, rows: pd.DataFrame) -> Real:
    """The logit of each row's probability."""
    added: Real = contributions(model, rows).to_numpy().sum(axis=1)
    return model.base + added


def _facts(model: Model, rows: pd.DataFrame) -> pd.DataFrame:
    """What the model was learned from, of these rows."""
    named = rows.rename(columns=str)
    missing = [name for name in model.facts if name not in named]
    if missing:
        raise ValueError(f"facts that the model knows are missing: {', '.join(missing)}")
    return as_read(named[list(model.facts)])


def _learned(kind: Kind, facts: pd.DataFrame, known: Table, seed: int) -> tuple[Learner, Real]:
    """The learner of all rows; and the logit of each row by one that had not seen the customer."""
    if kind == "boosting":
        return fit_boosting(facts, known.outcome, known.customer, seed=seed)
    if kind != "hazard":
        raise ValueError(f"{kind!r} is no model: hazard or boosting is")
    fold, unseen = folds(known.outcome, known.customer, count=FOLDS, seed=seed), np.zeros(len(facts))
    for left_out in range(FOLDS):
        rows = fold == left_out
        part = fit_hazard(facts[~rows], known.outcome[~rows])
        unseen[rows] = part.intercept + part.contributions(facts[rows]).sum(axis=1)
    return fit_hazard(facts, known.outcome), unseen


def _calibrated(unseen: Real, outcome: Whole) -> tuple[float, float, tuple[str, ...]]:
    """Level and slope that make the logits come true for customers that were not learned from; and notes."""
    found = line(unseen, outcome, slope_sd=SLOPE_SD)
    if found is not None and found[1] > 0:
        return *found, ()
    share = float(outcome.mean())
    note = "the facts tell nothing about customers that were not learned from: everybody gets the same probability"
    return float(np.log(share / (1 - share))), 0.0, (note,)


def _reasons(model: Model, rows: pd.DataFrame, added: pd.DataFrame) -> list[list[Reason]]:
    facts = _facts(model, rows).astype(object)
    known = facts.where(facts.notna(), None)
    values = {name: known[name].tolist() for name in known}
    terms, table_of = model.learner.terms, added.to_numpy()
    order = np.argsort(-np.abs(table_of), axis=1, kind="stable")
    return [
        [
            Reason(
                facts=terms[place],
                values=tuple(values[name][row] for name in terms[place]),
                contribution=float(table_of[row, place]),
            )
            for place in order[row]
        ]
        for row in range(len(rows))
    ]
