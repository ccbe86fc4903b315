"""How many answers and contacts: the reference, and what an interval of so many is really like."""

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from analytics import scores

REFERENCE = json.loads((Path(__file__).parent / "reference" / "nps.json").read_text())


@pytest.mark.parametrize("case", REFERENCE["sample_size_margin"], ids=lambda case: f"{case['margin_points']}")
def test_answers_and_contacts_for_a_margin_are_those_of_the_reference(case: dict[str, Any]) -> None:
    found = scores.sample_size(
        case["margin_points"],
        variance=case["variance"],
        population=case["population"],
        response_rate=case["response_rate"],
        design_effect=case["design_effect"],
    )
    assert (found.answers, found.contacts) == (case["n_responses"], case["invitations"])
    assert found.reachable


@pytest.mark.parametrize("case", REFERENCE["sample_size_difference"], ids=lambda case: f"{case['delta_points']}")
@pytest.mark.parametrize("power", [80, 90])
def test_answers_for_a_difference_are_those_of_the_reference(case: dict[str, Any], power: int) -> None:
    found = scores.sample_size_difference(
        case["delta_points"], variances=(case["var1"], case["var2"]), power=power / 100
    )
    assert found.answers == found.contacts == case[f"n_per_group_{power}"]


@pytest.mark.parametrize("case", REFERENCE["min_n_for_margin_adjusted_wald"], ids=lambda case: str(case["min_n"]))
def test_answers_that_a_wide_group_lacks_are_those_of_the_reference(case: dict[str, Any]) -> None:
    mix = 1 - case["p_det"] - case["p_pas"], case["p_pas"], case["p_det"]
    assert scores.answers_for_margin(case["margin_points"], mix) == case["min_n"]
    counts = tuple(100 * share for share in mix)
    assert scores.answers_for_margin(case["margin_points"], counts) == case["min_n"]


def test_small_margins_and_clusters_cost_more() -> None:
    usual = scores.sample_size(10)
    assert scores.sample_size(5).answers == pytest.approx(4 * usual.answers, abs=3)
    assert scores.sample_size(10, design_effect=2).answers == pytest.approx(2 * usual.answers, abs=1)
    assert scores.sample_size(10, confidence=0.99).answers > 1.7 * usual.answers


def test_more_contacts_than_customers_are_said_to_be_out_of_reach() -> None:
    few = scores.sample_size(5, population=500, response_rate=0.1)
    assert few.answers == 378
    assert few.contacts > 500
    assert not few.reachable


def test_a_difference_of_that_size_is_noticed_that_often() -> None:
    n = scores.sample_size_difference(20, variances=(0.61, 0.69)).answers
    random = np.random.default_rng(2)

    def sample(mix: scores.Counts) -> scores.Counts:
        promoters, passives, detractors = map(int, random.multinomial(n, mix))
        return promoters, passives, detractors

    noticed = sum(
        scores.nps_difference(sample((0.5, 0.3, 0.2)), sample((0.4, 0.3, 0.3))).p_value < 0.05 for _ in range(400)
    )
    assert noticed / 400 == pytest.approx(0.8, abs=0.05)


@pytest.mark.parametrize("margin", [0, -5, 201, math.nan, math.inf])
def test_what_is_no_margin_is_refused(margin: float) -> None:
    for size in (scores.sample_size, scores.sample_size_difference):
        with pytest.raises(ValueError, match="above 0"):
            size(margin)
    with pytest.raises(ValueError, match="margin"):
        scores.answers_for_margin(margin, (1, 1, 1))


@pytest.mark.parametrize(
    "wrong",
    [
        {"variance": 0},
        {"variance": 1.1},
        {"population": 0},
        {"response_rate": 0},
        {"response_rate": 20},
        {"design_effect": -1},
        {"confidence": 95},
    ],
    ids=str,
)
def test_what_is_no_plan_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong)).replace("_", " ")):
        scores.sample_size(10, **wrong)  # type: ignore[arg-type]


def test_power_and_mix_are_checked() -> None:
    with pytest.raises(ValueError, match="power must lie between 0 and 1, not 80"):
        scores.sample_size_difference(10, power=80)
    for mix in ((0, 0, 0), (1, -1, 1), (math.inf, 1, 1), (math.nan, 1, 1)):
        with pytest.raises(ValueError, match="shares from 0 on"):
            scores.answers_for_margin(10, mix)
