"""Weights of answers, what unequal ones cost, and the score that they make."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from analytics import scores
from analytics.scores import Score
from analytics.scores.customers import as_few

Column = pd.Series | npt.ArrayLike
"""A value per row: of a series by its label, of anything else by its place."""

CLOSE = 1e-10
"""Weights (or factors) that differ by less, relatively, are the same."""


@dataclass(frozen=True, slots=True)
class Weights:
    """A weight for each of `n` answers, indexed as the rows that they are of.

    `n_eff`: as many equal answers would tell as much (Kish); `untrimmed_n_eff` before trimming. `trimmed`: how many
    weights were cut; `moved`: the share of all weight that was taken from them and spread over the others.
    `off`: by how many percentage points a margin is missed at most, which trimming causes.
    `fitted_to`: what the weights make equal to known totals, a column each; none where nothing is known exactly.
    `base`: the weights from which raking started.
    """

    values: pd.Series
    n: int
    n_eff: float
    untrimmed_n_eff: float
    trimmed: int
    moved: float
    off: float
    fitted_to: pd.DataFrame
    base: pd.Series

    @property
    def design_effect(self) -> float:
        """By which factor unequal weights make the variance larger."""
        return self.n / self.n_eff


def trimmed(weights: Column, *, lower: float = 0.0, upper: float) -> pd.Series:
    """Weights between `lower` and `upper` times their mean; what is cut off or added is spread over the others.

    The total stays. Repeated until none is outside. Source: Potter, "A Study of Procedures to Identify and Trim
    Extreme Sampling Weights", Proceedings of the ASA Section on Survey Research Methods, 1990. Raises ValueError unless
    0 <= lower < 1 < upper, and for weights that are no weights.
    """
    if not 0 <= lower < 1 < upper:
        raise ValueError(f"trim: expected a multiple of the mean below 1 and one above 1, not {lower} and {upper}")
    weights = pd.Series(weights)
    check_weights(weights)
    values, least, most = weights.to_numpy(dtype=float, copy=True), lower * weights.mean(), upper * weights.mean()
    while (outside := (values < least * (1 - CLOSE)) | (values > most * (1 + CLOSE))).any():
        cut = values.clip(least, most)
        rest = (values - cut).sum()
        free = (cut < most if rest > 0 else cut > least) if outside.all() else ~outside
        cut[free] += rest / free.sum()
        values = cut
    return pd.Series(values, index=weights.index)


def finished(weights: pd.Series, *, base: pd.Series, fitted_to: pd.DataFrame, trim: float | None) -> Weights:
    """The weights, trimmed where that is wanted, with what it cost. Raises ValueError as `trimmed` does."""
    cut = weights if trim is None else trimmed(weights, upper=trim)
    missed = fitted_to.mul(cut - weights, axis=0).sum() / weights.sum()
    return Weights(
        values=cut,
        n=len(cut),
        n_eff=_kish(cut),
        untrimmed_n_eff=_kish(weights),
        trimmed=int((cut < weights * (1 - CLOSE)).sum()),
        moved=float((weights - cut).clip(lower=0).sum() / weights.sum()),
        off=100 * float(missed.abs().max()) if len(missed) else 0.0,
        fitted_to=fitted_to,
        base=base,
    )


def standard_error(answers: Column, weights: Weights, *, customers: Column | None = None) -> float:
    """The standard error of the weighted score, in points; answers are 1, 0 and -1, indexed or ordered as the weights.

    By linearisation, of the residuals of the answers from what the weights were fitted to: totals that are known do not
    vary (Deville and Särndal, "Calibration Estimators in Survey Sampling", JASA 87, 1992). Response weights are taken
    as fixed, which makes it rather too long than too short. `customers`: the unit, where some answered more than once;
    infinite where all are of one.
    """
    values, weighed = aligned("answers", answers, weights.values.index).to_numpy(float), weights.values.to_numpy()
    residuals = values - np.average(values, weights=weighed)
    if not weights.fitted_to.empty:
        root = np.sqrt(weights.base.to_numpy())
        known = weights.fitted_to.to_numpy()
        residuals -= known @ np.linalg.lstsq(known * root[:, None], residuals * root, rcond=None)[0]
    parts = weighed * residuals / weighed.sum()
    if customers is not None:
        parts = np.bincount(pd.factorize(aligned("customers", customers, weights.values.index))[0], parts)
    if len(parts) < 2:
        return math.inf
    return float(100 * np.sqrt(len(parts) / (len(parts) - 1) * np.square(parts).sum()))


def weighted_nps(
    answers: Column, weights: Weights, *, customers: Column | None = None, confidence: float = 0.95
) -> Score:
    """The weighted score, with the interval that `standard_error` makes; never of more answers than there are.

    Few customers count for fewer still, as in `scores.nps_clustered`; answers that are all alike count as Kish has it,
    and once for each customer. Raises ValueError for what is no answer.
    """
    values = aligned("answers", answers, weights.values.index)
    if not values.isin((-1, 0, 1)).all():
        raise ValueError("an answer is 1 (promoter), 0 (passive) or -1 (detractor)")
    total = float(weights.values.sum())
    promoters, passives, detractors = (float(weights.values[values == answer].sum()) for answer in (1, 0, -1))
    people = weights.n if customers is None else aligned("customers", customers, weights.values.index).nunique()
    n_eff = min(weights.n_eff, people)
    if people > 1 and values.nunique() > 1:
        variance = 1e4 * ((promoters + detractors) / total - ((promoters - detractors) / total) ** 2)
        error = standard_error(values, weights, customers=customers)
        n_eff = min(float(weights.n), variance / error**2 if error else math.inf)
        n_eff *= 1 if customers is None else as_few(weights.n, people, confidence)
    return scores.nps(promoters, passives, detractors, weights_sq=total**2 / max(1.0, n_eff), confidence=confidence)


def check_columns(frame: pd.DataFrame, columns: Iterable[str]) -> None:
    """Raise ValueError, naming it, for a column that is not there, twice or has gaps, and for rows of one label."""
    if frame.columns.has_duplicates:
        raise ValueError(f"{frame.columns[frame.columns.duplicated()][0]}: two columns of the frame have this name")
    if not frame.index.is_unique:
        raise ValueError("the index: rows are told apart by it, and some have the same label (try reset_index)")
    for column in columns:
        if column not in frame:
            raise ValueError(f"{column}: the frame has no such column")
        values = frame[column]
        gaps = int(values.isna().sum())
        if gaps or (pd.api.types.is_numeric_dtype(values.dtype) and not np.isfinite(values.astype(float)).all()):
            raise ValueError(f"{column}: {gaps or 'some'} of {len(frame)} rows have no value")


def aligned(name: str, column: Column, rows: pd.Index) -> pd.Series:
    """The values of these rows. Raises ValueError where some have none, or several."""
    if not isinstance(column, pd.Series):
        given = np.asarray(column)
        if given.shape != (len(rows),):
            raise ValueError(f"{name}: {len(rows)} rows need as many values one after the other, not {given.shape}")
        column = pd.Series(given, index=rows)
    if not column.index.is_unique:
        raise ValueError(f"{name}: rows are told apart by the index, and some have the same label")
    found = column.reindex(rows)
    if found.isna().any():
        raise ValueError(f"{name}: {int(found.isna().sum())} of {len(rows)} rows have no value")
    return found


def check_weights(weights: pd.Series) -> None:
    """Raise ValueError for weights that are missing, endless, negative or 0."""
    if not (np.isfinite(weights) & (weights > 0)).all():
        raise ValueError("weights are numbers above 0")


def _kish(weights: pd.Series) -> float:
    return float(weights.sum() ** 2 / (weights**2).sum())
