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
    """A text in each row: bytes of UTF-8, [n, width], of which those that are `shown` belong to it.

    A single row can stand for any number of rows (`same`): it is only written out where it is joined with others.
    """

    letters: Letters
    shown: Bools

    @classmethod
    def of(cls, words: NDArray[np.bytes_]) -> "Texts":
        """Words as numpy holds them: one in each row."""
        letters = _bytes_of(words)
        return cls(letters, letters != 0)

    @classmethod
    def raw(cls, values: NDArray[Any]) -> "Texts":
        """The bytes of each value, whatever it is."""
        letters = _bytes_of(values)
        return cls(letters, np.ones((1, letters.shape[1]), np.bool_))

    @classmethod
    def same(cls, text: str | bytes) -> "Texts":
        """The same text in each row."""
        letters = np.frombuffer(text.encode() if isinstance(text, str) else text, np.uint8)[None]
        return cls(letters, np.ones(letters.shape, np.bool_))

    @classmethod
    def instants(cls, instants: Ints, between: str = "T") -> "Texts":
        """Instants in microseconds since the epoch as ISO 8601 has them in UTC, with parts of a second where needed."""
        day, time = np.divmod(instants, DAY)
        days, which = np.unique(day, return_inverse=True)
        dates = cls.of(np.datetime_as_string(days.astype("datetime64[D]")).astype(np.bytes_)).take(which)
        fraction = time % SECOND
        texts = [dates, cls.same(between), cls.of(_times()[time // SECOND])]
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
        shape = _rows(*map(len, parts)), sum(part.letters.shape[1] for part in parts)
        letters, shown = np.empty(shape, np.uint8), np.empty(shape, np.bool_)
        end = 0
        for part in parts:
            begin, end = end, end + part.letters.shape[1]
            letters[:, begin:end], shown[:, begin:end] = part.letters, part.shown
        return cls(letters, shown)

    def __len__(self) -> int:
        return _rows(len(self.letters), len(self.shown))

    def where(self, rows: Bools) -> "Texts":
        """These texts in some rows, and in the others empty ones."""
        return Texts(self.letters, self.shown & rows[:, None])

    def take(self, places: Places | Bools) -> "Texts":
        """The texts of some rows."""
        letters, shown = np.broadcast_arrays(self.letters, self.shown)
        return Texts(letters[places], shown[places])

    def spread(self, places: Places, rows: int) -> "Texts":
        """These texts at some places of so many rows, and in the others empty ones."""
        shape = rows, self.letters.shape[1]
        letters, shown = np.zeros(shape, np.uint8), np.zeros(shape, np.bool_)
        letters[places], shown[places] = self.letters, self.shown
        return Texts(letters, shown)

    def lengths(self) -> Ints:
        """How many bytes each has, [n]."""
        lengths: Ints = self.shown.sum(axis=1, dtype=np.int64)
        return lengths

    def packed(self) -> bytes:
        """All of them one behind the other."""
        letters, shown = np.broadcast_arrays(self.letters, self.shown)
        return bytes(letters[shown])

    def strings(self) -> list[str]:
        """Each as Python has it."""
        whole, ends = self.packed(), [0, *np.cumsum(self.lengths()).tolist()]
        if whole.isascii():
            text = whole.decode("ascii")
            return [text[begin:end] for begin, end in pairwise(ends)]
        return [whole[begin:end].decode() for begin, end in pairwise(ends)]


def _rows(*counts: int) -> int:
    """How many rows parts with so many have together, where a single one stands for any number."""
    several = {count for count in counts if count != 1}
    if len(several) > 1:
        raise ValueError(f"These texts do not have the same number of rows: {counts}.")
    return several.pop() if several else 1


def _bytes_of(values: NDArray[Any]) -> Letters:
    """The bytes of each value, [n, width]."""
    return np.ascontiguousarray(values).view(np.uint8).reshape(len(values), values.dtype.itemsize)


@cache
def _times() -> NDArray[np.bytes_]:
    """Every time of a day, by its second."""
    seconds = np.arange(86_400)
    texts = np.full((len(seconds), 8), ord(":"), np.uint8)
    for place, unit, base in ((0, 36_000, 10), (1, 3_600, 10), (3, 600, 6), (4, 60, 10), (6, 10, 6), (7, 1, 10)):
        texts[:, place] = ord("0") + seconds // unit % base
    return texts.view("S8")[:, 0]
