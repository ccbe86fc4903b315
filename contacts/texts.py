"""Texts of many rows as one block of bytes, so that they are put together without a Python object for each."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from contacts.frequency.zone_arrays import DAY, SECOND, Bools, Ints, Places

Letters = NDArray[np.uint8]


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
        day, time = np.divmod(instants, DAY)
        days, which = np.unique(day, return_inverse=True)
        dates = cls.of(np.datetime_as_string(days.astype("datetime64[D]")).astype(np.bytes_)).take(which)
        fraction = time % SECOND
        texts = [dates, cls.same(between, len(instants)), cls.of(_times()[time // SECOND])]
        if fraction.any():
            digits = cls.of((SECOND + fraction).astype(np.bytes_))
            digits.letters[:, 0] = ord(".")
            texts.append(digits.where(fraction != 0))
        return cls.joined(texts)

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
        whole, ends = self.bytes(), [0, *np.cumsum(self.lengths()).tolist()]
        if whole.isascii():
            text = whole.decode("ascii")
            return [text[begin:end] for begin, end in pairwise(ends)]
        return [whole[begin:end].decode() for begin, end in pairwise(ends)]


@cache
def _times() -> NDArray[np.bytes_]:
    """Every time of a day, by its second."""
    return np.array([f"{n // 3600:02}:{n // 60 % 60:02}:{n % 60:02}" for n in range(86_400)], np.bytes_)
