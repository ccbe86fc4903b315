"""No group below the threshold can be worked out from a table and its total, tried by working it out."""

from collections.abc import Iterator, Mapping
from itertools import product

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from analytics.scores import SHOWN_FROM, withheld

Cells = Mapping[str, tuple[int, ...]]
cells = st.lists(st.tuples(*[st.integers(0, 9)] * 3), min_size=1, max_size=6).map(
    lambda found: {f"group {number}": counts for number, counts in enumerate(found)}
)
of_two = st.lists(st.tuples(*[st.integers(0, 30)] * 2), min_size=1, max_size=8).map(
    lambda found: {f"group {number}": counts for number, counts in enumerate(found)}
)


def left(table: Cells, hidden: frozenset[str]) -> tuple[int, ...]:
    """What a reader gets who takes the shown groups off the total."""
    total = [sum(category) for category in zip(*table.values(), strict=True)]
    shown = [counts for group, counts in table.items() if group not in hidden]
    return tuple(all_of_it - sum(counts[at] for counts in shown) for at, all_of_it in enumerate(total))


def splits(size: int, together: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
    """All counts that a group of this size can have, when several groups have these together."""
    return (counts for counts in product(*(range(most + 1) for most in together)) if sum(counts) == size)


def is_worked_out(size: int, together: tuple[int, ...]) -> bool:
    found = splits(size, together)
    return size > 0 and next(found) is not None and next(found, None) is None


@given(cells)
def test_no_small_group_can_be_worked_out(table: Cells) -> None:
    total = left(table, frozenset(table))
    assume(sum(total) >= SHOWN_FROM and sum(count > 0 for count in total) > 1)
    hidden = withheld(table)
    together = left(table, hidden)
    for group, counts in table.items():
        assert group in hidden or sum(counts) >= SHOWN_FROM
        assert sum(counts) >= SHOWN_FROM or not is_worked_out(sum(counts), together)


@given(of_two)
def test_what_is_left_of_the_total_is_no_small_group_either(table: Cells) -> None:
    hidden = withheld(table)
    assert hidden == frozenset(table) or not hidden or sum(left(table, hidden)) in {0, *range(SHOWN_FROM, 1000)}


@given(of_two)
def test_no_more_is_hidden_than_needed(table: Cells) -> None:
    hidden = withheld(table)
    small = {group for group, counts in table.items() if sum(counts) < SHOWN_FROM}
    beside = sorted(hidden - small, key=lambda group: (sum(table[group]), group))
    if beside:
        before = [table[group] for group in hidden - {beside[-1]} if sum(table[group])]
        together = [sum(category) for category in zip(*before, strict=True)]
        assert len(before) == 1 or sum(together) < SHOWN_FROM or sum(count > 0 for count in together) == 1


def test_groups_that_are_large_are_all_shown() -> None:
    assert withheld({"call": (5, 5, 0), "chat": (10, 0, 0)}) == frozenset()
    assert withheld({}) == frozenset()


@pytest.mark.parametrize(
    ("table", "hidden"),
    [
        ({"call": (40, 20, 10), "visit": (9, 8, 7), "chat": (3, 3, 3)}, {"chat", "visit"}),
        ({"call": (40, 20, 10), "chat": (3, 3, 3)}, {"call", "chat"}),
        ({"call": (40, 20, 10), "visit": (9, 8, 7), "chat": (3, 3, 3), "mail": (2, 2, 2)}, {"chat", "mail"}),
        ({"call": (40, 20, 10), "visit": (9, 8, 7), "chat": (1, 1, 1), "mail": (2, 2, 2)}, {"chat", "mail", "visit"}),
        ({"call": (40, 20, 10), "visit": (20, 0, 0), "chat": (5, 0, 0)}, {"chat", "visit", "call"}),
        ({"call": (40, 20, 10), "visit": (9, 8, 7), "chat": (0, 0, 0)}, {"chat"}),
        ({"visit": (9, 8, 7), "tour": (9, 8, 7), "chat": (3, 3, 3)}, {"chat", "tour"}),
    ],
    ids=["one", "nothing else", "two are enough", "two are too few", "all alike", "empty", "same size, by name"],
)
def test_what_is_hidden_beside_small_groups(table: Cells, hidden: set[str]) -> None:
    assert withheld(table) == hidden
