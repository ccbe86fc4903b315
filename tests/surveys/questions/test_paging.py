"""Questions in another order and on other pages: none is lost, doubled or put onto an empty page."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from surveys.questions.paging import joined, moved, on_one, one_each, put, split


def pages(written: str) -> list[list[str]]:
    """Return the pages that are written as "ab c": a and b on the first, c on the second."""
    return [list(page) for page in written.split()]


@pytest.mark.parametrize(
    ("before", "step", "after"),
    [
        ("abx", -1, "axb"),
        ("axb", 1, "abx"),
        ("xab", -1, "xab"),
        ("abx", 1, "abx"),
        ("ab xc", -1, "abx c"),
        ("ab x", -1, "abx"),
        ("ax bc", 1, "a xbc"),
        ("x bc", 1, "xbc"),
    ],
)
def test_a_question_moves_one_place_over_the_edge_of_its_page(before: str, step: int, after: str) -> None:
    assert moved(pages(before), "x", step) == pages(after)


@pytest.mark.parametrize(
    ("before", "page", "place", "after"),
    [("xab", 0, 2, "abx"), ("x ab", 1, 1, "axb"), ("xa b", 2, 0, "a b x"), ("ab x", 0, 0, "xab")],
)
def test_a_question_is_put_onto_a_page(before: str, page: int, place: int, after: str) -> None:
    assert put(pages(before), "x", page, place) == pages(after)


def test_pages_are_split_and_joined() -> None:
    assert split(pages("axb c"), "x") == pages("a xb c")
    assert split(pages("xb c"), "x") == pages("xb c")
    assert joined(pages("a xb c"), "b") == pages("axb c")
    assert joined(pages("ax b"), "x") == pages("ax b")


def test_each_on_its_own_page_or_all_on_one() -> None:
    assert one_each(pages("ab c")) == pages("a b c")
    assert on_one(pages("ab c")) == pages("abc")
    assert on_one([]) == []


@given(st.permutations("abcdef"), st.lists(st.booleans(), min_size=5, max_size=5), st.data())
def test_whatever_is_done_every_question_stays_and_no_page_is_empty(
    order: list[str], breaks: list[bool], data: st.DataObject
) -> None:
    given_pages = pages(order[0] + "".join(f"{' ' * cut}{one}" for cut, one in zip(breaks, order[1:], strict=True)))
    one = data.draw(st.sampled_from("abcdef"))
    page = data.draw(st.integers(0, len(given_pages)))
    for after in (
        moved(given_pages, one, data.draw(st.sampled_from([-1, 1]))),
        put(given_pages, one, page, 0),
        split(given_pages, one),
        joined(given_pages, one),
    ):
        assert sorted(key for page in after for key in page) == list("abcdef")
        assert all(after)
