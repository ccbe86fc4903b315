"""Scheduled reports in the admin: what can be set, what is refused, and what is told."""

import re
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from analytics.models import ReportMail, ScheduledReport
from tests.analytics.reported import make_reader, make_scheduled
from tests.surveys.makers import NOON, make_touchpoint

pytestmark = pytest.mark.django_db
ADD = "/admin/analytics/scheduledreport/add/"
LIST = "/admin/analytics/scheduledreport/"


@pytest.fixture
def mia() -> User:
    return make_reader("mia", "CX manager")


@pytest.fixture
def manager(mia: User) -> Client:
    client = Client()
    client.force_login(mia)
    return client


def form(*recipients: User, **changed: Any) -> dict[str, Any]:
    values: dict[str, Any] = {
        "name": "Monday figures",
        "report": "touchpoints",
        "period": "last-week",
        "every": "week",
        "weekday": "0",
    }
    values |= {"day_of_month": "1", "hour": "7", "on": "on", "recipients": [user.pk for user in recipients]}
    return values | changed


def errors(page: str) -> str:
    return " ".join(re.findall(r'class="errorlist.*?</ul>', page, re.DOTALL))


def test_a_manager_sets_up_a_report_with_filters(manager: Client, mia: User) -> None:
    make_touchpoint(kind="service_call")
    answer = manager.post(ADD, form(mia, kind="service_call", every="month", day_of_month="31"))
    assert answer.status_code == 302, errors(answer.content.decode())
    made = ScheduledReport.objects.get()
    assert (made.every, made.day, made.hour) == ("month", 31, 7)
    assert made.filters == {"kind": "service_call"}
    assert list(made.recipients.all()) == [mia]
    assert made.due_at is not None


def test_the_form_says_again_what_is_set(manager: Client, mia: User) -> None:
    make_touchpoint(kind="service_call")
    made = make_scheduled(mia, every="month", day=15, filters={"kind": "service_call"})
    page = manager.get(f"{LIST}{made.pk}/change/").content.decode()
    assert re.search(r'name="day_of_month"[^>]*value="15"|value="15"[^>]*name="day_of_month"', page)
    assert '<option value="service_call" selected>' in page


def test_a_report_page_leads_to_a_form_that_is_filled_in(manager: Client) -> None:
    make_touchpoint(kind="service_call")
    page = manager.get("/admin/report/touchpoints/?kind=service_call").content.decode()
    [query] = re.findall(r'href="/admin/analytics/scheduledreport/add/(\?[^"]*)"', page)
    filled = manager.get(ADD + query.replace("&amp;", "&")).content.decode()
    assert '<option value="touchpoints" selected>' in filled
    assert '<option value="service_call" selected>' in filled


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"report": "fatigue", "kind": "service_call"}, "Fatigue cannot be narrowed by kind"),
        ({"report": "", "kind": "service_call"}, "Leave it empty, or choose one report."),
        ({"every": "month", "day_of_month": "32"}, "less than or equal to 31"),
        ({"recipients": []}, "This field is required."),
    ],
)
def test_what_cannot_be_is_refused_beside_its_field(
    manager: Client, mia: User, changed: dict[str, Any], told: str
) -> None:
    make_touchpoint(kind="service_call")
    page = manager.post(ADD, form(mia, **changed)).content.decode()
    assert told in page
    assert not ScheduledReport.objects.exists()


def test_only_who_may_see_reports_can_be_a_recipient(manager: Client, mia: User) -> None:
    caller = make_reader("caller", "Interviewer")
    outside = make_reader("outside", is_staff=False)
    page = manager.get(ADD).content.decode()
    assert f'name="recipients" value="{mia.pk}"' in page
    for nobody in (caller, outside):
        assert f'name="recipients" value="{nobody.pk}"' not in page
        assert manager.post(ADD, form(nobody)).status_code == 200
    assert not ScheduledReport.objects.exists()


def test_send_me_one_now_is_a_mail_of_its_own(manager: Client, mia: User) -> None:
    made = make_scheduled(mia, make_reader())
    due = ScheduledReport.objects.get().due_at
    button = {"analytics_scheduledreport_send_me_one": "1"}
    answer = manager.post(f"{LIST}{made.pk}/change/", form(mia) | button, follow=True)
    assert "It is on its way to mia@cx.example" in answer.content.decode()
    assert list(ReportMail.objects.values_list("recipient__username", "state")) == [("mia", "waiting")]
    assert ScheduledReport.objects.get().due_at == due


def test_send_me_one_without_an_address_says_what_to_do(manager: Client, mia: User) -> None:
    made = make_scheduled(mia)
    User.objects.update(email="")
    button = {"analytics_scheduledreport_send_me_one": "1"}
    answer = manager.post(f"{LIST}{made.pk}/change/", form(mia) | button, follow=True)
    assert "Nothing is sent to you. Has no email address." in answer.content.decode()
    assert not ReportMail.objects.exists()


def test_switching_off_takes_away_the_next_time_and_on_sets_it(manager: Client, mia: User) -> None:
    made = make_scheduled(mia)
    address = f"{LIST}{made.pk}/change/"
    off = form(mia)
    del off["on"]
    manager.post(address, off)
    assert ScheduledReport.objects.get().due_at is None
    manager.post(address, form(mia))
    assert ScheduledReport.objects.get().due_at is not None


def test_the_list_and_the_page_say_what_went_wrong(manager: Client, mia: User) -> None:
    made = make_scheduled(mia)
    given = {"scheduled": made, "recipient": mia, "next_try_at": NOON}
    ReportMail.objects.create(**given, due_at=NOON, state="failed", detail="550 No such user")
    listed = manager.get(LIST).content.decode()
    assert "2026-05-05: 550 No such user" in listed
    assert "every week on Monday at 7:00" in listed
    page = manager.get(f"{LIST}{made.pk}/change/").content.decode()
    assert "<strong>Not sent</strong> 550 No such user" in page


def test_an_analyst_looks_and_changes_nothing(mia: User) -> None:
    made = make_scheduled(mia)
    client = Client()
    client.force_login(make_reader())
    assert client.get(f"{LIST}{made.pk}/change/").status_code == 200
    assert client.get(ADD).status_code == 403
    assert client.post(f"{LIST}{made.pk}/change/", form(mia, name="Other")).status_code == 403
