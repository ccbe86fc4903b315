"""Frames that cannot bear a standardised score: each is refused by what is missing and what to do."""

import re
from typing import Any

import numpy as np
import pandas as pd
import pytest

from analytics import fatigue
from tests.analytics.worlds import fatigue_world

FRAME = fatigue_world(1, 3000)
SCORED = FRAME["score"].notna()
NONE = FRAME[:0]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"segment": np.nan}, "'segment' is empty in 3000 of 3000 rows"),
        ({"kind": [None, "call", "visit"] * 1000}, "'kind' is empty in 1000"),
        ({"since": pd.Timestamp("2026-01-01")}, "'since' holds dates"),
        ({"tenure": np.inf}, "'tenure' holds an infinite"),
        ({"name": [f"no {n}" for n in range(3000)]}, "'name' has 3000 different values"),
        ({"seen": FRAME["prior"] > 0}, "'seen' alone says who had been contacted before"),
        ({"seen": FRAME["prior"] + np.arange(3000) / 9999}, "'seen' alone says who had been contacted before"),
        ({"words": FRAME["score"].notna()}, "'words' alone says who answered"),
        ({"prior": FRAME["prior"] - 1}, "'prior' holds something else than whole numbers"),
        ({"prior": FRAME["prior"] + 0.5}, "'prior' holds something else"),
        ({"prior": np.nan}, "'prior' holds something else"),
        ({"prior": "two"}, "'prior' holds something else than numbers: 'two'"),
        ({"score": FRAME["score"].astype(object).where(~SCORED, "10/10")}, "'score' holds something else than numbers"),
        ({"responded": "yes"}, "'responded' holds something else than numbers"),
        ({"responded": 2}, "'responded' holds something else than yes"),
        ({"responded": np.nan}, "'responded' holds something else"),
        ({"score": 11.0}, "rows have a score but have not responded"),
        ({"score": FRAME["score"] + 1}, "'score' holds something else than whole numbers from 0 to 10"),
        ({"score": np.nan}, "rows have responded but no score"),
        ({"responded": 0, "score": np.nan}, "0 answers of customers whom nobody had contacted"),
        ({"responded": 1, "score": 9.0}, "everybody has responded"),
        ({"prior": 0}, "0 answers of customers whom somebody had contacted"),
        ({"prior": 1}, "0 answers of customers whom nobody had contacted"),
        ({"score": FRAME["score"].where(~SCORED, 10.0)}, "are of one kind"),
        ({"customer": 7}, "fewer than 30 customers"),
        ({"customer": [None, *range(2999)]}, "'customer' is empty in 1 rows"),
        ({"holdout": 3}, "'holdout' holds something else"),
    ],
)
def test_a_column_that_cannot_be_used_is_named(change: dict[str, Any], told: str) -> None:
    with pytest.raises(ValueError, match=re.escape(told)):
        fatigue.standardise(FRAME.assign(**change))


@pytest.mark.parametrize("column", ["prior", "responded", "score"])
def test_a_missing_column_is_named(column: str) -> None:
    with pytest.raises(ValueError, match=f"lacks the column '{column}'"):
        fatigue.standardise(FRAME.drop(columns=column))


@pytest.mark.parametrize("frame", [NONE, FRAME[SCORED][:1], FRAME[:60]], ids=["none", "one answer", "sixty"])
def test_too_few_answers_are_counted(frame: pd.DataFrame) -> None:
    with pytest.raises(ValueError, match=r"answers of customers whom nobody had|everybody has responded"):
        fatigue.standardise(frame)


def test_more_columns_than_answers_are_counted() -> None:
    random = np.random.default_rng(2)
    facts = pd.DataFrame(random.integers(0, 2, (3000, 400)), columns=[f"fact {n}" for n in range(400)])
    with pytest.raises(ValueError, match=r"too few for 40\d terms"):
        fatigue.standardise(pd.concat([FRAME, facts], axis=1))


def test_a_frame_in_which_hardly_anybody_could_have_been_new_is_refused() -> None:
    busy = FRAME.assign(prior=FRAME["prior"] + 1, kind="busy")
    with pytest.raises(ValueError, match="more than half of the invitations"):
        fatigue.standardise(pd.concat([FRAME[:1200].assign(kind="usual"), busy]))


def test_columns_that_tell_only_together_are_refused() -> None:
    contacted = FRAME["prior"] > 0
    half = np.random.default_rng(3).integers(0, 12, len(FRAME))
    with pytest.raises(ValueError, match="the columns together say"):
        fatigue.standardise(FRAME.assign(one=half + 6 * contacted, other=half))


@pytest.mark.parametrize("change", [{"score": FRAME["score"] + 1}, {"prior": -1}, {"responded": 7}])
def test_rows_by_contacts_refuse_the_same(change: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="holds something else"):
        fatigue.by_contacts(FRAME.assign(**change))


def test_rows_by_contacts_hide_what_is_small_and_bear_nothing() -> None:
    assert fatigue.by_contacts(NONE)[0]["score"]["state"] == "withheld"
    [row] = fatigue.by_contacts(FRAME[SCORED & (FRAME["prior"] == 0)][:9])
    assert (row["score"]["nps"], row["answer_rate"]["share"]) == (None, None)


def test_the_frame_is_left_as_it_was() -> None:
    before = FRAME.copy()
    fatigue.standardise(FRAME)
    pd.testing.assert_frame_equal(FRAME, before)


def test_order_index_and_types_of_the_rows_do_not_matter() -> None:
    mixed = FRAME.sample(frac=1, random_state=1).convert_dtypes()
    assert fatigue.standardise(mixed).fatigue == pytest.approx(tuple(fatigue.standardise(FRAME).fatigue))
