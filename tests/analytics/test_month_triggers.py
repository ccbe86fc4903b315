"""Every change that scores are counted from forgets its month, in the database itself, and no other change does."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.models import QuerySet

from analytics import month_triggers
from analytics.counted_months import claim, count_months
from analytics.models import CountedMonth, Metric
from analytics.month_cells import month_of
from contacts.models import Customer, Touchpoint
from cxsurvey.management.commands.migrate import Command
from surveys.models import Answer, Response
from tests.analytics.test_month_cells import AT, day
from tests.analytics.world import make_customers, make_responses
from tests.surveys.answered import make_response
from tests.surveys.makers import make_touchpoint

pytestmark = pytest.mark.django_db


@pytest.fixture
def april() -> Response:
    """One answer about a call in April, and March and April counted."""
    make_responses(1, 0, 0, touchpoint=make_touchpoint(kind="call"), answered_at=day(3))
    response = make_response(9, touchpoint=make_touchpoint(kind="visit"), answered_at=day(4))
    assert count_months(AT) == 2
    return response


def months() -> list[int]:
    return [row.starts_at.month for row in CountedMonth.objects.unchanged()]


def answer(response: Response) -> Answer:
    return response.answers.get()


def owner(response: Response) -> "QuerySet[Customer]":
    return Customer.objects.filter(responses=response)


def subject(response: Response) -> "QuerySet[Touchpoint]":
    return Touchpoint.objects.filter(responses=response)


def merge(response: Response) -> None:
    owner(response).update(merged_into=make_customers(1)[0])


def take_apart(response: Response) -> None:
    merge(response)
    assert count_months(AT) == 1
    owner(response).update(merged_into=None)


CHANGES: dict[str, Callable[[Response], object]] = {
    "answer in": lambda one: make_responses(1, 0, 0, answered_at=one.answered_at),
    "answer out": lambda one: answer(one).delete(),
    "number": lambda one: one.answers.update(number=3),
    "known before": lambda one: one.answers.update(known=True),
    "response out": lambda one: one.delete(),
    "a test": lambda one: Response.objects.filter(pk=one.pk).update(test=True),
    "whose": lambda one: Response.objects.filter(pk=one.pk).update(customer=make_customers(1)[0]),
    "about what": lambda one: Response.objects.filter(pk=one.pk).update(touchpoint=None),
    "kind": lambda one: subject(one).update(kind="chat"),
    "when it happened": lambda one: subject(one).update(occurred_at=day(1)),
    "one person": merge,
    "two persons": take_apart,
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_forgets_its_month_and_no_other(april: Response, change: str) -> None:
    CHANGES[change](april)
    assert months() == [3]


def test_a_response_that_moves_forgets_both_months(april: Response) -> None:
    Response.objects.filter(pk=april.pk).update(answered_at=day(3))
    assert months() == []


@pytest.mark.parametrize("changed", [{"horizon_days": 30}, {"counts_from": 5}])
def test_a_score_that_means_something_else_forgets_all(april: Response, changed: dict[str, int]) -> None:
    Metric.objects.filter(key="csat").update(**changed)
    assert months() == []


def test_other_changes_forget_nothing(april: Response) -> None:
    april.refresh_from_db()
    april.page = 3
    april.save()
    subject(april).update(team="North", outcome="solved")
    Customer.objects.update(name="")
    Answer.objects.create(response=april, question=april.version.questions.get(kind="text"), text="Thank you")
    Metric.objects.update(target=50, minimum_n=20, name="Score")
    make_responses(3, 0, 0, answered_at=AT)
    make_responses(3, 0, 0, answered_at=AT - timedelta(days=900))
    assert months() == [3, 4]


def test_first_and_last_instant_of_a_month_are_in_it(april: Response) -> None:
    since, until = month_of(day(4))
    make_responses(1, 0, 0, answered_at=until)
    assert months() == [3, 4]
    make_responses(1, 0, 0, answered_at=until - timedelta(microseconds=1))
    assert months() == [3]
    assert count_months(AT) == 1
    make_responses(1, 0, 0, answered_at=since)
    assert months() == [3]


def test_migrating_takes_the_triggers_off_and_puts_them_on(april: Response) -> None:
    assert month_triggers.are_on()
    command = Command()
    command.verbosity = 0
    command.migration_progress_callback("apply_start")
    assert not month_triggers.are_on()
    assert months() == []
    with pytest.raises(RuntimeError, match=r"run manage\.py migrate"):
        claim(AT)
    call_command("migrate", verbosity=0)
    assert month_triggers.are_on()
    month_triggers.install()
    assert count_months(AT) == 2


def test_all_triggers_are_in_a_migrated_database() -> None:
    source = {
        "sqlite": "SELECT count(*) FROM sqlite_master WHERE type = 'trigger' AND name LIKE %s",
        "postgresql": "SELECT count(*) FROM pg_trigger WHERE tgname LIKE %s",
    }
    with connection.cursor() as cursor:
        cursor.execute(source[connection.vendor], [f"{month_triggers.PREFIX}%"])
        assert cursor.fetchone() == (len(month_triggers.CHANGES),)
