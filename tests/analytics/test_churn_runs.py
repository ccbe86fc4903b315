"""Learning who may leave, keeping it, and taking it along when records are merged and erased."""

from datetime import timedelta

import pytest

from analytics import churn_runs, erasing
from analytics.models import ChurnRule, ChurnRun, CustomerRisk
from contacts.models import Customer
from cxsurvey.erasing import erase
from tests.analytics.buyers import bought, make_buyers, make_touched
from tests.surveys.makers import NOON, make_customer

pytestmark = pytest.mark.django_db
SOON = NOON + timedelta(hours=1)


@pytest.fixture
def buyers() -> list[Customer]:
    return make_buyers(stay=60, leave=40, problems=30, fine=30)


def learn() -> ChurnRun:
    return churn_runs.learn(SOON, with_boosting=False)


def test_who_is_at_risk_is_kept_with_reasons(buyers: list[Customer]) -> None:
    run = learn()
    assert run.refusal == ""
    assert (run.days, run.by_leaving) == (90, False)
    assert run.until is not None
    assert abs(run.until - NOON) < timedelta(seconds=1)
    kept = churn_runs.risks(run)
    assert {risk.customer.pk for risk in kept} == {customer.pk for customer in buyers[:60]}
    assert [risk.probability for risk in kept] == sorted((risk.probability for risk in kept), reverse=True)
    assert {reason["facts"][0] for reason in kept[0].reasons} >= {"purchase_age", "purchases"}


def test_a_later_run_takes_the_place_of_the_one_before(buyers: list[Customer]) -> None:
    first, second = learn(), learn()
    assert list(ChurnRun.objects.all()) == [second] == [churn_runs.newest()]
    assert set(CustomerRisk.objects.values_list("run", flat=True)) == {second.pk} != {first.pk}


def test_only_the_most_at_risk_are_kept(buyers: list[Customer], monkeypatch: pytest.MonkeyPatch) -> None:
    everybody = churn_runs.risks(learn())
    monkeypatch.setattr(churn_runs, "KEPT", 5)
    some = churn_runs.risks(learn())
    assert [risk.customer.pk for risk in some] == [risk.customer.pk for risk in everybody[:5]]


def test_it_is_learned_once_a_day(buyers: list[Customer]) -> None:
    churn_runs.learn_if_old(SOON)
    first = churn_runs.newest()
    churn_runs.learn_if_old(SOON + timedelta(hours=23))
    assert churn_runs.newest() == first
    churn_runs.learn_if_old(SOON + timedelta(hours=24))
    assert churn_runs.newest() != first


def test_merged_records_are_one_person(buyers: list[Customer]) -> None:
    run = learn()
    one, other = buyers[3], buyers[10]
    Customer.objects.filter(pk=one.pk).update(merged_into=other)
    kept = [risk.customer.pk for risk in churn_runs.risks(run)]
    assert len(kept) == 59
    assert kept.count(other.pk) == 1
    again = [risk.customer.pk for risk in churn_runs.risks(learn())]
    assert (again.count(one.pk), again.count(other.pk)) == (0, 1)


def test_a_person_whose_record_was_merged_into_one_without_risk_stays(buyers: list[Customer]) -> None:
    run = learn()
    other = make_customer()
    Customer.objects.filter(pk=buyers[3].pk).update(merged_into=other)
    assert other.pk in {risk.customer.pk for risk in churn_runs.risks(run)}


def test_who_is_erased_is_on_no_list_any_more(buyers: list[Customer]) -> None:
    run, gone = learn(), buyers[3].pk
    erase(gone, at=SOON, via="link")
    assert not CustomerRisk.objects.filter(customer=gone).exists()
    assert gone not in {risk.customer.pk for risk in churn_runs.risks(run)}
    assert gone not in {risk.customer.pk for risk in churn_runs.risks(learn())}


def test_the_room_forgets_at_once(buyers: list[Customer]) -> None:
    learn()
    erasing.erase([buyers[3].pk, buyers[4].pk])
    assert CustomerRisk.objects.count() == 58


@pytest.mark.parametrize(
    ("stay", "leave", "message"),
    [
        (60, 5, "5 of .* rows end with leaving"),
        (60, 0, "0 of .* rows end with leaving"),
        (1, 0, "0 of 3 rows end with leaving"),
    ],
)
def test_what_is_missing_is_kept_as_the_refusal(stay: int, leave: int, message: str) -> None:
    make_buyers(stay=stay, leave=leave)
    run = learn()
    assert run.numbers == {}
    assert not run.risks.exists()
    with pytest.raises(ValueError, match=message):
        raise ValueError(run.refusal)


def test_without_customers_there_is_a_refusal_too() -> None:
    assert learn().refusal == "there are no purchases yet, and no touchpoints that say that a customer has left"


def test_one_purchase_alone_tells_nothing() -> None:
    make_touched(bought(make_customer().pk, 0))
    assert learn().refusal == "what the model learns from is empty: there is nobody to learn from"


def test_everybody_left_is_a_refusal() -> None:
    made = [make_customer() for _ in range(12)]
    make_touched([row for customer in made for row in bought(customer.pk, 280)] + bought(make_customer().pk, 0))
    assert "0 do not" in learn().refusal


def test_the_rule_is_a_row(buyers: list[Customer]) -> None:
    ChurnRule.objects.update(quiet_days=60, problem_outcomes=["Bad "], leaving_kinds=[])
    rule = churn_runs.current_rule()
    assert (rule.quiet.days, rule.problems, rule.leaving) == (60, ("bad",), ())
    assert learn().days == 60


def test_nothing_later_than_now_is_learned_from(buyers: list[Customer]) -> None:
    run = churn_runs.learn(NOON - timedelta(days=100), with_boosting=False)
    assert run.until is None or run.until <= NOON - timedelta(days=100)
