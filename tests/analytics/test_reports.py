"""The report as data and as a page: complete, equal, safe, and readable without a net."""

import json
import re
from base64 import b64encode
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from analytics import reports
from analytics.counting import GROUPINGS
from analytics.period import Period
from analytics.scope import Scope
from contacts.names import in_words
from tests.analytics.world import make_contact, make_decision, make_lives, make_responses, make_sent
from tests.pristine import Shared
from tests.surveys.makers import NOON, make_customer, make_touchpoint

pytestmark = pytest.mark.django_db
NPS_KEYS = [
    "by",
    "value",
    "promoters",
    "passives",
    "detractors",
    "n",
    "nps",
    "low",
    "high",
    "n_eff",
    "state",
    "missing",
]


@pytest.fixture(scope="module")
def some_data(shared: Shared) -> None:
    with shared():
        make_lives("call", 20, 15)
        make_lives("visit", 20, 5)
        make_responses(20, 10, 15, touchpoint=make_touchpoint(kind="call", team="North"))
        make_responses(3, 2, 1, touchpoint=make_touchpoint(kind="chat", source="cdnow"), simulated=True)
        make_sent(12, 4)
        make_decision("skip", ("opt-out", "consent", "email"))
        make_contact(make_customer())


@pytest.fixture(scope="module")
def numbers(some_data: None, shared: Shared) -> dict[str, Any]:
    with shared():
        return reports.build(Scope(Period(None, None, NOON)))


@pytest.fixture(scope="module")
def folder(numbers: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the report was written, in a directory that was not there before."""
    folder = tmp_path_factory.mktemp("report") / "new" / "directory"
    reports.write(numbers, folder)
    return folder


@pytest.fixture(scope="module")
def html(folder: Path) -> str:
    return (folder / "report.html").read_text(encoding="utf-8")


def without_library(html: str) -> str:
    """The page less the drawing library, which is the longest script."""
    longest = max(re.findall(r"<script>.*?</script>", html, re.DOTALL), key=len)
    return html.replace(longest, "")


def test_data_has_the_agreed_shape(numbers: dict[str, Any]) -> None:
    parts = [
        *("metrics", "nps", "csat", "ces", "months", "months_alike"),
        *("weights", "weighted", "changes", "ranks", "silent", "unhappy"),
        *("churn", "open_links"),
        *("split", "drawn", "rate_by_contacts", "score_by_contacts", "cost", "burn", "fatigue", "caps"),
        *("driver_patterns", "drivers", "driver_weights", "driver_orders"),
        *("churn_run", "risk_bands", "risk_calibration", "risk_figures", "risk_notes"),
        "silence_after_problems",
        *("themes", "key_words"),
        *("funnel", "funnel_by", "stops", "answer_rate", "programs"),
        *("waits", "reminders", "calls", "dispositions", "decisions"),
        *("checks", "flags", "lateness", "stated", "imports"),
        "sources",
    ]
    assert list(numbers) == ["period", *parts]
    call = next(row for row in numbers["nps"] if (row["by"], row["value"]) == ("kind", "call"))
    assert sorted(call) == sorted(NPS_KEYS)
    assert (call["n"], call["promoters"], call["passives"], call["detractors"]) == (45, 20, 10, 15)
    assert {row["by"] for row in numbers["nps"]} == set(GROUPINGS)


def test_churn_is_there_for_every_kind(numbers: dict[str, Any]) -> None:
    churn = {row["value"]: row for row in numbers["churn"]}
    assert set(churn) == {"call", "visit", "chat", "purchase"}
    assert (churn["call"]["n"], churn["call"]["lost"], churn["call"]["share"]) == (20, 15, 75.0)
    assert (churn["call"]["rest_share"], churn["call"]["difference"]) == (25.0, 50.0)
    assert (churn["chat"]["state"], churn["chat"]["share"]) == ("withheld", None)


def test_written_data_is_the_report(folder: Path, numbers: dict[str, Any]) -> None:
    written = json.loads((folder / "report.json").read_text(encoding="utf-8"))
    assert written == json.loads(json.dumps(numbers))


def test_withheld_numbers_are_in_neither_file(folder: Path, html: str) -> None:
    written = json.loads((folder / "report.json").read_text(encoding="utf-8"))
    chat = next(row for row in written["nps"] if (row["by"], row["value"]) == ("kind", "chat"))
    assert {key for key, value in chat.items() if value is not None} == {"by", "value", "n", "state", "missing"}
    assert "Not drawn, as under 10 answers: Chat (6), Purchase (4)." in html


def table(html: str, section: str) -> dict[str, set[str]]:
    """The table of a section: first cell of each row -> the other cells."""
    found = re.search(rf'id="{section}".*?<tbody>(.*?)</tbody>', html, re.DOTALL)
    assert found
    rows = [re.findall(r"<td[^>]*>(.*?)</td>", row) for row in found[1].split("</tr>")]
    return {row[0]: set(row[1:]) for row in rows if row}


TABLES = {
    "nps-kind": ("nps", "kind"),
    "nps-channel": ("nps", "channel"),
    "nps-team": ("nps", "team"),
    "nps-month": ("nps", "month"),
    "churn": ("churn", "kind"),
    "answer-rate-kind": ("answer_rate", "kind"),
    "answer-rate-asked_by": ("answer_rate", "asked_by"),
}


def test_page_has_the_numbers_of_the_data(html: str, numbers: dict[str, Any]) -> None:
    for section, (part, by) in TABLES.items():
        shown = table(html, section)
        for row in [row for row in numbers[part] if row["by"] == by]:
            hidden_or_common = {"by", "value", "horizon_days"}
            values = [value for key, value in row.items() if key not in hidden_or_common and value is not None]
            cells = shown[in_words(row["value"]) or "not stated"] - {"not shown"}
            told = {"ok": "Shown", "wide": "Wide", "withheld": "Withheld"}
            assert cells == {told[value] if isinstance(value, str) else f"{value:,}" for value in values}


def test_page_needs_no_net_and_sends_nothing(html: str) -> None:
    ours = without_library(html)
    assert re.findall(r'(?:src|href)="(?!data:|#)[^"]*"', ours) == []
    assert "http" not in ours.replace("http-equiv", "")
    assert '"plotlyServerURL": ""' in ours


def test_the_file_runs_its_own_scripts_and_connects_to_nothing(html: str) -> None:
    found = re.search(r'Content-Security-Policy" content="([^"]*)"', html)
    assert found
    policy = dict(directive.strip().split(" ", 1) for directive in found[1].split(";"))
    assert policy["default-src"] == "'none'"
    assert "connect-src" not in policy
    scripts = re.findall(r"<script>(.*?)</script>", html, re.DOTALL)
    hashes = [b64encode(sha256(script.encode()).digest()).decode() for script in scripts]
    assert policy["script-src"].split() == [f"'sha256-{one}'" for one in hashes]
    assert found.start() < html.index("<script>")


def test_every_chart_is_followed_by_its_table(html: str) -> None:
    sections = re.findall(r"<section.*?</section>", without_library(html), re.DOTALL)
    assert len(sections) == 44
    for section in sections:
        assert "chart-data" not in section or section.rindex("chart-data") < section.index("<table>")
        assert "<table>" in section or "Nothing to show" in section


def test_first_chart_is_nps_against_churn(html: str) -> None:
    first = re.search(r'class="chart-data">(.*?)</script>', html)
    assert first
    title = json.loads(first[1])["layout"]["yaxis"]["title"]["text"]
    assert title.startswith("Churn against the rest")


def test_page_says_what_is_simulated_and_whose_data_it_is(html: str) -> None:
    ours = without_library(html)
    assert "<strong>Simulated</strong> are 6 of" in ours
    assert "Fader" in ours
    assert "Hardie" in ours
    assert "association" in ours
