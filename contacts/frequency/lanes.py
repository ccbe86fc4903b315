"""How full each cap was, is and will be over a time, as steps that a picture can draw."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import groupby, pairwise
from typing import NamedTuple

from contacts.frequency.caps import Load
from contacts.frequency.evaluate import case_of
from contacts.frequency.facts import Customer, Request, Row
from contacts.frequency.policy import Policy
from contacts.frequency.rules import Rule

EXACT = timedelta(seconds=1)
"""How exactly the first instant from which a window reaches a booked contact is searched."""


class Step(NamedTuple):
    """From `start` on and before `end`, so much of the limit is used."""

    start: datetime
    end: datetime
    used: int


class Stretch(NamedTuple):
    """A stretch of time, the end left out."""

    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Lane:
    """A rule that counts contacts, over a time: its steps follow each other without gap; the request weighs `own`."""

    rule: str
    limit: int
    own: int
    steps: tuple[Step, ...]

    def step(self, at: datetime) -> Step:
        """The step that holds an instant of the time."""
        return next(step for step in self.steps if step.start <= at < step.end)

    def room(self, step: Step) -> bool:
        """Whether the request fits during a step."""
        return self.limit > 0 and step.used + self.own <= self.limit


def lanes(
    policy: Policy,
    customer: Customer,
    history: Iterable[Row],
    request: Request,
    account_history: Iterable[Row] = (),
    *,
    since: datetime,
    until: datetime,
) -> list[Lane]:
    """A lane for each rule that counts contacts against the request, from `since` to `until`; instants in UTC.

    Before the request's instant: what had been used by then. From it on: what the request would meet, so that what is
    booked for later fills the windows that reach it. `since` is not after the request, `until` is after it.
    """
    case = replace(case_of(policy, customer, history, request, account_history), at=since.astimezone(UTC))
    return [
        _lane(rule, since.astimezone(UTC), request.at.astimezone(UTC), until.astimezone(UTC))
        for rule in case.rules()
        if rule.loads
    ]


def free_places(found: Sequence[Lane], after: datetime, until: datetime) -> list[Stretch]:
    """The stretches from `after` to `until` in which all the lanes have room, each as long as can be."""
    turns = (step.start for lane in found for step in lane.steps)
    edges = [after, *sorted({turn for turn in turns if after < turn < until}), until] if after < until else []
    joined: list[Stretch] = []
    for start, end in pairwise(edges):
        if all(lane.room(lane.step(start)) for lane in found):
            begun = joined.pop().start if joined and joined[-1].end == start else start
            joined.append(Stretch(begun, end))
    return joined


def _lane(rule: Rule, since: datetime, now: datetime, until: datetime) -> Lane:
    turns = {since, now, until, *(turn for load in rule.loads for turn in _turns(load, now))}
    edges = sorted(turn for turn in turns if since <= turn <= until)
    steps = (
        Step(start, end, max(load.used(start) if start >= now else _begun(load, start) for load in rule.loads))
        for start, end in pairwise(edges)
    )
    return Lane(rule.name, rule.loads[0].cap.limit, rule.loads[0].own, tuple(_joined(steps)))


def _joined(steps: Iterable[Step]) -> Iterator[Step]:
    for used, same in groupby(steps, key=lambda step: step.used):
        first, *_, last = [*same] * 2
        yield Step(first.start, last.end, used)


def _begun(load: Load, at: datetime) -> int:
    return sum(span.weight for span in load.spans if span.start <= at < span.end)


def _turns(load: Load, now: datetime) -> Iterator[datetime]:
    """All instants at which what is used can change."""
    for span in load.spans:
        yield span.start
        yield span.end
        if span.start > now:
            yield _reached_from(load, span.start, now)


def _reached_from(load: Load, booked: datetime, now: datetime) -> datetime:
    """The first instant from `now` on whose window reaches a booked contact."""
    window = load.cap.window
    low, high = max(now, booked - window.longest), booked
    if window.end(low, load.zone) > booked:
        return low
    while high - low > EXACT:
        middle = low + (high - low) / 2
        low, high = (low, middle) if window.end(middle, load.zone) > booked else (middle, high)
    return high
