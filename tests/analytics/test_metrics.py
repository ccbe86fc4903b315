"""What a score is can be changed where that leaves it true, and every figure follows."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError
from pytest_django import DjangoAssertNumQueries

from analytics.metric_admin import MetricForm
from analytics.metrics import METRICS, definitions
from analytics.models import Metric
from analytics.nps import nps_rows
from analytics.period import Period
from analytics.scope import Scope
from analytics.score_rows import NpsRow
from tests.analytics.world import days_ago, make_responses
from tests.staff import client_of
from tests.surveys.makers import NOON, make_touchpoint

pytestmark = pytest.mark.django_db
EVERYTHING = Scope(Period(None, None, NOON))


def total() -> NpsRow:
    return nps_rows("overall", EVERYTHING)[0]


def form_of(key: str, **changed: Any) -> MetricForm:
    metric = Metric.objects.get(key=key)
    given = {name: getattr(metric, name) for name in MetricForm.Meta.fields}
    told = {name: "" if value is None else value for name, value in (given | changed).items()}
    return MetricForm(told, instance=metric)


def test_every_installation_begins_with_three(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_num_queries(1):
        found = definitions()
    assert tuple(found) == METRICS
    told = {key: (one.counts_from, one.against_to, one.unit, one.minimum_n) for key, one in found.items()}
    assert told == {
        "nps": (9, 6, "points", 10),
        "csat": (4, None, "percent", 10),
        "ces": (5, None, "percent", 10),
    }


def test_rule_is_told_with_the_ends_of_the_scale() -> None:
    found = definitions()
    ends = "0 (not at all likely) to 10 (extremely likely)"
    assert found["nps"].rule == f"Share of answers from 9 to 10 less share of 0 to 6, on a scale from {ends}"
    assert found["ces"].rule.startswith("Share of answers from 5 to 7, on a scale from 1 (strongly disagree)")


def test_groups_are_shown_from_the_answers_that_are_needed() -> None:
    make_responses(10, 6, 4)
    assert total()["state"] == "wide"
    Metric.objects.filter(key="nps").update(minimum_n=30)
    assert (total()["state"], total()["nps"], total()["missing"]) == ("withheld", None, 10)


def test_answers_after_the_horizon_are_left_out_and_those_about_nothing_stay() -> None:
    for days in (2, 20):
        make_responses(10, 0, 0, touchpoint=make_touchpoint(occurred_at=days_ago(days)))
    make_responses(5, 0, 0, touchpoint=make_touchpoint(occurred_at=NOON - timedelta(days=7)))
    assert total()["n"] == 25
    Metric.objects.filter(key="nps").update(horizon_days=7)
    assert total()["n"] == 15


@pytest.mark.parametrize(
    ("key", "changed", "message"),
    [
        ("csat", {"counts_from": 6}, "The scale goes from 1 to 5"),
        ("csat", {"counts_from": 2}, "Answers up to 2 are unhappy ones everywhere else"),
        ("ces", {"counts_from": 3}, "Choose 4 or more"),
        ("csat", {"minimum_n": 9}, "Give 10 or more"),
        ("nps", {"horizon_days": 0}, "No answer would count"),
        ("nps", {"target": -101}, "between -100 and 100"),
        ("ces", {"target": -1}, "between 0 and 100"),
        ("ces", {"target": "100.5"}, "between 0 and 100"),
    ],
)
def test_what_would_make_a_figure_untrue_is_refused(key: str, changed: dict[str, Any], message: str) -> None:
    form = form_of(key, **changed)
    assert not form.is_valid()
    assert message in str(form.errors)


def test_what_leaves_it_true_is_taken() -> None:
    form = form_of("csat", counts_from=5, minimum_n=50, horizon_days=14, target="82.5", highest="delighted")
    assert form.is_valid(), form.errors
    form.save()
    csat = definitions()["csat"]
    assert (csat.counts_from, csat.minimum_n, csat.horizon_days, csat.target) == (5, 50, 14, 82.5)


@pytest.mark.parametrize("untrue", [{"minimum_n": 9}, {"counts_from": 8}, {"against_to": None}])
def test_database_refuses_it_too(untrue: dict[str, Any]) -> None:
    with pytest.raises(IntegrityError):
        Metric.objects.filter(key="nps").update(**untrue)


def test_manager_changes_a_target_and_nothing_that_makes_an_nps() -> None:
    nps, manager = Metric.objects.get(key="nps"), client_of("CX manager")
    address = f"/admin/analytics/metric/{nps.pk}/change/"
    given = {name: getattr(nps, name) for name in ("name", "lowest", "highest", "minimum_n")}
    assert manager.post(address, {**given, "target": "40", "counts_from": 7, "against_to": 3}).status_code == 302
    nps.refresh_from_db()
    assert (nps.target, nps.counts_from, nps.against_to) == (Decimal(40), 9, 6)


def test_no_score_is_added_or_taken_away_and_analysts_only_look() -> None:
    nps, manager, analyst = Metric.objects.get(key="nps"), client_of("CX manager"), client_of("Analyst")
    assert manager.get("/admin/analytics/metric/add/").status_code == 403
    assert manager.post(f"/admin/analytics/metric/{nps.pk}/delete/").status_code == 403
    assert analyst.get("/admin/analytics/metric/").status_code == 200
    assert analyst.post(f"/admin/analytics/metric/{nps.pk}/change/", {"target": "40"}).status_code == 403
