"""Several answers of one customer: what changed between two of them, and how many independent ones they are worth.

Answers are 1 (promoter), 0 (passive) and -1 (detractor), in any sequence or column.
"""

import math
from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from analytics.scores.intervals import quantile
from analytics.scores.score import Score, effective, nps, numbers
from analytics.scores.shown import State, state

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class PairedChange:
    """How the score of `n` customers changed, in points, with its interval and the test of no change."""

    before: float
    after: float
    change: float
    low: float
    high: float
    n: int
    t: float
    df: int
    p_value: float
    state: State


@dataclass(frozen=True, slots=True)
class Clustering:
    """What it costs that customers answered more than once.

    `se`: standard error of the score in points, with the customer as the unit; `se_iid`: as if every answer were
    another customer's. `design_effect`: the ratio of their squares, 1 where every customer answered once.
    """

    se: float
    se_iid: float
    design_effect: float
    customers: int


def paired_change(before: "ArrayLike", after: "ArrayLike", *, confidence: float = 0.95) -> PairedChange:
    """The change of the score of the same customers: the answers of one stand at the same place in both.

    Paired t of the customers' own changes (Student, "The Probable Error of a Mean", Biometrika 6, 1908), which is
    shorter than the interval of two independent groups where who was happy stays so. Raises ValueError for lengths that
    differ, for columns whose rows stand in another order, for fewer than two customers, for what is no answer, and
    where all changed alike: then nothing tells how far chance could have moved the score.
    """
    from scipy.stats import t as student

    quantile(confidence)
    _refuse_another_order(before, after)
    ours, theirs = _answers(before), _answers(after)
    if len(ours) != len(theirs):
        raise ValueError(f"{len(ours)} answers before and {len(theirs)} after: give both of every customer")
    if len(ours) < 2:
        raise ValueError(f"a change needs the answers of two customers or more, not of {len(ours)}")
    changes = theirs - ours
    n, change, error = len(changes), 100 * float(changes.mean()), 100 * float(changes.std(ddof=1)) / len(changes) ** 0.5
    if error == 0:
        raise ValueError(f"all {n} customers changed by {change:g} points: there is no spread to make an interval of")
    margin = float(student.ppf((1 + confidence) / 2, n - 1)) * error
    low, high = max(-200.0, change - margin), min(200.0, change + margin)
    return PairedChange(
        before=100 * float(ours.mean()),
        after=100 * float(theirs.mean()),
        change=change,
        low=low,
        high=high,
        n=n,
        t=change / error,
        df=n - 1,
        p_value=2 * float(student.sf(abs(change / error), n - 1)),
        state=state(n, low, high),
    )


def clustering(
    answers: "ArrayLike", customers: Iterable[Hashable], *, weights: "ArrayLike | None" = None
) -> Clustering:
    """The standard errors of the score, by linearisation, with and without the customer as the unit.

    The answers of a customer stand with the same entry of `customers`. With u the weighted residuals of the answers,
    divided by the sum of the weights, and U their sums by customer: se^2 = c / (c - 1) * sum of U^2, of c customers;
    infinite with one. An answer of weight 0 is none. Source: Kish and Frankel, "Inference from Complex Samples", JRSS B
    36, 1974. Raises ValueError for no answer, for lengths or rows that differ, for an answer without a customer, and
    for weights that are no weights.
    """
    import numpy as np
    import pandas as pd

    _refuse_another_order(answers, customers, weights)
    values = _answers(answers)
    weighed = _weights(weights, len(values))
    whose = pd.Series(list(customers), dtype=object)
    if len(whose) != len(values):
        raise ValueError(f"{len(values)} answers of {len(whose)} customers: name the customer of every answer")
    if whose.isna().any():
        raise ValueError(f"{whose.isna().sum()} answers have no customer")
    values, weighed, (codes, known) = values[weighed > 0], weighed[weighed > 0], pd.factorize(whose[weighed > 0])
    residuals = weighed * (values - np.average(values, weights=weighed)) / weighed.sum()
    se, se_iid = (100 * _spread(sums) for sums in (np.bincount(codes, residuals).astype(float), residuals))
    return Clustering(se, se_iid, (se / se_iid) ** 2 if 0 < se_iid < math.inf else 1.0, len(known))


def nps_clustered(
    answers: "ArrayLike",
    customers: Iterable[Hashable],
    *,
    weights: "ArrayLike | None" = None,
    confidence: float = 0.95,
) -> Score:
    """The score of answers of which several are of one customer, as `nps` gives it.

    They count as n_eff = n_kish / max(1, design effect) * (t(n_kish - 1) / t(c - 1))^2, with Kish's n_kish of the
    weights, c customers, and quantiles of Student's t, as few customers tell little of how much customers differ.
    Where the answers do not vary, or are all of one customer, as many count as there are customers.
    Source: Korn and Graubard, "Confidence Intervals for Proportions with Small Expected Number of Positive Counts
    Estimated from Survey Data", Survey Methodology 24, 1998. Raises ValueError as `clustering` and `nps` do.
    """
    import numpy as np

    quantile(confidence)
    found = clustering(answers, customers, weights=weights)
    values = _answers(answers)
    weighed = _weights(weights, len(values))
    total = float(weighed.sum())
    n_kish = effective(total, float(np.square(weighed).sum()))
    n_eff = min(n_kish, found.customers)
    if found.se_iid and found.customers > 1:
        n_eff = max(1.0, n_kish / max(1.0, found.design_effect) * as_few(n_kish, found.customers, confidence))
    counts = [float(weighed[values == category].sum()) for category in (1, 0, -1)]
    return nps(*counts, weights_sq=total**2 / n_eff, confidence=confidence)


def repeated_n_eff(
    counts: tuple[int, int, int], repeats: Iterable[tuple[int, int, int, int]], *, confidence: float = 0.95
) -> float:
    """As how many different customers' answers `counts` tell, of which some customers gave several.

    `counts`: promoters, passives, detractors; of a share: who count for it, the others, 0. `repeats`: for the customers
    with two answers or more: how many answers, promoters and detractors each gave, and how many such customers there
    are. It is the n_eff of `nps_clustered`, from counts. Raises ValueError for no answers, and for repeats that these
    counts do not hold.
    """
    quantile(confidence)
    numbers(counts, weighted=False)
    promoters, _, detractors = counts
    n = sum(counts)
    mean = (promoters - detractors) / n
    squares = alone = promoters * (1 - mean) ** 2 + detractors * (1 + mean) ** 2 + counts[1] * mean**2
    customers = n
    for times, liked, disliked, how_many in repeats:
        if min(liked, disliked, how_many, times - liked - disliked) < 0:
            raise ValueError(f"of {times} answers {liked} cannot be promoters' and {disliked} detractors'")
        own = liked * (1 - mean) ** 2 + disliked * (1 + mean) ** 2 + (times - liked - disliked) * mean**2
        squares += how_many * ((liked - disliked - times * mean) ** 2 - own)
        customers -= how_many * (times - 1)
    if customers < 1:
        raise ValueError(f"{n} answers cannot be those of customers who answered so often")
    if customers == 1 or not alone:
        return float(customers)
    design_effect = squares * customers / (customers - 1) / (alone * n / (n - 1))
    return max(1.0, n / max(1.0, design_effect) * as_few(n, customers, confidence))


def as_few(n: float, customers: int, confidence: float) -> float:
    """Which part of `n` answers counts, as two customers or more tell little of how much customers differ.

    The square of a ratio of quantiles of Student's t, at most 1 (Korn and Graubard, Survey Methodology 24, 1998).
    """
    from scipy.stats import t as student

    ratio = student.ppf((1 + confidence) / 2, max(n - 1, 1)) / student.ppf((1 + confidence) / 2, customers - 1)
    return min(1.0, float(ratio)) ** 2


def _refuse_another_order(*columns: object) -> None:
    """Rows of a frame are told apart by their labels, so that the same ones in another order are a mistake."""
    import pandas as pd

    first, *others = [column.index for column in columns if isinstance(column, pd.Series)] or [pd.Index([])]
    for labels in others:
        if len(labels) == len(first) and not labels.equals(first) and set(labels) == set(first):
            raise ValueError("the rows have the same labels in another order: sort them alike")


def _answers(given: "ArrayLike") -> "Floats":
    import numpy as np

    values = np.asarray(given, dtype=np.float64)
    if values.ndim != 1:
        raise ValueError("answers are a sequence or a column, one after the other")
    if not len(values):
        raise ValueError("there is no score of 0 answers: leave the group out")
    wrong = values[~np.isin(values, (-1, 0, 1))]
    if len(wrong):
        raise ValueError(f"an answer is 1 (promoter), 0 (passive) or -1 (detractor), not {wrong[0]:g}")
    return values


def _weights(given: "ArrayLike | None", answers: int) -> "Floats":
    import numpy as np

    weights = np.ones(answers) if given is None else np.asarray(given, dtype=np.float64)
    if len(weights) != answers:
        raise ValueError(f"{len(weights)} weights for {answers} answers")
    if not (np.isfinite(weights) & (weights >= 0)).all() or not weights.any():
        raise ValueError("weights are numbers from 0 on, and not all of them 0")
    return weights


def _spread(sums: "Floats") -> float:
    """The standard error of a total from the contributions of its independent parts, which add up to 0."""
    parts = len(sums)
    return math.sqrt(parts / (parts - 1) * float((sums**2).sum())) if parts > 1 else math.inf
