"""The downloads give the report's numbers to the last digit, read as the README says."""

import json
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from django.contrib.auth.models import Group, User
from django.core.management import call_command
from pytest_django.live_server_helper import LiveServer

from analytics.scores import published, withheld
from surveys.scale import DETRACTORS, PASSIVES, PROMOTERS
from tests.staff import token_of
from tests.surveys.answered import make_response
from tests.surveys.makers import NOON, make_touchpoint, make_version

pytestmark = pytest.mark.django_db(transaction=True)
README = Path(__file__).parent.parent / "README.md"
OF_TOUCHPOINT = ("kind", "channel", "team", "agent", "product")
GROUPINGS = {**{by: f"touchpoint_{by}" for by in OF_TOUCHPOINT}, "month": "month"}


@pytest.fixture
def token(live_server: LiveServer) -> str:
    """Sixty answers about two kinds in two months, and the token of an analyst who reads them and may see names."""
    version = make_version()
    for number in range(60):
        kind, channel = ("call", "visit")[number % 2], ("shop", "hotline")[number % 3 > 0]
        served: dict[str, Any] = {"agent": ("Kim", "")[number % 4 > 1], "product": ("", "Roof")[number % 5 > 1]}
        team = ("North", "South", "")[number % 7 % 3]
        touchpoint = make_touchpoint(kind=kind, channel=channel, team=team, **served)
        at = NOON + timedelta(days=number)
        make_response(number * 7 % 11, version=version, touchpoint=touchpoint, answered_at=at, updated_at=at)
    analyst = User.objects.create(username="ana")
    analyst.groups.add(*Group.objects.filter(name__in=["Analyst", "CX manager"]))
    return token_of(analyst)


def as_the_readme_says(site: str, token: str) -> pd.DataFrame:
    """Run the README's lines with this site and token in place of the demo's."""
    lines = re.search(r"```python\n(.*?)```", README.read_text(), re.DOTALL)
    assert lines
    code = lines[1].replace("YOUR-TOKEN", token).replace("http://127.0.0.1:8000", site)
    names: dict[str, Any] = {}
    exec(code, names)  # noqa: S102 - the README's own lines
    frame = names["responses"]
    assert isinstance(frame, pd.DataFrame)
    return frame


def nps_of(groups: dict[str, "pd.Series[int]"]) -> dict[str, dict[str, Any]]:
    counts = {
        value: [int(scores.isin(group).sum()) for group in (PROMOTERS, PASSIVES, DETRACTORS)]
        for value, scores in groups.items()
    }
    hidden = withheld(counts)
    return {value: {**published(*answers, hidden=value in hidden)} for value, answers in counts.items()}


def report(directory: Path) -> list[dict[str, Any]]:
    call_command("report", "--out", str(directory))
    rows: list[dict[str, Any]] = json.loads((directory / "report.json").read_text())["nps"]
    return rows


def test_the_reports_scores_follow_from_the_download(live_server: LiveServer, token: str, tmp_path: Path) -> None:
    responses = as_the_readme_says(live_server.url, token)
    for by in OF_TOUCHPOINT:
        responses[f"touchpoint_{by}"] = responses[f"touchpoint_{by}"].fillna("")
    responses["month"] = responses["answered_at"].str.slice(0, 7)
    told = {(row["by"], row["value"]): row for row in report(tmp_path) if row["by"] != "stage"}
    recomputed = {("overall", "all"): nps_of({"all": responses["score"]})["all"]}
    for by, column in GROUPINGS.items():
        groups = {str(value): group["score"] for value, group in responses.groupby(column)}
        recomputed |= {(by, value): row for value, row in nps_of(groups).items()}
    assert {group: {key: told[group][key] for key in row} for group, row in recomputed.items()} == recomputed
    assert told.keys() == recomputed.keys()
    assert {row["state"] for row in told.values()} >= {"withheld", "wide"}


def test_decisions_in_the_report_are_those_of_the_download(live_server: LiveServer, token: str, tmp_path: Path) -> None:
    headers = {"Authorization": f"Token {token}"}
    decisions = pd.read_csv(f"{live_server.url}/api/v1/exports/decisions.csv", storage_options=headers)
    call_command("report", "--out", str(tmp_path))
    rows = json.loads((tmp_path / "report.json").read_text())["decisions"]
    told = {(row["stage"], row["decision"]): row["n"] for row in rows if row["reason"] == "all"}
    assert decisions.groupby(["stage", "decision"]).size().to_dict() == told
