"""Two customers at one number: their phone rings for one interviewer at a time."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection, transaction

from contacts.models import Identifier
from surveys.calls.claiming import HELD, release, take, take_next
from surveys.models import CallCase
from tests.contacts.makers import put_in_force
from tests.surveys.desk import interviewer
from tests.surveys.makers import NOON, make_case, make_customer, make_touchpoint

pytestmark = pytest.mark.django_db(transaction=True)
NUMBER = "+12125550001"


@pytest.fixture
def cases(transactional_db: None) -> list[CallCase]:
    """Give the cases of two customers who have the same number."""
    put_in_force()
    return [make_case(make_touchpoint(make_customer(phone=NUMBER))) for _ in range(2)]


def test_who_asks_for_the_next_call_does_not_get_a_number_that_somebody_has_on_the_phone(cases: list[CallCase]) -> None:
    elsewhere = make_case()
    assert take_next(interviewer("ines"), NOON) == cases[0]
    assert take_next(interviewer("otto"), NOON) == elsewhere
    assert take_next(interviewer("anna"), NOON) is None
    assert take_next(interviewer("anna"), NOON + HELD) == cases[0]


def test_the_number_is_free_when_she_gives_it_back(cases: list[CallCase]) -> None:
    assert take(cases[0].pk, interviewer("ines"), NOON)
    assert not take(cases[1].pk, interviewer("otto"), NOON)
    release(cases[0].pk, interviewer("ines"))
    assert take(cases[1].pk, interviewer("otto"), NOON)


def test_she_herself_may_go_on_with_the_other_customer_at_the_number(cases: list[CallCase]) -> None:
    assert take(cases[0].pk, interviewer("ines"), NOON)
    assert take(cases[1].pk, interviewer("ines"), NOON + timedelta(minutes=1))
    assert [case.pk for case in held(cases)] == [cases[1].pk]


def test_a_merged_record_at_the_number_counts(cases: list[CallCase]) -> None:
    customer = cases[1].customer
    twin = make_customer(merged_into=customer, email="")
    assert take(make_case(make_touchpoint(twin)).pk, interviewer("ines"), NOON)
    assert not take(cases[0].pk, interviewer("otto"), NOON)


def held(cases: list[CallCase]) -> list[CallCase]:
    return [case for case in CallCase.objects.filter(pk__in=[case.pk for case in cases]) if case.claimed_by_id]


def check_then_claim(case: CallCase, user_id: int) -> bool:
    """Look whether the number is free and claim without a lock: the control."""
    numbers = Identifier.objects.filter(customer=case.customer_id, type="phone").values("value")
    if CallCase.objects.filter(customer__identifiers__value__in=numbers, claimed_until__gt=NOON).exists():
        return False
    time.sleep(0.3)
    claim = {"claimed_by": user_id, "claimed_at": NOON, "claimed_until": NOON + HELD}
    return bool(CallCase.objects.filter(pk=case.pk).update(**claim))


def both_at_once(cases: list[CallCase], *, locked: bool) -> list[bool]:
    """Return who got a case: one takes hers and keeps the transaction open, while another reaches for the other."""
    ines, otto = interviewer("ines"), interviewer("otto")

    def reach() -> bool:
        try:
            return take(cases[1].pk, otto, NOON) if locked else check_then_claim(cases[1], otto)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            first = take(cases[0].pk, ines, NOON)
            second = pool.submit(reach)
            time.sleep(0.2)
            assert not second.done()
        return [first, second.result(timeout=20)]


def test_of_two_who_reach_for_the_number_at_the_same_instant_one_gets_it(cases: list[CallCase]) -> None:
    assert both_at_once(cases, locked=True) == [True, False]
    assert held(cases) == [cases[0]]


def test_this_race_sees_a_missing_lock(cases: list[CallCase]) -> None:
    assert both_at_once(cases, locked=False) == [True, True]
    assert held(cases) == cases
