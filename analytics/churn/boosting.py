"""The explainable boosting machine: a sum of curves, one for each fact, and of surfaces for some pairs of facts.

Source: Lou, Caruana, Gehrke and Hooker, "Accurate Intelligible Models with Pairwise Interactions", KDD 2013. The
library's own defaults take ten times as long and were not better on either set of docs/statistics.md.
"""

import copy
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from analytics.churn.coding import UNKNOWN, is_number, numbers
from analytics.churn.folds import folds
from analytics.churn.table import Real, Whole

BAGS = 5
"""Models that are averaged; each stops when it no longer gets better on the fifth of the customers it did not see."""

SETTINGS = {
    "learning_rate": 0.06,
    "max_bins": 64,
    "max_interaction_bins": 32,
    "interactions": 20,
    "smoothing_rounds": 200,
    "interaction_smoothing_rounds": 50,
    "n_jobs": 1,
}


@dataclass(frozen=True, slots=True)
class Boosting:
    """A fitted model. `terms`: the fact, or the pair of facts, of each column of `contributions`.

    `measured`: the facts that are numbers; the others are choices.
    """

    machine: Any
    facts: tuple[str, ...]
    measured: frozenset[str]
    terms: tuple[tuple[str, ...], ...]
    intercept: float

    def contributions(self, facts: pd.DataFrame) -> Real:
        """What each term adds to the logit of each row; on average over the rows learned from, nothing."""
        with _unknown_is_a_level():
            added: Real = self.machine.eval_terms(_prepared(facts[list(self.facts)], self.measured))
        return added


def fit_boosting(facts: pd.DataFrame, outcome: Whole, customer: Whole, *, seed: int) -> tuple[Boosting, Real]:
    """The model of these rows; and the logit of each row by the bag that did not learn from its customer."""
    from interpret.glassbox import ExplainableBoostingClassifier

    fold = folds(outcome, customer, count=BAGS, seed=seed)
    bags = np.where(fold[:, None] == np.arange(BAGS), -1, 1).astype(np.int8)
    measured = frozenset(str(name) for name in facts if is_number(facts[name]))
    kinds = ["continuous" if name in measured else "nominal" for name in facts]
    machine = ExplainableBoostingClassifier(feature_types=kinds, outer_bags=BAGS, random_state=seed, **SETTINGS)
    prepared = _prepared(facts, measured)
    with _unknown_is_a_level():
        machine.fit(prepared, outcome, bags=bags)
    names = tuple(facts.columns)
    terms = tuple(tuple(names[place] for place in term) for term in machine.term_features_)
    return Boosting(machine, names, measured, terms, float(machine.intercept_[0])), _unseen(machine, prepared, fold)


def _prepared(facts: pd.DataFrame, measured: frozenset[str]) -> pd.DataFrame:
    """Measured facts as numbers, choices as texts."""
    return pd.DataFrame(
        {
            name: numbers(fact) if name in measured else fact.astype(object).where(fact.notna(), UNKNOWN).astype(str)
            for name, fact in facts.items()
        }
    )


def _unseen(machine: Any, prepared: pd.DataFrame, fold: Whole) -> Real:
    """Each bag is a machine of its own that says what it thinks of the customers it did not see."""
    logit = np.zeros(len(prepared))
    for bag in range(BAGS):
        alone = copy.copy(machine)
        alone.term_scores_ = [scores[bag] for scores in machine.bagged_scores_]
        alone.intercept_ = np.atleast_1d(machine.bagged_intercept_[bag])
        rows = fold == bag
        with _unknown_is_a_level():
            logit[rows] = alone.decision_function(prepared[rows])
    return logit


@contextmanager
def _unknown_is_a_level() -> Iterator[None]:
    """Missing values get a score of their own, as we want; the library warns that its own plots do not show it."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Missing values detected")
        yield
