"""Weights from counts are those from rows, and so is what they are worth."""

from itertools import product
from typing import Any

import numpy as np
import pandas as pd
import pytest

from analytics import scores, weighting
from analytics.weighting.cells import OTHER


def rows_of(cells: pd.DataFrame) -> pd.DataFrame:
    """A row per invitation, as `response_weights` takes them."""
    parts = [
        cells.loc[cells.index.repeat(cells["answered"])].assign(responded=1),
        cells.loc[cells.index.repeat(cells["asked"] - cells["answered"])].assign(responded=0),
    ]
    return pd.concat(parts).rename_axis("cell").reset_index().drop(columns=["asked", "answered"])


CELLS = pd.DataFrame(
    [(what, by, 150 + 40 * i) for i, (what, by) in enumerate(product(("late", "on time", "lost"), ("email", "sms")))],
    columns=["what", "asked_by", "asked"],
).assign(answered=[30, 70, 90, 120, 20, 95])


def test_weights_of_cells_are_those_of_their_rows() -> None:
    rows = rows_of(CELLS)
    known = ["what", "asked_by"]
    by_row = weighting.response_weights(rows, known=known, trim=None).values.groupby(rows["cell"]).first()
    assert weighting.cell_weights(CELLS).to_numpy() == pytest.approx(by_row.to_numpy(), rel=1e-6)


def test_example_of_the_page_of_statistics() -> None:
    cells = pd.DataFrame({"segment": ["mass", "vip"], "asked": [400, 400], "answered": [100, 200]})
    assert weighting.cell_weights(cells).to_list() == pytest.approx([4, 2])


def test_rare_values_and_those_without_an_answer_are_taken_together() -> None:
    few = pd.DataFrame({"what": ["a", "b", "c"], "asked": [500, 60, 200], "answered": [100, 26, 0]})
    weights = weighting.cell_weights(few)
    assert weights.to_list() == pytest.approx([5, 10, 10])
    assert OTHER not in set(few["what"])


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        ({"what": ["a"], "asked": [9], "answered": [0]}, "nobody answered, so there is nothing to weight"),
        ({"what": ["a"], "asked": [9], "answered": [10]}, "from 0 to those asked"),
        ({"what": [None], "asked": [9], "answered": [3]}, "what: 1 of 1 rows have no value"),
        ({"what": ["a", "b"], "asked": [900, 90], "answered": [100, 0]}, "nobody answered of other .90 invited."),
        ({"what": ["a", "b"], "asked": [900, 900], "answered": [100, 900]}, r"everybody answered of b \(900 invited\)"),
    ],
)
def test_what_cannot_be_weighted_for_is_refused(cells: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        weighting.cell_weights(pd.DataFrame(cells))


def test_where_everybody_answered_all_weigh_the_same() -> None:
    cells = pd.DataFrame({"what": ["a", "b"], "asked": [900, 200], "answered": [900, 200]})
    assert weighting.cell_weights(cells).to_list() == [1, 1]


@pytest.mark.parametrize("seed", range(5))
def test_weighted_counts_are_worth_what_weighted_answers_are(seed: int) -> None:
    random = np.random.default_rng(seed)
    mixes = random.integers(0, 9, (6, 3)).tolist()
    parts = [(sum(mix), mix[0], mix[2], weight) for mix, weight in zip(mixes, (1, 2, 3, 4, 5, 9), strict=True)]
    told = [([1] * top + [0] * (n - top - bottom) + [-1] * bottom, weight) for n, top, bottom, weight in parts]
    answers = pd.Series([answer for some, _ in told for answer in some])
    weights = pd.Series([float(weight) for some, weight in told for _ in some])
    finished = weighting.weights.finished(weights, base=weights, fitted_to=pd.DataFrame(index=weights.index), trim=None)
    by_rows = weighting.weighted_nps(answers, finished)
    found = weighting.weighted_counts(parts)
    score = scores.nps(found.top, found.middle, found.bottom, weights_sq=found.weights_sq)
    published = score.nps, score.n_eff, score.low, score.high
    assert published == pytest.approx((by_rows.nps, by_rows.n_eff, by_rows.low, by_rows.high))


def test_answers_that_are_all_alike_count_as_their_weights_leave() -> None:
    found = weighting.weighted_counts([(10, 10, 0, 1.0), (10, 10, 0, 3.0)])
    assert found.n_eff == pytest.approx(40**2 / (10 + 90))


def test_no_answers_have_no_weighted_counts() -> None:
    with pytest.raises(ValueError, match="no weighted answers"):
        weighting.weighted_counts([])
