"""Learning who may leave, keeping it, and taking it along when records are merged and erased."""

from datetime import timedelta

import pytest

from analytics import churn_runs, erasing
from analytics.models import ChurnRule, ChurnRun, CustomerRisk
from contacts.models import Customer
from cxsurvey.erasing import erase
from tests.analytics.buyers import make_buyers
from tests.pristine import Shared
from tests.surveys.makers import NOON, make_customer

pytestmark = pytest.mark.django_db
SOON = NOON + timedelta(hours=1)


def learn() -> ChurnRun:
    return churn_runs.learn(SOON, with_boosting=False)


@pytest.fixture(scope="module")
def buyers(shared: Shared) -> list[Customer]:
    with shared():
        return make_buyers(stay=60, leave=40, problems=30, fine=30)


@pytest.fixture(scope="module")
def learned(buyers: list[Customer], shared: Shared) -> ChurnRun:
    """Return what was learned of these customers, once for all."""
    with shared():
        return learn()


def test_who_is_at_risk_is_kept_with_reasons(buyers: list[Customer], learned: ChurnRun) -> None:
    assert learned.refusal == ""
    assert (learned.days, learned.by_leaving) == (90, False)
    assert learned.until is not None
    assert abs(learned.until - NOON) < timedelta(seconds=1)
    kept = churn_runs.risks(learned)
    assert {risk.customer.pk for risk in kept} == {customer.pk for customer in buyers[:60]}
    assert [risk.probability for risk in kept] == sorted((risk.probability for risk in kept), reverse=True)
    assert {reason["facts"][0] for reason in kept[0].reasons} >= {"purchase_age", "purchases"}


def test_a_later_run_takes_the_place_of_the_one_before(learned: ChurnRun) -> None:
    second = learn()
    assert list(ChurnRun.objects.all()) == [second] == [churn_runs.newest()]
    assert set(CustomerRisk.objects.values_list("run", flat=True)) == {second.pk} != {learned.pk}


def test_only_the_most_at_risk_are_kept(learned: ChurnRun, monkeypatch: pytest.MonkeyPatch) -> None:
    everybody = churn_runs.risks(learned)
    monkeypatch.setattr(churn_runs, "KEPT", 5)
    some = churn_runs.risks(learn())
    assert [risk.customer.pk for risk in some] == [risk.customer.pk for risk in everybody[:5]]


def test_it_is_learned_once_a_day(learned: ChurnRun) -> None:
    for hours in (0, 23):
        churn_runs.learn_if_old(SOON + timedelta(hours=hours))
        assert churn_runs.newest() == learned
    churn_runs.learn_if_old(SOON + timedelta(hours=24))
    assert churn_runs.newest() != learned


def test_merged_records_are_one_person(buyers: list[Customer], learned: ChurnRun) -> None:
    one, other = buyers[3], buyers[10]
    Customer.objects.filter(pk=one.pk).update(merged_into=other)
    kept = [risk.customer.pk for risk in churn_runs.risks(learned)]
    assert len(kept) == 59
    assert kept.count(other.pk) == 1
    again = [risk.customer.pk for risk in churn_runs.risks(learn())]
    assert (again.count(one.pk), again.count(other.pk)) == (0, 1)


def test_a_person_whose_record_was_merged_into_one_without_risk_stays(
    buyers: list[Customer], learned: ChurnRun
) -> None:
    other = make_customer()
    Customer.objects.filter(pk=buyers[3].pk).update(merged_into=other)
    assert other.pk in {risk.customer.pk for risk in churn_runs.risks(learned)}


def test_who_is_erased_is_on_no_list_any_more(buyers: list[Customer], learned: ChurnRun) -> None:
    gone = buyers[3].pk
    erase(gone, at=SOON, via="link")
    assert not CustomerRisk.objects.filter(customer=gone).exists()
    assert gone not in {risk.customer.pk for risk in churn_runs.risks(learned)}
    assert gone not in {risk.customer.pk for risk in churn_runs.risks(learn())}


def test_the_room_forgets_at_once(buyers: list[Customer], learned: ChurnRun) -> None:
    erasing.erase([buyers[3].pk, buyers[4].pk])
    assert CustomerRisk.objects.count() == 58


def test_the_rule_is_a_row(buyers: list[Customer]) -> None:
    ChurnRule.objects.update(quiet_days=60, problem_outcomes=["Bad "], leaving_kinds=[])
    rule = churn_runs.current_rule()
    assert (rule.quiet.days, rule.problems, rule.leaving) == (60, ("bad",), ())
    assert learn().days == 60


def test_nothing_later_than_now_is_learned_from(buyers: list[Customer]) -> None:
    run = churn_runs.learn(NOON - timedelta(days=100), with_boosting=False)
    assert run.until is None or run.until <= NOON - timedelta(days=100)
