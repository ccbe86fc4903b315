"""The report: every number of a period, once; as data, and as one file that opens anywhere."""

import json
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from pathlib import Path
from typing import Any

from django.template.loader import render_to_string
from django.utils.safestring import mark_safe
from plotly.offline import get_plotlyjs

from analytics import charts, frames
from analytics.asking import (
    AnswerRateRow,
    DecisionRow,
    FatigueRow,
    answer_rates,
    contacts_per_customer,
    decisions,
)
from analytics.calls import CallRow, DispositionRow, call_rows, disposition_rows
from analytics.caps import CapRow, customers_at_caps
from analytics.churn.by_kind import ChurnRow, churn_by_kind
from analytics.nps import GROUPINGS, NpsRow, nps_rows
from analytics.open_links import OpenLinkRow, open_link_rows
from analytics.period import Period
from analytics.scores import SHOWN_FROM
from analytics.sections import sections
from analytics.sources import SourceRow, credits_due, made_up, source_rows


@dataclass(frozen=True, slots=True)
class Report:
    """The published rows of a period; docs/statistics.md says what each means."""

    period: Period
    nps: list[NpsRow]
    open_links: list[OpenLinkRow]
    churn: list[ChurnRow]
    answer_rate: list[AnswerRateRow]
    calls: list[CallRow]
    dispositions: list[DispositionRow]
    decisions: list[DecisionRow]
    fatigue: list[FatigueRow]
    caps: list[CapRow]
    sources: list[SourceRow]

    def as_json(self) -> dict[str, Any]:
        """What `report.json` holds, and all that the page knows."""
        return {
            "period": self.period.as_json(),
            "nps": self.nps,
            "open_links": self.open_links,
            "churn": self.churn,
            "answer_rate": self.answer_rate,
            "calls": self.calls,
            "dispositions": self.dispositions,
            "decisions": self.decisions,
            "fatigue": self.fatigue,
            "caps": self.caps,
            "sources": self.sources,
        }


def build(since: datetime | None, until: datetime | None, at: datetime) -> Report:
    """The report on everything from `since` on and before `until` (None: open), as known at `at`; all aware."""
    period = Period(since, until, at)
    return Report(
        period=period,
        open_links=open_link_rows(period),
        nps=list(chain.from_iterable(nps_rows(by, period) for by in GROUPINGS)),
        churn=_churn(period),
        answer_rate=list(chain.from_iterable(answer_rates(by, period) for by in ("overall", "kind", "asked_by"))),
        calls=call_rows(period),
        dispositions=disposition_rows(period),
        decisions=decisions(period),
        fatigue=contacts_per_customer(period),
        caps=customers_at_caps(at),
        sources=source_rows(period),
    )


def write(report: Report, directory: Path) -> None:
    """Write `report.html` and `report.json`, making the directory where it is missing.

    Raises OSError where that cannot be done.
    """
    numbers = report.as_json()
    page = render_to_string("analytics/report.html", context(numbers) | {"plotly": mark_safe(get_plotlyjs())})  # noqa: S308
    directory.mkdir(parents=True, exist_ok=True)
    (directory / "report.html").write_text(page, encoding="utf-8")
    text = json.dumps(numbers, indent=1, ensure_ascii=False, allow_nan=False)
    (directory / "report.json").write_text(f"{text}\n", encoding="utf-8")


def context(numbers: dict[str, Any]) -> dict[str, Any]:
    """What the templates need to show `Report.as_json()`, and nothing but that: page and data cannot differ."""
    return {
        "title": f"Customer report, {numbers['period']['text']}",
        "period": numbers["period"],
        "headline": _headline(next(row for row in numbers["nps"] if row["by"] == "overall")),
        "sections": sections(numbers),
        "made_up": made_up(numbers["sources"]),
        "credits": credits_due(numbers["sources"]),
        "settings": charts.SETTINGS,
    }


def _headline(overall: NpsRow) -> dict[str, str]:
    if overall["state"] == "withheld":
        return {"score": "No NPS yet", "text": f"{overall['n']} answers so far; a score is shown from {SHOWN_FROM} on."}
    wide = ". That is too wide to compare with anything" if overall["state"] == "wide" else ""
    return {
        "score": f"NPS {overall['nps']}",
        "text": f"{overall['n']:,} answers; with 95% confidence between {overall['low']} and {overall['high']}{wide}.",
    }


def _churn(period: Period) -> list[ChurnRow]:
    """Nobody is called lost for time in which no purchase was recorded of anybody: the records end with the last."""
    purchases = frames.purchases(period.at)
    if purchases.empty:
        return []
    observed_until = purchases["at"].max().to_pydatetime()
    return churn_by_kind(frames.touchpoints(period), purchases, observed_until=observed_until)
