"""Which themes a comment has, and the words that decided."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from analytics.themes.learning import Model, Taught, plain, probabilities

BELONGS_FROM = 0.5
"""Probability from which on a comment has a theme."""
NAMED = 5
"""Words that are named as deciding."""


class Weighed(NamedTuple):
    """A word and what it adds to the logit of a theme's probability; below 0 it speaks against."""

    word: str
    weight: float


@dataclass(frozen=True, slots=True)
class Found:
    """A theme of a comment. `because`: the words that spoke for it most, the strongest first."""

    theme: str
    probability: float
    because: list[Weighed]


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a theme has its probability: its logit is exactly `start` and the weights of all words together."""

    start: float
    words: list[Weighed]


def assign(model: Model, comments: Sequence[str]) -> list[list[Found]]:
    """Return the themes of each masked comment, the most probable first; none where none reaches `BELONGS_FROM`."""
    likely = probabilities(model, comments)
    return [
        sorted(
            (
                Found(taught.theme, likely[taught.theme][index], _for_it(model, taught, comment))
                for taught in model.taught
                if likely[taught.theme][index] >= BELONGS_FROM
            ),
            key=lambda found: -found.probability,
        )
        for index, comment in enumerate(comments)
    ]


def explain(model: Model, comment: str, theme: str) -> Explanation:
    """Return what every word of a masked comment adds to a theme. Raises ValueError for a theme that is not taught."""
    taught = next((taught for taught in model.taught if taught.theme == theme), None)
    if taught is None:
        raise ValueError(f"nothing is learned of the theme “{theme}” yet")
    return _explain(model, taught, comment)


def _for_it(model: Model, taught: Taught, comment: str) -> list[Weighed]:
    weighed = _explain(model, taught, comment).words
    return [word for word in weighed if word.weight > 0][:NAMED]


def _explain(model: Model, taught: Taught, comment: str) -> Explanation:
    """Share what each feature adds among the words in which it occurs; a pair of words shares it by half."""
    text = plain(comment)
    read = model.features.transform([text]).tocsr()
    added = dict(zip(read.indices.tolist(), (read.data * taught.weights[read.indices]).tolist(), strict=True))
    weights: dict[str, float] = dict.fromkeys(text.split(), 0.0)
    for feature, places in _places(model, text).items():
        for word, times in places.items():
            weights[word] += added[feature] * times / places.total()
    return Explanation(taught.start, _strongest(weights.items()))


def _places(model: Model, text: str) -> dict[int, Counter[str]]:
    """Feature that the model knows -> the words in which it occurs, with how often."""
    (_, of_words), (_, of_characters) = model.features.transformer_list
    pairs = [(feature, word) for feature in of_words.build_analyzer()(text) for word in feature.split()]
    cut = of_characters.build_analyzer()
    pieces = [(feature, word) for word in text.split() for feature in cut(word)]
    places: dict[int, Counter[str]] = defaultdict(Counter)
    for vectorizer, first, found in ((of_words, 0, pairs), (of_characters, len(of_words.vocabulary_), pieces)):
        for feature, word in found:
            if feature in vectorizer.vocabulary_:
                places[first + vectorizer.vocabulary_[feature]][word] += 1
    return places


def _strongest(weights: Iterable[tuple[str, float]]) -> list[Weighed]:
    return sorted((Weighed(word, weight) for word, weight in weights), key=lambda weighed: -weighed.weight)
