"""What the report says of a holdout: a planted effect is found again, and what must not be shown is not."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import numpy as np
import pytest

from analytics import frames
from analytics.drawn import comparisons
from analytics.drawn_rows import drawn_rows
from analytics.holdout_cost import LastYear, cost, last_year, left_by_quiet
from analytics.inclusion import with_inclusion
from analytics.period import Period
from analytics.reports.drawn_sections import drawn_sections, say_effect
from analytics.reports.fatigue import build
from analytics.scope import Scope
from contacts.arms import Arm
from contacts.holdouts import Choice, choose
from contacts.models import Contact, Customer, Decision, Holdout, PolicyVersion, Touchpoint
from contacts.policies import rules_in_force
from surveys.links import signing_key
from surveys.models import Answer, Invitation, Response
from tests.analytics.world import days_ago
from tests.contacts.makers import cap, put_in_force
from tests.pristine import Shared
from tests.surveys.answered import question
from tests.surveys.makers import NOON, make_version

pytestmark = pytest.mark.django_db
CHOSEN, ASKED = days_ago(200), days_ago(40)
CUSTOMERS = 900
SCOPE = Scope(Period(None, None, NOON))


@pytest.fixture(scope="module")
def measured(shared: Shared) -> None:
    """A fifth is held out, and 200 days later all are asked once; the others had been contacted, and are less happy.

    Of ten usual customers 6 answer: 2 promoters, 2 passives, 2 detractors. Of ten held-out 8 do: 5, 2, 1.
    """
    with shared():
        put_in_force(cap(9, "30 days"))
        choose(Choice(0.2), at=CHOSEN, by_id=None, why="To know")
        _ask_everybody()


def _ask_everybody() -> None:
    version, arms = make_version(), rules_in_force().arms
    times = {"created_at": CHOSEN, "updated_at": CHOSEN}
    people = Customer.objects.bulk_create(
        Customer(source="drawn", external_id=uuid4().hex, **times) for _ in range(CUSTOMERS)
    )
    held = np.array([arms.of_record(person.pk) == Arm.HELD_OUT for person in people])
    seen = {"occurred_at": ASKED, "received_at": ASKED, "updated_at": ASKED}
    touchpoints = Touchpoint.objects.bulk_create(
        Touchpoint(customer=one, source="drawn", external_id=str(one.pk), kind="visit", **seen) for one in people
    )
    _contacts([one for one, out in zip(people, held, strict=True) if not out], ASKED - timedelta(days=40))
    own = _contacts(people, ASKED)
    way = {"channel": "email", "purpose": "invitation", "language": "en", "state": "sent", "link_key": signing_key()}
    when = {"due_at": ASKED, "sent_at": ASKED, "created_at": ASKED, "expires_at": ASKED}
    closes = {"closes_at": ASKED + timedelta(days=30)}
    invitations = Invitation.objects.bulk_create(
        Invitation(customer=one, touchpoint=about, contact=contact, version=version, **way, **when, **closes)
        for one, about, contact in zip(people, touchpoints, own, strict=True)
    )
    nth = np.where(held, np.cumsum(held), np.cumsum(~held)) % 10
    kinds = {True: [9, 9, 9, 9, 9, 7, 7, 3, None, None], False: [9, 9, 7, 7, 3, 3, None, None, None, None]}
    scores = [kinds[bool(out)][n] for out, n in zip(held, nth, strict=True)]
    given = {"source": "drawn", "version": version, "channel": "email", "answered_at": ASKED, "updated_at": ASKED}
    responses = Response.objects.bulk_create(
        Response(customer=one.customer, touchpoint=one.touchpoint, invitation=one, **given)
        for one, score in zip(invitations, scores, strict=True)
        if score is not None
    )
    asked, told = question(version, "nps"), [score for score in scores if score is not None]
    Answer.objects.bulk_create(
        Answer(response=response, question=asked, number=score) for response, score in zip(responses, told, strict=True)
    )


def _contacts(people: list[Customer], at: Any) -> list[Contact]:
    way = {"channel": "email", "purpose": "invitation", "outcome": "delivered", "source": "cxsurvey"}
    return Contact.objects.bulk_create(
        Contact(customer=one, at=at, recorded_at=at, updated_at=at, **way) for one in people
    )


def test_the_planted_effect_is_found_in_score_and_answers(measured: None) -> None:
    [found], frame = drawn_rows(SCOPE)
    usual, held, difference = found["rows"]
    assert frame is not None
    assert [usual["nps"], usual["answer_rate"]] == pytest.approx([0, 60], abs=1)
    assert [held["nps"], held["answer_rate"]] == pytest.approx([50, 80], abs=2)
    assert difference["nps"] == pytest.approx(usual["nps"] - held["nps"], abs=0.11)
    assert difference["low"] < difference["nps"] < difference["high"] < 0
    assert (usual["contacted"], held["contacted"], found["contaminated"]) == (usual["invited"], 0, 0)
    assert say_effect(found).startswith("Contacts as usual lower the NPS: -")
    assert found["margin"]
    assert found["margin"] == pytest.approx((difference["high"] - difference["low"]) / 2, abs=0.06)
    assert found["more_months"] == pytest.approx((200 - 90) / 30.4375 * ((found["margin"] / 6) ** 2 - 1), abs=1.2)


def test_the_report_is_judged_by_the_holdout(measured: None) -> None:
    numbers = build(SCOPE)
    assert numbers["split"]["refereed"] is False, "nobody of the others was without contacts: no model can be made"
    [section] = drawn_sections(numbers["drawn"])
    assert "more month" in section.lead
    assert [len(section.rows), len(section.charts)] == [3, 1]


def test_contamination_stays_and_is_told_and_merged_customers_are_left_out(measured: None) -> None:
    arms = rules_in_force().arms
    held = [pk for pk in Customer.objects.values_list("pk", flat=True) if arms.of_record(pk) == Arm.HELD_OUT][:3]
    _contacts(list(Customer.objects.filter(pk__in=held[:2])), ASKED - timedelta(days=5))
    before = drawn_rows(SCOPE)[0][0]
    Customer.objects.create(source="twin", external_id="1", created_at=NOON, updated_at=NOON, merged_into_id=held[2])
    after = drawn_rows(SCOPE)[0][0]
    assert (before["contaminated"], after["invited"]) == (2, before["invited"] - 1)
    assert "2 of the holdout's" in drawn_sections([before])[0].lead


def test_too_early_and_too_few_say_what_is_missing(measured: None) -> None:
    [early] = drawn_rows(Scope(Period(None, days_ago(150), NOON)))[0]
    assert (early["rows"], early["margin"]) == ([], None)
    assert early["why"].startswith("The period holds nothing to compare")
    Answer.objects.all().delete()
    Response.objects.all().delete()
    [few] = drawn_rows(SCOPE)[0]
    assert few["rows"] == []
    assert few["why"].endswith("answers, and 30 are needed.")


@pytest.fixture
def nothing_chosen() -> None:
    Holdout.objects.all().delete()


def test_nothing_is_said_where_nothing_was_ever_chosen(nothing_chosen: None) -> None:
    assert drawn_rows(SCOPE) == ([], None)


def test_a_changed_share_begins_anew_and_another_limit_lasts_as_long_as_its_rule(nothing_chosen: None) -> None:
    put_in_force(cap(2, "30 days"))
    for days, choice in (
        (400, Choice(0.05)),
        (300, Choice(0.1, "contacts", 3, 0.1)),
        (200, Choice(0.1, "contacts", 1, 0.1)),
        (20, Choice()),
    ):
        choose(choice, at=days_ago(days), by_id=None, why="So")
    PolicyVersion.objects.update(at=days_ago(900))
    changed = put_in_force(cap(2, "60 days"))
    PolicyVersion.objects.filter(pk=changed.pk).update(at=days_ago(50))
    holdout, limit = comparisons(Period(None, None, NOON))
    assert (holdout.began, holdout.since, holdout.until) == (days_ago(300), days_ago(210), days_ago(20))
    assert (limit.began, limit.until, limit.arms.limit) == (days_ago(200), days_ago(50), 1)


def test_inclusion_is_told_apart_by_arm(measured: None) -> None:
    arms, at = rules_in_force().arms, ASKED
    people = list(Customer.objects.order_by("pk")[:400])
    given = {"stage": "plan", "purpose": "invitation", "program": "after", "at": at, "decided_at": at, "result": "skip"}
    contacts = dict(Contact.objects.filter(at=ASKED).values_list("customer", "pk"))
    touchpoints = dict(Touchpoint.objects.values_list("customer", "pk"))
    Decision.objects.bulk_create(
        Decision(
            customer=one,
            touchpoint_id=touchpoints[one.pk],
            contact_id=contacts[one.pk] if n % (4 if arms.of_record(one.pk) == Arm.HELD_OUT else 2) == 0 else None,
            **given,
        )
        for n, one in enumerate(people)
    )
    rows = with_inclusion(frames.planned(SCOPE))
    room = rows.groupby("arm")["room"].first()
    shares = rows.groupby("arm")["asked"].mean()
    assert room.to_dict() == pytest.approx(shares.to_dict())
    assert room["held_out"] < room["usual"]


def test_the_cost_of_a_share() -> None:
    year = LastYear(answers=4800, kept=0.5, deviation=80.0)
    found = cost(0.1, year)
    assert [found.lost_a_year, found.answers_a_month] == pytest.approx([240, 20])
    assert found.months == int(np.ceil(90 / (365 / 12) + (1.959964 * 80 / 6) ** 2 * (1 / 20 + 1 / 360)))
    assert cost(0.1, LastYear(0, 1.0, 0.0)).months is None


def test_quiet_leaves_what_comes_after_it() -> None:
    customers, days = np.array([1, 1, 1, 2, 2, 3]), np.array([0.0, 50, 90, 10, 99, 5])
    assert left_by_quiet(customers, days, 90) == 4


def test_last_year_counts_answers(measured: None) -> None:
    year = last_year(NOON)
    assert year.answers == Answer.objects.count()
    assert (year.kept, year.deviation > 50) == (1.0, True)
