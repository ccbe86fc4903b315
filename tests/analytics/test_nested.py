"""Groups that overlap: what is hidden so that no difference is small. Without a database."""

import pytest

from analytics.nested import Marked, hidden, together, without


def marked(**groups: int) -> Marked:
    """So many passives with these marks: `a_b` has both, `none` has none."""
    return {frozenset(() if name == "none" else name.split("_")): (0, n, 0) for name, n in groups.items()}


def test_groups_are_added_up_by_their_marks() -> None:
    found: Marked = {frozenset("a"): (1, 2, 3), frozenset("ab"): (10, 0, 0), frozenset(): (0, 0, 5)}
    assert together(found, "a") == (11, 2, 3)
    assert without(found, "b") == (1, 2, 8)
    assert together(found) == (11, 2, 8)
    assert together({}) == (0, 0, 0)


@pytest.mark.parametrize(
    ("groups", "kept_back"),
    [
        ({"a": 10, "none": 10}, ""),
        ({"a": 9, "none": 50}, "a"),
        ({"a": 50, "none": 9}, "a"),
        ({"a": 50}, ""),
        ({"none": 50}, "a"),
        ({"a": 20, "a_b": 30, "none": 50}, ""),
        ({"a": 5, "a_b": 30, "none": 50}, "a"),
        ({"b": 5, "a_b": 30, "none": 50}, "b"),
        ({"a": 5, "b": 5, "a_b": 30, "none": 50}, ""),
        ({"a_b": 30, "none": 50}, ""),
    ],
)
def test_what_few_answers_make_the_difference_of_is_hidden(groups: dict[str, int], kept_back: str) -> None:
    asked = {"a", "b"} & {mark for name in groups for mark in name.split("_")} or {"a"}
    assert hidden(marked(**groups), asked) == frozenset(kept_back)


def test_beside_a_narrower_one_that_is_hidden_a_wide_one_is_shown() -> None:
    groups = marked(a=12, a_b=6, none=50)
    assert hidden(groups, {"a", "b"}) == {"b"}
