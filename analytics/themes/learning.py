"""A model of which comment belongs to which theme: taught by the codebook's words, then by people's corrections.

TF-IDF of words (1 and 2) and of characters within words (2 to 5), and a logistic regression for each theme: linear, so
that what each word does is exact, and deterministic. scikit-learn is loaded only where something is learned.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from analytics.themes.codebook import Codebook, Theme
from analytics.themes.wording import words

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Numbers = npt.NDArray[np.float64]
    Labels = npt.NDArray[np.int64]

LEAST = 5
"""Comments that must belong to a theme, and must not, before anything is learned about it."""
ENOUGH = 10
"""People's corrections of each kind from which on a theme is learned from them alone."""
SOFTNESS = 10.0
"""Inverse strength of the penalty on weights; on normalised texts, weaker than the library's default."""


@dataclass(frozen=True, slots=True)
class Correction:
    """What a person said of a comment: for each theme that she decided about, whether it belongs."""

    text: str
    themes: Mapping[str, bool]


@dataclass(frozen=True)
class Taught:
    """What was learned of one theme: a weight for every feature, and what counts without any."""

    theme: str
    weights: "Numbers"
    start: float


@dataclass(frozen=True)
class Model:
    """What `assign` reads comments with. `untaught`: themes of which nothing is learned yet, with the reason."""

    features: Any
    taught: Sequence[Taught]
    untaught: Mapping[str, str]


def train(codebook: Codebook, comments: Sequence[str], corrections: Sequence[Correction]) -> Model:
    """Return a model of masked `comments` (nobody has judged them) and `corrections`; the same for the same input.

    A theme with `ENOUGH` corrections both ways is learned from those; any other from the codebook's words in all texts,
    with what people corrected put right. Where fewer than `LEAST` comments belong to a theme, or do not, it stays
    untaught.
    """
    texts = [plain(text) for text in (*comments, *(correction.text for correction in corrections))]
    lessons = {theme.key: _labels(codebook, theme, comments, corrections) for theme in codebook.themes}
    untaught = {key: why for key, labels in lessons.items() if (why := _too_few(labels))}
    if len(untaught) == len(lessons):
        return Model(None, (), untaught)
    features = _features()
    read = features.fit_transform(texts)
    taught = [_learn(key, read, labels) for key, labels in lessons.items() if key not in untaught]
    return Model(features, taught, untaught)


def probabilities(model: Model, comments: Sequence[str]) -> dict[str, list[float]]:
    """Return for each theme that is taught the probability that it belongs, comment by comment."""
    if not model.taught or not len(comments):
        return {taught.theme: [] for taught in model.taught}
    from scipy.special import expit

    texts = [plain(comment) for comment in comments]
    read = model.features.transform(texts)
    empty = [index for index, text in enumerate(texts) if not text]
    found = {}
    for taught in model.taught:
        likely = expit(read @ taught.weights + taught.start)
        likely[empty] = 0.0  # without words there is nothing to judge
        found[taught.theme] = likely.tolist()
    return found


def plain(text: str) -> str:
    """Return a text as the features see it: its words with single spaces between them."""
    return " ".join(words(text))


def _features() -> Any:
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.pipeline import FeatureUnion

    common: dict[str, Any] = {"lowercase": False, "sublinear_tf": True}
    of_words = TfidfVectorizer(tokenizer=str.split, token_pattern=None, ngram_range=(1, 2), **common)
    of_characters = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), **common)
    return FeatureUnion([("words", of_words), ("characters", of_characters)])


def _labels(codebook: Codebook, theme: Theme, comments: Sequence[str], corrections: Sequence[Correction]) -> "Labels":
    """What to learn a theme from: 1 and 0 for each text, -1 for a text that tells nothing about it."""
    import numpy as np

    said = np.array([correction.themes.get(theme.key, -1) for correction in corrections], dtype=np.int64)
    if min((said == 1).sum(), (said == 0).sum()) >= ENOUGH:
        return np.concatenate([np.full(len(comments), -1, dtype=np.int64), said])
    guessed = np.array([theme.key in codebook.seeded(text) for text in comments], dtype=np.int64)
    if not any(theme.words.values()):
        guessed = np.full(len(comments), -1, dtype=np.int64)
    return np.concatenate([guessed, said])


def _too_few(labels: "Labels") -> str:
    """Why nothing can be learned from the labels; empty where something can."""
    belong, others = int((labels == 1).sum()), int((labels == 0).sum())
    if belong < LEAST:
        return f"Comments that belong to it: {belong}; {LEAST} are needed. Add words, or correct comments."
    if others < LEAST:
        return f"Comments that do not belong to it: {others}; {LEAST} are needed."
    return ""


def _learn(key: str, read: Any, labels: "Labels") -> Taught:
    from sklearn.linear_model import LogisticRegression

    told = labels >= 0
    fit = LogisticRegression(C=SOFTNESS, solver="liblinear", random_state=0, max_iter=1000).fit(
        read[told], labels[told]
    )
    return Taught(key, fit.coef_[0], float(fit.intercept_[0]))
