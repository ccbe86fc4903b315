"""What the scores mean, as the organisation has set it down: the one place that reads the table of metrics."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal, TypedDict, get_args

from django.db.models import F, Q

from analytics.models import Metric
from surveys.questions.kinds import MAKES, Kind

MetricKey = Literal["nps", "csat", "ces"]
METRICS: tuple[MetricKey, ...] = get_args(MetricKey)


@dataclass(frozen=True, slots=True)
class Definition:
    """One metric: answers from `counts_from` on count for it, those up to `against_to` (the NPS's only) against it.

    `lowest` and `highest` are the words at the ends of the scale. Answers about a touchpoint that come later than
    `horizon_days` after it are left out; None leaves out none. `minimum_n`: answers and customers from which on a group
    is shown; `target`: in the metric's unit, None is none.
    """

    key: MetricKey
    name: str
    question_kind: str
    lowest: str
    highest: str
    counts_from: int
    against_to: int | None
    horizon_days: int | None
    minimum_n: int
    target: float | None

    @property
    def scale(self) -> range:
        """The whole numbers that can be answered."""
        return scale_of(self.question_kind)

    @property
    def unit(self) -> str:
        """What a figure of it is in."""
        return "points" if self.key == "nps" else "percent"

    @property
    def rule(self) -> str:
        """Which answers count, in words."""
        top, ends = f"{self.counts_from} to {self.scale[-1]}", f"{self.scale[0]} ({self.lowest}) to {self.scale[-1]}"
        scale = f"on a scale from {ends} ({self.highest})"
        if self.against_to is None:
            return f"Share of answers from {top}, {scale}"
        return f"Share of answers from {top} less share of {self.scale[0]} to {self.against_to}, {scale}"

    def answers(self) -> Q:
        """The filter for answers that are counted in it."""
        of_it = Q(question__kind=self.question_kind, number__isnull=False)
        if self.horizon_days is None:
            return of_it
        latest = F("response__touchpoint__occurred_at") + timedelta(days=self.horizon_days)
        return of_it & (Q(response__touchpoint=None) | Q(response__answered_at__lte=latest))

    def top(self) -> Q:
        """The filter for answers that count for it."""
        return Q(question__kind=self.question_kind, number__gte=self.counts_from)

    def bottom(self) -> Q:
        """The filter for answers that count against it; none where it is a plain share."""
        if self.against_to is None:
            return Q(number__lt=0)
        return Q(question__kind=self.question_kind, number__lte=self.against_to)


class DefinitionRow(TypedDict):
    """A definition as a report states it beside the numbers that it defines."""

    metric: MetricKey
    name: str
    rule: str
    unit: str
    horizon_days: int | None
    minimum_n: int
    target: float | None


Definitions = Mapping[MetricKey, Definition]


def definitions() -> Definitions:
    """Return every metric by its key, in their order. One statement."""
    names = Definition.__slots__
    found = {row["key"]: row for row in Metric.objects.values(*names)}
    return {key: _definition(found[key]) for key in METRICS}


def definition_rows(metrics: Iterable[Definition]) -> list[DefinitionRow]:
    """Return them as a report states them."""
    return [
        DefinitionRow(
            metric=one.key,
            name=one.name,
            rule=one.rule,
            unit=one.unit,
            horizon_days=one.horizon_days,
            minimum_n=one.minimum_n,
            target=one.target,
        )
        for one in metrics
    ]


def scale_of(question_kind: str) -> range:
    """Return the whole numbers that a kind of question with a scale offers."""
    scale = MAKES[Kind(question_kind)].scale
    if scale is None:
        raise ValueError(f"{question_kind}: questions of this kind have no scale")
    return scale


def _definition(row: Mapping[str, Any]) -> Definition:
    target = row["target"]
    return Definition(**{**row, "target": None if target is None else float(target)})
