"""What is kept long enough goes: words first, then the person, never what a cap still needs or a report counts."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.db.models import Count
from django.db.models.functions import TruncMonth

from contacts import consent
from contacts.checking import dangling, differences
from contacts.intake import CUSTOMERS, bring_in
from contacts.models import Contact, Customer, Decision, Erased, OptOut, Touchpoint
from cxsurvey import retention
from cxsurvey.models import Retention
from cxsurvey.retention import BY_KEY, KINDS, TooShort, forget_old, needed
from recovery.followups import open_due
from recovery.models import FollowUp
from surveys.models import Answer, Invitation, Response
from tests.staff import client_of
from tests.surveys.answered import make_response
from tests.surveys.makers import NOON, make_customer, make_touchpoint
from tests.test_erasing import csv
from tests.test_merge_pages import page

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
LATER = NOON + 1200 * DAY
"""So long after NOON that all of it lies beyond every time that is usual."""


def never() -> bool:
    return False


def answered(score: int, text: str, at: Any, **fields: Any) -> Response:
    visit = make_touchpoint(occurred_at=at - DAY, reference="order 7", attributes={"n": "x"}, **fields)
    response = make_response(score, text, touchpoint=visit, answered_at=at)
    Contact.objects.filter(pk=response.invitation.contact_id if response.invitation else 0).update(at=at - DAY)
    return response


def by_month() -> list[tuple[Any, ...]]:
    """What a report counts of each month: answers, their numbers, customers."""
    counted = Answer.objects.counted().exclude(number=None)
    months = counted.annotate(month=TruncMonth("response__answered_at")).values_list("month", "number")
    return list(months.annotate(n=Count("pk"), people=Count("response__customer", distinct=True)).order_by("month"))


def test_what_lies_far_back_keeps_its_numbers_and_belongs_to_nobody() -> None:
    customer, other = make_customer(name="Zerlina"), make_customer(name="Ben")
    first = answered(3, "too slow", NOON, customer=customer)
    answered(3, "again", NOON + DAY, customer=customer)
    answered(9, "", NOON + 40 * DAY, customer=customer)
    answered(3, "fine", NOON, customer=other)
    young = answered(8, "kept", LATER - 10 * DAY, customer=customer)
    open_due(NOON + 2 * DAY)
    FollowUp.objects.update(state="closed", closed_at=NOON + 3 * DAY, no_action_reason="Nothing to do")
    before, decided, touched = by_month(), Decision.objects.count(), Touchpoint.objects.count()
    forget_old(LATER, never)
    assert (by_month(), Decision.objects.count(), Touchpoint.objects.count()) == (before, decided, touched)
    first.refresh_from_db()
    assert first.customer
    assert first.invitation
    assert first.touchpoint
    assert {first.customer_id, first.touchpoint.customer_id, first.invitation.customer_id} == {first.customer_id}
    assert first.customer_id not in {customer.pk, other.pk}
    assert (first.customer.name, first.touchpoint.reference, first.touchpoint.attributes) == ("", "", {})
    assert set(Answer.objects.exclude(text="").values_list("text", flat=True)) == {"kept"}
    young.refresh_from_db()
    assert young.customer_id == customer.pk
    assert Contact.objects.filter(customer=customer).count() == 1, "the one that is young"
    assert list(differences()) == [] == [row for row in dangling() if row.rows]
    customer.refresh_from_db()
    other.refresh_from_db()
    assert (customer.name, other.name, other.erased_at) == ("Zerlina", "", LATER), "of Ben nothing was heard since"
    nobodies = Customer.objects.count()
    forget_old(LATER + DAY, never)
    assert Customer.objects.count() == nobodies, "another night has nothing to do"


def test_a_night_that_is_cut_short_goes_on_the_next_one() -> None:
    for number in range(3):
        answered(3, f"words {number}", NOON)
    asked = iter([False, False, False, True])
    retention.BY_KEY["comments"].forget(LATER, LATER, lambda: next(asked, True))
    forget_old(LATER, lambda: True)
    forget_old(LATER, never)
    assert not Answer.objects.exclude(text="").exists()


def test_a_no_of_a_customer_who_was_forgotten_holds_when_she_comes_again() -> None:
    customer = make_customer(source="crm", external_id="c1", email="zerlina@home.example")
    consent.opt_out(customer.pk, "sms", at=NOON, via="reply")
    forget_old(LATER, never)
    customer.refresh_from_db()
    assert (customer.external_id, customer.erased_at) == (f"erased {customer.pk}", LATER)
    assert set(Erased.objects.values_list("channel", "at", "via")) == {("sms", NOON, "reply")}
    bring_in(CUSTOMERS, csv("external_id,name\nc1,Zerlina\nc2,Ben\n"), source="crm", at=LATER + DAY)
    assert Customer.objects.get(external_id="c1").name == "Zerlina", "she may come again"
    again = OptOut.objects.filter(customer__erased_at=None).values_list("customer__external_id", "channel", "via")
    assert list(again) == [("c1", "sms", "reply")]


def test_less_than_the_longest_cap_needs_is_refused_by_name() -> None:
    assert (needed().days, needed().what) == (152, "the cap “invitations”")
    with pytest.raises(TooShort, match="the cap “invitations” looks back 32 days"):
        retention.decide({"past": 100}, at=NOON, by_id=0)
    consent.ask_less(make_customer().pk, 400, at=NOON, via="link")
    with pytest.raises(TooShort, match="a customer's wish to be asked less often looks back 400 days"):
        retention.decide({"people": 500}, at=NOON, by_id=0)
    assert not Retention.objects.exists()
    # Decided before the wish came: the night keeps what is needed all the same.
    Retention.objects.create(kind="past", days=152)
    answered(3, "", NOON)
    forget_old(NOON + 400 * DAY, never)
    assert not Customer.objects.filter(external_id__startswith="past").exists()


def test_what_would_go_is_shown_before_it_is_saved() -> None:
    manager = client_of("CX manager")
    for _ in range(3):
        answered(3, "words", NOON)
    days = {kind.key: str(kind.days or "") for kind in KINDS}
    shown = page(manager, "/admin/retention/")
    assert all(kind.name in shown for kind in KINDS)
    answer = manager.post("/admin/retention/", days | {"comments": "10"}).content.decode()
    assert "Comments, and hidden fields of answers: 10 days instead of 730" in answer
    assert "<strong>3</strong> are too old then" in answer
    assert not Retention.objects.exists()
    refused = manager.post("/admin/retention/", days | {"past": "5"})
    assert refused.status_code == 400
    assert "Keep these for 152 days or more: the cap “invitations”" in refused.content.decode()
    saved = manager.post("/admin/retention/", days | {"comments": "10", "texts": "", "sure": "yes"})
    assert saved.status_code == 302
    assert dict(Retention.objects.values_list("kind", "days")) == {"comments": 10, "texts": None}
    assert set(LogEntry.objects.values_list("change_message", flat=True)) == {"comments: 10 days.", "texts: for good."}
    assert Invitation.objects.exists()
    assert BY_KEY["comments"].count(NOON + DAY) == 3
