"""A codebook finds its words in every language, and says what is wrong with it; words have one way of writing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.themes import Codebook, CodebookError, Theme, normalise, words

BOOK = Codebook(
    [
        Theme("service", "Service"),
        Theme("waiting", "Waiting", {"en": ["queue", "on hold", "wait*"], "de": ["Warteschleife"]}, parent="service"),
        Theme("price", "Price", {"en": ["value for money"], "fr": ["l'addition"], "de": ["Straße*"]}),
    ]
)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("ON HOLD for hours", {"waiting": ["on hold"]}),
        ("Ewig in der WARTESCHLEIFE!", {"waiting": ["warteschleife"]}),
        ("We were waiting; such waiters, waiting", {"waiting": ["waiting", "waiters"]}),
        ("Good value, for money", {"price": ["value for money"]}),
        ("L\u2019addition était trop", {"price": ["laddition"]}),
        ("STRASSENBAHN", {"price": ["strassenbahn"]}),
        ("queues await", {}),
        ("", {}),
    ],
)
def test_words_and_phrases_are_found_whatever_the_language(text: str, found: dict[str, list[str]]) -> None:
    assert BOOK.seeded(text) == found


def test_a_comment_about_a_theme_is_about_the_wider_one() -> None:
    assert BOOK.with_parents(["waiting"]) == {"waiting", "service"}
    assert BOOK.with_parents([]) == set()


@pytest.mark.parametrize(
    ("themes", "says"),
    [
        ([Theme("a", "A"), Theme("a", "B")], "same key"),
        ([Theme("a", "A", parent="b")], "which is no theme"),
        ([Theme("a", "A", parent="b"), Theme("b", "B", parent="a")], "belongs to itself"),
        ([Theme("a", "A", {"en": ["  * "]})], "has no letters"),
    ],
)
def test_a_wrong_codebook_is_refused_with_what_to_change(themes: list[Theme], says: str) -> None:
    with pytest.raises(CodebookError, match=says):
        Codebook(themes)


def test_the_version_tells_codebooks_apart_and_not_their_order() -> None:
    other = Codebook([*BOOK.themes[:2], Theme("price", "Price", {"en": ["value"]})])
    assert BOOK.version == Codebook(BOOK.themes[::-1]).version != other.version


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Don\u2019t ASK", ["dont", "ask"]),
        ("ﬁne\u00a0 café", ["fine", "café"]),
        ("[email] wrote 3x", ["wrote", "x"]),
        ("खराब सेवा", ["खराब", "सेवा"]),
        ("Плохо!", ["плохо"]),
        ("12 34 :)", []),
    ],
)
def test_words_are_written_one_way(text: str, found: list[str]) -> None:
    assert words(text) == found


@given(st.text(max_size=50))
def test_normalising_twice_changes_nothing(text: str) -> None:
    assert normalise(normalise(text)) == normalise(text)
