"""Rows about customers who had everything erased: left out, and said so."""

from collections.abc import Sequence

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
