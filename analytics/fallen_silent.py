"""After which problems customers fall silent, as readers may see it."""

from typing import TypedDict

from analytics import frames
from analytics.churn.after_problems import OddsAfter, odds_after_problems
from analytics.churn.periods import Rule, is_problem
from analytics.scope import Scope
from analytics.scores import SHOWN_FROM, State
from analytics.shares import percent


class AfterProblemRow(TypedDict):
    """Touchpoints of a kind with a problem (`n`) and without (`fine_n`), and the percent after which silence followed.

    `odds`: of silence after a problem, as a multiple of those without; None is hidden or does not exist.
    """

    value: str
    n: int
    share: float | None
    fine_n: int
    fine_share: float | None
    odds: float | None
    low: float | None
    high: float | None
    state: State


def after_problem_rows(scope: Scope, rule: Rule) -> list[AfterProblemRow]:
    """Return a row per kind that had a problem in the scope; nothing where nobody ever bought."""
    purchases = frames.purchases(scope.period.at, scope.reader)
    if purchases.empty:
        return []
    touched = frames.outcomes(scope)
    touched = touched.assign(problem=is_problem(touched["outcome"], rule))
    until = frames.recorded_until(purchases)
    return [_row(found) for found in odds_after_problems(touched, purchases, observed_until=until, horizon=rule.quiet)]


def _row(found: OddsAfter) -> AfterProblemRow:
    hidden = min(found.problem_n, found.fine_n) < SHOWN_FROM
    odds, low, high = (
        None if hidden or bound is None else round(bound, 2) for bound in (found.odds, found.low, found.high)
    )
    return AfterProblemRow(
        value=found.kind,
        n=found.problem_n,
        share=None if hidden else percent(found.problem_lost, found.problem_n),
        fine_n=found.fine_n,
        fine_share=None if hidden else percent(found.fine_lost, found.fine_n),
        odds=odds,
        low=low,
        high=high,
        state="withheld" if hidden else "ok",
    )
