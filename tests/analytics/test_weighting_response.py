"""Weights for who did not answer: by hand, what they cost, and what is refused by name."""

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest

from analytics import weighting


def invited(sizes: dict[str, tuple[int, int]]) -> pd.DataFrame:
    """Of each segment, so many answered and so many were silent."""
    rows = [(segment, told) for segment, (answered, silent) in sizes.items() for told in [1] * answered + [0] * silent]
    return pd.DataFrame(rows, columns=["segment", "responded"])


def test_each_answer_stands_for_the_silent_of_its_kind() -> None:
    frame = invited({"mass": (10, 30), "vip": (20, 20)})
    weights = weighting.response_weights(frame)
    assert weights.values.groupby(frame["segment"]).unique().map(list).to_dict() == {
        "mass": [pytest.approx(4, rel=1e-6)],
        "vip": [pytest.approx(2, rel=1e-6)],
    }
    assert (weights.n, weights.trimmed) == (30, 0)
    assert weights.n_eff == pytest.approx(80**2 / (10 * 16 + 20 * 4))


def test_numbers_with_few_values_are_categories_and_others_a_line() -> None:
    random = np.random.default_rng(1)
    frame = pd.DataFrame({"tenure": random.integers(0, 400, 3000), "prior": random.integers(0, 3, 3000)})
    chance = 0.2 + 0.5 * frame["tenure"] / 400 + 0.2 * (frame["prior"] == 1)
    frame["responded"] = (random.random(3000) < chance).astype(int)
    weights = weighting.response_weights(frame, trim=None).values
    of_answers = frame.loc[weights.index]
    by_prior = weights.groupby(of_answers["prior"]).sum() / frame.groupby("prior").size()
    assert by_prior.to_numpy() == pytest.approx(1, abs=0.02)
    assert np.corrcoef(weights, of_answers["tenure"])[0, 1] < -0.7


def test_answer_customer_and_holdout_are_no_reasons_to_answer() -> None:
    frame = invited({"mass": (10, 30), "vip": (20, 20)})
    more = frame.assign(score=range(80), customer=range(80), holdout=frame["responded"])
    plain, told = weighting.response_weights(frame), weighting.response_weights(more)
    assert told.values.to_numpy() == pytest.approx(plain.values.to_numpy())


def test_columns_that_say_nothing_new_change_nothing() -> None:
    frame = invited({"mass": (10, 30), "vip": (20, 20)})
    more = frame.assign(country="de", again=frame["segment"], vip=frame["segment"] == "vip", constant=1.0)
    plain, told = weighting.response_weights(frame), weighting.response_weights(more)
    assert told.values.to_numpy() == pytest.approx(plain.values.to_numpy())


def test_who_all_answered_need_no_weights() -> None:
    weights = weighting.response_weights(invited({"mass": (10, 0), "vip": (20, 0)}))
    assert set(weights.values) == {1.0}
    assert weights.design_effect == 1


def test_largest_weights_are_cut_and_the_cost_told() -> None:
    frame = invited({"mass": (100, 100), "vip": (1, 99)})
    whole, cut = (weighting.response_weights(frame, trim=trim) for trim in (None, 5.0))
    assert whole.values.max() == pytest.approx(100, rel=1e-4)
    assert cut.values.max() == pytest.approx(5 * whole.values.mean(), rel=1e-4)
    assert cut.trimmed == 1
    assert cut.untrimmed_n_eff == pytest.approx(whole.n_eff)
    assert cut.moved == pytest.approx((100 - 5 * 300 / 101) / 300, rel=1e-3)
    assert cut.n_eff > 5 * whole.n_eff


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"responded": 0}, "nobody answered, so there is nothing to weight"),
        ({"responded": 2}, "responded: expected 0 or 1"),
        ({"responded": math.nan}, "responded: 40 of 40 rows have no value"),
        ({"tenure": [math.nan] * 3 + [1.0] * 37}, "tenure: 3 of 40 rows have no value"),
        ({"tenure": [math.inf] + [1.0] * 39}, "tenure: some of 40 rows have no value"),
        ({"opened": [1] * 10 + [0] * 30}, r"opened: nobody answered of 0 \(30 invited\)"),
        ({"tenure": range(40)}, "tell exactly who answers"),
        ({f"x{n}": np.random.default_rng(n).normal(size=40) for n in range(60)}, "tell exactly who answers"),
        ({"kind": [str(n) for n in range(40)]}, r"kind: nobody answered of 10 \(1 invited\)"),
    ],
    ids=["nobody", "no yes or no", "missing answers", "gaps", "endless", "silent category", "separated", "wide", "ids"],
)
def test_what_cannot_be_weighted_for_is_refused_by_name(change: dict[str, Any], message: str) -> None:
    frame = invited({"mass": (10, 30)}).assign(**change)
    with pytest.raises(ValueError, match=message):
        weighting.response_weights(frame)


def test_columns_that_are_not_there_are_named() -> None:
    with pytest.raises(ValueError, match="tenure: the frame has no such column"):
        weighting.response_weights(invited({"mass": (10, 30)}), known=["tenure"])
    with pytest.raises(ValueError, match="told: the frame has no such column"):
        weighting.response_weights(invited({"mass": (10, 30)}), answered="told")
