"""Keys of questions, options and rows: made from texts or another tool's names, and changed wherever they are named."""

import re
import unicodedata
from collections.abc import Collection, Sequence
from dataclasses import replace

from surveys.questions.conditions import END, Condition, Jump
from surveys.questions.details import KEY, KEY_LENGTH, NONE, OTHER

SHORT = 32
"""So many characters of a text make its key, to the last whole word: keys are columns of exports."""
RESERVED = frozenset((END, OTHER, NONE))
_PLACEHOLDERS, _APOSTROPHES = re.compile(r"\{[^}]*\}"), re.compile("['\N{RIGHT SINGLE QUOTATION MARK}]")
_LETTERS = str.maketrans({"ß": "ss", "æ": "ae", "ø": "o", "å": "a", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "œ": "oe"})


class Keys:
    """Gives out keys of which no two are alike, and none is `taken`."""

    def __init__(self, taken: Collection[str] = RESERVED) -> None:
        self._taken = set(taken)

    def give(self, name: str, otherwise: str) -> str:
        """Return a key for a name; for one without any Latin letter or digit one that begins with `otherwise`."""
        base = plain(name) or otherwise
        key, number = base, 1
        while key in self._taken:
            number += 1
            key = f"{base[: KEY_LENGTH - len(str(number)) - 1]}_{number}"
        self._taken.add(key)
        return key


def plain(name: str) -> str:
    """Return a name as a key, as near to it as that can be; empty where nothing of it can stand in one."""
    letters = unicodedata.normalize("NFKD", name.casefold().translate(_LETTERS)).encode("ascii", "ignore").decode()
    words = re.sub(r"[^a-z0-9_-]+", "_", letters)
    return re.sub(r"[_-]*([_-])", r"\1", words)[:KEY_LENGTH].strip("_-")


def key_from(text: str, taken: Collection[str], *, otherwise: str) -> str:
    """Return a key that is not taken yet, from the first words of a text; `otherwise` where none are in Latin script.

    "How fast was {brand}?" becomes `how_fast_was`, the second time `how_fast_was_2`.
    """
    words = plain(_APOSTROPHES.sub("", _PLACEHOLDERS.sub(" ", text[:1000]))).replace("-", "_")
    if len(words) > SHORT:
        words = words[: SHORT + 1].rpartition("_")[0] or words[:SHORT]
    return Keys(RESERVED | set(taken)).give(words, otherwise)


def is_key(text: str) -> bool:
    """Whether a text can be the key of a question."""
    return bool(KEY.fullmatch(text)) and len(text) <= KEY_LENGTH and text not in RESERVED


def renamed(condition: Condition | None, old: str, new: str) -> Condition | None:
    """Return the condition about the same question under its new key."""
    return condition and condition.changed(lambda test: replace(test, question=new) if test.question == old else test)


def renamed_jumps(jumps: Sequence[Jump], old: str, new: str) -> tuple[Jump, ...]:
    """Return the jumps to and about the same question under its new key."""
    return tuple(Jump(new if jump.to == old else jump.to, renamed(jump.when, old, new)) for jump in jumps)
