"""What a plan means to a manager, in sentences. Pure."""

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from contacts.names import in_words
from surveys.models import PlannedTarget

TOLERATED = 0.5
"""Less than half an answer missing is none."""


@dataclass(frozen=True, slots=True)
class Help:
    """What cannot be reached, and what would help."""

    target: str
    missing: int
    ways: Sequence[str]


def names(rows: Sequence[PlannedTarget]) -> list[str]:
    """The targets as rows are named: what each is of, the program too where two have the same, and the margin."""
    values = Counter(row.target.value for row in rows)
    return [
        f"{in_words(row.target.value)}{f', {row.target.program}' if values[row.target.value] > 1 else ''}"
        f", ±{row.margin:g} points"
        for row in rows
    ]


def hours(planned: PlannedTarget) -> float:
    """Hours of attention that the contacts still to be made ask for."""
    return planned.contacts * planned.seconds / 3600


def finding(rows: Sequence[PlannedTarget]) -> str:
    """The sentence that says what the plan takes and reaches."""
    met = sum(row.missing < TOLERATED for row in rows)
    contacts, time = sum(row.contacts for row in rows), sum(map(hours, rows))
    attention = f" and {time:,.1f} hours of customers' attention" if time else ""
    reached = "The target" if len(rows) == 1 else f"All {len(rows)} targets"
    if met < len(rows):
        reached = f"{met} of {len(rows)} target{'s' if len(rows) > 1 else ''}"
    return f"{reached} can be met this month: it takes {contacts:,.0f} more contacts{attention}."


def helps(rows: Sequence[PlannedTarget]) -> Iterator[Help]:
    """For each target that cannot be met how many answers are missing, and what would help."""
    for name, row in zip(names(rows), rows, strict=True):
        if row.missing >= TOLERATED:
            yield Help(name, math.ceil(row.missing), list(_ways(row)))


def _ways(row: PlannedTarget) -> Iterator[str]:
    reached = row.needed - row.missing
    if reached >= 1:
        yield f"A larger margin: {math.ceil(row.margin * math.sqrt(row.needed / reached))} points can be met."
        yield f"A longer period: at this pace it takes {math.ceil(10 * row.needed / reached) / 10:g} months."
    if row.capped >= 1:
        yield (
            f"A wider cap: {row.capped:,.0f} more answers are expected of customers whom caps leave out. "
            "Try a policy to see what else that means."
        )
    if reached < 1:
        yield "More touchpoints: nobody whom we may ask is expected to come. Check the program's kinds and filters."


def one_point_less(row: PlannedTarget) -> str:
    """What one point less costs, from the margins that were tried."""
    tried = {one["margin"]: one for one in row.margins}
    now, less = tried.get(row.margin), tried.get(row.margin - 1)
    if not now or not less:
        return "The margin cannot be smaller."
    if less["missing"] >= TOLERATED:
        return f"One point less cannot be reached: {less['missing']:,.0f} answers would be missing."
    return (
        f"One point less costs {less['contacts'] - now['contacts']:,.0f} more contacts "
        f"and {less['hours'] - now['hours']:,.1f} more hours of attention."
    )
