"""The reports: every number of a scope, once; as data, as pages, and as one file that opens anywhere."""

import json
from base64 import b64encode
from collections.abc import Iterable
from dataclasses import dataclass, replace
from hashlib import sha256
from importlib import import_module
from pathlib import Path
from typing import Any

from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import mark_safe

from analytics.period import PeriodJson
from analytics.scope import AGENT, FILTERS, Scope
from contacts.readers import Reader

RIGHT = "surveys.view_response"
"""Who has it may see every report."""
SEES_PERSONS = "contacts.view_customer"
"""Who has it as well also sees the tables of single customers, in the admin and by the API."""
Numbers = dict[str, Any]
"""Name of a table -> its published rows; docs/statistics.md says what each means."""


@dataclass(frozen=True, slots=True)
class Report:
    """One question with its tables and charts, by the module of its name beside this one.

    That has `build(scope)`, which returns its numbers, and `headline(numbers)` and `sections(numbers)`, which show them
    and nothing else.
    Pandas and its friends are heavy, so it is loaded only for who opens the report.
    """

    key: str
    title: str
    question: str
    filters: tuple[str, ...] = FILTERS
    persons: tuple[str, ...] = ()
    """Its tables that have a row for each of some customers, and not of groups."""
    by_score: bool = False
    """Whether its page shows one score at a time; files, mails and data have all of them."""

    @property
    def address(self) -> str:
        """Where its page is."""
        return reverse("report-page", args=[self.key])

    def refusal(self, name: str) -> str:
        """Return what is said to who asks for a filter that it does not have."""
        known = ", ".join(self.filters) or "nothing"
        return f"{self.title} cannot be narrowed by {name}, only by {known}. Take {name} out of the address."

    def for_reader(self, reader: Reader) -> "Report":
        """Return it with the filters that are for a reader: none of them names somebody who is hidden."""
        return self if reader.personal else replace(self, filters=tuple(one for one in self.filters if one != AGENT))

    def build(self, scope: Scope) -> Numbers:
        """Return its own numbers."""
        own: Numbers = import_module(f"analytics.reports.{self.key}").build(scope)
        return own

    def context(self, numbers: Numbers, *score: str) -> dict[str, Any]:
        """Return what the templates need to show what `build` returned, and nothing but that: they cannot differ.

        Of a report `by_score` one score may be named, of which alone it is then.
        """
        from analytics.charts import SETTINGS
        from analytics.sources import credits_due, made_up

        shown = import_module(f"analytics.reports.{self.key}")
        return {
            "report": self,
            "title": f"{self.title}, {numbers['period']['text']}",
            "period": numbers["period"],
            "days": _days_in_a_name(numbers["period"]),
            "headline": shown.headline(numbers, *score),
            "sections": shown.sections(numbers, *score),
            "made_up": made_up(numbers["sources"]),
            "credits": credits_due(numbers["sources"]),
            "settings": SETTINGS,
        }


REPORTS = {
    report.key: report
    for report in (
        Report(
            "touchpoints", "Touchpoints", "After what are customers happy, and after what do they leave?", by_score=True
        ),
        Report("fatigue", "Fatigue", "What does asking cost customers, and what does it do to scores?", ("program",)),
        Report("drivers", "Drivers", "What moves the score, and do we give it the weight that customers do?"),
        Report(
            "churn",
            "Churn risk",
            "Who may leave, why, and how well is that foreseen?",
            persons=("customers_at_risk",),
        ),
        Report("comments", "Comments", "What do customers write about, and who is unhappy about it?"),
        Report("delivery", "Delivery", "Whom did we ask, who answered, and where were the others lost?"),
        Report("quality", "Data quality", "Where do the data come from, and what in them is doubtful?"),
    )
}
"""Key, which is also its address -> report, in the order in which they are shown."""


def build(scope: Scope, reports: Iterable[Report] = REPORTS.values(), *, persons: bool = False) -> Numbers:
    """Return the numbers of reports with what they are about and where they come from, as `report.json` holds them.

    Tables of single customers are only there where `persons` says so: where the reader has `SEES_PERSONS`, and never in
    a file or a mail, which goes on to anybody and outlives the erasure of a customer (GDPR, articles 5(1)(e) and 17).
    Whoever may not see names gets no rows by agent and no single customers.
    """
    from analytics.sources import source_rows

    numbers, reader = {"period": scope.as_json()}, scope.reader
    for report in reports:
        own = report.build(scope)
        left_out = () if persons and reader.personal else report.persons
        shown = {name: table for name, table in own.items() if name not in left_out}
        numbers |= shown if reader.personal else {name: _without_agents(table) for name, table in shown.items()}
    return numbers | {"sources": source_rows(scope)}


def _without_agents(table: Any) -> Any:
    """A table without the groups that are agents; what is no list of rows stays as it is."""
    if not isinstance(table, list):
        return table
    return [row for row in table if not (isinstance(row, dict) and row.get("by") == AGENT)]


def write(numbers: Numbers, directory: Path, reports: Iterable[Report] = REPORTS.values()) -> None:
    """Write what `build` returned for these reports as `report.html` and `report.json`.

    Makes the directory where it is missing. Raises OSError where that cannot be done.
    """
    page = as_page(numbers, reports)
    directory.mkdir(parents=True, exist_ok=True)
    (directory / "report.html").write_text(page, encoding="utf-8")
    (directory / "report.json").write_text(as_json(numbers), encoding="utf-8")


def as_page(numbers: Numbers, reports: Iterable[Report]) -> str:
    """Return one page of HTML that needs nothing from anywhere else."""
    from plotly.offline import get_plotlyjs

    chapters = [report.context(numbers) for report in reports]
    drawn = any(section.charts for chapter in chapters for section in chapter["sections"])
    own = (Path(__file__).parents[1] / "static/analytics/report.js").read_text(encoding="utf-8")
    scripts = [mark_safe(script) for script in ([get_plotlyjs(), own] if drawn else [own])]  # noqa: S308 - the library's, ours
    title = chapters[0]["title"] if len(chapters) == 1 else f"Customer report, {numbers['period']['text']}"
    context = {"title": title, "chapters": chapters, "scripts": scripts, "hashes": [_hash(text) for text in scripts]}
    return render_to_string("analytics/report.html", chapters[0] | context)


def _hash(script: str) -> str:
    """The script's name in a content policy (W3C, Content Security Policy Level 3, section 2.3.1)."""
    return f"sha256-{b64encode(sha256(script.encode()).digest()).decode()}"


def _days_in_a_name(period: PeriodJson) -> str:
    """The period as it stands in the name of a file."""
    return "_".join(filter(None, (period["since"], period["until"] or period["at"][:10])))


def as_json(numbers: Numbers) -> str:
    """Return the numbers as text."""
    return f"{json.dumps(numbers, indent=1, ensure_ascii=False, allow_nan=False)}\n"
