"""Files in, in a real browser: on any width, in both themes, for everybody, and watched until it is done."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from contacts.models import Customer, ImportRun
from cxsurvey import uploads
from cxsurvey.uploads import Asked
from tests.browsing import assert_for_everybody, in_every_window, log_in
from tests.workbooks import workbook

pytestmark = pytest.mark.django_db(transaction=True)
ROWS = [
    ("Customer ID", "Name", "E-Mail", "Shoe size"),
    ("c1", "Ada", "ada@example.com", 38),
    ("c2", "Bo", "nowhere", 44),
]


@pytest.fixture
def window(page: Page, live_server: LiveServer) -> Page:
    """A page in which a member of the house is logged in."""
    log_in(page.context, live_server)
    page.goto(f"{live_server.url}/admin/imports/new/")
    return page


def test_a_workbook_is_chosen_looked_at_and_imported_by_keyboard(window: Page, tmp_path: Path) -> None:
    path = tmp_path / "people.xlsx"
    path.write_bytes(workbook(ROWS, {"Old": [("id",), ("x",)], "(Lists)": [("a",)]}))
    window.locator("input[type=file]").set_input_files(path)
    window.get_by_role("button", name="Show the preview").press("Enter")
    expect(window.get_by_text("Line 3 would be rejected")).to_be_visible()
    window.get_by_label("Sheet of the workbook").select_option("Old")
    window.get_by_role("button", name="Show this sheet").press("Enter")
    expect(window.get_by_role("cell", name="x", exact=True)).to_be_visible()
    window.get_by_label("Sheet of the workbook").select_option("Sheet")
    window.get_by_role("button", name="Show this sheet").press("Enter")
    expect(window.get_by_text("Line 3 would be rejected")).to_be_visible()
    for _ in in_every_window(window, window.url):
        assert_for_everybody(window)
    window.get_by_role("button", name="Import this file").press("Enter")
    expect(window.get_by_role("heading", name="Rejected rows")).to_be_visible()
    for _ in in_every_window(window, window.url):
        assert_for_everybody(window)
    assert Customer.objects.get().name == "Ada"


def test_an_import_is_watched_without_touching_the_page_and_can_be_stopped(
    window: Page, live_server: LiveServer
) -> None:
    run = uploads.preview([b"id\na\n"], Asked("customers", "shop", "big.csv"), at=timezone.now())
    begun = {
        "started_at": timezone.now(),
        "alive_at": timezone.now(),
        "file_size": 1000,
        "place": 420,
        "rows_done": 5000,
    }
    ImportRun.objects.update(state="running", **begun)
    address = f"{live_server.url}/admin/imports/{run.pk}/"
    for _ in in_every_window(window, address):
        assert_for_everybody(window)
    ImportRun.objects.update(place=700)
    expect(window.get_by_role("heading", name="70% imported")).to_be_visible()
    ImportRun.objects.update(alive_at=timezone.now() - timedelta(minutes=5))
    expect(window.get_by_role("heading", name="No sign of life")).to_be_visible()
    window.get_by_role("button", name="Stop the import").press("Enter")
    expect(window.get_by_text("It was stopped after 5,000 rows, which stay")).to_be_visible()
