"""The invited frame as arrays: everybody who was asked, whether they answered or not; checked before any sum."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from analytics.fatigue.covariates import all_of_them, tells, terms
from analytics.points import Bools, Floats, Whole, points
from analytics.scores import ADJUSTED_WALD_FROM, SHOWN_FROM

OUTCOMES = ("prior", "responded", "score")
MARKS = ("holdout", "customer")
"""Columns that are no covariates but may be there."""

ENOUGH = ADJUSTED_WALD_FROM
"""Answers of customers whom nobody had contacted before, and of the others, from which on a model is made."""
ANSWERS_PER_TERM = 5
"""Source: Vittinghoff and McCulloch, "Relaxing the rule of ten events per variable", Am. J. Epidemiology 165, 2007."""


@dataclass(frozen=True, slots=True)
class Invited:
    """A row per invitation.

    `group`: which class of prior contacts, 0 for none (`bounds` says from how many contacts on each begins); `points`:
    -100, 0 or 100, and 0 where nobody answered; `terms`: the covariates; `customer`: numbers from 0.
    """

    bounds: tuple[int, ...]
    group: Whole
    answered: Bools
    points: Floats
    terms: Floats
    customer: Whole
    holdout: Bools

    @property
    def new(self) -> Bools:
        """Whether nobody had contacted the customer before."""
        return np.asarray(self.group == 0)

    def only(self, rows: Bools) -> "Invited":
        """The rows chosen, their customers numbered anew."""
        return replace(
            self,
            group=self.group[rows],
            answered=self.answered[rows],
            points=self.points[rows],
            terms=self.terms[rows],
            customer=np.unique(self.customer[rows], return_inverse=True)[1],
            holdout=self.holdout[rows],
        )


def read(frame: pd.DataFrame) -> Invited:
    """The frame as arrays; which columns it has is told at `analytics.fatigue.standardise`.

    Raises ValueError naming the column that is missing, empty in places, out of range, or tells the outcome by itself.
    """
    frame = frame.infer_objects()
    prior, answered, score = outcomes(frame)
    holdout = _yes_or_no(frame, "holdout") if "holdout" in frame else np.zeros(len(frame), dtype=bool)
    covariates = [name for name in frame.columns if name not in OUTCOMES + MARKS]
    known = [np.empty((len(frame), 0)), *(terms(frame[name]) for name in covariates)]
    for name in covariates:
        _refuse_tales(frame[name], prior > 0, answered)
    bounds = groups(prior, answered)
    return Invited(
        bounds=bounds,
        group=np.searchsorted(bounds, prior, side="right") - 1,
        answered=answered,
        points=np.where(answered, points(score), 0.0),
        terms=np.column_stack(known),
        customer=_customers(frame),
        holdout=holdout,
    )


def outcomes(frame: pd.DataFrame) -> tuple[Whole, Bools, Floats]:
    """Prior contacts, who answered, and the scores (NaN without an answer), each checked."""
    if frame.columns.has_duplicates:
        raise ValueError(f"two columns are named {frame.columns[frame.columns.duplicated()][0]!r}")
    missing = [name for name in OUTCOMES if name not in frame]
    if missing:
        raise ValueError(f"the frame lacks the column {missing[0]!r}")
    answered = _yes_or_no(frame, "responded")
    score, prior = _numbers(frame, "score"), _numbers(frame, "prior")
    if not (np.isfinite(prior) & (prior >= 0) & (prior == np.floor(prior))).all():
        raise ValueError("the column 'prior' holds something else than whole numbers from 0 on")
    if np.isnan(score[answered]).any():
        raise ValueError(f"{int(np.isnan(score[answered]).sum())} rows have responded but no score: leave them out")
    if not np.isnan(score[~answered]).all():
        raise ValueError(f"{int((~np.isnan(score[~answered])).sum())} rows have a score but have not responded")
    given = score[answered]
    if not np.isin(given, np.arange(11)).all():
        raise ValueError("the column 'score' holds something else than whole numbers from 0 to 10")
    return prior.astype(np.intp), answered, score


def groups(prior: Whole, answered: Bools) -> tuple[int, ...]:
    """From how many contacts on each class begins: each number is one, unless fewer than 10 answers stand behind it.

    Such a number joins the class below it; the first class of contacted customers begins at one. Classes and no slope,
    as what the next contact does need not be what the last one did.
    """
    bounds: list[int] = []
    behind = 0
    for contacts in np.unique(prior[prior > 0])[::-1]:
        behind += int((answered & (prior == contacts)).sum())
        if behind >= SHOWN_FROM:
            bounds.insert(0, int(contacts))
            behind = 0
    return (0, 1, *bounds[1:]) if prior.any() else (0,)


def check_enough(invited: Invited) -> None:
    """Raise ValueError, saying what is missing, where no standardised score can be made of the rows."""
    new, told = invited.new & ~invited.holdout, invited.answered
    if len(told) and told.all():
        raise ValueError("everybody has responded: the frame must hold those who were asked and did not, too")
    for rows, whom in ((new, "nobody had"), (~invited.new, "somebody had")):
        answers = int((rows & told).sum())
        if answers < ENOUGH:
            raise ValueError(
                f"there are {answers} answers of customers whom {whom} contacted before; {ENOUGH} are needed "
                "to tell fatigue from other reasons"
            )
        if len(np.unique(invited.points[rows & told])) == 1:
            raise ValueError(
                f"all {answers} answers of customers whom {whom} contacted before are of one kind "
                "(promoters, passives or detractors): how far they may vary is not known"
            )
    answers, unknowns = int((new & told).sum()), invited.terms.shape[1] + 1
    if answers < ANSWERS_PER_TERM * unknowns:
        raise ValueError(
            f"{answers} answers of customers whom nobody had contacted before are too few for {unknowns} terms "
            f"({ANSWERS_PER_TERM} for each are needed): leave columns out or group their values"
        )
    if len(np.unique(invited.customer)) < ENOUGH:
        raise ValueError(f"the rows are of fewer than {ENOUGH} customers")


def _numbers(frame: pd.DataFrame, name: str) -> Floats:
    """A column as numbers, NaN where it is empty."""
    numbers = pd.to_numeric(frame[name], errors="coerce")
    words = frame[name][numbers.isna() & frame[name].notna()]
    if len(words):
        raise ValueError(f"the column {name!r} holds something else than numbers: {words.iloc[0]!r}")
    return np.asarray(numbers.to_numpy(dtype=float, na_value=np.nan))


def _yes_or_no(frame: pd.DataFrame, name: str) -> Bools:
    values = _numbers(frame, name)
    if not np.isin(values, (0, 1)).all():
        raise ValueError(f"the column {name!r} holds something else than yes (1) and no (0)")
    return np.asarray(values == 1)


def _customers(frame: pd.DataFrame) -> Whole:
    if "customer" not in frame:
        return np.arange(len(frame))
    if frame["customer"].isna().any():
        raise ValueError(f"the column 'customer' is empty in {int(frame['customer'].isna().sum())} rows")
    return np.asarray(pd.factorize(frame["customer"])[0], dtype=np.intp)


def _refuse_tales(column: pd.Series, contacted: Bools, answered: Bools) -> None:
    for happened, what in ((contacted, "who had been contacted before"), (answered, "who answered")):
        if tells(column, happened):
            raise ValueError(f"the column {column.name!r} alone says {what}: leave out what was known only afterwards")
    for value in all_of_them(column, answered):
        raise ValueError(
            f"everybody answered of whom {column.name!r} is {value}, which chance hardly does: leave the column out if "
            "it was known only afterwards, or put the value together with another"
        )
