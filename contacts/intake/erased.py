"""Rows about customers who had everything erased: left out, and said so."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from contacts.erasing import are_erased
from contacts.intake.rows import Line
from contacts.intake.tables import Reject

WHY = "a customer who is still ours to know: this one had everything erased. Erase it in your system too"


def without_erased(lines: Sequence[Line], source: str, column: str) -> tuple[list[Line], list[Reject]]:
    """Return the lines about customers who may be known, and the others as rejects; `column` holds the customer's id.

    A reject does not repeat the id.
    """
    erased = are_erased(source, {line.values[column] for line in lines})
    kept = [line for line in lines if line.values[column] not in erased]
    return kept, [Reject(line.number, column, "", WHY) for line in lines if line.values[column] in erased]


def without_cells_of_erased(rejects: Iterable[Reject], source: str) -> list[Reject]:
    """Return rejects, those that name such a customer in one of their cells without what stood in the row."""
    rejects = list(rejects)
    erased = are_erased(source, {cell.strip() for reject in rejects for cell in reject.cells})
    return [
        replace(reject, value="", cells=()) if any(cell.strip() in erased for cell in reject.cells) else reject
        for reject in rejects
    ]
