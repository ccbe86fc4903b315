"""What an organisation wants to hear from comments: themes, each with the words that tell of it."""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from analytics.themes.wording import normalise, words

ANY_ENDING = "*"


class CodebookError(ValueError):
    """A codebook that cannot be used; the text says what to change."""


@dataclass(frozen=True, slots=True)
class Theme:
    """One theme. `words`: language -> words or phrases; a `*` at the end stands for any ending (`deliver*`).

    `parent`: the key of the wider theme that it belongs to, empty for none.
    """

    key: str
    name: str
    words: Mapping[str, Sequence[str]] = field(default_factory=dict)
    parent: str = ""


@dataclass(frozen=True)
class Codebook:
    """The themes of an organisation. Raises CodebookError for a key or parent that is wrong, and for empty words."""

    themes: Sequence[Theme]

    def __post_init__(self) -> None:
        parents = {theme.key: theme.parent for theme in self.themes}
        if len(parents) < len(self.themes):
            raise CodebookError("Two themes have the same key: give each its own.")
        for theme in self.themes:
            _check_parents(theme, parents)
            for word in _all_words(theme):
                if not words(word):
                    raise CodebookError(f"“{word}” of the theme “{theme.name}” has no letters: leave it out.")

    @cached_property
    def version(self) -> str:
        """What tells this codebook from every other, as 16 hexadecimal digits."""
        told = [(theme.key, sorted(_all_words(theme)), theme.parent) for theme in self.themes]
        return hashlib.sha256(json.dumps(sorted(told)).encode()).hexdigest()[:16]

    @cached_property
    def _patterns(self) -> dict[str, re.Pattern[str]]:
        return {theme.key: _pattern(_all_words(theme)) for theme in self.themes if list(_all_words(theme))}

    def seeded(self, text: str) -> dict[str, list[str]]:
        """Return the themes whose words are in the text, whatever its language, with what was found."""
        plain = " ".join(words(text))
        found = {key: pattern.findall(plain) for key, pattern in self._patterns.items()}
        return {key: list(dict.fromkeys(hits)) for key, hits in found.items() if hits}

    def with_parents(self, keys: Iterable[str]) -> set[str]:
        """Return the themes with all wider ones that they belong to."""
        parents = {theme.key: theme.parent for theme in self.themes}
        wider: set[str] = set()
        for theme in keys:
            key = theme
            while key and key not in wider:
                wider.add(key)
                key = parents[key]
        return wider


def _check_parents(theme: Theme, parents: Mapping[str, str]) -> None:
    above, key = set[str](), theme.key
    while key:
        if key not in parents:
            raise CodebookError(f"The theme “{theme.name}” belongs to “{key}”, which is no theme: choose another one.")
        if key in above:
            raise CodebookError(f"The theme “{theme.name}” belongs to itself: choose another wider theme, or none.")
        above.add(key)
        key = parents[key]


def _all_words(theme: Theme) -> Iterable[str]:
    return (word for of_language in theme.words.values() for word in of_language)


def _pattern(seeds: Iterable[str]) -> re.Pattern[str]:
    return re.compile(rf"(?<!\S)(?:{'|'.join(map(_seed, seeds))})(?!\S)")


def _seed(seed: str) -> str:
    """The words of a seed one after the other, of which the last may go on behind a star."""
    plain = re.escape(" ".join(words(seed)))
    return rf"{plain}\S*" if normalise(seed).endswith(ANY_ENDING) else plain
