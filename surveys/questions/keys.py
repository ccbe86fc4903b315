"""Keys of questions, options and rows: made from their text, and changed wherever conditions and jumps name them."""

import re
from collections.abc import Collection, Sequence
from dataclasses import replace
from itertools import count

from django.utils.text import slugify

from surveys.questions.conditions import END, Condition, Jump
from surveys.questions.details import KEY, KEY_LENGTH, NONE, OTHER

SHORT = 32
"""So many characters of a text make its key, to the last whole word: keys are columns of exports."""
RESERVED = {END, OTHER, NONE}
_PLACEHOLDERS = re.compile(r"\{[^}]*\}")
_SEPARATORS = re.compile(r"[_-]+")


def key_from(text: str, taken: Collection[str], *, otherwise: str) -> str:
    """Return a key that is not taken yet, from the first words of a text; `otherwise` where none are in Latin script.

    "How fast was {brand}?" becomes `how_fast_was`, the second time `how_fast_was_2`.
    """
    words = _SEPARATORS.sub("_", slugify(_PLACEHOLDERS.sub(" ", text[:1000]))).strip("_")
    if len(words) > SHORT:
        words = words[: SHORT + 1].rpartition("_")[0] or words[:SHORT]
    base = words or otherwise
    free = (base if number == 1 else f"{base}_{number}" for number in count(1))
    return next(key for key in free if key not in taken and key not in RESERVED)


def is_key(text: str) -> bool:
    """Whether a text can be the key of a question."""
    return bool(KEY.fullmatch(text)) and len(text) <= KEY_LENGTH and text not in RESERVED


def renamed(condition: Condition | None, old: str, new: str) -> Condition | None:
    """Return the condition about the same question under its new key."""
    return condition and condition.changed(lambda test: replace(test, question=new) if test.question == old else test)


def renamed_jumps(jumps: Sequence[Jump], old: str, new: str) -> tuple[Jump, ...]:
    """Return the jumps to and about the same question under its new key."""
    return tuple(Jump(new if jump.to == old else jump.to, renamed(jump.when, old, new)) for jump in jumps)
