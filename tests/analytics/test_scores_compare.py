"""Differences and comparisons against figures computed elsewhere, by hand, and in the long run."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chi2, norm

from analytics import scores

REFERENCE = json.loads((Path(__file__).parent / "reference" / "nps.json").read_text())
TOUCHPOINTS: dict[str, scores.Counts] = {
    "branch": (210, 120, 90),
    "app": (400, 260, 190),
    "phone": (160, 150, 170),
    "chat": (130, 100, 95),
    "courier": (10, 9, 11),
}
some_counts = st.tuples(*[st.integers(0, 200)] * 3).filter(any)
some_groups = st.lists(some_counts, min_size=2, max_size=6).map(
    lambda found: {f"group {number}": counts for number, counts in enumerate(found)}
)


@pytest.mark.parametrize("case", REFERENCE["two_sample"], ids=lambda case: case["id"])
def test_differences_are_those_of_the_reference(case: dict[str, Any]) -> None:
    a, b = (tuple(reversed(case[side])) for side in "ab")
    found, expected = scores.nps_difference(a, b), case["adjusted_wald_3t"]
    assert found.difference == pytest.approx(case["wald"]["diff"], abs=1e-4)
    assert (found.low, found.high) == pytest.approx((expected["lo"], expected["hi"]), abs=1e-4)
    assert (found.z, found.p_value) == pytest.approx((expected["z"], expected["p_value"]), rel=1e-5)


@given(some_counts, some_counts)
def test_difference_the_other_way_round_is_its_mirror(a: scores.Counts, b: scores.Counts) -> None:
    there, back = scores.nps_difference(a, b), scores.nps_difference(b, a)
    assert (there.difference, there.low, there.high) == pytest.approx((-back.difference, -back.high, -back.low))
    assert there.p_value == pytest.approx(back.p_value)
    assert -200 <= there.low <= there.high <= 200


def test_weighted_scores_differ_as_their_effective_answers_tell() -> None:
    weighted = scores.nps(300, 100, 100, weights_sq=500**2 / 250)
    assert scores.nps_difference(weighted, (100, 50, 50)) == scores.nps_difference((150, 50, 50), (100, 50, 50))


def test_state_of_a_difference_is_that_of_the_smaller_group_and_the_margin() -> None:
    assert scores.nps_difference((500, 250, 250), (4, 3, 2)).state == "withheld"
    assert scores.nps_difference((500, 250, 250), (10, 10, 10)).state == "wide"
    assert scores.nps_difference((500, 250, 250), (250, 500, 250)).state == "ok"


def pair(found: scores.Comparison, a: str, b: str) -> scores.Pair:
    return next(pair for pair in found.pairs if (pair.a, pair.b) == (a, b))


def test_homogeneity_is_the_weighted_spread_of_the_scores() -> None:
    found = scores.compare(TOUCHPOINTS).homogeneity
    n = np.array([sum(counts) for counts in TOUCHPOINTS.values()]) + 3
    happy, unhappy = (np.array([counts[at] for counts in TOUCHPOINTS.values()]) + 0.75 for at in (0, 2))
    score = (happy - unhappy) / n
    weights = n / ((happy + unhappy) / n - score**2)
    q = float((weights * (score - np.average(score, weights=weights)) ** 2).sum())
    assert found.df == 4
    assert found.chi2 == pytest.approx(q)
    assert found.p_value == pytest.approx(chi2.sf(q, 4))


def test_every_pair_is_compared_and_pays_for_the_others() -> None:
    found = scores.compare(TOUCHPOINTS)
    assert len(found.pairs) == 10
    raw = sorted(found.pairs, key=lambda pair: pair.p_value)
    holm, bh = 0.0, 1.0
    for place, one in enumerate(raw):
        holm = max(holm, min(1, one.p_value * (10 - place)))
        assert one.p_holm == pytest.approx(holm)
    for place, one in reversed(list(enumerate(raw))):
        bh = min(bh, one.p_value * 10 / (place + 1))
        assert one.p_bh == pytest.approx(bh)
    alone = scores.nps_difference(TOUCHPOINTS["branch"], TOUCHPOINTS["courier"])
    assert pair(found, "branch", "courier").p_value == alone.p_value
    assert (pair(found, "branch", "courier").low, pair(found, "branch", "courier").difference) == (
        alone.low,
        alone.difference,
    )


def test_each_is_compared_with_all_others_together() -> None:
    found = scores.compare(TOUCHPOINTS, against="the_rest")
    assert [(one.a, one.b) for one in found.pairs] == [(name, scores.REST) for name in TOUCHPOINTS]
    promoters, passives, detractors = (
        sum(counts[at] for name, counts in TOUCHPOINTS.items() if name != "phone") for at in range(3)
    )
    alone = scores.nps_difference(TOUCHPOINTS["phone"], (promoters, passives, detractors))
    assert pair(found, "phone", scores.REST).low == pytest.approx(alone.low)
    assert pair(found, "phone", scores.REST).p_value == pytest.approx(alone.p_value)


def test_weighted_groups_make_the_rest_by_their_weights() -> None:
    groups: Mapping[str, scores.Score | scores.Counts] = {
        "one": (50, 30, 20),
        "two": scores.nps(100, 60, 40, weights_sq=4 * 100),  # 100 answers of weight 2
        "three": scores.nps(30, 30, 140, weights_sq=2 * 200),
    }
    rest = scores.nps(130, 90, 180, weights_sq=400 + 400)
    assert pair(scores.compare(groups, against="the_rest"), "one", scores.REST).low == pytest.approx(
        scores.nps_difference((50, 30, 20), rest).low
    )


def test_small_groups_keep_less_of_their_own_score() -> None:
    ranks = {rank.group: rank for rank in scores.compare(TOUCHPOINTS).ranks}
    assert ranks["courier"].keeps < 0.7 < 0.9 < ranks["app"].keeps
    assert ranks["courier"].shrunken > ranks["courier"].score.nps
    assert [rank.rank for rank in scores.compare(TOUCHPOINTS).ranks] == [1, 2, 3, 4, 5]
    assert next(iter(ranks)) == "branch"
    assert sum(rank.worst for rank in ranks.values()) == pytest.approx(1)


def test_probability_of_being_the_worst_is_that_of_many_draws() -> None:
    ranks = scores.compare(TOUCHPOINTS).ranks
    spread = np.array([(rank.high - rank.low) / 2 / norm.ppf(0.975) for rank in ranks])
    draws = np.random.default_rng(7).normal([rank.shrunken for rank in ranks], spread, (200_000, len(ranks)))
    counted = np.bincount(draws.argmin(axis=1), minlength=len(ranks)) / len(draws)
    assert [rank.worst for rank in ranks] == pytest.approx(counted, abs=0.005)


def test_groups_that_do_not_differ_share_a_place_and_the_doubt() -> None:
    ranks = scores.compare({"north": (50, 30, 20), "south": (50, 30, 20), "west": (51, 30, 19)}).ranks
    assert {(rank.rank, rank.keeps, rank.worst) for rank in ranks} == {(1, 0, 1 / 3)}
    assert len({rank.shrunken for rank in ranks}) == 1


@settings(max_examples=6)
@given(some_groups)
def test_whatever_the_groups_the_figures_are_probabilities(groups: dict[str, scores.Counts]) -> None:
    found = scores.compare(groups)
    for one in found.pairs:
        assert 0 <= one.p_value <= one.p_bh <= one.p_holm + 1e-12 <= 1 + 1e-9
    assert sum(rank.worst for rank in found.ranks) == pytest.approx(1)
    assert all(0 <= rank.keeps < 1 and -100 <= rank.shrunken <= 100 for rank in found.ranks)
    assert 0 <= found.homogeneity.p_value <= 1


def test_groups_that_cannot_be_compared_are_named() -> None:
    with pytest.raises(ValueError, match="two groups or more, not 1"):
        scores.compare({"call": (1, 2, 3)})
    with pytest.raises(ValueError, match="chat: there is no score of 0 answers"):
        scores.compare({"call": (1, 2, 3), "chat": (0, 0, 0)})
    with pytest.raises(ValueError, match=r"chat: .*1\.5"):
        scores.compare({"call": (1, 2, 3), "chat": (1.5, 0, 0)})


def test_shrinking_gets_closer_to_the_truth_than_the_raw_scores_do() -> None:
    random = np.random.default_rng(3)
    raw = shrunken = 0.0
    for _ in range(5):
        truth = random.normal(20, 12, 12)
        sizes = random.integers(12, 200, 12)
        groups: dict[str, scores.Counts] = {}
        for number, (score, n) in enumerate(zip(truth, sizes, strict=True)):
            unhappy = 0.3 - score / 200
            happy, passive, angry = map(int, random.multinomial(n, (unhappy + score / 100, 0.4, unhappy)))
            groups[str(number)] = happy, passive, angry
        for rank in scores.compare(groups).ranks:
            raw += (rank.score.nps - truth[int(rank.group)]) ** 2
            shrunken += (rank.shrunken - truth[int(rank.group)]) ** 2
    assert shrunken < 0.8 * raw
