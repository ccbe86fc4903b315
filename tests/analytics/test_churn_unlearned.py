"""The report Churn risk where nothing was learned yet, and where too little is known."""

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command

from analytics import churn_runs
from analytics.models import ChurnRun
from analytics.scope import Scope, narrowed
from tests.analytics.buyers import make_buyers
from tests.analytics.test_churn_report import EVERYTHING, LIST, PAGE, SOON, build
from tests.staff import client_of

pytestmark = pytest.mark.django_db


def test_few_touchpoints_are_withheld() -> None:
    make_buyers(stay=20, leave=20, problems=9, fine=12)
    [row] = build()["silence_after_problems"]
    assert (row["n"], row["fine_n"], row["state"]) == (9, 12, "withheld")
    assert {row[name] for name in ("share", "fine_share", "odds", "low", "high")} == {None}


def test_before_anything_was_learned_the_page_says_so() -> None:
    page = client_of("Analyst").get(PAGE).content.decode()
    assert "No risks yet" in page
    assert "the nightly job does" in page
    assert "Nothing was learned yet" in client_of("CX manager").get(LIST).content.decode()


def test_a_refusal_is_told() -> None:
    churn_runs.learn(SOON, with_boosting=False)
    told = "here are no purchases yet"
    assert told in client_of("Analyst").get(PAGE).content.decode()
    assert told in client_of("CX manager").get(LIST).content.decode()


def test_the_command_learns_first_where_that_is_old(tmp_path: Path) -> None:
    make_buyers(stay=60, leave=40)
    call_command("report", "--out", str(tmp_path), "--only", "delivery", stdout=StringIO())
    assert not ChurnRun.objects.exists()
    call_command("report", "--out", str(tmp_path), "--only", "churn", stdout=StringIO())
    assert ChurnRun.objects.get().refusal == ""


def test_an_empty_database_has_a_report() -> None:
    assert build()["silence_after_problems"] == []
    assert Scope(EVERYTHING) == narrowed(EVERYTHING, {})
