"""From what is known to a plan: groups, the fewest contacts, probabilities, and what other margins would take."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TypedDict

from cxsurvey.fewest.known import Knowledge, Known
from cxsurvey.fewest.rates import needed
from surveys.allocation import Group, Planned, plan
from surveys.occasions import Counts, Kind, at_once, count, kind_of
from surveys.targeting import EARLIER

AROUND = 5
"""Points to each side of a margin for which is said what they would take."""


class MarginRow(TypedDict):
    """What a margin takes: answers, and contacts and hours of attention of all targets together, and what it misses."""

    margin: float
    needed: int
    contacts: float
    hours: float
    missing: float


@dataclass(frozen=True, slots=True)
class Share:
    """Of `customers` of a kind `contacts` are asked for a target, each with the same probability."""

    customers: float
    contacts: float
    probability: float


@dataclass(frozen=True, slots=True)
class WorkedOut:
    """The plan for one target; numbers as in `surveys.models.PlannedTarget`."""

    known: Known
    needed: int
    supply: float
    contacts: float
    expected: float
    missing: float
    capped: float
    probability: float
    slack: float
    groups: Mapping[str, Share]
    margins: Sequence[MarginRow] = ()

    @property
    def hours(self) -> float:
        """Hours of attention that the contacts ask for."""
        return self.contacts * self.known.seconds / 3600


@dataclass(frozen=True, slots=True)
class Crowd:
    """Who can be asked from now to the end of the month, by kind.

    `sizes`: customers before they are made whole numbers. `capped`: answers by target that caps leave out.
    """

    kinds: Sequence[Kind]
    groups: Sequence[Group]
    sizes: Sequence[float]
    capped: Mapping[str, float]


def work_out(knowledge: Knowledge) -> tuple[dict[str, WorkedOut], bool]:
    """The plan by target, and whether it is exact. With nobody to ask everything is missing."""
    crowd = expect(knowledge)
    need = {name: needed(one.target.margin, one.mix) for name, one in knowledge.targets.items()}
    found = _plan(knowledge, crowd, need)
    targets = {name: _of_target(name, knowledge, crowd, found, need[name]) for name in knowledge.targets}
    return {
        name: replace(one, margins=_margins(name, knowledge, crowd, need)) for name, one in targets.items()
    }, found.exact


def expect(knowledge: Knowledge) -> Crowd:
    """Who waits now, and who will come as they came in the last four weeks, less those whom the gate leaves out."""
    left = max(knowledge.until - knowledge.at, timedelta(days=1))
    spans = max(1, EARLIER // left)
    span = min(left, EARLIER)
    until = max((one.at for one in knowledge.past), default=knowledge.at)
    past = count((one for one in knowledge.past if one.at > until - spans * span), until, span)
    now: dict[Kind, float] = defaultdict(float)
    for occasion in at_once(knowledge.now):
        now[kind_of(occasion)] += 1
    # A month has more days than the four weeks that its beginning is expected from.
    scale = left / span / spans
    kinds, groups, sizes = [], [], []
    capped: dict[str, float] = defaultdict(float)
    for kind in sorted({*past, *now}):
        counts = past.get(kind, Counts())
        came = now[kind] + scale * counts.occasions
        size = came * max(knowledge.targets[name].granted.get(kind.earlier, 1) for name in kind.targets)
        for name in kind.targets:
            one = knowledge.targets[name]
            capped[name] += came * one.capped.get(kind.earlier, 0) * one.rates[kind.standing]
        if round(size):
            later = {name: n / counts.occasions for name, n in sorted(counts.later.items())} if counts.later else {}
            rates = {name: one.rates[kind.standing] for name, one in knowledge.targets.items()}
            kinds.append(kind)
            sizes.append(size)
            groups.append(Group(kind.targets, rates, round(size), {name: min(1, n) for name, n in later.items()}))
    return Crowd(kinds, groups, sizes, capped)


def _plan(knowledge: Knowledge, crowd: Crowd, needs: Mapping[str, int]) -> Planned:
    """The fewest contacts for the answers that neither came nor are to come."""
    known = knowledge.targets
    need = {name: max(0.0, answers - known[name].answers - known[name].coming) for name, answers in needs.items()}
    if not crowd.groups:
        return Planned({}, {}, dict.fromkeys(need, 0.0), need, sum(need.values()), exact=True)
    # A tenth of the answers missing is as bad for the small as for the large.
    weights = {name: 1 / max(1, answers) for name, answers in needs.items()}
    # Only the probabilities are wanted, for which nobody has to be whole.
    return plan(need, crowd.groups, weights=weights, whole=False)


def _of_target(name: str, knowledge: Knowledge, crowd: Crowd, found: Planned, need: int) -> WorkedOut:
    one = knowledge.targets[name]
    groups, supply, answers = {}, 0.0, 0.0
    again = _again(name, crowd, found)
    for n, (kind, group, size) in enumerate(zip(crowd.kinds, crowd.groups, crowd.sizes, strict=True)):
        if name in kind.targets:
            contacts, of = float(found.contacts.get((n, name), 0)), float(group.customers)
            supply += size
            answers += size * group.answers(name)
            if kind in again:
                reserved, free = again.pop(kind)
                contacts, of = contacts + reserved, of + free
            groups[str(kind)] = Share(of, contacts, min(1, contacts / of))
    for kind, (reserved, free) in again.items():
        groups[str(kind)] = Share(free, reserved, min(1, reserved / free))
    total = sum(share.contacts for share in groups.values())
    of_all = sum(share.customers for share in groups.values())
    return WorkedOut(
        known=one,
        needed=need,
        supply=of_all,
        contacts=total,
        expected=found.expected[name],
        missing=found.missing[name],
        capped=crowd.capped.get(name, 0.0),
        probability=min(1, total / of_all) if of_all else 0.0,
        slack=answers - max(0, need - one.answers - one.coming),
        groups=groups,
    )


def _again(name: str, crowd: Crowd, found: Planned) -> dict[Kind, tuple[float, float]]:
    """How many who come for this target after something else are reserved, and how many of them are not asked before.

    Once they come, they are of the kind of those who came before.
    """
    reserved: dict[Kind, tuple[float, float]] = {}
    for n, (kind, group) in enumerate(zip(crowd.kinds, crowd.groups, strict=True)):
        if share := group.later.get(name, 0):
            asked = sum(found.contacts.get((n, other), 0) for other in group.touchpoints)
            later = Kind((name,), kind.standing, earlier=True)
            before = reserved.get(later, (0.0, 0.0))
            free = share * (group.customers - asked)
            if free > 0:
                reserved[later] = before[0] + found.later.get((n, name), 0.0), before[1] + free
    return reserved


def _margins(name: str, knowledge: Knowledge, crowd: Crowd, needs: Mapping[str, int]) -> list[MarginRow]:
    """What other margins of a target would take, if the others stay as they are."""
    one, rows = knowledge.targets[name], []
    for step in range(-AROUND, AROUND + 1):
        margin = one.target.margin + step
        if 1 <= margin <= 50:
            need = needed(margin, one.mix)
            found = _plan(knowledge, crowd, {**needs, name: need})
            seconds = sum(
                number * knowledge.targets[target].seconds
                for those in (found.contacts, found.later)
                for (_, target), number in those.items()
            )
            rows.append(
                MarginRow(
                    margin=margin,
                    needed=need,
                    contacts=round(found.total, 1),
                    hours=round(seconds / 3600, 1),
                    missing=round(found.missing[name], 1),
                )
            )
    return rows
