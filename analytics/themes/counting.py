"""How many comments have which theme, with intervals, and whether that may be shown."""

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from analytics.scores import State, state
from analytics.themes.codebook import Codebook


class CountingError(ValueError):
    """Shares that cannot be worked out; the text says why."""


@dataclass(frozen=True, slots=True)
class ThemeShare:
    """A theme's share of `n` comments, in percent with its interval; of a withheld one only `n` and `state` are told.

    `n_eff`: as how many comments those count, given their weights.
    """

    theme: str
    n: int
    n_eff: float | None
    count: int | None
    share: float | None
    low: float | None
    high: float | None
    state: State


def shares(
    codebook: Codebook, assigned: Sequence[Collection[str]], weights: Sequence[float] | None = None
) -> list[ThemeShare]:
    """Return a row for each theme of the codebook, the commonest first: its share of the comments, Wilson's interval.

    `assigned`: the themes of each comment, by key; a comment about a theme is also about the wider ones. `weights`:
    how much each comment stands for; as many count in the interval as the weights leave (Kish, "Survey Sampling",
    1965). Raises CountingError for a theme that is not in the codebook, and for weights of another number than the
    comments, below 0, not finite, or 0 in all.
    """
    given = [1.0] * len(assigned) if weights is None else [float(weight) for weight in weights]
    _check(codebook, assigned, given)
    wider = [codebook.with_parents(themes) for themes in assigned]
    rows = [_share(theme.key, [theme.key in themes for themes in wider], given) for theme in codebook.themes]
    return sorted(rows, key=lambda row: (-(row.share if row.share is not None else -1), row.theme))


def _share(theme: str, has: Sequence[bool], weights: Sequence[float]) -> ThemeShare:
    from analytics.scores import wilson

    n = sum(weight > 0 for weight in weights)
    if n == 0:
        return _withheld(theme, n)
    total = sum(weights)
    n_eff = total**2 / sum(weight**2 for weight in weights)
    share = sum(weight for weight, had in zip(weights, has, strict=True) if had) / total
    low, high = wilson(share * n_eff, n_eff)
    shown = state(n, low, high)
    if shown == "withheld":
        return _withheld(theme, n)
    count = sum(had and weight > 0 for weight, had in zip(weights, has, strict=True))
    return ThemeShare(theme, n, n_eff, count, 100 * share, low, high, shown)


def _withheld(theme: str, n: int) -> ThemeShare:
    return ThemeShare(theme, n, None, None, None, None, None, "withheld")


def _check(codebook: Codebook, assigned: Sequence[Collection[str]], weights: Sequence[float]) -> None:
    known: Mapping[str, object] = {theme.key: theme for theme in codebook.themes}
    if strange := sorted({key for themes in assigned for key in themes if key not in known}):
        raise CountingError(f"No theme of the codebook: {', '.join(strange)}.")
    if len(weights) != len(assigned):
        raise CountingError(f"{len(weights)} weights for {len(assigned)} comments: give one for each.")
    if any(not math.isfinite(weight) or weight < 0 for weight in weights):
        raise CountingError("A weight is a number of 0 or more.")
    if weights and not any(weights):
        raise CountingError("All weights are 0: no comment counts.")
