"""What a person can mend: what is counted, and that the page leads to the same rows."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from analytics import reports
from analytics.arrivals import arrivals, lateness_rows
from analytics.mending import CheckRow, check_rows, counted, import_rows
from analytics.period import Period
from analytics.reports.quality_words import CHECKS
from analytics.scope import Scope
from contacts.models import Customer, ImportRun
from surveys.models import IncomingSms, ProviderEvent
from tests.analytics.world import days_ago, make_responses
from tests.staff import client_of
from tests.surveys.makers import NOON, make_customer, make_touchpoint

pytestmark = pytest.mark.django_db
EVERYTHING = Scope(Period(None, None, NOON))


def checks(scope: Scope = EVERYTHING) -> dict[str, CheckRow]:
    arrived = arrivals(scope)
    return {row["check"]: row for row in check_rows(counted(scope), arrived, lateness_rows(arrived, []))}


def found(check: str, scope: Scope = EVERYTHING) -> tuple[int, int]:
    row = checks(scope)[check]
    return row["n"], row["of"]


def make_sms(**fields: Any) -> None:
    given = {"gateway": "sample", "key": str(IncomingSms.objects.count()), "sender": "+12125550100", "recipient": "1"}
    IncomingSms.objects.create(**given, **{"text": "hm", "at": NOON, "received_at": NOON} | fields)


def make_import(subject: str, **fields: Any) -> None:
    given = {"source": "crm", "file_name": "a.csv", "state": "done", "asked_at": NOON, "started_at": NOON} | fields
    ImportRun.objects.create(subject=subject, finished_at=NOON if given["state"] == "done" else None, **given)


def test_every_check_has_a_row_and_its_words_of_nothing_too() -> None:
    assert set(checks()) == set(CHECKS)
    assert {row["n"] for row in checks().values()} == {0}


@pytest.mark.parametrize(
    ("check", "fields"),
    [
        ("no_time_zone", {"time_zone": ""}),
        ("no_language", {"language": ""}),
        ("no_address", {"email": "", "language": "en"}),
    ],
)
def test_customers_lack_something(check: str, fields: dict[str, Any]) -> None:
    make_customer(language="en")
    make_customer(**{"language": "en"} | fields)
    assert found(check) == (1, 2)


def test_a_person_is_reachable_by_any_record_and_not_by_a_closed_address() -> None:
    person, closed = make_customer(email=""), make_customer()
    make_customer(merged_into=person)
    assert found("no_address") == (0, 2)
    closed.identifiers.update(closed_at=days_ago(1), closed_reason="bounced")
    assert found("no_address") == (1, 2)
    assert found("closed_address") == (1, 2)
    assert found("closed_address", Scope(Period(NOON, None, NOON))) == (0, 2)


def test_erased_customers_lack_nothing() -> None:
    make_customer(email="", erased_at=NOON)
    assert found("no_address") == (0, 0)


def test_persons_and_not_records_share_an_address() -> None:
    for _ in range(2):
        make_customer(email="info@example.com", phone="+12125550100")
    assert (found("same_email"), found("same_phone")) == ((2, 2), (2, 2))
    first, second = Customer.objects.order_by("pk")
    Customer.objects.filter(pk=second.pk).update(merged_into=first)
    assert (found("same_email"), found("same_phone")) == ((0, 1), (0, 1))


def test_replies_and_news_that_belong_to_nothing() -> None:
    make_sms(for_person="It may be a score.")
    make_sms(customer=make_customer())
    make_sms(at=days_ago(40))
    ProviderEvent.objects.create(gateway="sample", key="1", status="bounced", at=NOON, received_at=NOON)
    recent = Scope(Period(days_ago(30), None, NOON))
    assert (found("reply_of_nobody", recent), found("reply_to_read", recent)) == ((1, 2), (1, 2))
    assert found("news_of_nothing", recent) == (1, 1)


def test_imports_are_added_up_by_subject() -> None:
    make_import("customers", created=5, rejected=2)
    make_import("customers", updated=1, unchanged=4)
    make_import("touchpoints", created=9)
    make_import("touchpoints", created=9, state="previewed")
    rows = import_rows(counted(EVERYTHING))
    assert [(row["subject"], row["rows"], row["created"]) for row in rows] == [
        ("customers", 12, 5),
        ("touchpoints", 9, 9),
    ]
    assert (rows[0]["updated"], rows[0]["unchanged"], rows[0]["rejected"]) == (1, 4, 2)
    assert (found("rejected"), found("again")) == ((2, 21), (4, 21))


def test_touchpoints_are_checked_as_they_arrive() -> None:
    customer = make_customer()
    for _ in range(2):
        make_touchpoint(customer, received_at=days_ago(2), simulated=True)
    assert {check: found(check) for check in ("twice", "early", "simulated", "too_late")} == {
        "twice": (1, 2),
        "early": (2, 2),
        "simulated": (2, 2),
        "too_late": (0, 2),
    }


def test_one_statement_for_all_tables(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    make_import("customers", created=5)
    make_customer()
    with django_assert_num_queries(1):
        counted(EVERYTHING)


@pytest.fixture
def doubtful() -> None:
    """Something that each check finds."""
    for _ in range(2):
        make_customer(email="info@example.com", phone="+12125550100", time_zone="", language="")
    make_customer(email="").identifiers.all()
    make_customer().identifiers.update(closed_at=NOON - timedelta(days=1))
    for _ in range(2):
        make_touchpoint(Customer.objects.earliest("pk"), received_at=days_ago(2), simulated=True)
    make_import("customers", rejected=2, unchanged=1)
    make_sms(for_person="It may be a score.")
    make_responses(1, 0, 0, attributes={"flags": ["instant", "trap"]})


LISTED = {
    "no_time_zone": 3,
    "no_language": 6,
    "no_address": 3,
    "closed_address": 1,
    "role_address": 2,
    "same_email": 2,
    "same_phone": 2,
    "twice": 1,
    "early": 2,
    "rejected": 1,
    "reply_of_nobody": 1,
    "reply_to_read": 1,
    "simulated": 2,
}


def superuser() -> Client:
    client = Client()
    client.force_login(User.objects.create(username="all", is_staff=True, is_superuser=True))
    return client


@pytest.mark.parametrize(("check", "rows"), LISTED.items())
def test_a_check_leads_to_its_rows(doubtful: None, check: str, rows: int) -> None:
    answer = superuser().get(CHECKS[check].address)
    assert answer.status_code == 200
    assert answer.context["cl"].result_count == rows


@pytest.mark.parametrize(("flag", "rows"), [("any", 1), ("trap", 1), ("speeder", 0)])
def test_a_flag_leads_to_its_responses(doubtful: None, flag: str, rows: int) -> None:
    answer = superuser().get(f"/admin/surveys/response/?flag={flag}")
    assert answer.context["cl"].result_count == rows


def test_the_page_leads_there_and_the_file_does_not(doubtful: None, tmp_path: Any) -> None:
    client: Client = client_of("CX manager")
    shown = client.get("/admin/report/quality/").content.decode()
    for check in ("no_time_zone", "same_email", "twice", "reply_to_read"):
        assert f'<a href="{CHECKS[check].address.replace("&", "&amp;")}">' in shown
    assert '<a href="/admin/surveys/response/?flag=trap">' in shown
    assert "things to mend" in shown
    assert CHECKS["too_late"].means in shown
    reports.write(reports.build(EVERYTHING, [reports.REPORTS["quality"]]), tmp_path, [reports.REPORTS["quality"]])
    assert "/admin/" not in (tmp_path / "report.html").read_text()


@pytest.mark.parametrize("key", ["delivery", "quality", "comments"])
def test_a_page_takes_at_most_15_statements(
    doubtful: None, key: str, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    client = client_of("CX manager")
    client.get(f"/admin/report/{key}/")
    with django_assert_max_num_queries(15):
        assert client.get(f"/admin/report/{key}/?since=2026-05-01&kind=purchase").status_code == 200
