"""Two policies side by side, figure by figure, in words. Pure."""

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from contacts.names import in_words

if TYPE_CHECKING:
    from cxsurvey.what_if import Figures

#: What a skip of each kind means to a manager.
SKIPPED = {
    "consent": "because the customer opted out or cannot be reached",
    "cap": "because a cap was full for too long",
    "wish": "because the customer asked for a pause or for less",
    "holiday": "because of a holiday",
    "hours": "because the contact hours came too late",
    "expiry": "because the question came too late",
    "sampling": "because the program did not draw them",
}
OFTEN = ("never asked", "asked once", "asked twice", "asked 3 times", "asked 4 times", "asked 5 times or more")


class Compared(NamedTuple):
    """One figure under the policy in force and under the other; `part` is part of the figure above it."""

    what: str
    unit: str
    before: float | None
    after: float | None
    part: bool = False

    @property
    def said(self) -> tuple[str, str, str]:
        """Both figures, and how much more the second is, as text."""
        change = None if self.before is None or self.after is None else self.after - self.before
        return said(self.before), said(self.after), said(change, sign=True)


def compare(before: "Figures", after: "Figures") -> list[Compared]:
    """Every figure, in the order of reading."""
    return [
        Compared("Touchpoints", "touchpoints", before.touchpoints, after.touchpoints),
        Compared("Asked about", "contacts", before.asked, after.asked),
        Compared("later than they were due", "contacts", before.delayed, after.delayed, part=True),
        Compared("Not asked about", "touchpoints", before.unserved, after.unserved),
        *_skipped(before, after),
        Compared("Customers with a touchpoint", "customers", before.customers, after.customers),
        Compared(
            "held back by a cap at least once", "customers", before.customers_at_cap, after.customers_at_cap, part=True
        ),
        *_distribution(before, after),
        Compared("Attention asked for", "hours", before.attention_hours, after.attention_hours),
        Compared("Expected answers", "answers", before.expected_answers, after.expected_answers),
        *_margins(before, after),
    ]


def as_table(before: "Figures", after: "Figures") -> str:
    """The comparison as text in columns."""
    rows = compare(before, after)
    lines = [("", "in force", "tried", "change")]
    lines += [(f"{'  ' * row.part}{row.what} ({row.unit})", *row.said) for row in rows]
    width = max(len(line[0]) for line in lines)
    return "\n".join(f"{what:{width}}  {old:>12}  {new:>12}  {change:>12}" for what, old, new, change in lines)


def said(figure: float | None, *, sign: bool = False) -> str:
    """A figure with thousands separated, a dash where there is none."""
    if figure is None:
        return "-"
    digits = 0 if isinstance(figure, int) else 1
    return f"{figure:{'+' if sign and figure else ''},.{digits}f}"


def _skipped(before: "Figures", after: "Figures") -> Iterator[Compared]:
    for kind, words in SKIPPED.items():
        old, new = before.skipped.get(kind, 0), after.skipped.get(kind, 0)
        if old or new:
            yield Compared(words, "touchpoints", old, new, part=True)


def _distribution(before: "Figures", after: "Figures") -> Iterator[Compared]:
    old, new = _often(before), _often(after)
    for times in range(max(*old, *new) + 1):
        yield Compared(OFTEN[times], "customers", old[times], new[times], part=True)


def _often(figures: "Figures") -> Counter[int]:
    """How many customers were asked so often; the last number stands for all larger ones."""
    counted: Counter[int] = Counter({0: 0})
    for row in figures.contacts_per_customer:
        counted[min(row["contacts"], len(OFTEN) - 1)] += row["customers"]
    return counted


def _margins(before: "Figures", after: "Figures") -> Iterator[Compared]:
    for old, new in zip(before.kinds, after.kinds, strict=True):
        words = f"NPS margin, {in_words(old['kind'], inside=True)}"
        yield Compared(words, "points either way", old["nps_margin"], new["nps_margin"])
