"""From when to when two arms can be compared: what was chosen about the holdout, and what the policy said meanwhile."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from itertools import groupby, pairwise
from typing import Literal

from analytics.period import Period
from contacts.arms import NOBODY, QUIET, Arm, Arms
from contacts.models import Customer, Holdout, PolicyVersion
from contacts.policies import ARMS, of_document

Kind = Literal["holdout", "limit"]
OF_KIND: dict[Kind, Arm] = {"holdout": Arm.HELD_OUT, "limit": Arm.OTHER_LIMIT}


@dataclass(frozen=True, slots=True)
class Comparison:
    """One arm against the usual one: chosen at `began`, with a comparable past from `since` on, until `until`."""

    kind: Kind
    arms: Arms
    began: datetime
    until: datetime

    @property
    def since(self) -> datetime:
        """From then on the 90 days before an invitation are those of the arm."""
        return self.began + QUIET

    @property
    def arm(self) -> Arm:
        """What the customers who are compared with the usual ones were drawn for."""
        return OF_KIND[self.kind]

    def within(self, period: Period) -> Period | None:
        """The part of a period that can be compared; None where there is none (yet)."""
        since = max(self.since, period.since) if period.since else self.since
        until = min(self.until, period.until) if period.until else self.until
        return Period(since, until, period.at) if since < min(until, period.at) else None


def comparisons(period: Period) -> list[Comparison]:
    """For each kind the comparison of which the period holds most; of several without any of it the newest.

    Two statements.
    """
    rows = list(Holdout.objects.filter(at__lte=period.at).order_by("at", "pk"))
    if not rows:
        return []
    versions = list(PolicyVersion.objects.filter(at__lte=period.at).order_by("at", "pk"))
    found = [*_spans(rows, "holdout", period.at), *_while_the_rule_stands(_spans(rows, "limit", period.at), versions)]
    by_kind = ([one for one in found if one.kind == kind] for kind in OF_KIND)
    return [max(those, key=lambda one: (_length(one.within(period)), one.began)) for those in by_kind if those]


def arms_then(persons: Sequence[int], instants: Sequence[datetime]) -> list[Arm]:
    """The arm of each of these persons (ids of the records that stand for them) at an instant. Two statements."""
    rows = list(Holdout.objects.order_by("at", "pk"))
    if not rows:
        return [Arm.USUAL] * len(persons)
    begins, several = [row.at for row in rows], records_of_several()
    arms = [NOBODY, *(Arms(**{name: getattr(row, name) for name in ARMS}) for row in rows)]

    @cache
    def drawn(person: int, chosen: int) -> Arm:
        return arms[chosen].of_person((person, *several.get(person, ())))

    return [drawn(person, bisect_right(begins, at)) for person, at in zip(persons, instants, strict=True)]


def records_of_several() -> Mapping[int, Sequence[int]]:
    """Person -> ids of the records that were merged into the one that stands for them; only persons of several."""
    merged: dict[int, list[int]] = defaultdict(list)
    for record in Customer.objects.exclude(merged_into=None).only("merged_into"):
        merged[record.person_id].append(record.pk)
    return merged


def _spans(rows: list[Holdout], kind: Kind, at: datetime) -> Iterator[Comparison]:
    """The times in which a share, and what it got, stayed the same."""
    about: dict[Kind, Callable[[Holdout], tuple[object, ...]]] = {
        "holdout": lambda row: (row.salt, row.share),
        "limit": lambda row: (row.salt, row.limit_share, row.limit, row.cap),
    }
    spans = [[*same] for _, same in groupby(rows, key=about[kind])]
    ends = [following[0].at for _, following in pairwise(spans)]
    for same, until in zip(spans, [*ends, at], strict=True):
        arms = Arms(**{name: getattr(same[-1], name) for name in ARMS})
        if arms.share if kind == "holdout" else arms.limit_share:
            yield Comparison(kind, arms, same[0].at, until)


def _while_the_rule_stands(spans: Iterator[Comparison], versions: list[PolicyVersion]) -> Iterator[Comparison]:
    """The parts of these times in which the policy in force had the rule that has another limit for some."""
    for span in spans:
        standing = [
            (max(version.at, span.began), min(until, span.until))
            for version, until in zip(versions, [*(one.at for one in versions[1:]), span.until], strict=True)
            if span.arms.limits(of_document(version.document))
        ]
        begun: Comparison | None = None
        for since, until in standing:
            if since >= until:
                continue
            if begun and begun.until == since:
                begun = replace(begun, until=until)
                continue
            if begun:
                yield begun
            begun = replace(span, began=since, until=until)
        if begun:
            yield begun


def _length(period: Period | None) -> float:
    if period is None or period.since is None or period.until is None:
        return 0.0
    return (min(period.until, period.at) - period.since).total_seconds()
