"""What is drawn per customer: which of the rotating modules, and in which order the options stand.

Drawn by a hash of who is asked, so that loading a page again, or another device, draws the same.
"""

import hashlib
from collections.abc import Sequence

from surveys.questions.details import NONE, OTHER
from surveys.questions.spec import Spec


def left_out_modules(questions: Sequence[Spec], asked: int, seed: str) -> set[str]:
    """Return the keys of the questions that belong to modules which were not drawn: `asked` of them are."""
    modules = sorted({question.module for question in questions if question.module})
    drawn = set(sorted(modules, key=lambda module: _lot(seed, module))[:asked])
    return {question.key for question in questions if question.module and question.module not in drawn}


def shuffled(question: Spec, keys: Sequence[str], seed: str) -> list[str]:
    """Return the keys of options or rows in the order in which this customer sees them; our own two stay last."""
    if not question.details.shuffle:
        return list(keys)
    own = [key for key in keys if key in (OTHER, NONE)]
    return [*sorted(set(keys) - set(own), key=lambda key: _lot(seed, f"{question.key}.{key}")), *own]


def _lot(seed: str, name: str) -> bytes:
    return hashlib.sha256(f"{seed}\0{name}".encode()).digest()
