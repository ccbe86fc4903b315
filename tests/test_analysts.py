"""The blocks of docs/analysts.md are run as they stand there, against a server, with a token or a feed."""

import csv
import io
import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.conf import settings
from django.test import Client
from django.utils import timezone
from pytest_django.live_server_helper import LiveServer

from analytics.feeds import begin
from analytics.models import Feed
from contacts.models import Touchpoint
from cxsurvey import sql_views
from surveys.models import Response
from tests.staff import member_of, token_of
from tests.surveys.answered import make_response
from tests.surveys.makers import make_touchpoint

DOCUMENT = settings.BASE_DIR / "docs" / "analysts.md"
BLOCKS = re.findall(r"^```(\w*)\n(.*?)^```", DOCUMENT.read_text(), flags=re.MULTILINE | re.DOTALL)
PYTHON = {code.splitlines()[0].removeprefix("# "): code for kind, code in BLOCKS if kind == "python"}
SCORES = (9, 9, 2)
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.one_database]


def block(kind: str) -> list[str]:
    return [code for found, code in BLOCKS if found == kind]


@pytest.fixture
def server(live_server: LiveServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> str:
    """A server with three responses, whose address and token are where the document says."""
    touchpoint = make_touchpoint(kind="call", team="North")
    for score in SCORES:
        make_response(score, "So so.", touchpoint=touchpoint)
    monkeypatch.setenv("CXSURVEY_URL", live_server.url)
    monkeypatch.setenv("CXSURVEY_TOKEN", token_of(member_of("Analyst")))
    monkeypatch.chdir(tmp_path)
    return str(live_server.url)


def run(name: str) -> dict[str, Any]:
    """Run a block after that with which every notebook begins; return what it leaves behind."""
    left: dict[str, Any] = {}
    exec(compile(PYTHON["begin"] + PYTHON[name], name, "exec"), left)  # noqa: S102 - as a reader would
    return left


def test_every_block_has_a_test() -> None:
    tested = set(re.findall(r"run\(\"(\w+)\"\)|\[\"(csv)\", \"(parquet)\", \"(xlsx)\"\]", Path(__file__).read_text()))
    assert set(PYTHON) == {name for names in tested for name in names if name} | {"begin"}
    assert {kind for kind, _ in BLOCKS} == {"python", "r", "sql", "yaml", ""}


@pytest.mark.parametrize("name", ["csv", "parquet", "xlsx"])
def test_pandas_reads_responses(server: str, name: str) -> None:
    responses = run(name)["responses"]
    assert sorted(responses["score"]) == sorted(SCORES)
    assert set(responses["touchpoint_team"]) == {"North"}
    assert responses["answered_at"].iloc[0].year == 2026


def test_pandas_reads_lines_of_json(server: str) -> None:
    touchpoints = run("ndjson")["touchpoints"]
    assert list(touchpoints["kind"]) == ["call"]


def test_duckdb_reads_a_downloaded_file(server: str) -> None:
    [row] = run("duckdb")["kinds"].to_dict("records")
    assert (row["touchpoint_kind"], row["n"], round(row["mean"], 2)) == ("call", 3, 6.67)


@pytest.mark.r
def test_r_reads_a_downloaded_file(server: str, tmp_path: Path) -> None:
    tmp_path.joinpath("block.r").write_text(block("r")[0])
    done = subprocess.run(["Rscript", "block.r"], capture_output=True, text=True, check=True, env=os.environ)
    assert done.stdout.strip() == "3 responses"


def copy_of(path: Path) -> dict[str, str]:
    return {row["touchpoint_id"]: row["team"] for row in csv.DictReader(io.StringIO(path.read_text()))}


def test_a_copy_is_kept_true_by_pulling_what_changed(server: str, tmp_path: Path) -> None:
    def truth() -> dict[str, str]:
        return {str(pk): team for pk, team in Touchpoint.objects.values_list("pk", "team")}

    copy = tmp_path / "touchpoints.csv"
    assert len(run("pull")["rows"]) == 1
    Touchpoint.objects.update(team="South")
    make_touchpoint(team="West")
    left = run("pull")
    assert left["answer"].text.count("\n") == 3
    assert copy_of(copy) == truth()
    assert run("pull")["answer"].text.count("\n") == 1
    tmp_path.joinpath("touchpoints.token").write_text("of before the restore")
    run("pull")
    assert copy_of(copy) == truth()


def test_pages_bring_every_response_and_a_token(server: str) -> None:
    left = run("pages")
    assert [row["id"] for row in left["found"]] == list(Response.objects.order_by("pk").values_list("pk", flat=True))
    again = left["session"].get(f"{server}/api/v1/responses/", params={"changes_since": left["next_time"]}).json()
    assert (again["results"], again["next"]) == ([], None)


def test_scores_are_fetched_once(server: str) -> None:
    left = run("scores")
    assert (left["again"].status_code, left["scores"][0]["n"]) == (304, 3)


def test_a_sheet_fetches_the_address_of_its_feed(server: str) -> None:
    [address] = re.findall(r'IMPORTDATA\("https://[\w.]+(/feeds/.*)"\)', "".join(block("")))
    feed = Feed(name="sheet")
    secret = begin(feed, member_of("Analyst"), 30, timezone.now())
    feed.save()
    answer = Client().get(address.replace("<secret>", secret))
    assert next(csv.DictReader(io.StringIO(answer.getvalue().decode())))["value"] == "North"


def test_the_views_and_the_source_for_dbt_are_those_of_the_command() -> None:
    named = set(re.findall(r"`(cx_\w+)`", DOCUMENT.read_text())) - {"cx_reader"}
    assert named == {view.name for view in sql_views.VIEWS}
    [shown], [made] = (one["sources"] for one in (yaml.safe_load(block("yaml")[0]), sql_views.as_dbt_source()))
    made_tables = {table["name"]: table for table in made["tables"]}
    assert (shown["name"], shown["schema"]) == (made["name"], made["schema"])
    for table in shown["tables"]:
        assert table["description"] == made_tables[table["name"]]["description"]
        assert all(column in made_tables[table["name"]]["columns"] for column in table["columns"])


def test_the_model_for_dbt_is_good_sql(server: str) -> None:
    from django.db import connection

    model = block("sql")[1].replace("{{ source('cxsurvey', 'cx_responses') }}", sql_views._place("cx_responses"))
    with connection.cursor() as cursor:
        cursor.execute(model)
        [(kind, n, mean)] = cursor.fetchall()
    assert (kind, n, round(float(mean), 2)) == ("call", 3, 6.67)
