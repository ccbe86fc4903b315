"""Files brought in through the admin: guessed mapping, what is wrong in the first rows, the import."""

from datetime import UTC, datetime, timedelta

import pytest
from pytest_django import Settings

from contacts import import_files
from contacts.intake import Unreadable
from contacts.jobs import claim
from contacts.models import Contact, Customer, ImportRun, Touchpoint
from cxsurvey import uploads
from cxsurvey.import_work import work_on
from cxsurvey.uploads import Asked
from surveys.models import Response

NOON = datetime(2026, 5, 5, 12, tzinfo=UTC)
VISITS = (
    b"Customer ID,Visit No,Type,Channel,Date,Shoe size\n"
    b"a,v1,visit,shop,2026-05-04T10:00:00Z,38\n"
    b"b,v2,visit,shop,yesterday,\n"
)
CHOSEN = {"Visit No": "external_id"}
"""What is left to be mapped by hand in VISITS."""


def upload(content: bytes, subject: str = "touchpoints", file_name: str = "visits.csv") -> ImportRun:
    return uploads.preview([content], Asked(subject, "shop", file_name), at=NOON)


def bring(run: ImportRun, mapping: dict[str, str] | None = None) -> ImportRun:
    """Have it imported as a worker does, and return what became of it."""
    uploads.ask(run, at=NOON, mapping=mapping)
    mine = claim(ImportRun.objects.filter(pk=run.pk), NOON)
    assert mine is not None
    assert work_on(mine, lambda: NOON, lambda: False)
    return ImportRun.objects.get(pk=run.pk)


@pytest.mark.parametrize(
    ("subject", "header", "mapping"),
    [
        ("customers", "Customer ID;E-Mail;Mobile;Time Zone", ["external_id", "email", "phone", "timezone"]),
        (
            "touchpoints",
            "id,Customer ID,TYPE,medium,Date",
            ["external_id", "customer", "kind", "channel", "occurred_at"],
        ),
        ("responses", "Response ID,respondent,NPS,Date", ["external_id", "customer", "score", "answered_at"]),
        ("responses", "external id,rating,feedback,nps", ["external_id", "score", "comment", ""]),
        (
            "contacts",
            "Message ID,Recipient,Sent at,Medium,Type,Status,Tool,colour",
            ["external_id", "customer", "at", "channel", "purpose", "outcome", "source", ""],
        ),
        ("customers", "email,e-mail,id,favourite colour", ["email", "", "external_id", ""]),
    ],
)
def test_headers_are_guessed(db: None, subject: str, header: str, mapping: list[str]) -> None:
    run = upload(f"{header}\n".encode(), subject)
    assert [run.mapping[title] for title in header.replace(";", ",").split(",")] == mapping


def test_a_preview_imports_nothing(db: None) -> None:
    run = upload(VISITS)
    assert (run.state, run.subject, run.source, run.asked_at) == ("previewed", "touchpoints", "shop", NOON)
    assert not Customer.objects.exists()


def test_a_preview_says_which_column_is_missing(db: None) -> None:
    sample = uploads.sample(upload(VISITS), at=NOON)
    assert sample.problem.startswith("Line 1: the header lacks external_id")
    assert [row.problem for row in sample.rows] == [None, None]


def test_a_preview_says_what_is_wrong_in_which_row(db: None) -> None:
    run = upload(VISITS)
    sample = uploads.sample(run, at=NOON, mapping=run.mapping | CHOSEN)
    assert (sample.header[0], sample.problem) == ("Customer ID", "")
    first, second = sample.rows
    assert (first.line, first.cells[1], first.problem) == (2, "v1", None)
    assert second.problem is not None
    assert (second.problem.line, second.problem.column, second.problem.value) == (3, "Date", "yesterday")


def test_a_preview_keeps_the_problems_of_the_first_twenty_rows(db: None) -> None:
    lines = "".join(f"c{number},nowhere\n" for number in range(30))
    run = upload(f"external_id,timezone\n{lines}".encode(), "customers")
    assert [reject["line"] for reject in run.rejects] == list(range(2, 22))


def test_a_preview_shows_the_rows_before_the_place_where_the_file_breaks(db: None) -> None:
    sample = uploads.sample(upload(b'external_id\na\n"b\n', "customers"), at=NOON)
    assert [row.line for row in sample.rows] == [2, 3]
    assert sample.rows[1].problem is not None
    assert sample.rows[1].problem.expected.startswith("Line 3: a quote is opened")


def test_what_was_previewed_is_imported_with_the_mapping_that_was_chosen(db: None) -> None:
    run = upload(VISITS)
    done = bring(run, run.mapping | CHOSEN)
    assert (done.state, done.created, done.rejected, done.rows_done, done.rows) == ("done", 1, 1, 2, 2)
    assert not import_files.upload_of(done).exists()
    assert (done.mapping["Visit No"], done.finished_at) == ("external_id", NOON)
    visit = Touchpoint.objects.get()
    assert (visit.external_id, visit.attributes) == ("v1", {"Shoe size": "38"})


def test_responses_are_imported_too(db: None) -> None:
    run = upload(b"id,customer,survey,date,nps\nr1,a,Old,2026-05-04T10:00:00Z,9\n", "responses")
    assert bring(run).created == 1
    customer = Response.objects.get().customer
    assert customer is not None
    assert customer.external_id == "a"


def test_contacts_are_imported_too(db: None) -> None:
    bring(upload(b"external_id\na\n", "customers"))
    run = upload(b"message id,customer,sent at,type,medium\nx1,a,2026-05-04T10:00:00Z,invite,E-Mail\n", "contacts")
    assert bring(run).created == 1
    contact = Contact.objects.get()
    assert (contact.customer.external_id, contact.channel, contact.source) == ("a", "email", "shop")


def test_the_header_is_told_in_the_order_of_the_file(db: None) -> None:
    assert uploads.header(upload(VISITS)) == ["Customer ID", "Visit No", "Type", "Channel", "Date", "Shoe size"]


def test_a_file_that_breaks_says_where(db: None) -> None:
    done = bring(upload(b'external_id\na\n"b\n', "customers"))
    assert (done.state, done.created) == ("failed", 1)
    assert done.problem.startswith("Line 3: a quote is opened in this row")


@pytest.mark.parametrize("mapping", [{}, {"Visit No": "external_id", "Type": "external_id"}])
def test_a_mapping_that_cannot_be_used_leaves_the_upload_as_it_was(db: None, mapping: dict[str, str]) -> None:
    run = upload(VISITS)
    with pytest.raises(Unreadable):
        uploads.ask(run, at=NOON, mapping=run.mapping | mapping)
    run.refresh_from_db()
    assert (run.state, import_files.upload_of(run).exists()) == ("previewed", True)


def test_an_upload_is_imported_once(db: None) -> None:
    run = bring(upload(b"external_id\na\n", "customers"))
    with pytest.raises(Unreadable, match="Upload it again"):
        uploads.ask(run, at=NOON)


def test_the_same_file_again_is_said_before_it_is_imported(db: None) -> None:
    first = bring(upload(b"external_id\na\n", "customers"))
    again = upload(b"external_id\na\n", "customers")
    assert uploads.sample(again, at=NOON).before == first
    assert uploads.sample(upload(b"external_id\nb\n", "customers"), at=NOON).before is None
    assert bring(again).unchanged == 1


def test_times_without_an_offset_are_of_the_zone_that_was_named(db: None) -> None:
    content = b"id,customer,type,channel,date\nv1,a,visit,shop,2026-03-29 02:30\nv2,a,visit,shop,2026-01-05T10:00\n"
    asked = Asked("touchpoints", "shop", "visits.csv", zone="Europe/Berlin")
    assert bring(upload(content)).rejected == 2
    assert bring(uploads.preview([content], asked, at=NOON)).created == 2
    times = dict(Touchpoint.objects.values_list("external_id", "occurred_at"))
    assert times["v1"] == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)  # 02:30 was skipped there: 03:30
    assert times["v2"] == datetime(2026, 1, 5, 9, tzinfo=UTC)


def test_a_preview_can_be_thrown_away(db: None) -> None:
    run = upload(b"external_id\na\n", "customers")
    assert uploads.cancel(run, at=NOON)
    assert (run.state, import_files.upload_of(run).exists(), Customer.objects.count()) == ("cancelled", False, 0)
    assert not uploads.cancel(run, at=NOON)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"id,id\n1,2\n"])
def test_what_is_no_table_is_not_kept(db: None, content: bytes) -> None:
    with pytest.raises(Unreadable):
        upload(content)
    assert not ImportRun.objects.exists()


def test_too_large_a_file_is_refused_and_nothing_of_it_is_kept(db: None, settings: Settings) -> None:
    settings.IMPORT_MAX_BYTES = 1024
    before = set(import_files.folder().iterdir())
    with pytest.raises(Unreadable, match=r"Split it"):
        uploads.preview([b"external_id\n", b"x" * 1024], Asked("customers", "shop", "a.csv"), at=NOON)
    assert (set(import_files.folder().iterdir()), ImportRun.objects.count()) == (before, 0)


def test_what_nobody_runs_is_forgotten_and_so_are_reject_files(db: None, settings: Settings, tmp_path: object) -> None:
    settings.UPLOADS_FOLDER = str(tmp_path)
    waiting, done = upload(b"external_id\na\n", "customers"), bring(upload(b"id,tz\na,Mars\n", "customers"))
    assert import_files.has_rejects(done)
    import_files.forget(NOON - timedelta(days=1), NOON + timedelta(days=13))
    assert len(list(import_files.folder().iterdir())) == 2
    import_files.forget(NOON + timedelta(days=1), NOON + timedelta(days=15))
    assert list(import_files.folder().iterdir()) == []
    waiting.refresh_from_db()
    assert (waiting.state, waiting.problem) == ("cancelled", "Nobody imported it in time.")


@pytest.mark.parametrize("name", ["../../etc/people.csv", "C:\\Users\\ada\\people.csv", "people.csv"])
def test_a_file_name_is_never_a_path(db: None, name: str) -> None:
    assert upload(b"external_id\n", "customers", name).file_name == "people.csv"
