"""Keys for questions and options that another tool named as it liked."""

import re
import unicodedata
from collections.abc import Collection

from surveys.questions.conditions import END
from surveys.questions.details import KEY_LENGTH, NONE, OTHER

RESERVED = frozenset((END, OTHER, NONE))
_LETTERS = str.maketrans({"ß": "ss", "æ": "ae", "ø": "o", "å": "a", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "œ": "oe"})


class Keys:
    """Gives out keys of which no two are alike: small letters, digits and _, as near to the name as that can be."""

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
    """Return the name as a key; empty where nothing of it can stand in one."""
    letters = unicodedata.normalize("NFKD", name.casefold().translate(_LETTERS)).encode("ascii", "ignore").decode()
    words = re.sub(r"[^a-z0-9_-]+", "_", letters)
    return re.sub(r"[_-]*([_-])", r"\1", words)[:KEY_LENGTH].strip("_-")
