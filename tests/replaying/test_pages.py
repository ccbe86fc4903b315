"""A manager changes a policy: what it would have meant comes first, and who, when and why are kept."""

import json
import re
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.utils import timezone

from contacts.models import Contact, PolicyVersion
from contacts.policies import policy_in_force
from cxsurvey import policy_pages
from tests.contacts.makers import cap, put_in_force
from tests.staff import client_of
from tests.surveys.makers import make_customer, make_program, make_touchpoint

pytestmark = pytest.mark.django_db
FORM, PUBLISH = "/admin/policy/", "/admin/policy/publish/"
DAY = timedelta(days=1)


@pytest.fixture
def manager() -> Client:
    """Return the browser of a manager whose customers bought every 40 days, asked by a program once in 30 days."""
    put_in_force(cap(1, "30 days"))
    make_program(share=1.0, delay=DAY, worth=2 * DAY)
    for customer in (make_customer(), make_customer()):
        for days in (120, 80, 40):
            make_touchpoint(customer, occurred_at=timezone.now() - days * DAY)
    return client_of("CX manager")


def filled(page: Any) -> dict[str, Any]:
    """Return what the form holds when it is sent as it is shown."""
    rules, trial = page.context["rules"], page.context["trial"]
    fields = [*rules.caps.management_form, *(field for row in rules.caps for field in row), *rules.rest, *trial]
    return {field.html_name: field.value() for field in fields if field.value() not in (None, False)}


def carried(page: Any) -> dict[str, str]:
    """Return the hidden fields of the page that shows the meaning."""
    found = re.findall(r'<input type="hidden" name="(?!csrf)([^"]+)" value="([^"]*)">', page.content.decode())
    return {name: value.replace("&quot;", '"') for name, value in found}


def shown(client: Client, **changes: Any) -> Any:
    """Open the form, change it, and go on."""
    return client.post(FORM, filled(client.get(FORM)) | changes)


def figures(page: Any) -> dict[str, tuple[str, str, str]]:
    return {row.what: row.said for row in page.context["rows"]}


def test_the_form_starts_from_what_is_in_force(manager: Client) -> None:
    [row] = manager.get(FORM).context["rules"].caps
    values = [row[name].value() for name in ("name", "limit", "measure", "length", "unit", "per")]
    assert [str(value) for value in values] == ["contacts", "1", "contacts", "30", "days", "customer"]


def test_sixty_days_instead_of_thirty_shows_what_that_would_have_meant(manager: Client) -> None:
    page = shown(manager, **{"caps-0-length": "60"})
    assert page.context["changes"] == [
        "Rule “contacts”: At most 1 contact in 60 days. It was: At most 1 contact in 30 days."
    ]
    found = figures(page)
    assert found["Touchpoints"] == ("6", "6", "0")
    assert found["Asked about"] == ("6", "4", "-2")
    assert found["because a cap was full for too long"] == ("0", "2", "+2")
    assert found["asked 3 times"] == ("2", "0", "-2")
    assert PolicyVersion.objects.filter(in_force=True).get().document["caps"][0]["window"] == "30 days"
    assert not Contact.objects.exists()


def test_with_a_reason_it_is_in_force_at_once_and_audited(manager: Client) -> None:
    before, _ = policy_in_force()
    page = shown(manager, **{"caps-0-length": "60"})
    answer = manager.post(PUBLISH, carried(page) | {"why": "Customers complained."})
    version, _ = policy_in_force()
    assert before
    assert version
    assert answer.headers["Location"] == f"/admin/contacts/policyversion/{version.pk}/change/"
    assert (version.policy_id, version.why, str(version.by)) == (
        before.policy_id,
        "Customers complained.",
        "CX manager",
    )
    assert version.document == before.document | {"caps": [cap(1, "60 days")]}
    assert "It was: At most 1 contact in 30 days." in LogEntry.objects.get().change_message


def test_without_a_reason_nothing_changes(manager: Client) -> None:
    page = manager.post(PUBLISH, carried(shown(manager, **{"caps-0-length": "60"})) | {"why": " "})
    assert page.status_code == 400
    assert "Say why" in page.content.decode()
    assert PolicyVersion.objects.filter(in_force=True).get().document["caps"][0]["window"] == "30 days"


def test_what_was_compared_with_an_older_version_is_compared_again(manager: Client) -> None:
    seen = carried(shown(manager, **{"caps-0-length": "60"}))
    put_in_force(cap(1, "90 days"))
    page = manager.post(PUBLISH, seen | {"why": "Because."})
    assert page.status_code == 409
    assert page.context["changes"][0].endswith("It was: At most 1 contact in 90 days.")


def test_back_at_the_rules_everything_is_as_it_was_filled_in(manager: Client) -> None:
    since = (timezone.localdate() - 50 * DAY).isoformat()
    page = manager.post(FORM, carried(shown(manager, **{"caps-0-length": "60", "since": since})))
    assert str(page.context["rules"].caps[0]["length"].value()) == "60"
    assert page.context["trial"]["since"].value() == since


def test_a_rule_is_added_without_a_script(manager: Client) -> None:
    page = shown(manager, more="1")
    assert len(page.context["rules"].caps.forms) == 2
    assert "This field is required" not in page.content.decode()
    new = {"caps-1-name": "week", "caps-1-limit": "2", "caps-1-unit": "week", "caps-1-channels": ["sms"]}
    page = manager.post(FORM, filled(page) | new)
    assert page.context["changes"] == ["New rule “week”: At most 2 contacts in a calendar week, channels sms."]


def test_a_row_that_stays_empty_is_no_rule(manager: Client) -> None:
    page = manager.post(FORM, filled(shown(manager, more="1")))
    assert page.context["changes"] == []


def test_a_rule_is_dropped(manager: Client) -> None:
    page = shown(manager, **{"caps-0-DELETE": "on"})
    assert page.context["changes"] == ["Rule “contacts” is dropped: At most 1 contact in 30 days."]


def test_every_part_of_a_cap_survives_the_form(manager: Client) -> None:
    narrow = cap(2, "36 hours", channels=["sms"], purposes=["reminder"], surveys=["nps", "csat"], per="account")
    version = put_in_force(narrow | {"programs": ["a"], "sources": ["b"], "tags": ["c"]}, cap(1, "month", "reminders"))
    page = shown(manager)
    assert page.context["changes"] == []
    assert json.loads(page.context["document"]) == version.document


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"caps-0-length": ""}, "How many? For example 30."),
        ({"caps-0-limit": "-1"}, "greater than or equal to 0"),
        ({"rest": '{"hours": {"sms": {}}}'}, "hours.sms: never open"),
        ({"rest": '{"caps": []}'}, "the caps are above"),
        ({"caps-0-name": "hours"}, "is the name of another rule"),
        ({"until": "2020-01-01"}, "This is not after"),
        ({"asking": "kind"}, "Without a program this is needed."),
    ],
)
def test_what_makes_no_sense_is_refused_on_the_page(manager: Client, change: dict[str, str], told: str) -> None:
    page = shown(manager, **change)
    assert page.status_code == 400
    assert told in page.content.decode().replace("&quot;", '"')


def test_one_kind_without_a_program_can_be_tried(manager: Client) -> None:
    page = shown(manager, asking="kind", kind="purchase", channel="email", delay="12", worth="24")
    assert figures(page)["Touchpoints"] == ("6", "6", "0")
    assert page.context["trial"].asked_by() == "every purchase by email"


def test_a_long_period_is_shortened_and_says_so(manager: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(policy_pages, "MOST", 4)
    page = shown(manager)
    assert figures(page)["Touchpoints"] == ("4", "4", "0")
    assert "The period is shortened" in page.content.decode()


def test_a_period_without_touchpoints_says_what_to_do(manager: Client) -> None:
    page = shown(manager, since="2020-01-01", until="2020-02-01")
    assert "No touchpoint lies in this period." in page.content.decode()


def test_an_analyst_tries_and_does_not_change(manager: Client) -> None:
    analyst = client_of("Analyst")
    page = shown(analyst, **{"caps-0-length": "60"})
    assert "Put it in force" not in page.content.decode()
    assert analyst.post(PUBLISH, carried(page) | {"why": "x"}).status_code == 403


def test_what_no_page_of_ours_wrote_is_refused(manager: Client) -> None:
    assert manager.post(PUBLISH, {"document": "[]"}).status_code == 400
