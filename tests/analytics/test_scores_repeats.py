"""What repeated answers of a customer are worth, from counts: the same as from the answers one by one."""

from collections import Counter

import numpy as np
import pytest

from analytics import scores


def counted(answers: list[int], customers: list[int]) -> tuple[tuple[int, int, int], list[tuple[int, int, int, int]]]:
    """The counts of all answers, and the customers with several by what they gave."""
    each = Counter(
        (len(own), own.count(1), own.count(-1))
        for one in set(customers)
        if len(own := [answer for answer, who in zip(answers, customers, strict=True) if who == one]) > 1
    )
    counts = answers.count(1), answers.count(0), answers.count(-1)
    return counts, [(*kind, how_many) for kind, how_many in each.items()]


@pytest.mark.parametrize("seed", range(8))
def test_counts_tell_as_much_as_the_answers(seed: int) -> None:
    random = np.random.default_rng(seed)
    customers = random.integers(0, 30, 60)
    liking = random.normal(size=30)[customers] + random.normal(size=60)
    answers = (1 * (liking > 0) - 1 * (liking < -0.8)).tolist()
    by_answers = scores.nps_clustered(answers, customers.tolist())
    assert scores.repeated_n_eff(*counted(answers, customers.tolist())) == pytest.approx(by_answers.n_eff)


def test_customers_who_answered_once_each_count_in_full() -> None:
    assert scores.repeated_n_eff((20, 10, 15), []) == 45


def test_answers_of_one_customer_are_one() -> None:
    assert scores.repeated_n_eff((8, 2, 2), [(12, 8, 2, 1)]) == 1


def test_answers_that_are_all_alike_count_as_customers() -> None:
    assert scores.repeated_n_eff((12, 0, 0), [(3, 3, 0, 4)]) == 4


@pytest.mark.parametrize(
    ("counts", "repeats", "message"),
    [((0, 0, 0), [], "no score of 0 answers"), ((2, 0, 0), [(2, 2, 0, 2)], "cannot be those of customers")],
)
def test_what_cannot_be_is_refused(
    counts: tuple[int, int, int], repeats: list[tuple[int, int, int, int]], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        scores.repeated_n_eff(counts, repeats)
