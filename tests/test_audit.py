"""Who saw, changed and took away what: written by whatever shows it, and never taken back."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import User
from django.db import DatabaseError, connection, transaction
from django.test import Client

from contacts.gate.audit import audit
from cxsurvey.audit import record
from cxsurvey.models import ApiToken, AuditEntry
from recovery.followups import open_due
from recovery.models import FollowUp
from tests.staff import client_of, member_of, program_of
from tests.surveys.answered import make_response
from tests.surveys.makers import NOON, make_customer

pytestmark = pytest.mark.django_db
Action = AuditEntry.Action


def entries() -> list[tuple[str, str, str]]:
    return list(AuditEntry.objects.order_by("pk").values_list("action", "subject_type", "subject_id"))


@pytest.fixture
def entry() -> AuditEntry:
    record(Action.SAW, "contacts.customer", "7", at=NOON, by_id=None)
    return AuditEntry.objects.get()


# --- The database keeps it ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "act",
    [
        lambda: AuditEntry.objects.update(subject_id="8"),
        lambda: AuditEntry.objects.all().delete(),
        lambda: AuditEntry.objects.get().delete(),
    ],
)
def test_rows_are_neither_changed_nor_deleted(entry: AuditEntry, act: Any) -> None:
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        act()
    assert entries() == [("saw", "contacts.customer", "7")]


def test_no_statement_gets_around_it(entry: AuditEntry) -> None:
    columns = "at, 'deleted', subject_type, '', details, by_id, token_id"
    ways = {
        "sqlite": [
            f"INSERT OR REPLACE INTO cxsurvey_auditentry SELECT id, {columns} FROM cxsurvey_auditentry",  # noqa: S608
            "DELETE FROM cxsurvey_auditentry",
        ],
        "postgresql": ["TRUNCATE cxsurvey_auditentry", "DELETE FROM ONLY cxsurvey_auditentry"],
    }
    for statement in ways[connection.vendor]:
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    assert entries() == [("saw", "contacts.customer", "7")]


def test_it_outlives_who_did_it() -> None:
    user = User.objects.create(username="gone")
    record(Action.SAW, "contacts.customer", "7", at=NOON, by_id=user.pk)
    number = user.pk
    user.delete()
    assert AuditEntry.objects.get().by_id == number
    assert (
        f"User {number}, who is gone" in client_of_administrator().get("/admin/cxsurvey/auditentry/").content.decode()
    )


# --- Changes --------------------------------------------------------------------------------------------------------


def test_what_the_admins_log_tells_is_in_the_audit_without_its_words() -> None:
    user, customer = member_of("CX manager"), make_customer(name="Ada Lovelace")
    audit(customer, CHANGE, "Ada Lovelace moved to London.", by_id=user.pk, at=NOON)
    found = AuditEntry.objects.values().get()
    assert (found["action"], found["subject_type"], found["subject_id"]) == (
        "changed",
        "contacts.customer",
        str(customer.pk),
    )
    assert (found["by_id"], found["at"], found["details"]) == (user.pk, NOON, {})
    assert "Lovelace" not in str(found)
    assert "Lovelace" not in LogEntry.objects.get().object_repr


def test_a_change_that_is_taken_back_leaves_nothing() -> None:
    with transaction.atomic():
        audit(make_customer(), CHANGE, "x", by_id=member_of("CX manager").pk, at=NOON)
        transaction.set_rollback(True)
    assert entries() == []


def test_what_is_edited_in_the_admin_is_in_the_audit() -> None:
    administrator = client_of_administrator()
    answer = administrator.post("/admin/auth/group/add/", {"name": "Night shift"})
    assert answer.status_code == 302
    assert entries()[-1][:2] == ("added", "auth.group")


def test_an_opt_out_by_staff_and_work_on_a_follow_up_are_in_the_audit() -> None:
    make_response(1)
    open_due(NOON)
    follow_up = FollowUp.objects.get()
    manager = client_of("CX manager")
    manager.post(f"/admin/follow-ups/{follow_up.pk}/take/")
    wish = {"channel": "email", "via": "call", "wording": ""}
    manager.post(f"/admin/customers/{follow_up.customer_id}/opt-out/", wish)
    assert entries() == [
        ("changed", "recovery.followup", str(follow_up.pk)),
        ("changed", "contacts.customer", str(follow_up.customer_id)),
    ]


# --- Looks ----------------------------------------------------------------------------------------------------------


def test_who_looks_at_a_customer_is_on_record() -> None:
    customer = make_customer()
    manager = client_of("CX manager")
    for page in ("", "why/", "same-person/", "erase/"):
        assert manager.get(f"/admin/customers/{customer.pk}/{page}").status_code == 200
    assert entries() == [("saw", "contacts.customer", str(customer.pk))] * 4
    assert {(entry.by, entry.token) for entry in AuditEntry.objects.all()} == {(member_of("CX manager"), None)}


def test_a_search_is_on_record_without_its_words() -> None:
    client_of("CX manager").get("/admin/contacts/customer/?q=lovelace")
    assert entries() == [("searched", "contacts.customer", "")]
    assert "lovelace" not in str(AuditEntry.objects.values().get())


def test_a_form_that_is_refused_shows_the_page_around_it() -> None:
    customer = make_customer()
    assert client_of("CX manager").post(f"/admin/customers/{customer.pk}/opt-out/").status_code == 400
    assert entries() == [("saw", "contacts.customer", str(customer.pk))]


def test_whoever_is_refused_is_on_record_too() -> None:
    customer = make_customer()
    assert client_of("Analyst").get(f"/admin/customers/{customer.pk}/").status_code == 403
    assert entries() == [("refused", "contacts.customer", str(customer.pk))]


@pytest.mark.parametrize("path", ["/admin/", "/admin/surveys/survey/", "/admin/report/scores/", "/admin/customers/0/"])
def test_pages_about_nobody_cost_nothing(path: str) -> None:
    client_of("CX manager").get(path)
    assert entries() == []


def test_a_report_is_on_record_where_it_names_single_customers() -> None:
    for role in ("CX manager", "Analyst"):
        assert client_of(role).get("/admin/report/churn/").status_code == 200
    assert [(entry.by.username, entry.subject_id) for entry in AuditEntry.objects.select_related("by") if entry.by] == [
        ("CX manager", "churn")
    ]


def test_a_download_is_on_record_with_its_days_and_without_the_values_of_other_filters() -> None:
    program = program_of("Analyst")
    answer = program.get("/api/v1/exports/responses.csv?since=2026-05-01T00:00:00Z&survey=ada@example.com")
    assert answer.status_code == 200
    found = AuditEntry.objects.get()
    assert (found.action, found.subject_type) == ("exported", "export-responses")
    assert found.details == {"format": "csv", "since": "2026-05-01T00:00:00Z", "filters": ["survey"]}
    assert found.token == ApiToken.objects.get()


def test_a_download_that_is_refused_took_nothing_away() -> None:
    assert program_of("Analyst").get("/api/v1/exports/responses.csv?colour=red").status_code == 400
    assert program_of("Interviewer").get("/api/v1/exports/responses.csv").status_code == 403
    assert [action for action, _, _ in entries()] == ["refused"]


def test_logins_are_on_record_with_nothing_that_was_typed() -> None:
    User.objects.create_user("ada", password="right", is_staff=True)
    for password in ("wrong", "right"):
        Client().post("/admin/login/", {"username": "ada", "password": password})
    user = User.objects.get()
    assert entries() == [("login_failed", "auth.user", str(user.pk)), ("logged_in", "auth.user", str(user.pk))]


# --- The page -------------------------------------------------------------------------------------------------------


def client_of_administrator() -> Client:
    client = Client()
    client.force_login(User.objects.get_or_create(username="root", is_staff=True, is_superuser=True)[0])
    return client


@pytest.mark.parametrize("role", ["CX manager", "Analyst", "Interviewer"])
def test_the_page_is_for_administrators(role: str) -> None:
    assert client_of(role).get("/admin/cxsurvey/auditentry/").status_code == 403


def test_the_page_says_who_did_what_and_leads_there(entry: AuditEntry) -> None:
    record(Action.EXPORTED, "export-responses", at=datetime(2026, 5, 6, tzinfo=UTC), by_id=None)
    page = client_of_administrator().get("/admin/cxsurvey/auditentry/").content.decode()
    assert 'href="/admin/customers/7/">customer 7<' in page
    assert "export responses" in page
    assert "Nobody known" in page


@pytest.mark.parametrize(
    ("query", "shown"), [("what=contacts.customer", 1), ("what=report", 0), ("action=saw", 1), ("q=7", 1), ("q=8", 0)]
)
def test_the_page_finds(entry: AuditEntry, query: str, shown: int) -> None:
    page = client_of_administrator().get(f"/admin/cxsurvey/auditentry/?{query}")
    assert len(page.context["cl"].result_list) == shown


def test_nobody_writes_there_by_hand(entry: AuditEntry) -> None:
    administrator = client_of_administrator()
    assert administrator.get("/admin/cxsurvey/auditentry/add/").status_code == 403
    assert administrator.post(f"/admin/cxsurvey/auditentry/{entry.pk}/delete/", {"post": "yes"}).status_code == 403
