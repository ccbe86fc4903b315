"""What a holdout and another limit have shown so far, as readers may see it."""

from typing import TypedDict

import pandas as pd

from analytics import fatigue, frames
from analytics.drawn import Comparison, comparisons
from analytics.estimates import Estimate
from analytics.fatigue import Randomised
from analytics.period import Period, spoken
from analytics.points import Bools
from analytics.scope import Scope

MONTH_DAYS = 365.25 / 12
TREATED = {"holdout": "Contacted as usual", "limit": "With the other limit"}
OTHERS = {"holdout": "Held out for 90 days", "limit": "With the policy's limit"}


class ArmRow(TypedDict):
    """One arm: invitations and answers as they were, and both figures if every invitation had been in the arm.

    `contacted`: invitations after a contact in the 90 days before. The last row is the difference of the two, in points
    and in percent of the invited; its counts are None.
    """

    arm: str
    invited: int | None
    contacted: int | None
    answers: int | None
    answer_rate: float
    rate_low: float
    rate_high: float
    nps: float
    low: float
    high: float


class Drawn(TypedDict):
    """A comparison: what is compared, since when; without rows, `why` says what is missing.

    `margin`: points to each side of the effect; `more_months`: until it is down to 6 at the present pace.
    """

    kind: str
    cap: str
    limit: int | None
    policy_limit: int | None
    share: float
    since: str
    invited: int
    answers: int
    contaminated: int
    left_out: int
    margin: float | None
    more_months: int | None
    why: str
    rows: list[ArmRow]


def drawn_rows(scope: Scope) -> tuple[list[Drawn], pd.DataFrame | None]:
    """What each comparison shows in a scope, the holdout first; and the holdout's frame for `fatigue.standardise`.

    Nothing where nothing was ever chosen.
    """
    found, refereed = [], None
    for comparison in comparisons(scope.period):
        period = comparison.within(scope.period)
        if period is None:
            begins = spoken(comparison.since.date())
            why = f"The period holds nothing to compare: it takes 90 days from the choice on, until {begins}."
            found.append(_told(comparison, why))
            continue
        frame = frames.drawn(scope, comparison)
        found.append(_compared(comparison, frame, period))
        if comparison.kind == "holdout":
            refereed = frame.rename(columns={"drawn": "holdout"})
    return found, refereed


def _told(comparison: Comparison, why: str) -> Drawn:
    """What is compared, with nothing shown yet."""
    arms, limit = comparison.arms, comparison.kind == "limit"
    rule = arms.rule if limit else None
    return Drawn(
        kind=comparison.kind,
        cap=rule.name if rule else "",
        limit=arms.limit if limit else None,
        policy_limit=rule.limit if rule else None,
        share=arms.limit_share if limit else arms.share,
        since=comparison.since.date().isoformat(),
        invited=0,
        answers=0,
        contaminated=0,
        left_out=0,
        margin=None,
        more_months=None,
        why=why,
        rows=[],
    )


def _compared(comparison: Comparison, frame: pd.DataFrame, period: Period) -> Drawn:
    held, told = frame["drawn"].to_numpy(dtype=bool), _told(comparison, "")
    told["invited"], told["answers"] = int(held.sum()), int(frame["responded"][held].sum())
    if comparison.kind == "holdout":
        told["contaminated"] = int((frame["prior"][held] > 0).sum())
    treated = ~held if comparison.kind == "holdout" else held
    try:
        compared = fatigue.compare(frame.drop(columns="drawn").assign(treated=treated.astype(int)))
    except ValueError as refusal:
        told["why"] = f"Nothing can be told yet: {refusal}."
        return told
    told["left_out"], told["margin"] = compared.left_out, round(compared.margin, 1)
    told["more_months"] = fatigue.more_months(compared.margin, _months(period))
    told["rows"] = _rows(comparison.kind, compared, frame, treated)
    return told


def _months(period: Period) -> float:
    """How long such a part of a period, which has both ends, has lasted so far."""
    since, until = period.since or period.at, min(period.until or period.at, period.at)
    return (until - since).total_seconds() / 86_400 / MONTH_DAYS


def _rows(kind: str, compared: Randomised, frame: pd.DataFrame, treated: Bools) -> list[ArmRow]:
    prior = frame["prior"].to_numpy() > 0
    counts = [
        (one.invited, int(prior[drawn].sum()), one.answers)
        for one, drawn in ((compared.treated, treated), (compared.others, ~treated))
    ]
    return [
        _row(TREATED[kind], counts[0], compared.treated.answer_rate, compared.treated.score),
        _row(OTHERS[kind], counts[1], compared.others.answer_rate, compared.others.score),
        _row("Difference", (None, None, None), compared.rate_effect, compared.effect),
    ]


def _row(name: str, counts: tuple[int, int, int] | tuple[None, None, None], rate: Estimate, score: Estimate) -> ArmRow:
    invited, contacted, answers = counts
    answer_rate, rate_low, rate_high, nps, low, high = (round(value, 1) + 0.0 for value in (*rate, *score))
    return ArmRow(
        arm=name,
        invited=invited,
        contacted=contacted,
        answers=answers,
        answer_rate=answer_rate,
        rate_low=rate_low,
        rate_high=rate_high,
        nps=nps,
        low=low,
        high=high,
    )
