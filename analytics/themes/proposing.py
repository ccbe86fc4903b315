"""Groups of words that often stand together, for a person who looks for themes; nothing is ever assigned by them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from analytics.themes.learning import plain

WORDS = 8
LETTERS = 3
"""Shorter words hold sentences together and name nothing."""
SHARED_BY = 3
"""Comments in which a word must stand."""
TOO_COMMON = 0.5
"""Words in more than this share of the comments say nothing about one of them."""


class ProposalError(ValueError):
    """Themes cannot be proposed from these comments; the text says what is missing."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """Words that stand together, the strongest first, and in how many comments this group is the strongest."""

    words: list[str]
    comments: int


def propose(comments: Sequence[str], n: int) -> list[Proposal]:
    """Return up to `n` groups found in masked comments, the commonest first; the same for the same comments.

    Non-negative factors of the TF-IDF of words: Lee and Seung, "Learning the parts of objects by non-negative matrix
    factorization", Nature 401, 1999. Raises ProposalError for fewer than `n` comments or words to find groups in.
    """
    if n < 1:
        raise ProposalError("Ask for 1 theme or more.")
    texts = [text for comment in comments if (text := plain(comment))]
    vectorizer, read = _read(texts)
    if min(read.shape) < n:
        raise ProposalError(
            f"Comments: {read.shape[0]}, words that they share: {read.shape[1]}; too few to find {n} themes in."
        )
    import numpy as np
    from sklearn.decomposition import NMF

    factors = NMF(n_components=n, init="nndsvda", random_state=0, max_iter=1000, tol=1e-3)
    with np.errstate(invalid="ignore"):  # of a perfect fit the library takes the root of a rounding error, unused here
        groups = factors.fit_transform(read)
    names = vectorizer.get_feature_names_out()
    strongest = groups.argmax(axis=1)[groups.max(axis=1) > 0]
    sizes = [int((strongest == index).sum()) for index in range(n)]
    proposals = [
        Proposal([names[word] for word in factor.argsort()[::-1][:WORDS] if factor[word] > 0], size)
        for factor, size in zip(factors.components_, sizes, strict=True)
        if size
    ]
    return sorted(proposals, key=lambda proposal: (-proposal.comments, proposal.words))


def _read(texts: Sequence[str]) -> tuple[Any, Any]:
    from sklearn.feature_extraction.text import TfidfVectorizer

    if len(texts) < SHARED_BY:
        raise ProposalError(f"Comments with words: {len(texts)}; to find what they share, {SHARED_BY} are needed.")
    common: dict[str, Any] = {"min_df": SHARED_BY, "max_df": max(TOO_COMMON, SHARED_BY / len(texts))}
    vectorizer = TfidfVectorizer(lowercase=False, tokenizer=_long, token_pattern=None, sublinear_tf=True, **common)
    try:
        return vectorizer, vectorizer.fit_transform(texts)
    except ValueError:  # the library's word for an empty vocabulary
        raise ProposalError(f"No word stands in {SHARED_BY} comments and in at most half of them.") from None


def _long(text: str) -> list[str]:
    return [word for word in text.split() if len(word) >= LETTERS]
