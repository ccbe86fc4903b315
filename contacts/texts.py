"""Texts of many rows as one block of bytes, so that they are put together without a Python object for each."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from contacts.frequency.zone_arrays import SECOND, Bools, Ints, Places

Letters = NDArray[np.uint8]
TIME, FRACTION = 11, 19
"""Where the time of day and the parts of a second begin in an instant as ISO 8601 has it."""


@dataclass(frozen=True, slots=True, eq=False)
class Texts:
    """A text in each row: bytes of UTF-8, [n, width], of which those that are `shown` belong to it."""

    letters: Letters
    shown: Bools

    @classmethod
    def of(cls, words: NDArray[np.bytes_]) -> "Texts":
        """Words as numpy holds them: one in each row."""
        letters = cls.raw(words).letters
        return cls(letters, letters != 0)

    @classmethod
    def raw(cls, values: NDArray[Any]) -> "Texts":
        """The bytes of each value, whatever it is."""
        letters = np.ascontiguousarray(values).view(np.uint8).reshape(len(values), values.dtype.itemsize)
        return cls(letters, np.broadcast_to(np.True_, letters.shape))

    @classmethod
    def same(cls, text: str | bytes, rows: int) -> "Texts":
        """The same text in each row."""
        letters = np.frombuffer(text.encode() if isinstance(text, str) else text, np.uint8)
        shape = rows, len(letters)
        return cls(np.broadcast_to(letters, shape), np.broadcast_to(np.True_, shape))

    @classmethod
    def instants(cls, instants: Ints, between: str = "T") -> "Texts":
        """Instants in microseconds since the epoch as ISO 8601 has them in UTC, with parts of a second where needed."""
        texts = cls.of(np.datetime_as_string(instants.astype("datetime64[us]")).astype(np.bytes_))
        texts.letters[:, TIME - 1] = ord(between)
        # The last seven letters are the parts of a second.
        needed = (instants % SECOND != 0)[:, None] | (np.arange(texts.letters.shape[1]) < FRACTION)
        return cls(texts.letters, texts.shown & needed)

    @classmethod
    def chosen(cls, words: Sequence[str], which: Places) -> "Texts":
        """In each row one of a few words, told by its place among them."""
        return cls.of(np.array([word.encode() for word in words] or [b""], np.bytes_)[which])

    @classmethod
    def joined(cls, parts: Sequence["Texts"]) -> "Texts":
        """The parts of each row one behind the other."""
        return cls(np.hstack([part.letters for part in parts]), np.hstack([part.shown for part in parts]))

    def __len__(self) -> int:
        return len(self.letters)

    def where(self, rows: Bools) -> "Texts":
        """These texts in some rows, and in the others empty ones."""
        return Texts(self.letters, self.shown & rows[:, None])

    def take(self, places: Places | Bools) -> "Texts":
        """The texts of some rows."""
        return Texts(self.letters[places], self.shown[places])

    def spread(self, places: Places, rows: int) -> "Texts":
        """These texts at some places of so many rows, and in the others empty ones."""
        shape = rows, self.letters.shape[1]
        letters, shown = np.zeros(shape, np.uint8), np.zeros(shape, np.bool_)
        letters[places], shown[places] = self.letters, self.shown
        return Texts(letters, shown)

    def lengths(self) -> Ints:
        """How many bytes each has."""
        lengths: Ints = self.shown.sum(axis=1, dtype=np.int64)
        return lengths

    def bytes(self) -> bytes:
        """All of them one behind the other."""
        return self.letters[self.shown].tobytes()

    def strings(self) -> list[str]:
        """Each as Python has it."""
        whole, ends = self.bytes(), np.cumsum(self.lengths()).tolist()
        return [whole[begin:end].decode() for begin, end in pairwise([0, *ends])]
