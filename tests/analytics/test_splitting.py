"""The split of the measured score as readers see it."""

import pandas as pd
import pytest

from analytics.fatigue import standardise
from analytics.splitting import PARTS, by_contacts, cost_rows, split
from tests.analytics.worlds import fatigue_world

WORLD = fatigue_world(11, 4000)


def test_the_parts_are_those_of_the_formulas_rounded() -> None:
    found, exact = split(WORLD), standardise(WORLD)
    assert [row["part"] for row in found["parts"]] == list(PARTS)
    for row in found["parts"]:
        estimate = getattr(exact, row["part"])
        assert (row["estimate"], row["low"], row["high"]) == tuple(round(value, 1) for value in estimate)
    assert (found["verdict"], found["invited"], found["answers"]) == ("unproven", 4000, exact.answers)


def test_without_a_holdout_it_says_that_nothing_is_proven() -> None:
    assert split(WORLD)["why"].startswith("Unproven: there is no randomised holdout")


@pytest.mark.parametrize(("rows", "missing"), [(0, "Unproven: "), (40, "Unproven: ")])
def test_what_is_too_small_has_no_parts_and_says_why(rows: int, missing: str) -> None:
    found = split(WORLD.head(rows))
    assert found["parts"] == []
    assert found["why"].startswith(missing)
    assert len(found["why"]) > len(missing) + 20
    assert cost_rows(WORLD.head(rows)) == []


def test_rates_and_scores_have_the_same_classes_and_hide_small_ones() -> None:
    rates, scores = by_contacts(WORLD)
    assert [row["value"] for row in rates] == [row["value"] for row in scores] == ["0", "1", "2", "3"]
    assert sum(row["n"] for row in rates) == len(WORLD)
    assert sum(row["n"] for row in scores) == int(WORLD["responded"].sum())
    few, _ = by_contacts(WORLD.head(8))
    assert all(row["share"] is None for row in few)


def test_nobody_invited_is_no_class() -> None:
    assert by_contacts(WORLD.head(0)) == ([], [])


def test_a_further_contact_costs_points_and_answers() -> None:
    first = cost_rows(WORLD)[0]
    assert first["contacts"] == "1"
    assert first["points"] is not None
    assert first["answers"] is not None
    assert first["points_low"] is not None
    assert first["points_low"] < first["points"] < 0
    assert first["answers"] < 0


def test_whole_numbers_of_another_type_are_read_alike() -> None:
    other = WORLD.astype({"prior": "int32", "responded": "bool"})
    assert split(pd.DataFrame(other)) == split(WORLD)
