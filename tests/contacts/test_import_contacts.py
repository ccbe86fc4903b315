"""What the tool before this one did: in the ledger once, in our words, and counted."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from contacts import gate
from contacts.models import Contact, Customer, Identifier, ImportRun
from contacts.policies import publish
from tests.contacts.files import NOON, contacts, counts, customers
from tests.contacts.makers import cap

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
HEADER = "external_id,customer,at,channel,purpose,survey,outcome,source\n"
SENT = "x1,a,2026-05-01T10:00:00+02:00,email,invitation,After a call,delivered,oldtool\n"


@pytest.fixture(autouse=True)
def people() -> None:
    customers("external_id,email,phone\na,a@example.com,+12125550001\nb,b@example.com,\n")


def bring(row: str, header: str = HEADER, **how: Any) -> Contact:
    """Bring in one good row and return what became of it."""
    result = contacts(header + row, **how)
    assert (result.rejects, result.created + result.updated + result.unchanged) == ([], 1)
    return Contact.objects.latest("pk")


def test_a_row_is_kept_with_everything_in_the_file():
    row = bring(SENT)
    assert (row.customer.external_id, row.at) == ("a", datetime(2026, 5, 1, 8, tzinfo=UTC))
    assert (row.channel, row.purpose, row.survey, row.outcome) == ("email", "invitation", "after-a-call", "delivered")
    assert (row.source, row.external_id, row.recorded_at, row.address) == ("oldtool", "x1", NOON, None)


def test_who_was_asked_by_the_tool_before_is_not_asked_on_the_first_day():
    publish("test", "Test", {"caps": [cap(1, "30 days")]}, at=NOON)
    row = bring(SENT)
    verdict = gate.eligibility(row.customer_id, "email", at=NOON)
    assert (verdict.decision, verdict.at) == ("delay", row.at + 30 * DAY)
    other = Customer.objects.get(external_id="b")
    assert gate.eligibility(other.pk, "email", at=NOON).decision == "send"


def test_the_same_file_twice_changes_nothing():
    bring(SENT)
    before = list(Contact.objects.values())
    assert counts(contacts(HEADER + SENT, at=NOON + DAY)) == (0, 0, 1, 0)
    assert list(Contact.objects.values()) == before


@pytest.mark.parametrize(
    ("said", "now", "field", "value"),
    [
        ("delivered", "bounced", "outcome", "bounced"),
        ("T10:00:00", "T11:00:00", "at", datetime(2026, 5, 1, 9, tzinfo=UTC)),
        ("email", "sms", "channel", "sms"),
        ("invitation", "reminder", "purpose", "reminder"),
        ("After a call", "", "survey", ""),
    ],
)
def test_a_second_import_updates_what_changed(said: str, now: str, field: str, value: object):
    bring(SENT)
    assert counts(contacts(HEADER + SENT.replace(said, now), at=NOON + DAY)) == (0, 1, 0, 0)
    row = Contact.objects.get()
    assert (getattr(row, field), row.recorded_at, row.updated_at) == (value, NOON, NOON + DAY)


def test_a_column_that_the_file_lacks_is_left():
    bring(SENT.replace("delivered", "bounced"))
    short = "external_id,customer,at,channel,purpose,source\nx1,a,2026-05-02T10:00:00Z,email,invitation,oldtool\n"
    assert counts(contacts(short)) == (0, 1, 0, 0)
    assert Contact.objects.values_list("survey", "outcome", "at__day").get() == ("after-a-call", "bounced", 2)


def test_without_a_source_of_its_own_a_row_is_of_the_import_s():
    row = bring("x1,a,2026-05-01T10:00:00Z,email,invitation\n", "external_id,customer,at,channel,purpose\n")
    assert (row.source, row.outcome, row.survey) == ("csv", "delivered", "")


def test_one_id_of_two_tools_is_two_contacts():
    assert counts(contacts(HEADER + SENT + SENT.replace("oldtool", "older"))) == (2, 0, 0, 0)


@pytest.mark.parametrize(
    ("channel", "means"),
    [("Email", "email"), ("e-mail", "email"), ("MAIL", "email"), ("Text", "sms"), ("text message", "sms")],
)
def test_a_channel_is_known_by_its_common_names(channel: str, means: str):
    assert bring(f"x1,a,2026-05-01T10:00:00Z,{channel},invitation,,,\n").channel == means


@pytest.mark.parametrize("channel", ["phone", "Call", "phone call", "telephone"])
def test_a_call_is_by_phone(channel: str):
    row = bring(f"x1,a,2026-05-01T10:00:00Z,{channel},call,,,\n")
    assert (row.channel, row.outcome) == ("phone", "completed")


@pytest.mark.parametrize(
    ("purpose", "means"), [("Invite", "invitation"), ("Thank you", "thank_you"), ("message", "other")]
)
def test_a_purpose_is_known_by_its_common_names(purpose: str, means: str):
    assert bring(f"x1,a,2026-05-01T10:00:00Z,sms,{purpose},,,\n").purpose == means


@pytest.mark.parametrize(
    ("purpose", "means"),
    [("response", "response"), ("Answer", "response"), ("decline", "decline"), ("declined", "decline")],
)
def test_an_answer_or_a_decline_starts_its_clock(purpose: str, means: str):
    row = bring(f"x1,a,2026-05-01T10:00:00Z,,{purpose},nps,,\n")
    assert (row.purpose, row.channel, row.outcome) == (means, "", "completed")


@pytest.mark.parametrize(
    ("outcome", "means"),
    [("Sent", "accepted"), ("hard bounce", "bounced"), ("Soft-Bounce", "deferred"), ("opened", "delivered")],
)
def test_an_outcome_is_known_by_its_common_names(outcome: str, means: str):
    assert bring(f"x1,a,2026-05-01T10:00:00Z,email,invitation,,{outcome},\n").outcome == means


@pytest.mark.parametrize("outcome", ["No Answer", "voicemail", "not now", "busy", "refused"])
def test_the_phone_rests_after_calls_of_another_tool(outcome: str):
    row = bring(f"x1,a,{NOON - timedelta(minutes=5):%Y-%m-%dT%H:%M:%SZ},phone,call,,{outcome},\n")
    publish("test", "Test", {"caps": [], "hours": {"phone": "always"}}, at=NOON)
    assert gate.eligibility(row.customer_id, "phone", at=NOON, purpose="call").decision in {"delay", "skip"}


@pytest.mark.parametrize(
    ("row", "column", "remedy"),
    [
        ("x1,nobody,2026-05-01T10:00:00Z,email,invitation,,,", "customer", "import the customers first"),
        ("x1,a,2099-05-01T10:00:00Z,email,invitation,,,", "at", "until now"),
        ("x1,a,2026-05-01T10:00:00,email,invitation,,,", "at", "with offset"),
        ("x1,a,2026-05-01T10:00:00Z,fax,invitation,,,", "channel", "one of email, sms, phone"),
        ("x1,a,2026-05-01T10:00:00Z,email,newsletter,,,", "purpose", "one of invitation, reminder"),
        ("x1,a,2026-05-01T10:00:00Z,email,,,,", "purpose", "may not be empty"),
        ("x1,a,2026-05-01T10:00:00Z,email,invitation,,failed,", "outcome", "one of accepted, delivered"),
        ("x1,a,2026-05-01T10:00:00Z,email,invitation,,reserved,", "outcome", "one of accepted, delivered"),
        ("x1,a,2026-05-01T10:00:00Z,,invitation,,,", "channel", "email or sms for a message"),
        ("x1,a,2026-05-01T10:00:00Z,phone,invitation,,,", "channel", "phone for a call"),
        ("x1,a,2026-05-01T10:00:00Z,email,call,,,", "channel", "phone for a call"),
        ("x1,a,2026-05-01T10:00:00Z,email,response,,,", "channel", "none for a response"),
        ("x1,a,2026-05-01T10:00:00Z,email,invitation,???,,", "survey", "letters from A to Z"),
        ("x1,a,2026-05-01T10:00:00Z,email,invitation,,,cxsurvey", "source", "in the ledger already"),
        ("x1,a,2026-05-01T10:00:00Z,email,invitation,,,CXSurvey", "source", "in the ledger already"),
        (",a,2026-05-01T10:00:00Z,email,invitation,,,", "external_id", "may not be empty"),
    ],
)
def test_a_row_that_cannot_be_kept_is_refused_with_the_remedy(row: str, column: str, remedy: str):
    result = contacts(f"{HEADER}{row}\n{SENT}")
    [reject] = result.rejects
    assert (reject.line, reject.column, result.created) == (2, column, 1)
    assert remedy in reject.expected
    assert Contact.objects.get().source == "oldtool"


def test_a_file_without_channels_is_refused_row_by_row():
    header = "external_id,customer,at,purpose\n"
    result = contacts(f"{header}x1,a,2026-05-01T10:00:00Z,invitation\nx2,a,2026-05-01T10:00:00Z,response\n")
    assert [(reject.line, reject.column) for reject in result.rejects] == [(2, "purpose")]
    assert Contact.objects.get().purpose == "response"


def test_an_import_under_our_own_name_rewrites_nothing():
    customer = Customer.objects.get(external_id="a")
    gate.clock_event(customer.pk, "response", at=NOON, survey="nps", external_id="x1")
    Customer.objects.update(source="cxsurvey")
    result = contacts(HEADER + SENT.replace("oldtool", ""), source="cxsurvey")
    assert [(reject.column, reject.value) for reject in result.rejects] == [("source", "cxsurvey")]
    assert Contact.objects.get().purpose == "response"


def test_a_contact_stays_with_its_customer():
    bring(SENT)
    result = contacts(HEADER + SENT.replace("x1,a", "x1,b"))
    assert [(reject.line, reject.column, reject.value) for reject in result.rejects] == [(2, "customer", "b")]
    assert Contact.objects.get().customer.external_id == "a"


def test_a_bounce_of_old_closes_no_address():
    row = bring(SENT.replace("delivered", "bounced"))
    assert not Identifier.objects.filter(closed_at__isnull=False).exists()
    assert gate.eligibility(row.customer_id, "email", at=NOON).decision == "send"


def test_a_row_of_a_merged_customer_stays_with_the_record_and_counts_for_the_person():
    publish("test", "Test", {"caps": [cap(1, "30 days")]}, at=NOON)
    person = Customer.objects.get(external_id="b")
    Customer.objects.filter(external_id="a").update(merged_into=person)
    row = bring(SENT)
    assert row.customer.external_id == "a"
    assert gate.eligibility(person.pk, "email", at=NOON).decision == "delay"


def test_columns_that_nobody_knows_are_left_out_and_said():
    result = contacts(HEADER.replace("\n", ",colour\n") + SENT.replace("\n", ",red\n"))
    assert result.notes() == ["Unknown columns, left out: colour."]


def test_a_second_batch_knows_the_rows_of_the_first():
    rows = "".join(f"x{n},a,2026-05-01T10:00:00Z,email,invitation,,,\n" for n in range(1001))
    assert counts(contacts(HEADER + rows + rows)) == (1001, 0, 1001, 0)


def test_statements_do_not_grow_with_the_rows():
    def statements(first: int, rows: int) -> int:
        lines = (f"x{n},a,2026-05-01T10:00:00Z,email,invitation,,,\n" for n in range(first, first + rows))
        with CaptureQueriesContext(connection) as queries:
            contacts(HEADER + "".join(lines))
        return len(queries)

    assert statements(0, 40) == statements(100, 2)


def test_the_command_keeps_the_run_and_lists_what_was_rejected(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    file = tmp_path / "asked.csv"
    file.write_text(f"{HEADER}{SENT}x2,nobody,2026-05-01T10:00:00Z,email,invitation,,,\n")
    with pytest.raises(SystemExit) as left:
        call_command("import_contacts", str(file))
    run = ImportRun.objects.get(subject="contacts")
    assert (left.value.code, run.created, run.rejected) == (1, 1, 1)
    assert (
        '3,customer,nobody,"a customer of the source csv; import the customers first'
        in file.with_name("asked.csv.rejects.csv").read_text()
    )
    assert capsys.readouterr().out.endswith("asked.csv, 2 rows: 1 created, 0 updated, 0 unchanged, 1 rejected.\n")
