"""Shares of answers or customers with their intervals, in percent, and whether they may be shown."""

from typing import TypedDict

from analytics.scores import Interval, State, state, wilson


class PublishedShare(TypedDict):
    """What a reader may see: of a withheld group only `n` and `state`. Percent, rounded to one decimal."""

    n: int
    count: int | None
    share: float | None
    low: float | None
    high: float | None
    state: State


def percent(count: int, of: int) -> float:
    """`count` of `of`, with one decimal. Raises ZeroDivisionError of nothing."""
    return round(100 * count / of, 1)


def published(count: int, n: int, *, hidden: bool = False) -> PublishedShare:
    """`count` of `n` as it may be shown, with Wilson's 95% interval; small groups are hidden as for scores.

    `hidden`: the group stands in a table beside its total, and `scores.withheld` names it.
    Raises ValueError unless 0 <= count <= n.
    """
    if not 0 <= count <= n:
        raise ValueError(f"{count} of {n} is no share")
    low, high = wilson(count, n) if n else (0.0, 100.0)
    shown = "withheld" if hidden else state(n, low, high)
    if shown == "withheld":
        return PublishedShare(n=n, count=None, share=None, low=None, high=None, state=shown)
    return PublishedShare(
        n=n, count=count, share=percent(count, n), low=round(low, 1), high=round(high, 1), state=shown
    )


def newcombe(count: float, n: float, other_count: float, other_n: float) -> Interval:
    """The 95% bounds of `count/n - other_count/other_n` of independent groups, in percentage points.

    An effective number of customers need not be whole.
    Source: Newcombe, "Interval estimation for the difference between independent proportions: comparison of
    eleven methods", Statistics in Medicine 17, 1998, method 10.
    """
    from statsmodels.stats.proportion import confint_proportions_2indep

    low, high = confint_proportions_2indep(count, n, other_count, other_n, method="newcomb", compare="diff")
    return 100 * float(low), 100 * float(high)
