"""The page Fewest contacts, and the rows of targets on a program's page."""

from typing import Any

import numpy as np
import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from contacts.models import Touchpoint
from surveys.models import ContactPlan, PlannedGroup, Program, Target
from tests.fewest.world import DAY, Coming, make_people, make_touchpoints
from tests.staff import client_of
from tests.surveys.makers import make_program, make_version

pytestmark = pytest.mark.django_db
PAGE = "/admin/fewest-contacts/"


@pytest.fixture
def program() -> Program:
    """A program about claims that is not active yet, with four weeks of touchpoints before today."""
    today = timezone.now().replace(hour=0, minute=0, second=0, microsecond=0)
    make_touchpoints({"claim": Coming(6, 0.2)}, make_people(200, today), today - 28 * DAY, 28, np.random.default_rng(1))
    return make_program(make_version(), slug="claim", kinds=["claim"], starts_at=today, active=False)


@pytest.fixture
def manager() -> Client:
    return client_of("CX manager")


def rows_of(program: Program, *rows: dict[str, Any]) -> dict[str, Any]:
    """What the form of a program sends with these targets."""
    values: dict[str, Any] = {
        "name": program.name,
        "slug": program.slug,
        "survey": program.survey_id,
        "starts_at_0": "2026-05-01",
        "starts_at_1": "00:00:00",
        "kinds": program.kinds,
        "filters": "{}",
        "share": "1",
        "delay": "12",
        "worth": "14",
        "contact_channels": "email",
        "priority": "0",
        "link_days": "30",
        "reminders": "0",
        "reminder_after": "5",
        "targets-TOTAL_FORMS": len(rows),
        "targets-INITIAL_FORMS": 0,
    }
    for n, row in enumerate(rows):
        values |= {f"targets-{n}-{name}": value for name, value in row.items()} | {f"targets-{n}-program": program.pk}
    return values


def save(manager: Client, program: Program, *rows: dict[str, Any], **more: Any) -> str:
    """Save the program's form; return the page where it is refused, else nothing."""
    answer = manager.post(reverse("admin:surveys_program_change", args=[program.pk]), rows_of(program, *rows) | more)
    return "" if answer.status_code == 302 else answer.content.decode()


def test_a_target_is_tried_before_anybody_is_asked_and_then_planned(manager: Client, program: Program) -> None:
    assert "No program has a target yet" in manager.get(PAGE).content.decode()
    assert save(manager, program, {"by": "kind", "value": "claim", "margin": "20"}) == ""
    assert "Nothing is planned yet" in manager.get(PAGE).content.decode()
    tried = manager.post(f"{PAGE}try/").content.decode()
    assert "Tried, and not kept" in tried
    assert "0 of 1 target can be met this month" in tried
    assert "answers missing" in tried
    assert "A larger margin:" in tried
    assert not ContactPlan.objects.exists()
    Program.objects.update(active=True)
    assert manager.post(f"{PAGE}plan/").status_code == 302
    page = manager.get(PAGE).content.decode()
    assert "0 of 1 target can be met this month" in page
    assert "What another margin would cost" in page
    assert PlannedGroup.objects.exists()
    Target.objects.update(margin=30)
    assert "count from the next plan on: After a purchase: claim, ±30 points" in manager.get(PAGE).content.decode()


@pytest.mark.parametrize(
    ("rows", "more", "told"),
    [
        ([{"by": "kind", "value": "visit", "margin": "10"}], {}, "Select a valid choice"),
        ([{"by": "team", "value": "claim", "margin": "10"}], {}, "No touchpoint has this as its team"),
        ([{"by": "kind", "value": "chat", "margin": "10"}], {}, "The program does not ask about chat"),
        ([{"by": "kind", "value": "claim", "margin": "0"}], {}, "greater than or equal to 1"),
        ([{"by": "kind", "value": "claim", "margin": "9"}], {"contact_channels": "phone"}, "Interviewers call"),
        (
            [{"by": "kind", "value": "claim", "margin": "9"}, {"by": "team", "value": "Leeds", "margin": "9"}],
            {},
            "Name targets of kinds or of teams",
        ),
        ([{"by": "kind", "value": "claim", "margin": "9"}] * 2, {}, "Please correct the duplicate"),
    ],
)
def test_what_is_no_target_is_refused_with_what_to_do(
    manager: Client, program: Program, rows: list[dict[str, Any]], more: dict[str, Any], told: str
) -> None:
    first = Touchpoint.objects.all()[0]
    for kind, team in (("chat", ""), ("claim", "Leeds")):
        first.pk, first.external_id, first.kind, first.team = None, f"{kind}-{team}", kind, team
        first.save()
    assert told in save(manager, program, *rows, **more)
    assert not Target.objects.exists()


def test_with_no_active_target_there_is_nothing_to_plan(manager: Client) -> None:
    page = manager.post(f"{PAGE}plan/", follow=True).content.decode()
    assert "No active program has a target" in page


def test_whoever_may_only_look_sees_no_buttons(program: Program) -> None:
    Target.objects.create(program=program, value="claim", margin=20)
    page = client_of("Analyst").get(PAGE)
    assert page.status_code == 200
    assert "Plan again now" not in page.content.decode()
