"""Scores of groups as readers may see them: as measured, weighted for silence, against the period before, in ranks."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypedDict

from analytics import scores
from analytics.counting import Grouping
from analytics.groups import Group
from analytics.metrics import Definition, MetricKey
from analytics.scores import Interval, PublishedScore, Score, State, state
from analytics.shares import PublishedShare, newcombe

NOT_SHOWN = (None, None, None)
FEWEST_RANKED = 3
"""Groups from which on an order is more than a comparison of two."""


class Belongs(TypedDict):
    """Which group of which grouping; `value` is empty for answers whose touchpoint does not state it."""

    by: Grouping
    value: str


class Worth(Belongs):
    """`n_eff`: as many different customers' answers would tell as much; `missing`: how many it lacks to be shown."""

    n_eff: float | None
    missing: int


class NpsRow(Worth, PublishedScore):
    """The NPS of a group."""


class ShareRow(Worth, PublishedShare):
    """The CSAT or CES of a group: the share of its answers that count, in percent."""


class ChangeRow(Belongs):
    """A group's score less that of the period before, in points, with its 95% interval; None is hidden.

    `n` and `n_before` are answers, `before` the earlier score.
    """

    metric: MetricKey
    n: int
    n_before: int
    before: float | None
    change: float | None
    low: float | None
    high: float | None
    state: State


class RankRow(Belongs):
    """Where a group stands among those of its grouping that are shown and not wide; 1 is the best.

    `shrunken`: its score drawn towards the common mean, with its interval, in points. `worst`: probability in percent
    that no group's true score is lower. `p_holm`: that it does not differ from the rest, for all groups together.
    `p_alike`: that all groups have one true score.
    """

    n: int
    nps: float
    rank: int
    shrunken: float
    low: float
    high: float
    worst: float
    p_holm: float
    p_alike: float


@dataclass(frozen=True, slots=True)
class Estimated:
    """A score with its 95% interval, in the metric's unit, of answers worth `n_eff`, whose counts are scaled to it."""

    estimate: float
    low: float
    high: float
    n_eff: float
    counts: tuple[float, float, float]

    @property
    def state(self) -> State:
        """Whether it is wide; what is hidden is for its group to say."""
        return state(self.n_eff, self.low, self.high, minimum=0)


def estimated(metric: Definition, counts: tuple[float, float, float], n_eff: float) -> Estimated:
    """The score of answers that count for, neither, and against; they may be weighted. `n_eff` is at least 1."""
    top, total = counts[0], sum(counts)
    weights_sq = total**2 / n_eff
    scaled = top * n_eff / total, counts[1] * n_eff / total, counts[2] * n_eff / total
    if metric.key == "nps":
        nps = scores.nps(*counts, weights_sq=weights_sq)
        return Estimated(nps.nps, nps.low, nps.high, n_eff, scaled)
    of_key = {"csat": scores.csat, "ces": scores.ces}[metric.key]
    share = of_key(top, total, weights_sq=weights_sq)
    return Estimated(share.share, share.low, share.high, n_eff, scaled)


def nps_row(metric: Definition, by: Grouping, group: Group) -> NpsRow:
    """The measured NPS of a group, in the only form in which it leaves the query layer; points with one decimal."""
    found = measured(metric, group)
    promoters, passives, detractors = group.counts if found else NOT_SHOWN
    return NpsRow(
        by=by,
        value=group.value,
        n=group.n,
        promoters=promoters,
        passives=passives,
        detractors=detractors,
        nps=round(found.estimate, 1) if found else None,
        low=round(found.low, 1) if found else None,
        high=round(found.high, 1) if found else None,
        n_eff=round(found.n_eff, 1) if found else None,
        state=found.state if found else "withheld",
        missing=group.missing,
    )


def share_row(metric: Definition, by: Grouping, group: Group) -> ShareRow:
    """The measured CSAT or CES of a group, likewise; percent with one decimal."""
    found = measured(metric, group)
    return ShareRow(
        by=by,
        value=group.value,
        n=group.n,
        count=group.counts[0] if found else None,
        share=round(found.estimate, 1) if found else None,
        low=round(found.low, 1) if found else None,
        high=round(found.high, 1) if found else None,
        n_eff=round(found.n_eff, 1) if found else None,
        state=found.state if found else "withheld",
        missing=group.missing,
    )


def change_row(metric: Definition, by: Grouping, now: Group, before: Group) -> ChangeRow:
    """The change of a group's score; hidden where it is in either period, as the earlier score would follow from it.

    Groups of different customers: where some answered in both periods the interval is rather too long.
    """
    ours, theirs = measured(metric, now), measured(metric, before)
    row = ChangeRow(
        metric=metric.key,
        by=by,
        value=now.value,
        n=now.n,
        n_before=before.n,
        before=round(theirs.estimate, 1) if theirs else None,
        change=None,
        low=None,
        high=None,
        state="withheld",
    )
    if ours is None or theirs is None:
        return row
    low, high = _difference(metric, ours, theirs)
    row["change"], row["low"], row["high"] = round(ours.estimate - theirs.estimate, 1), round(low, 1), round(high, 1)
    row["state"] = state(min(now.n, before.n), low, high, minimum=0)
    return row


def rank_rows(metric: Definition, by: Grouping, groups: Sequence[Group]) -> list[RankRow]:
    """The groups that are shown and not wide from best to worst by NPS, chance taken off; nothing for fewer than three.

    Answers of which nobody knows the group are none.
    """
    named = [(group, measured(metric, group)) for group in groups if group.value]
    found = {group.value: (group, own) for group, own in named if own and own.state == "ok"}
    if len(found) < FEWEST_RANKED:
        return []
    given = {value: score_of(own) for value, (_, own) in found.items()}
    compared = scores.compare(given, against="the_rest")
    p_holm = {pair.a: pair.p_holm for pair in compared.pairs}
    return [
        RankRow(
            by=by,
            value=rank.group,
            n=found[rank.group][0].n,
            nps=round(rank.score.nps, 1),
            rank=rank.rank,
            shrunken=round(rank.shrunken, 1),
            low=round(rank.low, 1),
            high=round(rank.high, 1),
            worst=round(100 * rank.worst, 1),
            p_holm=round(p_holm[rank.group], 4),
            p_alike=round(compared.homogeneity.p_value, 4),
        )
        for rank in compared.ranks
    ]


def measured(metric: Definition, group: Group) -> Estimated | None:
    """The measured score of a group; None where it is hidden."""
    return None if group.hidden or not group.n else estimated(metric, group.counts, group.n_eff)


def score_of(found: Estimated) -> Score:
    """The score as `scores.compare` takes it; a share is one of answers of which none is against it."""
    total = sum(found.counts)
    return scores.nps(*found.counts, weights_sq=total**2 / found.n_eff)


def _difference(metric: Definition, ours: Estimated, theirs: Estimated) -> Interval:
    if metric.key == "nps":
        found = scores.nps_difference(score_of(ours), score_of(theirs))
        return found.low, found.high
    return newcombe(ours.counts[0], ours.n_eff, theirs.counts[0], theirs.n_eff)
