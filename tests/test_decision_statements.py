"""What a decision for one customer costs: five statements, whoever the customer is, at every door."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any, NamedTuple

import pytest
from django.contrib.auth.models import Group, User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from contacts import consent, gate
from contacts.models import Contact, Customer
from tests.contacts.makers import NOON, add_address, cap, make_account, make_customer, put_in_force
from tests.staff import with_token

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
AT = NOON.isoformat()
DECISION = ["policy", "records", "addresses", "what stands", "ledger"]
"""The policy in force; the records of the person, with the members of the accounts; the addresses, with who else has
them; opt-outs, wishes, overrides and appointments; contacts, with the numbers that they went to."""
NAMES = {
    "contacts_holdout": "policy",  # read with it, in the same statement
    "contacts_customer": "records",
    "contacts_identifier": "addresses",
    "contacts_optout": "what stands",
    "contacts_contact": "ledger",
    "cxsurvey_loginsession": "session",
    "cxsurvey_apitoken": "token",
    "cxsurvey_auditentry": "audit",
    "auth_user": "user",
}


class Case(NamedTuple):
    """A customer to ask about, with the contacts that a cap on SMS counts and whether somebody's no holds for email."""

    customer: Customer
    counted: list[Contact]
    refused: bool = False


def usual() -> Case:
    put_in_force(cap(9, "30 days"))
    customer = make_customer(source="crm", external_id="c1")
    return Case(customer, [got(customer)])


def merged() -> Case:
    put_in_force(cap(9, "30 days"))
    head = make_customer()
    customer, other = (make_customer(source="crm", external_id=name, merged_into=head) for name in ("c1", "c2"))
    return Case(customer, [got(head), got(customer), got(other)])


def with_account_cap() -> Case:
    put_in_force(cap(9, "30 days", per="account"))
    account = make_account()
    fellow, customer = make_customer(account=account), make_customer(source="crm", external_id="c1", account=account)
    return Case(customer, [got(fellow), got(make_customer(merged_into=fellow)), got(customer)])


def at_shared_addresses() -> Case:
    """Somebody else, of two records, has the number and the email address, and has said no to email."""
    put_in_force(cap(9, "30 days"))
    customer, other = make_customer(source="crm", external_id="c1"), make_customer(phone=False, email=False)
    twin = make_customer(merged_into=other)
    for address in customer.identifiers.all():
        add_address(other, address.type, address.value, last_seen_at=NOON + DAY)
    consent.opt_out(twin.pk, "email", at=NOON, via="link")
    here, elsewhere = other.identifiers.get(type="phone"), add_address(twin, "phone", "+12125550000")
    counted = [got(twin, "sms"), got(other, "sms", address=here), got(customer)]
    got(twin, "sms", address=elsewhere)
    got(twin)
    return Case(customer, counted, refused=True)


def all_of_it() -> Case:
    """The same under a cap per account, and merged: another record of hers is the one with a household."""
    customer, counted, refused = at_shared_addresses()
    put_in_force(cap(9, "30 days", per="account"))
    account = make_account()
    head = make_customer(phone=False, email=False)
    Customer.objects.filter(pk=customer.pk).update(merged_into=head)
    make_customer(merged_into=head, account=account, phone=False, email=False)
    fellow = make_customer(account=account)
    return Case(customer, [*counted, got(head), got(make_customer(merged_into=fellow))], refused)


def got(customer: Customer, channel: str = "email", **fields: Any) -> Contact:
    """Return a message of another system, of a day ago; whether to a known address is for the fields to say."""
    values = {"at": NOON - DAY, "recorded_at": NOON, "updated_at": NOON, "purpose": "other", "outcome": "delivered"}
    return Contact.objects.create(customer=customer, channel=channel, source="crm", **(values | fields))


CASES = [usual, merged, with_account_cap, at_shared_addresses, all_of_it]
every_customer = pytest.mark.parametrize("case", CASES, ids=[make.__name__ for make in CASES])


def statements(act: Callable[[], object]) -> list[str]:
    """What each statement reads or writes: the name of its first table; only the use and the look are written down."""
    with CaptureQueriesContext(connection) as queries:
        act()
    told = [query["sql"].lstrip("(") for query in queries]
    found = (re.findall(r'(?:FROM|INTO|UPDATE) "?([a-z_]+)', sql) for sql in told)
    # The brands that somebody is limited to are read in the statement that reads the user.
    tables = [next(table for table in named if table != "contacts_brandlimit") for named in found]
    names = [NAMES.get(table, table) for table in tables]
    written = {name for name, sql in zip(names, told, strict=True) if not sql.startswith(("SELECT", "WITH"))}
    assert written <= {"token", "audit"}
    return names


@every_customer
def test_a_decision_is_five_statements_for_every_customer(case: Callable[[], Case]) -> None:
    customer, counted, refused = case()
    purposes = {"email": "invitation", "sms": "invitation", "phone": "call"}
    gate.eligibilities(customer.pk, purposes, at=NOON)

    assert statements(lambda: gate.eligibilities(customer.pk, purposes, at=NOON)) == DECISION

    verdicts = gate.eligibilities(customer.pk, purposes, at=NOON)
    assert set(verdicts["sms"].counted) == {contact.pk for contact in counted}
    assert [reason.rule for reason in verdicts["email"].reasons] == ["opt-out"] * refused


@every_customer
@pytest.mark.parametrize("door", ["by id", "by source and id"])
def test_the_api_adds_whose_token_it_is_and_what_that_user_may(case: Callable[[], Case], door: str) -> None:
    customer, counted, _ = case()
    interviewer = colleague()
    client = with_token(interviewer)
    query = {"channel": "sms", "at": AT} | ({} if door == "by id" else {"source": "crm", "external_id": "c1"})
    address = f"/api/v1/customers/{customer.pk}/eligibility/" if door == "by id" else "/api/v1/customers/eligibility/"
    answers: list[dict[str, Any]] = []

    found = statements(lambda: answers.append(client.get(address, query).json()))

    authentication, permissions = ["token", "token"], ["auth_permission", "auth_permission"]
    assert found == [*authentication, *permissions, *DECISION, "audit"]
    told = next(rule for rule in answers[0]["rules"] if rule["rule"] == "contacts")["contacts"]
    assert {contact["id"] for contact in told} == {contact.pk for contact in counted}


@every_customer
def test_the_why_page_answers_for_all_channels_from_one_decision_s_statements(case: Callable[[], Case]) -> None:
    customer, _, _ = case()
    client = Client()
    client.force_login(colleague())
    address = f"/admin/customers/{customer.pk}/why/"
    client.get(address)

    found = statements(lambda: client.get(address))

    login = ["session", "user", "auth_permission", "auth_permission"]
    its_name, choices, refusals = ["records"], ["surveys_survey", "surveys_program"], ["what stands", "contacts_wish"]
    assert found == [*login, *its_name, *choices, *DECISION, *refusals, "audit"]


def test_of_nobody_only_the_policy_and_the_records_are_read() -> None:
    put_in_force(cap(9, "30 days", per="account"))
    client = Client()
    client.force_login(User.objects.create(username="ada", is_superuser=True))

    found = statements(lambda: client.get("/api/v1/customers/999/eligibility/?channel=sms"))

    assert found == ["session", "user", "policy", "records"]


def colleague() -> User:
    """Return an interviewer, who sees customers."""
    user = User.objects.create(username="ines", is_staff=True)
    user.groups.add(Group.objects.get(name="Interviewer"))
    return user
