"""The report Churn risk: its numbers, its page, and by name only for who may see customers."""

import json
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from analytics import churn_runs, reports
from analytics.models import ChurnRun
from analytics.period import Period
from analytics.report_mail import make
from analytics.reports import REPORTS
from analytics.reports.churn import LISTED
from analytics.scope import narrowed
from contacts.models import Customer
from contacts.readers import EVERYTHING as THE_HOUSE
from tests.analytics.buyers import make_buyers
from tests.analytics.reported import make_reader, make_scheduled
from tests.pristine import Shared
from tests.staff import client_of
from tests.surveys.makers import NOON

pytestmark = pytest.mark.django_db
SOON = NOON + timedelta(hours=1)
EVERYTHING = Period(None, None, SOON)
PAGE, LIST, API = "/admin/report/churn/", "/admin/customers-at-risk/", "/api/v1/reports/churn/"


@pytest.fixture(scope="module")
def buyers(shared: Shared) -> list[Customer]:
    with shared():
        made = make_buyers(stay=60, leave=40, problems=30, fine=30)
        churn_runs.learn(SOON, with_boosting=False)
    return made


def build(**filters: str) -> dict[str, Any]:
    return reports.build(narrowed(EVERYTHING, filters), [REPORTS["churn"]])


def test_the_report_tells_how_many_and_how_well(buyers: list[Customer]) -> None:
    numbers = build()
    assert sum(row["n"] for row in numbers["risk_bands"]) == 60
    assert numbers["churn_run"]["until"] == "2026-05-05"
    assert {row["value"] for row in numbers["risk_figures"]} > {"Ranking (AUC)", "Lift of the tenth most at risk"}
    assert json.loads(reports.as_json(numbers)) == json.loads(json.dumps(numbers))


def test_silence_after_problems_is_that_of_the_scope(buyers: list[Customer]) -> None:
    [row] = build()["silence_after_problems"]
    assert (row["value"], row["n"], row["fine_n"]) == ("call", 30, 30)
    assert (row["share"], row["fine_share"]) == (33.3, 0.0)
    assert (row["odds"], row["state"]) == (None, "ok"), "after none of the others silence followed"
    assert build(kind="chat")["silence_after_problems"] == []


OF_PERSONS = ("zoe named", "who is most at risk, and why?", "customers_at_risk", "days since the last purchase")


def test_page_and_api_name_customers_to_who_may_see_customers(buyers: list[Customer]) -> None:
    manager = client_of("CX manager")
    page, numbers = manager.get(PAGE).content.decode(), manager.get(API).json()
    assert page.count("Zoe Named") == LISTED
    listed = numbers["customers_at_risk"]
    assert {row["value"] for row in listed} < {str(customer.pk) for customer in buyers}
    assert [row["risk"] for row in listed] == sorted((row["risk"] for row in listed), reverse=True)
    assert all(f'href="/admin/customers/{row["value"]}/"' in page for row in listed)
    assert any("days since the last purchase" in row["reasons"].lower() for row in listed)


def test_for_others_they_have_groups_alone(buyers: list[Customer]) -> None:
    analyst = client_of("Analyst")
    page, api = analyst.get(PAGE).content.decode(), analyst.get(API)
    assert "Do the risks come true?" in page
    assert "Customers at risk" in page, "where they are found by who may"
    assert api.json()["risk_bands"] == build()["risk_bands"]
    assert [word for word in OF_PERSONS if word in f"{page}{api.content.decode()}".lower()] == []


def test_no_file_and_no_mail_has_a_single_customer(buyers: list[Customer], tmp_path: Path) -> None:
    call_command("report", "--out", str(tmp_path), "--only", "churn", stdout=StringIO())
    scheduled = make_scheduled(make_reader(role="CX manager"), report="churn")
    mail = make(scheduled, NOON, SOON, THE_HOUSE)
    told = [*(path.read_text() for path in tmp_path.iterdir()), mail.html, mail.text, mail.file.content]
    assert "Do the risks come true?" in mail.file.content
    assert [word for word in OF_PERSONS for text in told if word in text.lower()] == []


@pytest.mark.parametrize("key", ["churn", "drivers"])
def test_a_page_takes_few_statements(
    buyers: list[Customer], key: str, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    analyst = client_of("Analyst")
    with django_assert_max_num_queries(15):
        assert analyst.get(f"/admin/report/{key}/").status_code == 200


def test_by_name_only_for_who_may_see_customers(buyers: list[Customer]) -> None:
    page = client_of("CX manager").get(LIST).content.decode()
    assert page.count("Zoe Named") >= 25
    assert any(f"/admin/customers/{customer.pk}/" in page for customer in buyers)
    assert client_of("Analyst").get(LIST).status_code == 403
    assert client_of("Interviewer").get(LIST).status_code == 403
    assert Client().get(LIST).status_code == 302


def test_the_list_has_pages_and_those_who_have_gone_quiet(buyers: list[Customer]) -> None:
    manager = client_of("CX manager")
    assert "page 1 of 3" in manager.get(LIST).content.decode()
    assert "page 3 of 3" in manager.get(f"{LIST}?page=3").content.decode()
    assert "Nobody of them has gone quiet" in manager.get(f"{LIST}?quiet").content.decode()
    run = churn_runs.newest()
    assert run is not None
    run.risks.filter(customer=buyers[5]).update(gone_quiet=True)
    page = manager.get(f"{LIST}?quiet").content.decode()
    assert page.count("All that counts") == 1
    assert "Gone quiet</span>" in page


def test_get_writes_nothing(buyers: list[Customer]) -> None:
    before = list(ChurnRun.objects.values())
    client_of("CX manager").get(LIST)
    client_of("Analyst").get(PAGE)
    assert list(ChurnRun.objects.values()) == before


def test_boosting_is_told_in_a_sentence(buyers: list[Customer]) -> None:
    run = churn_runs.newest()
    assert run is not None
    for gain, told in {(0.01, 0.02): "errs less", (-0.02, -0.01): "errs more", (-0.01, 0.01): "neither"}.items():
        run.numbers["boosting"] = {"estimate": sum(gain) / 2, "low": gain[0], "high": gain[1]}
        run.save()
        [figures] = [one for one in REPORTS["churn"].context(build())["sections"] if one.key == "figures"]
        assert told in figures.lead
