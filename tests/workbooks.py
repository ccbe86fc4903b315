"""Excel workbooks as the tests need them."""

import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from openpyxl import Workbook


def workbook(rows: Iterable[Sequence[Any]], others: Mapping[str, Iterable[Sequence[Any]]] | None = None) -> bytes:
    """Return a workbook whose first sheet has these rows, with other sheets behind it; a name in brackets is hidden."""
    book = Workbook(write_only=True)
    for name, content in {"Sheet": rows, **(others or {})}.items():
        sheet = book.create_sheet(name.strip("()"))
        for row in content:
            sheet.append(list(row))
        if name.startswith("("):
            sheet.sheet_state = "hidden"
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()
