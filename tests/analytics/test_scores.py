"""The score and its interval against figures computed elsewhere, at the edges, and in the long run."""

import json
import math
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics import scores

REFERENCE = json.loads((Path(__file__).parent / "reference" / "nps.json").read_text())
INTERVALS: dict[str, Callable[..., scores.Interval]] = {
    "adjusted_wald": scores.adjusted_wald,
    "score": scores.score_interval,
}
IN_REFERENCE = {"adjusted_wald": "adjusted_wald_3t", "score": "score"}
Counts = tuple[int, int, int]
some_answers = st.tuples(*[st.integers(0, 400)] * 3).filter(any)


def counts_of(case: dict[str, Any]) -> Counts:
    return case["promoters"], case["passives"], case["detractors"]


def bounds(case: dict[str, Any], method: str) -> tuple[float, float]:
    return case[IN_REFERENCE[method]]["lo"], case[IN_REFERENCE[method]]["hi"]


@pytest.mark.parametrize("case", REFERENCE["one_sample"], ids=lambda case: case["id"])
@pytest.mark.parametrize("method", INTERVALS)
def test_bounds_are_those_of_the_reference(case: dict[str, Any], method: str) -> None:
    assert INTERVALS[method](*counts_of(case)) == pytest.approx(bounds(case, method), abs=1e-4)


@pytest.mark.parametrize("case", REFERENCE["one_sample"], ids=lambda case: case["id"])
def test_score_uses_the_method_its_counts_call_for(case: dict[str, Any]) -> None:
    counts = counts_of(case)
    score = scores.nps(*counts)
    assert score.method == ("score" if sum(counts) < 30 or 0 in counts else "adjusted_wald")
    clipped = [max(-100, min(100, bound)) for bound in bounds(case, score.method)]
    assert (score.low, score.high) == pytest.approx(clipped, abs=1e-4)
    assert score.nps == pytest.approx(case["nps"], abs=1e-4)
    assert (score.n, score.n_eff) == (case["n"], case["n"])


def test_margin_is_not_that_of_independent_shares() -> None:
    wrong = REFERENCE["wrong_method_example"]
    low, high = scores.adjusted_wald(*reversed(wrong["counts"]))
    assert (high - low) / 2 == pytest.approx(wrong["right_margin"], abs=0.01)
    assert (high - low) / 2 > wrong["wrong_margin_independent_shares"] + 0.2


def outcomes(n: int) -> Iterator[Counts]:
    return ((p, n - p - d, d) for p in range(n + 1) for d in range(n + 1 - p))


def probability(counts: Counts, shares: tuple[float, float, float]) -> float:
    ways = math.factorial(sum(counts)) / math.prod(map(math.factorial, counts))
    return ways * math.prod(share**count for share, count in zip(shares, counts, strict=True))


@pytest.mark.parametrize("case", REFERENCE["exact_coverage"], ids=lambda case: f"{case['n']}-{case['p_det']}")
@pytest.mark.parametrize("method", INTERVALS)
def test_coverage_over_every_possible_sample_is_that_of_the_reference(case: dict[str, Any], method: str) -> None:
    unhappy, passive = case["p_det"], case["p_pas"]
    shares = 1 - unhappy - passive, passive, unhappy
    truth = 100 * (shares[0] - unhappy)
    covered = 0.0
    for counts in outcomes(case["n"]):
        low, high = INTERVALS[method](*counts)
        covered += probability(counts, shares) * (low - 1e-9 <= truth <= high + 1e-9)
    assert covered == pytest.approx(case[IN_REFERENCE[method]], abs=1e-4)


@given(some_answers)
def test_interval_holds_the_score_and_stays_on_the_scale(counts: Counts) -> None:
    score = scores.nps(*counts)
    assert -100 <= score.low <= score.nps + 1e-9
    assert score.nps - 1e-9 <= score.high <= 100
    assert score.n == sum(counts)


@given(some_answers)
def test_swapping_happy_and_unhappy_mirrors_the_interval(counts: Counts) -> None:
    promoters, passives, detractors = counts
    there, back = scores.nps(*counts), scores.nps(detractors, passives, promoters)
    assert (there.low, there.high) == pytest.approx((-back.high, -back.low), abs=1e-6)


@given(some_answers)
def test_more_confidence_needs_a_longer_interval(counts: Counts) -> None:
    usual, surer = scores.nps(*counts), scores.nps(*counts, confidence=0.99)
    assert surer.low <= usual.low
    assert surer.high >= usual.high


@pytest.mark.parametrize(
    ("counts", "message"),
    [
        ((0, 0, 0), "no score of 0 answers"),
        ((5, -1, 2), "-1"),
        ((5, 1.5, 2), "1.5"),
        ((float("nan"), 1, 2), "nan"),
        (("7", 1, 2), "'7'"),
        ((None, 1, 2), "None"),
        ((math.inf, 1, 2), "inf"),
    ],
)
def test_counts_that_are_none_are_refused(counts: tuple[Any, Any, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        scores.nps(*counts)


@given(some_answers, st.floats(0.01, 50))
def test_equal_weights_change_nothing(counts: Counts, weight: float) -> None:
    plain = scores.nps(*counts)
    weighted = scores.nps(*(weight * count for count in counts), weights_sq=weight**2 * sum(counts))
    assert weighted.n == pytest.approx(weight * plain.n)
    assert weighted.n_eff == pytest.approx(plain.n_eff)
    if weighted.method == plain.method:  # 30 answers may be 29.999
        assert (weighted.nps, weighted.low, weighted.high) == pytest.approx(
            (plain.nps, plain.low, plain.high), abs=1e-6
        )


def test_unequal_weights_count_as_kish_says_on_whatever_scale() -> None:
    # 40 promoters of weight 1, 20 passives of weight 2, 20 detractors of weight 3
    weights_sq = 40 + 20 * 4 + 20 * 9
    small, large = scores.nps(40, 40, 60, weights_sq=weights_sq), scores.nps(4, 4, 6, weights_sq=weights_sq / 100)
    assert small.n_eff == pytest.approx(140**2 / 300)
    assert small.nps == pytest.approx(100 * -20 / 140)
    assert (small.n, small.method) == (140, "adjusted_wald")
    assert (small.low, small.high) == pytest.approx((large.low, large.high))
    as_counted = scores.adjusted_wald(*(count * small.n_eff / 140 for count in (40, 40, 60)))
    assert (small.low, small.high) == pytest.approx(as_counted)


def test_weights_that_leave_few_answers_leave_the_score_interval_and_no_score_to_show() -> None:
    wide = scores.nps(400, 250, 162, weights_sq=812**2 / 25)
    assert wide.n_eff == pytest.approx(25)
    assert (wide.method, wide.state) == ("score", "wide")
    assert scores.nps(400, 250, 162, weights_sq=812**2 / 9).state == "withheld"


@pytest.mark.parametrize(
    ("counts", "weights_sq", "message"),
    [
        ((0.0, 0.0, 0.0), 0.0, "no score of 0 answers"),
        ((1.5, 2.5, 1.0), 0.0, "squares"),
        ((1.5, 2.5, 1.0), -1.0, "squares"),
        ((1.5, 2.5, 1.0), 25.1, "squares"),
        ((1.5, 2.5, 1.0), math.nan, "nan"),
        ((1.5, math.nan, 1.0), 5.0, "nan"),
        ((1.5, -0.5, 1.0), 5.0, "-0.5"),
    ],
)
def test_weights_that_are_none_are_refused(counts: Any, weights_sq: float, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        scores.nps(*counts, weights_sq=weights_sq)


@pytest.mark.parametrize("confidence", [0, 1, -0.5, 95, math.nan])
def test_confidence_is_a_share(confidence: float) -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        scores.nps(5, 3, 2, confidence=confidence)


@pytest.mark.parametrize(
    ("counts", "state"),
    [
        ((9, 0, 0), "withheld"),
        ((4, 3, 2), "withheld"),
        ((10, 0, 0), "wide"),
        ((5, 3, 2), "wide"),
        ((27, 17, 11), "wide"),
        ((28, 17, 11), "ok"),
        ((400, 250, 162), "ok"),
    ],
)
def test_state_follows_from_answers_and_margin(counts: Counts, state: scores.State) -> None:
    assert scores.nps(*counts).state == state


@pytest.mark.parametrize("margin", [19.99, 20.0, 20.01])
def test_margin_of_exactly_twenty_points_is_not_wide(margin: float) -> None:
    assert scores.state(50, 30 - margin, 30 + margin) == ("wide" if margin > 20 else "ok")


def test_published_score_is_rounded_to_one_decimal() -> None:
    assert scores.published(400, 250, 162) == {
        "n": 812,
        "promoters": 400,
        "passives": 250,
        "detractors": 162,
        "nps": 29.3,
        "low": 23.9,
        "high": 34.5,
        "state": "ok",
    }


def test_a_group_hidden_beside_another_has_only_its_size() -> None:
    row = dict(scores.published(400, 250, 162, hidden=True))
    assert (row.pop("n"), row.pop("state")) == (812, "withheld")
    assert set(row.values()) == {None}


@pytest.mark.parametrize("counts", [(0, 0, 0), (1, 0, 0), (3, 3, 3)])
def test_published_score_of_a_small_group_has_only_its_size(counts: Counts) -> None:
    row = dict(scores.published(*counts))
    assert (row.pop("n"), row.pop("state")) == (sum(counts), "withheld")
    assert set(row.values()) == {None}
