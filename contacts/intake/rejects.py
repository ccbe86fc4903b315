"""The reject file: what was left out of an import, to be mended and brought in again."""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import BinaryIO, Self

from contacts.exporting.formulas import guarded
from contacts.intake.tables import Reject

HEADER = ("line", "column", "value", "expected")
"""Before the columns of the file whose rows they are."""
#: What a spreadsheet takes for a number at most.
_PHONE = re.compile(r"\+[0-9 ]+")


class RejectFile:
    """A CSV file that comes into being with the first reject: why, and then the row under the headers of its file.

    With `size`, so many bytes of one that is there are kept: what was written behind them belongs to rows that were
    taken back. Nothing is touched before the first reject.
    """

    def __init__(self, path: Path, size: int = 0) -> None:
        self._path = path
        self._file: BinaryIO | None = None
        self.size = size if path.exists() else 0  # somebody who is in it may have been erased

    def write(self, reject: Reject, header: Sequence[str]) -> None:
        """Add a line."""
        if self._file is None:
            self._file = self._open(header)
        self._add((reject.line, *_neutral((reject.column, reject.value)), reject.expected, *_neutral(reject.cells)))

    def flush(self) -> None:
        """Hand what was written to the operating system; `size` is then true of the file."""
        if self._file:
            self._file.flush()

    def _open(self, header: Sequence[str]) -> BinaryIO:
        file = self._path.open("r+b" if self.size else "wb")
        file.truncate(self.size)
        file.seek(self.size)
        self._file = file
        if not self.size:
            self._add((*HEADER, *_neutral(header)))
        return file

    def _add(self, cells: Iterable[object]) -> None:
        text = io.StringIO()
        csv.writer(text).writerow(cells)
        content = text.getvalue().encode(errors="replace")
        assert self._file is not None  # noqa: S101 - `write` opens it
        self._file.write(content)
        self.size += len(content)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: object) -> None:
        if self._file:
            self._file.close()


def _neutral(texts: Iterable[str]) -> Iterable[str]:
    """Texts that no spreadsheet takes for formulas; phone numbers stay as they are, so that they can come in again."""
    return (text if _PHONE.fullmatch(text) else guarded(text) for text in texts)
