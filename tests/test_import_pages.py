"""A file in through the admin, by somebody who has never read the manual."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from contacts.models import Contact, Customer, ImportRun, Touchpoint
from cxsurvey.tasks import bring_in_files
from tests.surveys.makers import make_program

pytestmark = pytest.mark.django_db
BEGUN = timezone.now() - timedelta(seconds=5)
CUSTOMERS = b"Customer ID,Name,E-Mail,Shoe size\nc1,Ada,ada@example.com,38\nc2,Bo,not an address,44\n"


@pytest.fixture
def manager(client: Client) -> Client:
    client.force_login(User.objects.create(username="manager", is_staff=True, is_superuser=True))
    return client


def upload(client: Client, content: bytes, subject: str = "customers", name: str = "list.csv") -> str:
    """Upload the file and return where that led, empty where it led nowhere."""
    file = SimpleUploadedFile(name, content)
    answer = client.post("/admin/imports/new/", {"subject": subject, "source": "shop", "file": file})
    return answer.headers.get("Location", "")


def chosen(client: Client, address: str) -> dict[str, str]:
    """Return the mapping as the page proposes it."""
    form = client.get(address).context["form"]
    return {name: field.initial for name, field in form.fields.items()}


def test_the_preview_guesses_the_columns_and_imports_nothing(manager: Client) -> None:
    address = upload(manager, CUSTOMERS)
    assert list(chosen(manager, address).values()) == ["external_id", "name", "email", ""]
    assert not Customer.objects.exists()


def test_the_preview_says_which_line_is_wrong_and_why(manager: Client) -> None:
    page = manager.get(upload(manager, CUSTOMERS)).content.decode()
    assert "Line 3 would be rejected" in page
    assert "not an address" in page


def test_the_import_accounts_for_every_row(manager: Client) -> None:
    address = upload(manager, CUSTOMERS)
    page = manager.post(f"{address}run/", chosen(manager, address), follow=True).content.decode()
    run = ImportRun.objects.get()
    assert (run.state, run.created, run.rejected) == ("done", 1, 1)
    assert Customer.objects.get().attributes == {"Shoe size": "38"}
    assert "Rejected rows" in page


def test_a_wrong_guess_is_corrected_before_the_import(manager: Client) -> None:
    address = upload(manager, b"mark,who\nc1,Ada\n")
    assert "the header lacks external_id" in manager.get(address).content.decode()
    mapping = {"column-0": "external_id", "column-1": "name"}
    assert "cannot be imported" not in manager.post(f"{address}run/", {**mapping, "look": 1}).content.decode()
    assert not Customer.objects.exists()
    manager.post(f"{address}run/", mapping)
    assert Customer.objects.get().name == "Ada"


def test_a_mapping_that_cannot_work_is_refused_with_the_remedy(manager: Client) -> None:
    address = upload(manager, CUSTOMERS)
    page = manager.post(f"{address}run/", {"column-0": "external_id", "column-1": "external_id"})
    assert page.status_code == 400
    assert "mapped to the same column" in page.content.decode()
    assert not Customer.objects.exists()


@pytest.mark.parametrize(
    "content", [b"", b"a,a\n1,2\n", "external_id\nc1\n".encode("utf-16"), b"PK\x03\x04rest", b"external_id\n\xff\n"[:0]]
)
def test_an_unreadable_file_is_refused_on_the_page(manager: Client, content: bytes) -> None:
    assert upload(manager, content) == ""
    assert not ImportRun.objects.exists()


def test_touchpoints_come_in_too_and_the_second_time_change_nothing(manager: Client) -> None:
    content = b"external_id,customer,kind,channel,occurred_at\nt1,c1,call,hotline,2026-05-01T10:00:00Z\n"
    for _ in range(2):
        address = upload(manager, content, "touchpoints")
        manager.post(f"{address}run/", chosen(manager, address))
    assert Touchpoint.objects.count() == 1
    assert [run.unchanged for run in ImportRun.objects.order_by("pk")] == [0, 1]


def test_a_file_name_is_only_text(manager: Client) -> None:
    page = manager.get(upload(manager, CUSTOMERS, name="../../<b>x</b>.csv")).content.decode()
    assert "<b>x</b>" not in page
    assert ".." not in ImportRun.objects.get().file_name


def test_importing_twice_by_a_double_click_happens_once(manager: Client) -> None:
    address = upload(manager, CUSTOMERS)
    mapping = chosen(manager, address)
    for _ in range(2):
        assert manager.post(f"{address}run/", mapping).status_code == 302
    assert Customer.objects.count() == 1


def upload_and_run(client: Client, content: bytes, subject: str) -> str:
    """Upload a file, import it as the page proposes, and return the page that follows."""
    address = upload(client, content, subject)
    return client.post(f"{address}run/", chosen(client, address), follow=True).content.decode()


def import_a_call(client: Client) -> str:
    """Bring in one call of yesterday and return the page that follows."""
    at = (timezone.now() - timedelta(days=1)).isoformat()
    content = f"external_id,customer,kind,channel,occurred_at\nt1,c1,call,hotline,{at}\n".encode()
    return upload_and_run(client, content, "touchpoints")


def test_contacts_of_the_tool_before_count_afterwards(manager: Client) -> None:
    upload_and_run(manager, CUSTOMERS, "customers")
    contacts = b"id,customer,sent at,purpose,channel,colour\nx1,c1,2026-05-01T10:00:00Z,invitation,mail,red\n"
    page = manager.get(upload(manager, contacts, "contacts")).content.decode()
    assert "leave out" in page
    assert "keep as attribute" not in page
    page = upload_and_run(manager, contacts, "contacts")
    assert "They count from now on" in page
    assert Contact.objects.get().channel == "email"


def test_afterwards_the_page_says_how_many_each_program_will_decide_about(manager: Client) -> None:
    start = timezone.now() - timedelta(days=30)
    make_program(name="After a call", kinds=["call"], starts_at=start)
    make_program(name="After a visit", kinds=["visit"], starts_at=start)
    page = import_a_call(manager)
    assert "After a call</a>: 1 touchpoint to decide" in page
    assert "After a visit</a>: 0 touchpoints to decide" in page


def test_without_a_program_the_page_says_what_is_missing(manager: Client) -> None:
    assert "No program is active, so nobody will be asked" in import_a_call(manager)


def under_way(**columns: object) -> ImportRun:
    """An import in the middle of its file."""
    given: dict[str, object] = {"subject": "customers", "source": "shop", "file_name": "big.csv", "state": "running"}
    given |= {"asked_at": BEGUN, "started_at": BEGUN, "alive_at": timezone.now(), "file_size": 1000, "place": 420}
    return ImportRun.objects.create(**given | {"rows_done": 5000, "created": 4999, "rejected": 1} | columns)


def test_an_import_that_is_under_way_says_how_far_it_is_and_looks_again_by_itself(manager: Client) -> None:
    page = manager.get(f"/admin/imports/{under_way().pk}/").content.decode()
    assert "42% imported" in page
    assert "5,000 rows" in page
    assert "cxsurvey/progress.js" in page
    assert "Stop the import" in page


def test_a_dead_worker_is_not_said_to_work(manager: Client) -> None:
    gone = under_way(alive_at=timezone.now() - timedelta(minutes=5))
    page = manager.get(f"/admin/imports/{gone.pk}/").content.decode()
    assert "No sign of life" in page
    assert "Another one goes on where it was" in page


def test_without_a_worker_the_page_says_so(manager: Client) -> None:
    early = {"asked_at": timezone.now() - timedelta(minutes=9), "started_at": None, "alive_at": None}
    page = manager.get(f"/admin/imports/{under_way(state='waiting', place=0, **early).pk}/").content.decode()
    assert "Waiting for its turn" in page
    assert "Start one" in page


def test_stopping_keeps_what_is_imported_and_says_so(manager: Client) -> None:
    run = under_way()
    page = manager.post(f"/admin/imports/{run.pk}/cancel/", follow=True).content.decode()
    assert "It was stopped after 5,000 rows, which stay" in page
    run.refresh_from_db()
    assert run.state == "cancelled"


def test_all_rejected_rows_are_a_file_with_the_rows_themselves(manager: Client) -> None:
    page = upload_and_run(manager, b"id,name,email\nc1,=2+2,no address\nc2,Bo,+++\n", "customers")
    assert "Download all 2 with their rows" in page
    answer: Any = manager.get(f"/admin/imports/{ImportRun.objects.get().pk}/rejects.csv")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="list.rejects.csv"'
    lines = answer.getvalue().decode().splitlines()
    assert lines[0] == "line,column,value,expected,id,name,email"
    assert lines[1].startswith("2,email,no address,")
    assert lines[1].endswith(",c1,'=2+2,no address")
    assert lines[2].startswith("3,email,'+++,")


def test_a_large_file_is_left_to_a_worker(manager: Client) -> None:
    rows = b"".join(b"c%d,%s\n" % (number, b"x" * 9000) for number in range(120))
    address = upload(manager, b"id,note\n" + rows)
    page = manager.post(f"{address}run/", chosen(manager, address), follow=True).content.decode()
    assert "Waiting for its turn" in page
    assert not Customer.objects.exists()
    bring_in_files()
    assert Customer.objects.count() == 120
    assert "What became of the rows" in manager.get(address).content.decode()
