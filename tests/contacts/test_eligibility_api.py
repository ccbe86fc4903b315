"""The API's answer to "may this customer be asked": every rule with its figures, few statements, errors that help."""

from datetime import timedelta
from typing import Any

import pytest
import yaml
from django.contrib.auth.models import User
from django.test import Client

from contacts.models import Contact, Customer, Decision
from tests.contacts.makers import NOON, add_address, cap, make_account, make_customer, put_in_force, reserved

pytestmark = pytest.mark.django_db
AT = "2026-05-05T12:00:00Z"


@pytest.fixture
def client() -> Client:
    """A client that may see everything; which roles may is in tests/routes.txt."""
    browser = Client()
    browser.force_login(User.objects.create(username="ada", is_superuser=True))
    return browser


def ask(client: Client, customer: Customer, **query: str) -> dict[str, Any]:
    answer = client.get(f"/api/v1/customers/{customer.pk}/eligibility/", {"channel": "email", "at": AT} | query)
    assert answer.status_code == 200, answer.content
    return dict(answer.json())


def rules(answer: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {rule["rule"]: rule for rule in answer["rules"]}


def test_a_free_customer_may_be_asked_and_every_rule_is_told(client: Client) -> None:
    version = put_in_force(cap(1, "30 days"), hours={"email": "always"})
    answer = ask(client, make_customer())
    assert (answer["decision"], answer["allowed_at"]) == ("send", AT)
    assert (answer["policy"], answer["policy_version"]) == ("test", version.number)
    assert [rule["rule"] for rule in answer["rules"]] == [
        *("no-address", "opt-out", "closed-address", "refused", "holdout", "contacts", "appointment-only", "answered"),
        *("retry", "pause", "once-in-days", "preferred-hours", "holiday", "hours", "expiry"),
    ]
    assert all(rule["passes"] and rule["until"] == AT for rule in answer["rules"])
    applying = {name for name, rule in rules(answer).items() if rule["applies"]}
    assert applying == {"no-address", "contacts"}


def test_a_full_cap_names_what_it_counts_and_when_it_passes(client: Client) -> None:
    put_in_force(cap(1, "30 days"), cap(3, "30 days", "reminders"))
    customer = make_customer()
    contact = reserved(customer, NOON - timedelta(days=10), survey="nps", program="welcome")
    answer = ask(client, customer)
    assert (answer["decision"], answer["allowed_at"]) == ("delay", "2026-05-25T12:00:00Z")
    held = rules(answer)["contacts"]
    assert held["text"] == "the rule “contacts” allows 1, and 1 are used"
    assert (held["passes"], held["used"], held["limit"], held["until"]) == (False, 1, 1, "2026-05-25T12:00:00Z")
    assert held["contacts"] == [
        {
            "id": contact.pk,
            "at": "2026-04-25T12:00:00Z",
            "channel": "email",
            "purpose": "invitation",
            "outcome": "reserved",
            "survey": "nps",
            "program": "welcome",
            "source": "cxsurvey",
        }
    ]
    other = rules(answer)["reminders"]
    assert (other["applies"], other["passes"], other["limit"], other["contacts"]) == (False, True, 3, [])


def test_each_rule_has_its_own_instant_and_all_together_may_pass_later(client: Client) -> None:
    put_in_force(cap(1, "30 days"), hours={"sms": {"mon": "09:00-20:00"}})
    customer = make_customer()
    reserved(customer, NOON - timedelta(days=10))
    answer = ask(client, customer, channel="sms")
    assert rules(answer)["hours"]["until"] == "2026-05-11T09:00:00Z"
    assert rules(answer)["contacts"]["until"] == "2026-05-25T12:00:00Z"
    assert answer["allowed_at"] == "2026-05-25T12:00:00Z"


def test_the_gates_own_reasons_are_rules_too(client: Client) -> None:
    answer = ask(client, make_customer(phone=False), channel="sms")
    missing = rules(answer)["no-address"]
    assert (answer["decision"], missing["passes"], missing["until"]) == ("skip", False, None)
    assert missing["text"] == "there is no working address for this channel"


def test_a_number_that_takes_no_sms_is_named_for_what_it_is(client: Client) -> None:
    customer = make_customer(phone=False)
    add_address(customer, "phone", "+442079460018")
    answer = ask(client, customer, channel="sms")
    assert rules(answer)["no-address"]["text"] == "this number is a landline, which takes no SMS"
    assert {rule["text"] for rule in answer["rules"] if rule["passes"]} == {""}
    assert rules(ask(client, customer, channel="phone"))["no-address"]["passes"]


@pytest.mark.parametrize(("channel", "purpose"), [("email", "invitation"), ("sms", "invitation"), ("phone", "call")])
def test_the_purpose_follows_the_channel_unless_given(client: Client, channel: str, purpose: str) -> None:
    customer = make_customer()
    assert ask(client, customer, channel=channel)["purpose"] == purpose
    assert ask(client, customer, channel=channel, purpose="other")["purpose"] == "other"


def test_survey_and_program_reach_the_rules(client: Client) -> None:
    put_in_force(cap(0, "day", surveys=["ces"]), cap(0, "day", "invitations", programs=["visits"]))
    customer = make_customer()
    assert ask(client, customer, survey="nps")["decision"] == "send"
    assert ask(client, customer, survey="ces")["decision"] == "skip"
    assert ask(client, customer, program="visits")["decision"] == "skip"


def test_an_unknown_zone_is_said_with_all_that_are_possible(client: Client) -> None:
    assumed = ask(client, make_customer(time_zone="", country="ES", phone=False))
    assert (assumed["zone_known"], assumed["zones"]) == (False, ["Europe/Madrid", "Africa/Ceuta", "Atlantic/Canary"])
    known = ask(client, make_customer(time_zone="Europe/Oslo"))
    assert (known["zone_known"], known["zones"]) == (True, ["Europe/Oslo"])


def test_now_is_meant_where_no_instant_is_given(client: Client) -> None:
    customer = make_customer()
    answer = client.get(f"/api/v1/customers/{customer.pk}/eligibility/?channel=email").json()
    assert answer["allowed_at"] == answer["at"]


def test_a_customer_is_found_by_source_and_id_there(client: Client) -> None:
    customer = make_customer(source="crm", external_id="c/17")
    query = {"source": "crm", "external_id": "c/17", "channel": "email", "at": AT}
    assert client.get("/api/v1/customers/eligibility/", query).json() == ask(client, customer)
    assert client.get("/api/v1/customers/eligibility/", query | {"source": "shop"}).status_code == 404
    assert set(client.get("/api/v1/customers/eligibility/", {"channel": "email"}).json()) == {"source", "external_id"}


def test_merged_records_answer_for_the_person(client: Client) -> None:
    put_in_force(cap(1, "30 days"))
    customer = make_customer()
    twin = make_customer(merged_into=customer)
    reserved(customer)
    answer = ask(client, twin)
    assert (answer["customer"], answer["decision"]) == (customer.pk, "delay")


def test_the_contacts_of_the_account_are_told_too(client: Client) -> None:
    put_in_force(cap(1, "30 days", per="account"))
    account = make_account()
    contact = reserved(make_customer(account=account))
    answer = ask(client, make_customer(account=account))
    assert [told["id"] for told in rules(answer)["contacts"]["contacts"]] == [contact.pk]


def test_what_others_got_at_the_same_number_is_told_too(client: Client) -> None:
    put_in_force(cap(1, "30 days"))
    other, customer = make_customer(), make_customer(phone=False)
    add_address(customer, "phone", other.identifiers.get(type="phone").value)
    contact = reserved(other, channels=("sms",))
    answer = ask(client, customer, channel="sms")
    assert (answer["decision"], answer["allowed_at"]) == ("delay", "2026-06-04T12:00:00Z")
    assert [told["id"] for told in rules(answer)["contacts"]["contacts"]] == [contact.pk]
    assert ask(client, customer)["decision"] == "send"


def test_nobody_by_that_number_is_not_found(client: Client) -> None:
    assert client.get("/api/v1/customers/999/eligibility/?channel=email").status_code == 404


@pytest.mark.parametrize(
    ("query", "name", "expected"),
    [
        ("", "channel", "Expected one of email, sms, phone."),
        ("channel=fax", "channel", "Expected one of email, sms, phone."),
        ("channel=sms&purpose=response", "purpose", "Expected one of invitation, reminder, thank_you, call, other."),
        ("channel=sms&at=tomorrow", "at", "Expected a date and time with offset"),
        ("channel=sms&at=2026-05-05T12:00:00", "at", "Expected a date and time with offset"),
        ("channel=sms&at=2026-05-05T12:00:00+02:00", "at", "write + as %2B"),
        ("channel=sms&at=3001-01-01T00:00:00Z", "at", "Expected a year from 1900 to 2999."),
        ("channel=sms&servey=nps", "servey", "Expected channel, purpose, survey, program, at."),
        ("channel=sms&survey=" + "x" * 61, "survey", "no more than 60 characters"),
    ],
)
def test_a_bad_question_names_the_parameter_and_what_was_expected(
    client: Client, query: str, name: str, expected: str
) -> None:
    answer = client.get(f"/api/v1/customers/{make_customer().pk}/eligibility/?{query}")
    assert answer.status_code == 400
    assert expected in answer.json()[name][0]


def test_a_question_writes_nothing_and_is_only_asked(client: Client) -> None:
    customer = make_customer()
    url = f"/api/v1/customers/{customer.pk}/eligibility/?channel=email"
    assert client.get(url)["Cache-Control"] == "no-store"
    assert client.post(url).status_code == 405
    assert not Decision.objects.exists()
    assert not Contact.objects.exists()


def test_both_doors_are_in_the_schema_with_every_parameter(client: Client) -> None:
    from openapi_spec_validator import validate

    schema = yaml.safe_load(client.get("/api/schema/").content)
    validate(schema)
    by_number = schema["paths"]["/api/v1/customers/{customer_id}/eligibility/"]["get"]["parameters"]
    by_name = schema["paths"]["/api/v1/customers/eligibility/"]["get"]["parameters"]
    asked = {"channel", "purpose", "survey", "program", "at"}
    assert {parameter["name"] for parameter in by_number} == asked | {"customer_id"}
    assert {parameter["name"] for parameter in by_name} == asked | {"source", "external_id"}
