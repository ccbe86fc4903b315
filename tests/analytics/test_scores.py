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
Counts = tuple[int, int, int]
some_answers = st.tuples(*[st.integers(0, 400)] * 3).filter(any)


@pytest.mark.parametrize("case", REFERENCE["cases"], ids=lambda case: case["id"])
@pytest.mark.parametrize("method", INTERVALS)
def test_bounds_are_those_of_the_reference(case: dict[str, Any], method: str) -> None:
    assert INTERVALS[method](*case["counts"]) == pytest.approx(case[method], abs=1e-4)


@pytest.mark.parametrize("case", REFERENCE["cases"], ids=lambda case: case["id"])
def test_score_uses_the_method_its_counts_call_for(case: dict[str, Any]) -> None:
    counts = case["counts"]
    score = scores.nps(*counts)
    assert score.method == ("score" if sum(counts) < 30 or 0 in counts else "adjusted_wald")
    assert (score.low, score.high) == pytest.approx(case[score.method], abs=1e-4)
    assert score.nps == pytest.approx(100 * (counts[0] - counts[2]) / sum(counts))


def outcomes(n: int) -> Iterator[Counts]:
    return ((p, n - p - d, d) for p in range(n + 1) for d in range(n + 1 - p))


def probability(counts: Counts, shares: tuple[float, float, float]) -> float:
    ways = math.factorial(sum(counts)) / math.prod(map(math.factorial, counts))
    return ways * math.prod(share**count for share, count in zip(shares, counts, strict=True))


@pytest.mark.parametrize("case", REFERENCE["coverage"], ids=lambda case: f"{case['n']}-{case['detractors']}")
@pytest.mark.parametrize("method", INTERVALS)
def test_coverage_over_every_possible_sample_is_that_of_the_reference(case: dict[str, Any], method: str) -> None:
    unhappy, passive = case["detractors"], case["passives"]
    shares = 1 - unhappy - passive, passive, unhappy
    truth = 100 * (shares[0] - unhappy)
    covered = 0.0
    for counts in outcomes(case["n"]):
        low, high = INTERVALS[method](*counts)
        covered += probability(counts, shares) * (low - 1e-9 <= truth <= high + 1e-9)
    assert covered == pytest.approx(case[method], abs=1e-4)


@pytest.mark.parametrize("n", [5, 12, 29, 30, 45])
@pytest.mark.parametrize("shares", [(0.5, 0.3, 0.2), (0.9, 0.08, 0.02), (0.35, 0.25, 0.4), (0.1, 0.8, 0.1)])
def test_interval_in_use_keeps_its_promise(n: int, shares: tuple[float, float, float]) -> None:
    truth = 100 * (shares[0] - shares[2])
    covered = sum(
        probability(counts, shares)
        for counts in outcomes(n)
        if (score := scores.nps(*counts)).low - 1e-9 <= truth <= score.high + 1e-9
    )
    assert covered >= (0.94 if n >= 30 else 0.925)


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
    ],
)
def test_counts_that_are_none_are_refused(counts: tuple[Any, Any, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        scores.nps(*counts)


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


@pytest.mark.parametrize("counts", [(0, 0, 0), (1, 0, 0), (3, 3, 3)])
def test_published_score_of_a_small_group_has_only_its_size(counts: Counts) -> None:
    row = dict(scores.published(*counts))
    assert (row.pop("n"), row.pop("state")) == (sum(counts), "withheld")
    assert set(row.values()) == {None}
