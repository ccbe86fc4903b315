"""The reject file: what was left out of an import, to be mended and brought in again."""

import csv
from pathlib import Path
from typing import Self, TextIO

from contacts.exporting.formulas import guarded
from contacts.intake.tables import Reject

_HEADER = ("line", "column", "value", "expected")


class RejectFile:
    """A CSV file that comes into being with the first reject; one from an earlier run is removed."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: TextIO | None = None
        path.unlink(missing_ok=True)

    def write(self, reject: Reject) -> None:
        """Add a line."""
        if self._file is None:
            self._file = self._path.open("w", encoding="utf-8", newline="")
            csv.writer(self._file).writerow(_HEADER)
        cells = map(guarded, (reject.column, reject.value))
        csv.writer(self._file).writerow((reject.line, *cells, reject.expected))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: object) -> None:
        if self._file:
            self._file.close()
