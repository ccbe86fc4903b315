"""Which words set one group of comments apart from the rest, as detractors' from everybody else's."""

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import NormalDist

from analytics.scores import SHOWN_FROM
from analytics.themes.wording import words

PRIOR = 0.1
"""What the prior weighs: as much as this share of all words that were said."""


class KeynessError(ValueError):
    """Two groups cannot be compared; the text says what is missing."""


@dataclass(frozen=True, slots=True)
class KeyWord:
    """A word, and in how many comments of each side it is.

    `log_odds`: by how much the log-odds of the word are larger in the group, with its interval; `z`: the same in
    standard errors.
    """

    word: str
    group: int
    rest: int
    log_odds: float
    low: float
    high: float
    z: float

    @property
    def times(self) -> float:
        """By how much the odds of the word are larger in the group: 2 is twice as often."""
        return math.exp(self.log_odds)

    @property
    def times_low(self) -> float:
        """The lower bound of `times`."""
        return math.exp(self.low)

    @property
    def times_high(self) -> float:
        """The upper bound of `times`."""
        return math.exp(self.high)


def keyness(
    group: Sequence[str], rest: Sequence[str], *, prior: float = PRIOR, confidence: float = 0.95
) -> list[KeyWord]:
    """Return the words of masked comments by how much they belong to the `group`, the most telling first.

    Log-odds ratio with an informative Dirichlet prior, which is how often a word is used by both sides together, and
    weighs as much as the share `prior` of all their words: Monroe, Colaresi and Quinn, "Fightin' Words", Political
    Analysis 16(4), 2008. A word counts once in a comment, so that nobody is heard more for repeating it. Words in fewer
    than `scores.SHOWN_FROM` comments are left out: a rare one could tell who wrote it. Raises KeynessError for a side
    without words, for a single word in all, and for a prior or confidence that is none.
    """
    if not (prior > 0 and math.isfinite(prior) and 0 < confidence < 1):
        raise KeynessError("The prior is a share of the words above 0, the confidence lies between 0 and 1.")
    sides = _counted(group), _counted(rest)
    totals = sides[0].total(), sides[1].total()
    if 0 in totals:
        side = "group" if totals[0] == 0 else "rest"
        raise KeynessError(f"The {side} has no comment with words: there is nothing to compare.")
    both = sides[0] + sides[1]
    if len(both) == 1:
        raise KeynessError("All comments consist of one word: there is no other to compare it with.")
    weight = prior * both.total()
    quantile = NormalDist().inv_cdf((1 + confidence) / 2)
    found = []
    for word, n in both.items():
        if n >= SHOWN_FROM:
            counts, expected = (sides[0][word], sides[1][word]), prior * n
            log_odds, error = _compare(counts, totals, expected, weight)
            margin = quantile * error
            found.append(KeyWord(word, *counts, log_odds, log_odds - margin, log_odds + margin, log_odds / error))
    return sorted(found, key=lambda key: (-key.z, key.word))


def clearly(words_of_group: Sequence[KeyWord], *, by_chance: float = 0.05) -> list[KeyWord]:
    """Return the words that belong to the group beyond chance, in their order.

    Thousands of words are looked at, and one in twenty has an interval without 0 by chance; of those returned, about
    the share `by_chance` does. Source: Benjamini and Hochberg, JRSS B 57, 1995.
    """
    if not words_of_group:
        return []
    from scipy.stats import false_discovery_control, norm

    adjusted = false_discovery_control([2 * norm.sf(abs(word.z)) for word in words_of_group])
    return [word for word, p in zip(words_of_group, adjusted, strict=True) if word.z > 0 and p <= by_chance]


def _counted(comments: Iterable[str]) -> Counter[str]:
    return Counter(word for comment in comments for word in set(words(comment)))


def _compare(counts: tuple[int, int], totals: tuple[int, int], expected: float, weight: float) -> tuple[float, float]:
    """The difference of the log-odds of a word between two sides, and its standard error."""
    odds = [
        (count + expected) / (total + weight - count - expected) for count, total in zip(counts, totals, strict=True)
    ]
    variance = sum(1 / (count + expected) for count in counts)
    return math.log(odds[0] / odds[1]), math.sqrt(variance)
