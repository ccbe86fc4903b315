"""Groups as readers may see them: changes, ranks, and nothing of what is hidden. No database."""

from dataclasses import replace
from typing import Any

import pytest

from analytics import scores, shares
from analytics.groups import Counts, Group
from analytics.metrics import Definition
from analytics.score_rows import change_row, nps_row, rank_rows, share_row

NPS = Definition("nps", "NPS", "nps", "no", "yes", 9, 6, None, 10, None)
CSAT = Definition("csat", "CSAT", "csat", "bad", "good", 4, None, None, 10, None)
HIDDEN = {"promoters", "passives", "detractors", "nps", "low", "high", "n_eff", "count", "share", "before", "change"}


def group(value: str, *counts: int, **fields: Any) -> Group:
    top, middle, bottom = counts
    n = sum(counts)
    given: dict[str, Any] = {
        "customers": n,
        "n_eff": float(n),
        "cells": {},
        "hidden": n < 10,
        "missing": max(0, 10 - n),
    }
    held: Counts = (top, middle, bottom)
    return Group(value, held, **given | fields)


def test_row_of_single_answers_is_the_plain_score() -> None:
    row = nps_row(NPS, "kind", group("call", 400, 250, 162))
    plain = scores.published(400, 250, 162)
    assert {key: row[key] for key in plain} == plain  # type: ignore[literal-required]
    assert (row["by"], row["value"], row["n_eff"], row["missing"]) == ("kind", "call", 812, 0)


def test_share_of_single_answers_is_the_plain_share() -> None:
    row = share_row(CSAT, "team", group("North", 45, 15, 0))
    plain = shares.published(45, 60)
    assert {key: row[key] for key in plain} == plain  # type: ignore[literal-required]


def test_answers_that_tell_less_have_a_longer_interval_and_the_same_score() -> None:
    all_of_it, half = (nps_row(NPS, "kind", group("call", 60, 30, 30, n_eff=n_eff)) for n_eff in (120.0, 60.0))
    assert (all_of_it["nps"], half["nps"], half["n"], half["n_eff"]) == (25.0, 25.0, 120, 60.0)
    assert (half["low"], half["high"]) == tuple(
        round(bound, 1) for bound in (scores.nps(30, 15, 15).low, scores.nps(30, 15, 15).high)
    )


@pytest.mark.parametrize("hidden", [group("call", 5, 2, 1), group("call", 50, 20, 10, hidden=True), group("", 0, 0, 0)])
def test_of_a_hidden_group_only_its_size_is_told(hidden: Group) -> None:
    shown = group("call", 40, 30, 30)
    rows: list[Any] = [nps_row(NPS, "kind", hidden), change_row(NPS, "kind", hidden, hidden)]
    rows += [share_row(CSAT, "kind", replace(hidden, counts=(hidden.n, 0, 0)))]
    for row in rows:
        assert {name for name in HIDDEN & set(row) if row[name] is not None} == set()
        assert (row["state"], row["n"]) == ("withheld", hidden.n)
    assert rank_rows(NPS, "kind", [shown, hidden, hidden, hidden]) == []


def test_change_is_the_difference_of_two_scores() -> None:
    row = change_row(NPS, "kind", group("call", 60, 30, 30), group("call", 40, 40, 40))
    found = scores.nps_difference((60, 30, 30), (40, 40, 40))
    assert (row["change"], row["before"], row["n"], row["n_before"], row["state"]) == (25.0, 0.0, 120, 120, "wide")
    assert (row["low"], row["high"]) == (round(found.low, 1), round(found.high, 1))


def test_change_of_a_share_has_newcombes_interval() -> None:
    row = change_row(CSAT, "kind", group("call", 30, 10, 0), group("call", 15, 25, 0))
    low, high = shares.newcombe(30, 40, 15, 40)
    assert (row["change"], row["low"], row["high"]) == (37.5, round(low, 1), round(high, 1))


def test_repeated_answers_make_the_interval_of_a_change_longer() -> None:
    before = group("call", 40, 40, 40)
    lengths = []
    for n_eff in (120.0, 70.0):
        row = change_row(NPS, "kind", group("call", 60, 30, 30, n_eff=n_eff), before)
        assert row["low"] is not None
        assert row["high"] is not None
        lengths.append(row["high"] - row["low"])
    assert lengths[1] > 1.1 * lengths[0]


@pytest.mark.parametrize("period", ["now", "before"])
def test_change_is_hidden_where_either_score_is(period: str) -> None:
    small, large = group("call", 5, 2, 1), group("call", 60, 30, 30)
    row = change_row(NPS, "kind", *((small, large) if period == "now" else (large, small)))
    assert (row["change"], row["low"], row["high"], row["state"]) == (None, None, None, "withheld")
    assert row["before"] == (25.0 if period == "now" else None)


EXAMPLE = {"branch": (210, 120, 90), "app": (400, 260, 190), "phone": (160, 150, 170), "chat": (130, 100, 95)}


def test_ranks_are_those_of_the_comparison() -> None:
    rows = rank_rows(NPS, "channel", [group(name, *counts) for name, counts in EXAMPLE.items()])
    compared = scores.compare(EXAMPLE, against="the_rest")
    assert [row["value"] for row in rows] == [rank.group for rank in compared.ranks]
    assert [row["rank"] for row in rows] == [1, 2, 3, 4]
    assert (rows[-1]["value"], rows[-1]["nps"]) == ("phone", -2.1)
    assert sum(row["worst"] for row in rows) == pytest.approx(100, abs=0.2)
    assert {row["p_alike"] for row in rows} == {round(compared.homogeneity.p_value, 4)}


def test_what_is_wide_or_not_stated_is_in_no_order() -> None:
    more = [group("courier", 10, 9, 11), group("", 300, 200, 100)]
    rows = rank_rows(NPS, "channel", [*more, *(group(name, *counts) for name, counts in EXAMPLE.items())])
    assert {row["value"] for row in rows} == set(EXAMPLE)


def test_two_groups_have_no_order() -> None:
    assert rank_rows(NPS, "channel", [group("app", 400, 260, 190), group("phone", 160, 150, 170)]) == []
