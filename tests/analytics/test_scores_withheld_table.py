"""No small cell of a table can be worked out from its shown cells and all its totals, tried by working it out."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.scores import withheld, withheld_in_table

Place = tuple[str, str]
Table = Mapping[Place, tuple[int, int]]
MINIMUM = 4
PLACES = [*product(("call", "chat", "visit"), ("2026-01", "2026-02", "2026-03"))]
small = st.tuples(st.integers(0, 3), st.integers(0, 3))
tables = st.lists(small, min_size=4, max_size=9).map(lambda found: dict(zip(PLACES, found, strict=False)))

LINES_ARE_NOT_ENOUGH: Table = dict(
    zip(PLACES, [(0, 2), (0, 2), (2, 2), (3, 2), (1, 3), (3, 1), (0, 2), (0, 2), (3, 0)], strict=True)
)


def lines(place: Place) -> tuple[tuple[int, str], tuple[int, str]]:
    return (0, place[0]), (1, place[1])


def possible(table: Table, hidden: Collection[Place]) -> dict[Place, set[int]]:
    """How many answers of the first category each hidden cell may have, as far as all totals and sizes tell."""
    places = sorted(hidden)
    left = Counter({line: 0 for place in places for line in lines(place)})
    for place in places:
        left.update(dict.fromkeys(lines(place), table[place][0]))
    last = {line: number for number, place in enumerate(places) for line in lines(place)}
    found: dict[Place, set[int]] = {place: set() for place in places}
    for counts in _fill(table, places, left, last):
        for place, count in zip(places, counts, strict=True):
            found[place].add(count)
    return found


def _fill(
    table: Table,
    places: list[Place],
    left: Counter[tuple[int, str]],
    last: Mapping[tuple[int, str], int],
    number: int = 0,
) -> Iterator[list[int]]:
    if number == len(places):
        yield []
        return
    place = places[number]
    for count in range(min(sum(table[place]), *(left[line] for line in lines(place))) + 1):
        if all(last[line] != number or left[line] == count for line in lines(place)):
            left.subtract(dict.fromkeys(lines(place), count))
            yield from ([count, *rest] for rest in _fill(table, places, left, last, number + 1))
            left.update(dict.fromkeys(lines(place), count))


def worked_out(table: Table, hidden: Collection[Place]) -> set[Place]:
    """The small cells that can have no other counts, and could if everything were hidden."""
    told, least = possible(table, hidden), possible(table, table.keys())
    cells = {place for place in hidden if 0 < sum(table[place]) < MINIMUM}
    return {place for place in cells if len(told[place]) == 1 < len(least[place])}


@given(tables)
def test_no_small_cell_can_be_worked_out(table: Table) -> None:
    hidden = withheld_in_table(table, minimum=MINIMUM)
    assert {place for place, counts in table.items() if sum(counts) < MINIMUM} <= hidden
    assert worked_out(table, hidden) == set()


@given(tables)
def test_every_row_and_column_is_hidden_as_a_table_of_its_own_would_be(table: Table) -> None:
    hidden = withheld_in_table(table, minimum=MINIMUM)
    for line in {line for place in table for line in lines(place)}:
        cells = {place: counts for place, counts in table.items() if line in lines(place)}
        assert withheld(cells, minimum=MINIMUM, besides=hidden) <= hidden


def hidden_by_lines(table: Table) -> frozenset[Place]:
    """What would be hidden were each row and each column only looked at by itself."""
    hidden: frozenset[Place] = frozenset()
    while True:
        more = hidden
        for line in {line for place in table for line in lines(place)}:
            cells = {place: counts for place, counts in table.items() if line in lines(place)}
            more |= withheld(cells, minimum=MINIMUM, besides=more)
        if more == hidden:
            return hidden
        hidden = more


def test_rows_and_columns_by_themselves_are_not_enough() -> None:
    assert worked_out(LINES_ARE_NOT_ENOUGH, hidden_by_lines(LINES_ARE_NOT_ENOUGH))
    assert not worked_out(LINES_ARE_NOT_ENOUGH, withheld_in_table(LINES_ARE_NOT_ENOUGH, minimum=MINIMUM))


def test_one_small_cell_takes_the_three_smallest_that_can_hide_it() -> None:
    table = {(kind, month): (20 + 5 * n, 20, 20) for n, (kind, month) in enumerate(product("abcd", "1234"))}
    table["b", "2"] = (2, 1, 0)
    assert withheld_in_table(table) == {("b", "2"), ("b", "1"), ("a", "2"), ("a", "1")}


def test_what_is_named_is_hidden_with_others_and_nothing_where_all_is_large() -> None:
    table = dict.fromkeys(PLACES, (20, 20))
    assert withheld_in_table(table) == frozenset()
    assert len(withheld_in_table(table, besides=PLACES[:1])) == 4
    assert withheld_in_table({}) == frozenset()


@pytest.mark.parametrize("alike", [(3, 0), (0, 3)])
def test_a_row_of_answers_that_are_all_alike_hides_no_more_than_its_lines_do(alike: tuple[int, int]) -> None:
    table = dict.fromkeys(product(("call", "chat", "fax", "mail", "visit"), ("1", "2", "3")), (50, 50))
    table |= dict.fromkeys(product(["call"], ("1", "2", "3")), alike)
    hidden = {kind for kind, _ in withheld_in_table(table)}
    assert hidden == {"call", "chat", "fax"}


def test_where_nothing_can_be_exchanged_all_is_hidden() -> None:
    table = {("call", "1"): (3, 0), ("call", "2"): (0, 20), ("chat", "1"): (30, 0), ("chat", "2"): (0, 40)}
    assert withheld_in_table(table) == table.keys()
