"""Raking, trimming and bounds: the reference, what is refused, and what the weights really do."""

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics import scores, weighting

REFERENCE = json.loads((Path(__file__).parent / "reference" / "raking.json").read_text())
CASES = {case["id"]: case for case in REFERENCE["cases"]}
CATEGORIES = {"det": -1, "pas": 0, "pro": 1}
MARGINS = {"seg": {"mass": 8000.0, "vip": 2000.0}, "chan": {"app": 4500.0, "branch": 5500.0}}
Frame = pd.DataFrame


def answers_of(case: dict[str, Any]) -> Frame:
    """A row per answer of the case's cells, with the category in y."""
    rows = [
        {column: value for column, value in cell.items() if column not in CATEGORIES} | {"y": category}
        for cell in case["cells"]
        for name, category in CATEGORIES.items()
        for _ in range(cell[name])
    ]
    frame = pd.DataFrame(rows)
    return frame.assign(cell=frame.drop(columns="y").agg("|".join, axis=1))


def raked(case: dict[str, Any]) -> tuple[Frame, weighting.Weights]:
    frame = answers_of(case)
    return frame, weighting.rake(frame, case.get("margins") or {"cell": case["cell_totals"]})


each_case = pytest.mark.parametrize("name", ["R01", "R03", "R05"])


@each_case
def test_weights_are_those_of_the_reference(name: str) -> None:
    case = CASES[name]
    frame, weights = raked(case)
    per_cell = weights.values.groupby(frame["cell"]).first()
    assert per_cell.to_dict() == pytest.approx(case["weight_per_cell"], rel=1e-5)
    assert weights.n_eff == pytest.approx(case["kish_n_eff"], rel=1e-5)
    assert (weights.n, weights.trimmed, weights.moved) == (case["n"], 0, 0)
    assert weights.design_effect == pytest.approx(case["n"] / case["kish_n_eff"])


@each_case
def test_weighted_score_and_its_error_are_those_of_the_reference(name: str) -> None:
    case = CASES[name]
    frame, weights = raked(case)
    found = weighting.weighted_nps(frame["y"], weights)
    assert found.nps == pytest.approx(case["weighted_nps"], abs=1e-4)
    assert weighting.standard_error(frame["y"], weights) == pytest.approx(case["se_calibrated"], abs=1e-3)
    assert (found.high - found.low) / 2 == pytest.approx(1.96 * case["se_calibrated"], rel=0.02)


@pytest.mark.parametrize("name", ["R01", "R03"])
def test_weights_taken_as_fixed_would_widen_the_interval(name: str) -> None:
    case = CASES[name]
    frame, weights = raked(case)
    from_nothing = weighting.Weights(
        weights.values, weights.n, weights.n_eff, weights.n_eff, 0, 0.0, 0.0, frame[[]], weights.base
    )
    fixed = weighting.standard_error(frame["y"], from_nothing)
    assert fixed == pytest.approx(case["se_if_weights_taken_as_fixed"], abs=1e-3)


def test_trimmed_weights_are_those_of_the_reference() -> None:
    case = CASES["R07"]
    frame, weights = raked(CASES[case["base"]])
    cut = weighting.trimmed(weights.values, lower=0.6, upper=1.3)
    assert (cut.min(), cut.max(), cut.sum()) == pytest.approx(
        (case["weight_min"], case["weight_max"], case["total"]), rel=1e-5
    )
    assert cut.sum() ** 2 / (cut**2).sum() == pytest.approx(case["kish_n_eff"], rel=1e-5)
    assert 100 * np.average(frame["y"], weights=cut) == pytest.approx(case["weighted_nps"], abs=1e-4)


def test_trimming_says_what_it_costs() -> None:
    frame, whole = raked(CASES["R03"])
    cut = weighting.rake(frame, CASES["R03"]["margins"], trim=1.3)
    assert cut.trimmed == int((whole.values > 1.3 * whole.values.mean()).sum())
    assert cut.moved == pytest.approx((whole.values - cut.values).clip(lower=0).sum() / 1000)
    assert cut.untrimmed_n_eff == whole.n_eff < cut.n_eff
    assert 1 < cut.off < 20
    assert whole.off == pytest.approx(0, abs=1e-6)


@settings(max_examples=50)
@given(st.lists(st.floats(0.01, 100), min_size=2, max_size=40), st.floats(0, 0.9), st.floats(1.1, 6))
def test_trimmed_weights_keep_their_total_and_their_bounds(values: list[float], lower: float, upper: float) -> None:
    weights = pd.Series(values)
    cut = weighting.trimmed(weights, lower=lower, upper=upper)
    assert cut.sum() == pytest.approx(weights.sum())
    assert cut.min() >= lower * weights.mean() * (1 - 1e-6)
    assert cut.max() <= upper * weights.mean() * (1 + 1e-6)


def test_raking_goes_on_from_the_weights_that_there_are() -> None:
    frame = answers_of(CASES["R01"])
    base = pd.Series(np.where(frame["y"] == -1, 2.0, 1.0), index=frame.index)
    weights = weighting.rake(frame, MARGINS, base=base)
    for column, totals in MARGINS.items():
        assert weights.values.groupby(frame[column]).sum().to_dict() == pytest.approx(totals)
    unhappy = weighting.weighted_nps(frame["y"], weights).nps
    assert unhappy < weighting.weighted_nps(frame["y"], weighting.rake(frame, MARGINS)).nps - 5


def test_customers_who_answered_often_are_one_unit() -> None:
    case = CASES["R11"]
    frame = pd.DataFrame({"y": case["y"], "who": case["customer"], "all": "all"})
    weights = weighting.rake(frame, {"all": {"all": 1000.0}})
    assert weighting.standard_error(frame["y"], weights) == pytest.approx(case["se_iid"], abs=1e-3)
    clustered = weighting.standard_error(frame["y"], weights, customers=frame["who"])
    assert clustered == pytest.approx(case["se_clustered"], abs=1e-3)
    alone, together = (weighting.weighted_nps(frame["y"], weights, customers=who) for who in (None, frame["who"]))
    assert together.n_eff == pytest.approx(alone.n_eff / case["design_effect"], rel=0.02)


def test_weights_never_count_as_more_answers_than_there_are() -> None:
    frame = pd.DataFrame({"y": [1] * 6 + [-1] * 3, "seg": ["a"] * 6 + ["b"] * 3})
    found = weighting.weighted_nps(frame["y"], weighting.rake(frame, {"seg": {"a": 60.0, "b": 40.0}}))
    assert found.n_eff == pytest.approx(9, rel=0.2)
    assert found.state == "withheld"
    happy = weighting.weighted_nps(frame["y"].abs(), weighting.rake(frame, {"seg": {"a": 60.0, "b": 40.0}}))
    assert happy.low < 75


@pytest.mark.parametrize("name", ["R09"])
def test_margin_without_answers_is_refused_as_the_reference_wants(name: str) -> None:
    frame = answers_of(CASES[name])
    with pytest.raises(ValueError, match=r"seg: nobody answered of c \(200\)"):
        weighting.rake(frame, CASES[name]["margins"])


@pytest.mark.parametrize(
    ("margins", "message"),
    [
        ({}, "name at least one column"),
        ({"region": {"north": 1}}, "region: the frame has no such column"),
        ({"seg": {"mass": 8000}}, "seg: there are answers of vip, but no total"),
        ({"seg": {"mass": 8000, "vip": 0}}, "seg: vip needs a total above 0, not 0"),
        ({"seg": {"mass": 8000, "vip": -5}}, "seg: vip needs a total above 0, not -5"),
        ({"seg": {"mass": 8000, "vip": math.nan}}, "seg: vip needs a total above 0, not nan"),
        (MARGINS | {"chan": {"app": 4500, "branch": 4500}}, "seg and chan: their totals differ, 10000 and 9000"),
    ],
)
def test_margins_that_cannot_be_are_refused_by_name(margins: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        weighting.rake(answers_of(CASES["R01"]), margins)


def test_margins_that_no_weights_meet_are_refused_by_name() -> None:
    frame = pd.DataFrame({"seg": ["a", "b"] * 20, "chan": ["x", "y"] * 20})
    with pytest.raises(ValueError, match="seg and chan: no weights fit all of them"):
        weighting.rake(frame, {"seg": {"a": 60, "b": 40}, "chan": {"x": 40, "y": 60}})


def test_frames_with_gaps_are_refused() -> None:
    frame = answers_of(CASES["R01"])
    with pytest.raises(ValueError, match="there are no answers"):
        weighting.rake(frame[:0], MARGINS)
    with pytest.raises(ValueError, match="seg: 1 of 180 rows have no value"):
        weighting.rake(frame.assign(seg=frame["seg"].where(frame.index > 0)), MARGINS)
    with pytest.raises(ValueError, match="the same label"):
        weighting.rake(pd.concat([frame, frame]), MARGINS)


@pytest.mark.parametrize("wrong", [0.0, -1.0, math.inf])
def test_weights_that_are_none_are_refused(wrong: float) -> None:
    frame = answers_of(CASES["R01"])
    with pytest.raises(ValueError, match="above 0"):
        weighting.rake(frame, MARGINS, base=pd.Series(wrong, index=frame.index))
    with pytest.raises(ValueError, match="above 0"):
        weighting.trimmed(pd.Series([1.0, wrong]), upper=2)


@pytest.mark.parametrize(("lower", "upper"), [(0, 1), (-0.1, 2), (1, 2), (0, math.nan)])
def test_bounds_of_weights_lie_round_their_mean(lower: float, upper: float) -> None:
    with pytest.raises(ValueError, match="trim: expected"):
        weighting.trimmed(pd.Series([1.0, 2.0]), lower=lower, upper=upper)


def test_what_is_no_answer_is_refused() -> None:
    frame, weights = raked(CASES["R01"])
    with pytest.raises(ValueError, match="an answer is 1"):
        weighting.weighted_nps(frame["y"].replace(1, 9), weights)
    with pytest.raises(ValueError, match="answers: 89 of 180 rows have no value"):
        weighting.weighted_nps(frame["y"].replace(1, math.nan), weights)
    with pytest.raises(ValueError, match="customers: 1 of 180 rows have no value"):
        weighting.standard_error(frame["y"], weights, customers=frame["seg"][1:])
    with pytest.raises(ValueError, match="answers: rows are told apart"):
        weighting.weighted_nps(pd.concat([frame["y"], frame["y"]]), weights)


def test_the_silent_move_the_score_by_their_share() -> None:
    score = scores.nps(500, 250, 250)
    same, lower, lowest = weighting.bounds(score, answered=1000, invited=4000)
    assert (same.nps, same.low, same.high) == pytest.approx((score.nps, score.low, score.high))
    assert (lower.lower_by, lower.nps) == pytest.approx((20, 25 - 0.75 * 20))
    assert (lowest.nps, lowest.low) == pytest.approx((25 - 0.75 * 40, score.low - 30))


def test_the_silent_are_never_below_the_scale() -> None:
    [found] = weighting.bounds(scores.nps(5, 10, 85), answered=50, invited=100, lower_by=[40])
    assert found.nps == pytest.approx(0.5 * -80 + 0.5 * -100)
    assert found.low >= -100


@pytest.mark.parametrize(
    ("answered", "invited", "lower_by"), [(0, 10, 20), (11, 10, 20), (5, 10, -1), (5, 10, math.nan)]
)
def test_bounds_that_cannot_be_are_refused(answered: int, invited: int, lower_by: float) -> None:
    with pytest.raises(ValueError, match=r"answered|lower"):
        weighting.bounds(scores.nps(5, 3, 2), answered=answered, invited=invited, lower_by=[lower_by])
