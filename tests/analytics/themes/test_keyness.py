"""Words of one side, by the formula of Monroe, Colaresi and Quinn worked out by hand; common groups of words."""

import itertools
import math
import random

import pytest

from analytics.themes import KeynessError, ProposalError, clearly, keyness, propose
from tests.analytics.themes.corpus import planted

UNHAPPY = ["slow queue"] * 30 + ["slow service"] * 10
HAPPY = ["friendly service"] * 50 + ["slow but friendly"] * 10


def test_the_log_odds_are_those_of_the_paper() -> None:
    """With a prior of a tenth of the words, spread as both sides together use them."""
    [word] = [word for word in keyness(UNHAPPY, HAPPY) if word.word == "slow"]
    # 80 words of the unhappy, 130 of the happy, so 21 in the prior; "slow" 40 and 10 times, so 5 in the prior.
    odds = [(40 + 5) / (80 + 21 - 40 - 5), (10 + 5) / (130 + 21 - 10 - 5)]
    log_odds = math.log(odds[0]) - math.log(odds[1])
    error = math.sqrt(1 / (40 + 5) + 1 / (10 + 5))
    assert (word.group, word.rest) == (40, 10)
    assert word.log_odds == pytest.approx(log_odds, abs=1e-12)
    assert word.z == pytest.approx(log_odds / error, abs=1e-12)
    assert (word.low, word.high) == pytest.approx((log_odds - 1.959964 * error, log_odds + 1.959964 * error), abs=1e-6)
    assert word.times == pytest.approx(odds[0] / odds[1])


def test_exchanging_the_sides_turns_the_sign() -> None:
    one, other = ({word.word: word.z for word in keyness(*sides)} for sides in ((UNHAPPY, HAPPY), (HAPPY, UNHAPPY)))
    assert one == pytest.approx({word: -z for word, z in other.items()})
    assert max(one, key=lambda word: one[word]) == "slow"
    assert min(one, key=lambda word: one[word]) == "friendly"


def test_two_sides_that_talk_alike_have_no_words_of_their_own() -> None:
    assert all(abs(word.z) < 1e-9 for word in keyness(UNHAPPY, UNHAPPY))


def test_whoever_repeats_a_word_is_heard_once() -> None:
    assert keyness([text + " slow" * 50 for text in UNHAPPY], HAPPY) == keyness(UNHAPPY, HAPPY)


def test_of_many_words_only_those_beyond_chance_are_clear() -> None:
    """Both sides draw from the same 400 words, but for one that only one side says."""
    rng = random.Random(5)  # noqa: S311
    pool = ["".join(letters) for letters in itertools.islice(itertools.product("abcdefgh", repeat=3), 400)]
    drawn = [" ".join(rng.sample(pool, 20)) for _ in range(600)]
    words = keyness([f"{text} slow" for text in drawn[:300]], drawn[300:])
    assert sum(word.low > 0 for word in words) > 3
    assert [word.word for word in clearly(words)] == ["slow"]
    assert clearly([]) == []


def test_a_word_of_fewer_than_10_comments_is_withheld() -> None:
    rare = ["zerlina"] * 9
    assert "zerlina" not in {word.word for word in keyness(UNHAPPY + rare, HAPPY)}
    assert "zerlina" in {word.word for word in keyness([*UNHAPPY, *rare, "zerlina"], HAPPY)}


@pytest.mark.parametrize(("group", "rest", "says"), [([], HAPPY, "The group"), (UNHAPPY, ["1 2", ""], "The rest")])
def test_a_side_without_words_is_refused(group: list[str], rest: list[str], says: str) -> None:
    with pytest.raises(KeynessError, match=says):
        keyness(group, rest)


@pytest.mark.parametrize("wrong", [{"prior": 0}, {"prior": math.nan}, {"confidence": 1}])
def test_a_prior_or_confidence_that_is_none_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(KeynessError):
        keyness(UNHAPPY, HAPPY, **wrong)


def test_words_that_stand_together_are_proposed() -> None:
    comments = ["parcel came late"] * 20 + ["parcel late again"] * 10 + ["friendly staff helped"] * 25
    found = propose([*comments, *["good coffee here"] * 20], 3)
    assert [proposal.comments for proposal in found] == [30, 25, 20]
    assert set(found[0].words[:2]) == {"parcel", "late"}
    assert set(found[1].words) >= {"friendly", "staff", "helped"}


def test_more_groups_than_there_are_leave_out_the_empty_ones() -> None:
    comments = ["quarterly zebra parade", "purple umbrella stand", "loud music upstairs"] * 4
    found = propose(comments, 8)
    assert sum(proposal.comments for proposal in found) == 12
    assert all(proposal.words for proposal in found)


def test_proposals_are_the_same_each_time() -> None:
    comments = [one.text for one in planted(200, seed=4)]
    assert propose(comments, 5) == propose(comments, 5)


@pytest.mark.parametrize(
    ("comments", "n", "says"),
    [
        ([], 3, "Comments with words: 0"),
        (["one", "two"], 1, "Comments with words: 2"),
        (["all alike here"] * 9, 2, "No word"),
        (["parcel late"] * 4 + ["nice staff"] * 4, 5, "too few"),
        (["parcel late"] * 9, 0, "1 theme or more"),
    ],
)
def test_too_little_to_propose_from_is_refused(comments: list[str], n: int, says: str) -> None:
    with pytest.raises(ProposalError, match=says):
        propose(comments, n)
