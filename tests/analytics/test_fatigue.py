"""Fatigue: the reference draw, an example that can be worked by hand, the referee, and rows by contacts."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analytics import fatigue
from analytics.estimates import Estimate
from tests.analytics.worlds import TIRED, fatigue_world, tired_customers

FOLDER = Path(__file__).parent / "reference"
REFERENCE = json.loads((FOLDER / "fatigue.json").read_text())
CASE_A = pd.read_csv(FOLDER / "fatigue_case_a.csv")
FOUND = fatigue.standardise(CASE_A)
DRAWN = REFERENCE["fixed_draw_A"]["estimates"]
TRUTH = REFERENCE["truth"]["A"]


def width(estimate: Estimate) -> float:
    return estimate.high - estimate.low


def test_the_reference_draw_is_standardised_as_by_the_referee() -> None:
    assert FOUND.standardised.estimate == pytest.approx(DRAWN["aipw"][0], abs=2.0)
    assert FOUND.standardised.low < TRUTH["nps_if_prior_0"] < FOUND.standardised.high
    assert width(FOUND.standardised) / 3.92 == pytest.approx(DRAWN["aipw"][1], rel=0.1)


def test_the_reference_draw_as_measured_and_as_response_weighted() -> None:
    assert FOUND.measured.estimate == pytest.approx(DRAWN["raw"][0], abs=1e-4)
    assert width(FOUND.measured) / 3.92 == pytest.approx(DRAWN["raw"][1], rel=1e-3)
    assert FOUND.weighted.estimate == pytest.approx(DRAWN["response_weighted_as_is"][0], abs=0.5)
    assert (FOUND.invited, FOUND.answers, FOUND.left_out) == (6000, 1886, 0)


def test_both_parts_of_the_reference_draw_hold_their_truth_and_nearly_cancel() -> None:
    assert FOUND.fatigue.low < TRUTH["fatigue_part"] < FOUND.fatigue.high < 0
    assert 0 < FOUND.nonresponse.low < TRUTH["nonresponse_part"] < FOUND.nonresponse.high


@pytest.mark.parametrize("frame", [CASE_A, fatigue_world(5, 6000, holdout=0.1)], ids=["no holdout", "holdout"])
def test_the_parts_add_up_to_what_was_measured(frame: pd.DataFrame) -> None:
    found = fatigue.standardise(frame)
    parts = found.standardised.estimate + found.fatigue.estimate + found.nonresponse.estimate
    assert parts == pytest.approx(found.measured.estimate, abs=1e-9)


def test_the_example_is_what_it_is_by_hand() -> None:
    found = fatigue.standardise(tired_customers())
    assert found.measured.estimate == pytest.approx(100 * 15 / 260)
    assert found.weighted.estimate == pytest.approx(0, abs=1e-6)
    assert found.standardised.estimate == pytest.approx(10)
    assert found.fatigue.estimate == pytest.approx(-10, abs=1e-6)
    assert found.nonresponse.estimate == pytest.approx(100 * 15 / 260, abs=1e-6)


def test_without_covariates_the_uncontacted_speak_for_all() -> None:
    found = fatigue.standardise(tired_customers()[["prior", "responded", "score"]])
    assert found.standardised.estimate == pytest.approx(100 * 40 / 160)


def test_rows_of_one_customer_are_one_piece_of_evidence() -> None:
    twice = pd.concat([CASE_A, CASE_A]).assign(customer=[*range(6000)] * 2)
    clustered, apart = fatigue.standardise(twice), fatigue.standardise(twice.drop(columns="customer"))
    for part in ("measured", "weighted", "standardised", "fatigue", "nonresponse"):
        assert getattr(clustered, part) == pytest.approx(tuple(getattr(FOUND, part)), abs=1e-6)
        assert width(getattr(apart, part)) == pytest.approx(width(getattr(FOUND, part)) / np.sqrt(2), rel=5e-3)


def test_words_and_their_codes_are_the_same_covariate() -> None:
    named = CASE_A.assign(segment=CASE_A["segment"].map({0: "new", 1: "old", 2: "key"}))
    assert fatigue.standardise(named).standardised == pytest.approx(tuple(FOUND.standardised))


def test_what_is_known_twice_or_of_nobody_changes_nothing() -> None:
    more = CASE_A.assign(again=CASE_A["segment"], same="everybody")
    assert fatigue.standardise(more).standardised == pytest.approx(tuple(FOUND.standardised), abs=1e-6)


def test_a_cause_that_bends_is_followed() -> None:
    """Who has been a customer for very short or very long is troubled: a straight line would see no connection."""
    random = np.random.default_rng(8)
    tenure = random.uniform(-1, 1, 12_000)
    prior = (random.random(12_000) < 0.2 + 0.6 * tenure**2).astype(int)
    score = np.where(random.random(12_000) < 0.8 - 0.6 * tenure**2, 10.0, 3.0)
    responded = (random.random(12_000) < 0.5).astype(int)
    frame = pd.DataFrame({"prior": prior, "responded": responded, "tenure": tenure})
    found = fatigue.standardise(frame.assign(score=np.where(responded == 1, score, np.nan)))
    assert not found.fatigue.excludes_zero
    assert abs(found.fatigue.estimate) < 3


def test_customers_without_comparison_are_left_out_aloud() -> None:
    always = CASE_A.assign(hotline=np.where(CASE_A["prior"] >= 2, 1, 0))
    found = fatigue.standardise(always)
    assert found.left_out == (CASE_A["prior"] >= 2).sum()
    assert f"In no figure is {found.left_out} of the invitations" in found.why
    assert found.standardised.estimate > FOUND.standardised.low


def test_without_a_holdout_nothing_is_proven() -> None:
    for frame in (CASE_A, CASE_A.assign(holdout=0), fatigue_world(1, 6000, hidden=True)):
        found = fatigue.standardise(frame)
        assert (found.verdict, found.holdout) == ("unproven", None)
        assert "no randomised holdout" in found.why


def test_a_holdout_that_agrees_and_shows_fatigue_supports_it() -> None:
    found = fatigue.standardise(fatigue_world(2, 40_000, gamma=0.5, holdout=0.2))
    assert found.verdict == "supported"
    assert found.standardised == found.holdout != found.model
    assert found.fatigue.high < 0


def test_a_holdout_that_differs_leaves_it_unproven_and_gives_the_figures() -> None:
    found = fatigue.standardise(fatigue_world(3, 40_000, hidden=True, holdout=0.3))
    truth = REFERENCE["truth"]["B"]["nps_if_prior_0"]
    assert found.verdict == "unproven"
    assert "more than chance explains" in found.why
    assert found.standardised.low < truth < found.standardised.high < found.model.estimate


def test_where_nobody_tires_nothing_is_supported() -> None:
    found = fatigue.standardise(fatigue_world(4, 20_000, gamma=0, holdout=0.2))
    assert found.verdict == "not supported"
    assert "neither shows fatigue" in found.why


def test_a_holdout_that_is_too_small_to_show_it_says_how_many_answers_would() -> None:
    found = fatigue.standardise(fatigue_world(8, 6000, holdout=0.1))
    assert (found.verdict, found.model_fatigue.excludes_zero) == ("not supported", True)
    assert "answers would show the model's" in found.why


@pytest.mark.parametrize(
    ("share", "change", "told"),
    [
        (0.01, {}, "answers, and 30 are needed"),
        (0.03, {}, "margin is over 20 points"),
        (0.1, {"prior": 1}, "contacted before"),
        (0.1, {"problem": 1}, "not drawn at random"),
        (0.1, {"score": 10.0}, "of one kind"),
    ],
)
def test_a_holdout_that_cannot_judge_is_no_referee(share: float, change: dict[str, float], told: str) -> None:
    frame = fatigue_world(9, 6000, holdout=share)
    held = frame["holdout"]
    for column, value in change.items():
        changed = held & frame["score"].notna() if column == "score" else held & (frame.index % 3 == 0)
        frame.loc[changed, column] = value
    found = fatigue.standardise(frame)
    assert (found.verdict, found.holdout, found.standardised) == ("unproven", None, found.model)
    assert told in found.why


def test_a_holdout_of_customers_who_were_invited_often_is_one_of_customers() -> None:
    """Each of them counts once: a holdout looks drawn by hand where rows are taken for people."""
    often = pd.concat([fatigue_world(13, 3000, holdout=0.3)] * 6).assign(customer=[*range(3000)] * 6)
    assert fatigue.standardise(often).holdout is not None


def test_a_holdout_that_is_a_segment_is_not_drawn_at_random() -> None:
    held = CASE_A["problem"] == 1
    found = fatigue.standardise(CASE_A.assign(holdout=held, prior=CASE_A["prior"].where(~held, 0)))
    assert "not drawn at random" in found.why


def test_answer_rate_and_score_by_contacts_are_those_of_the_reference() -> None:
    rows = fatigue.by_contacts(CASE_A)
    for row, known in zip(rows, REFERENCE["fixed_draw_A"]["raw_by_prior"], strict=True):
        assert row["contacts"] == str(known["prior"])
        assert (row["answer_rate"]["n"], row["answer_rate"]["count"]) == (known["invited"], known["answers"])
        assert row["score"]["nps"] == pytest.approx(known["nps"], abs=0.05)


def test_what_a_contact_costs_is_what_the_world_takes() -> None:
    none, one, *rest = fatigue.cost_of_contacts(fatigue_world(12, 40_000).drop(columns="cap1"))
    assert none.score is not None
    assert none.score_step is None
    assert one.score_step is not None
    assert one.answer_rate_step is not None
    assert one.score_step.low < TRUTH["nps_if_prior_1"] - TRUTH["nps_if_prior_0"] < one.score_step.high < 0
    rate = 100 * (TRUTH["response_rate_if_prior_1"] - TRUTH["response_rate_if_prior_0"])
    assert one.answer_rate_step.low < rate < one.answer_rate_step.high < 0
    assert rest[-1].score is None  # three contacts hardly ever happen to customers without a problem


@pytest.mark.parametrize(
    ("answers", "names"),
    [
        ({0: 40}, ["0"]),
        ({0: 40, 1: 12}, ["0", "1"]),
        ({0: 40, 1: 3, 2: 9, 3: 12}, ["0", "1 to 2", "3"]),
        ({0: 40, 1: 12, 3: 11, 4: 2, 7: 3}, ["0", "1 to 2", "3+"]),
        ({0: 40, 1: 2}, ["0", "1"]),
        ({1: 12}, ["0", "1"]),
    ],
)
def test_rare_numbers_of_contacts_are_classed_together(answers: dict[int, int], names: list[str]) -> None:
    prior = np.repeat([*answers], [*answers.values()])
    rows = fatigue.by_contacts(pd.DataFrame({"prior": prior, "responded": 1, "score": 9.0}))
    assert [row["contacts"] for row in rows] == names
    assert sum(row["answer_rate"]["n"] for row in rows) == len(prior)


def test_the_example_of_the_document_has_the_rows_that_it_prints() -> None:
    assert len(tired_customers()) == sum(invited for _, _, invited, *_ in TIRED)
