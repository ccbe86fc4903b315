"""The rule of churn and the weights of drivers, as managers change them."""

import pytest
from django.urls import reverse

from analytics.models import ChurnRule, DriverWeight
from tests.staff import client_of
from tests.surveys.makers import make_touchpoint

pytestmark = pytest.mark.django_db
RULES, ADD = reverse("admin:analytics_churnrule_changelist"), reverse("admin:analytics_churnrule_add")
WEIGHT = reverse("admin:analytics_driverweight_add")


def address() -> str:
    return reverse("admin:analytics_churnrule_change", args=[ChurnRule.objects.get().pk])


def test_the_rule_is_written_a_line_each() -> None:
    make_touchpoint(outcome="botched")
    manager, rule = client_of("CX manager"), address()
    assert "Came in so far: botched." in manager.get(rule).content.decode()
    written = {"quiet_days": 60, "leaving_kinds": "", "problem_outcomes": " botched \n\nlate\nlate"}
    assert manager.post(rule, written).status_code == 302
    kept = ChurnRule.objects.get()
    assert (kept.quiet_days, kept.leaving_kinds, kept.problem_outcomes) == (60, [], ["botched", "late"])
    assert "botched\nlate" in manager.get(rule).content.decode()


def test_there_is_one_rule() -> None:
    manager = client_of("CX manager")
    assert manager.get(ADD).status_code == 403
    assert "Lost after 90 days without a purchase" in manager.get(RULES).content.decode()


@pytest.mark.parametrize("days", [0, 13, 731])
def test_days_that_tell_nothing_are_refused(days: int) -> None:
    written = {"quiet_days": days, "leaving_kinds": "", "problem_outcomes": "late"}
    assert client_of("CX manager").post(address(), written).status_code == 200
    assert ChurnRule.objects.get().quiet_days == 90


def test_a_weight_is_of_what_can_be_a_driver() -> None:
    make_touchpoint(outcome="late", team="North")
    manager = client_of("CX manager")
    page = manager.get(WEIGHT).content.decode()
    for driver in ("late", "North", "waiting_minutes"):
        assert f'value="{driver}"' in page
    assert manager.post(WEIGHT, {"driver": "late", "weight": "30"}).status_code == 302
    assert manager.post(WEIGHT, {"driver": "late", "weight": "10"}).status_code == 200
    assert manager.post(WEIGHT, {"driver": "North", "weight": "-1"}).status_code == 200
    assert manager.post(WEIGHT, {"driver": "weather", "weight": "1"}).status_code == 200
    assert list(DriverWeight.objects.values_list("driver", "weight")) == [("late", 30)]


def test_a_weight_whose_driver_is_gone_can_still_be_changed() -> None:
    weight = DriverWeight.objects.create(driver="courtesy", weight=1)
    address = reverse("admin:analytics_driverweight_change", args=[weight.pk])
    assert client_of("CX manager").post(address, {"driver": "courtesy", "weight": "2"}).status_code == 302
    assert DriverWeight.objects.get().weight == 2


def test_analysts_look_and_change_nothing() -> None:
    analyst = client_of("Analyst")
    assert analyst.get(RULES).status_code == 200
    assert [analyst.get(address).status_code for address in (ADD, WEIGHT)] == [403, 403]
