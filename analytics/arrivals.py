"""How touchpoints arrive: how late, from whose clock, twice, and what they leave out."""

from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple, TypedDict

from django.db.models import Count, Q

from analytics.scope import Scope
from analytics.shares import percent
from analytics.waits import Minutes, quantile
from contacts.doubtful import WORTH, twice
from surveys.models import Program

MINUTES = 60
"""Of an hour."""


class Arrival(NamedTuple):
    """A group of `n` touchpoints that arrived so many minutes after they happened; what is not stated by how many."""

    source: str
    kind: str
    minutes: int
    n: int
    no_team: int
    no_agent: int
    no_product: int
    twice: int
    simulated: int


class LatenessRow(TypedDict):
    """Touchpoints of a source: hours from when they happened to when we were told, and how many came too late to ask.

    `early`: they arrived before they happened, by a minute or more: a clock is wrong.
    """

    source: str
    n: int
    median: float
    p90: float
    too_late: int
    too_late_share: float
    early: int


class StatedRow(TypedDict):
    """Of the touchpoints of a kind, the share in percent that does not say the team, the agent or the product."""

    kind: str
    n: int
    no_team: float
    no_agent: float
    no_product: float


def arrivals(scope: Scope) -> list[Arrival]:
    """The touchpoints of the scope in groups. One statement.

    One that stands there twice differs from an older row in nothing but its id.
    """
    told = scope.touchpoints().alias(worth=WORTH).alias(twin=twice())
    groups = told.values_list("source", "kind", Minutes("received_at", "occurred_at"))
    counted = groups.annotate(
        n=Count("pk"),
        no_team=Count("pk", Q(team="")),
        no_agent=Count("pk", Q(agent="")),
        no_product=Count("pk", Q(product="")),
        twice=Count("pk", Q(twin=True)),
        made_up=Count("pk", Q(simulated=True)),
    )
    return [Arrival(*row) for row in counted.order_by()]


def lateness_rows(arrived: Iterable[Arrival], programs: Iterable[Program]) -> list[LatenessRow]:
    """A row per source, the largest first. Too late: longer than the most patient of the programs thinks it worth."""
    worth: dict[str, float] = {}
    for program in programs:
        for kind in program.kinds:
            worth[kind] = max(worth.get(kind, 0), program.worth.total_seconds() / MINUTES)
    by_source: dict[str, list[Arrival]] = {}
    for group in arrived:
        by_source.setdefault(group.source, []).append(group)
    rows = [_lateness(source, groups, worth) for source, groups in by_source.items()]
    return sorted(rows, key=lambda row: (-row["n"], row["source"]))


def stated_rows(arrived: Iterable[Arrival]) -> list[StatedRow]:
    """A row per kind, the largest first."""
    n: Counter[str] = Counter()
    missing = {name: Counter[str]() for name in ("no_team", "no_agent", "no_product")}
    for group in arrived:
        n[group.kind] += group.n
        for name, counts in missing.items():
            counts[group.kind] += getattr(group, name)
    return [
        StatedRow(
            kind=kind,
            n=count,
            no_team=percent(missing["no_team"][kind], count),
            no_agent=percent(missing["no_agent"][kind], count),
            no_product=percent(missing["no_product"][kind], count),
        )
        for kind, count in sorted(n.items(), key=lambda item: (-item[1], item[0]))
    ]


def _lateness(source: str, groups: list[Arrival], worth: dict[str, float]) -> LatenessRow:
    minutes: Counter[int] = Counter()
    for group in groups:
        minutes[group.minutes] += group.n
    too_late = sum(group.n for group in groups if group.kind in worth and group.minutes > worth[group.kind])
    median, p90 = (round(quantile(minutes, share) / MINUTES, 1) for share in (0.5, 0.9))
    return LatenessRow(
        source=source,
        n=minutes.total(),
        median=median,
        p90=p90,
        too_late=too_late,
        too_late_share=percent(too_late, minutes.total()),
        early=sum(group.n for group in groups if group.minutes < 0),
    )
