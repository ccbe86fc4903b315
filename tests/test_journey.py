"""The whole way, once, as people walk it: a manager's files, a program, a customer's tap, a follow-up, the report."""

import csv
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.core.management import call_command
from django.utils import timezone
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from contacts.policies import publish
from cxsurvey.installing import install
from recovery.tasks import see_to_answers
from tests.staff import token_of

pytestmark = pytest.mark.django_db(transaction=True)
NEVER_TWICE = {"name": "one in 30 days", "limit": 1, "measure": "invitations", "window": "30 days"}


@pytest.fixture
def site(live_server: LiveServer, settings: Any) -> str:
    """A new installation with a manager, at its address."""
    settings.SITE_URL = live_server.url
    now = timezone.now()
    install(now)
    publish("default", "Default", {"caps": [NEVER_TWICE], "hours": {"sms": "always"}}, at=now)
    user = User.objects.create_user("manager", password="a long password", is_staff=True)
    user.groups.set(Group.objects.filter(name="CX manager"))
    return str(live_server.url)


def write_calls(path: Path) -> Path:
    """Write two calls of one customer, yesterday, as a help desk would export them."""
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["Ticket", "Customer", "Kind", "Channel", "Occurred at", "Team"])
        for hour in (2, 1):
            at = timezone.now() - timedelta(days=1, hours=hour)
            writer.writerow([f"call-{hour}", "c-7", "call", "hotline", at.isoformat(), "North"])
    return path


def log_in(page: Page, site: str) -> None:
    page.goto(f"{site}/")
    page.get_by_label("User name").fill("manager")
    page.get_by_label("Password").fill("a long password")
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_text("Every unhappy answer has an owner")).to_be_visible()


def bring_in(page: Page, site: str, what: str, path: Path, mapping: dict[str, str]) -> None:
    page.goto(f"{site}/admin/imports/new/")
    page.get_by_label("What is in the file").select_option(what)
    page.get_by_label("CSV file").set_input_files(path)
    page.get_by_role("button", name="Show the preview").click()
    for column, ours in mapping.items():
        page.get_by_label(column).select_option(ours)
    page.get_by_role("button", name="Import this file").click()
    expect(page.get_by_role("heading", name="What became of the rows")).to_be_visible()


def make_program(page: Page, site: str) -> None:
    page.goto(f"{site}/admin/surveys/program/add/")
    page.locator("#id_name").fill("After a call")
    page.locator("#id_survey").select_option(label="Recommendation after a touchpoint")
    page.locator("#id_active").check()
    page.locator("#id_starts_at_0").fill(f"{timezone.now() - timedelta(days=30):%Y-%m-%d}")
    page.locator("#id_starts_at_1").fill("00:00:00")
    page.get_by_label("Call", exact=True).check()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("link", name="After a call").first).to_be_visible()


def answer(page: Page, site: str) -> None:
    page.goto(f"{site}/outbox/")
    expect(page.get_by_text("1 to 1 of 1")).to_be_visible()
    page.get_by_role("link", name="Answer as this customer").click()
    page.get_by_role("radio", name="2", exact=True).check(force=True)
    page.get_by_role("textbox").first.fill("I had to explain it three times.")
    page.get_by_role("button", name="Send my answer").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Thank you")


def see_to_it(page: Page, site: str) -> None:
    page.goto(f"{site}/admin/")
    page.get_by_role("link", name="Ada Lovelace").click()
    expect(page.get_by_text("I had to explain it three times.")).to_be_visible()
    page.get_by_role("button", name="I take it").click()
    page.get_by_label("What was done for the customer").fill("Called her, and the part is on its way.")
    page.get_by_role("button", name="Close the follow-up").click()
    expect(page.get_by_text("asked whether it is fixed").first).to_be_visible()
    page.get_by_role("link", name="The customer's whole story").click()
    expect(page.get_by_role("heading", name="Everything that happened")).to_be_visible()


def test_from_a_touchpoint_to_a_report(page: Page, site: str, tmp_path: Path) -> None:
    (tmp_path / "customers.csv").write_text("external_id,name,email\nc-7,Ada Lovelace,ada@example.com\n")
    log_in(page, site)
    bring_in(page, site, "customers", tmp_path / "customers.csv", {})
    bring_in(page, site, "touchpoints", write_calls(tmp_path / "calls.csv"), {"Ticket": "external_id"})
    make_program(page, site)
    call_command("plan")
    call_command("deliver")
    answer(page, site)
    see_to_answers()
    see_to_it(page, site)
    call_command("report", "--out", str(tmp_path / "report"))
    report = json.loads((tmp_path / "report" / "report.json").read_text())
    assert [(row["value"], row["n"], row["state"]) for row in report["nps"] if row["by"] == "kind"] == [
        ("call", 1, "withheld")
    ]
    token = token_of(User.objects.get(username="manager"))
    exported = page.request.get(f"{site}/api/v1/exports/decisions.csv", headers={"Authorization": f"Token {token}"})
    decisions = list(csv.DictReader(exported.text().splitlines()))
    assert sorted(row["decision"] for row in decisions if row["stage"] == "plan") == ["send", "skip"]
    assert any("one in 30 days" in row["reasons"] for row in decisions)
