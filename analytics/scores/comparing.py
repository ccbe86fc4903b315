"""Scores against each other: two groups, many groups, and the same customers before and after."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Literal, get_args

from analytics.scores.intervals import adjusted, quantile
from analytics.scores.ranking import Homogeneity, Rank, combined, ranked
from analytics.scores.score import Counts, Score, nps
from analytics.scores.shown import State, state

REST = "the rest"

Against = Literal["each_other", "the_rest"]
AGAINST = get_args(Against)


@dataclass(frozen=True, slots=True)
class Difference:
    """One score less another, in points (-200 to 200), with its two-sided interval, and the test of no difference."""

    difference: float
    low: float
    high: float
    z: float
    p_value: float
    state: State


@dataclass(frozen=True, slots=True)
class Pair(Difference):
    """The difference of two groups, `a` less `b`, and its p-value adjusted for all pairs that were looked at.

    `p_holm`: small where these two differ, with an error in the whole family at most so often. `p_bh`: small where the
    pair is worth a look; of those, such a share will be false alarms.
    """

    a: str
    b: str
    p_holm: float
    p_bh: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """Whether groups differ at all, which do, and how they stand; ranks from best to worst."""

    homogeneity: Homogeneity
    pairs: list[Pair]
    ranks: list[Rank]


def nps_difference(a: Score | Counts, b: Score | Counts, *, confidence: float = 0.95) -> Difference:
    """The score of `a` less that of `b`, of customers who are in one of them only; scores, or counts as `nps` takes.

    The estimate is the raw difference; interval and p-value are adjusted Wald, with the pseudo-answers 0.75/1.5/0.75
    in both groups. The state follows from the smaller group and the margin. Raises ValueError as `nps` does.
    """
    ours, theirs = _score(a), _score(b)
    (centre, variance), (other_centre, other_variance) = adjusted(ours.counts), adjusted(theirs.counts)
    shift, error = centre - other_centre, math.sqrt(variance + other_variance)
    margin = quantile(confidence) * error
    low, high = max(-200.0, shift - margin), min(200.0, shift + margin)
    smaller = min(ours.n_eff, theirs.n_eff)
    p_value = math.erfc(abs(shift / error) / math.sqrt(2))
    return Difference(ours.nps - theirs.nps, low, high, shift / error, p_value, state(smaller, low, high))


def compare(
    groups: Mapping[str, Score | Counts],
    *,
    against: Against = "each_other",
    confidence: float = 0.95,
) -> Comparison:
    """Compare two groups or more; look at the pairs only where `homogeneity` says that the groups differ.

    Pairs are every two groups in the order given, or each group against all others together. Homogeneity is Cochran's
    Q of the adjusted scores with their variances as weights ("The Combination of Estimates from Different
    Experiments", Biometrics 10, 1954), chi-square with one degree of freedom less than groups. Adjusted p-values: Holm
    (Scandinavian Journal of Statistics 6, 1979); Benjamini and Hochberg (JRSS B 57, 1995).

    Ranks: a small group's score lies far out by chance alone, so each is drawn towards the common mean by as much as
    its variance is of what the scores vary in all (empirical Bayes: Efron and Morris, JASA 70, 1975; variance between
    groups by DerSimonian and Laird, Controlled Clinical Trials 7, 1986). All groups are ranked; a page shows those of
    which `score.state` is ok. Raises ValueError for fewer than two groups, and as `nps` does, naming the group.
    """
    from scipy.stats import false_discovery_control

    scores = {group: _named(group, given) for group, given in groups.items()}
    if against not in AGAINST:
        raise ValueError(f"groups are compared with each_other or the_rest, not with {against!r}")
    if len(scores) < 2:
        raise ValueError(f"a comparison needs two groups or more, not {len(scores)}")
    differences = _differences(scores, against, confidence)
    p_values = [difference.p_value for _, _, difference in differences]
    adjusted, bh = holm(p_values), false_discovery_control(p_values)
    homogeneity, mean, spread = combined(list(scores.values()))
    return Comparison(
        homogeneity,
        [
            _pair(a, b, difference, float(p_holm), float(p_bh))
            for (a, b, difference), p_holm, p_bh in zip(differences, adjusted, bh, strict=True)
        ],
        ranked(scores, mean, spread, confidence),
    )


def holm(p_values: Sequence[float]) -> list[float]:
    """Return the p-values adjusted after Holm (Scandinavian Journal of Statistics 6, 1979), in the order given.

    statsmodels' looks through all memory for garbage.
    """
    adjusted, highest = [0.0] * len(p_values), 0.0
    for place, index in enumerate(sorted(range(len(p_values)), key=p_values.__getitem__)):
        highest = max(highest, min(1.0, p_values[index] * (len(p_values) - place)))
        adjusted[index] = highest
    return adjusted


def _pair(a: str, b: str, found: Difference, p_holm: float, p_bh: float) -> Pair:
    return Pair(
        found.difference, found.low, found.high, found.z, found.p_value, found.state, a=a, b=b, p_holm=p_holm, p_bh=p_bh
    )


def _score(given: Score | Counts) -> Score:
    if isinstance(given, Score):
        return given
    if len(given) != 3:  # counts may come from a row of a file
        raise ValueError(f"a group is its promoters, passives and detractors, not {len(given)} counts")
    return nps(*given)


def _named(group: str, given: Score | Counts) -> Score:
    try:
        return _score(given)
    except ValueError as error:
        raise ValueError(f"{group}: {error}") from error


def _differences(scores: Mapping[str, Score], against: Against, confidence: float) -> list[tuple[str, str, Difference]]:
    if against == "each_other":
        pairs = [(a, b, scores[a], scores[b]) for a, b in combinations(scores, 2)]
    else:
        pairs = [(a, REST, scores[a], _together([scores[b] for b in scores if b != a])) for a in scores]
    return [(a, b, nps_difference(ours, theirs, confidence=confidence)) for a, b, ours, theirs in pairs]


def _together(scores: Sequence[Score]) -> Score:
    """The score of several groups as one; their weights are on one scale."""
    counts = [sum(score.counts[category] * score.n / score.n_eff for score in scores) for category in range(3)]
    return nps(*counts, weights_sq=sum(score.n**2 / score.n_eff for score in scores))
