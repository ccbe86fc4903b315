"""CSV files as the import tests need them."""

import io
from datetime import UTC, datetime

from contacts.intake import CONTACTS, CUSTOMERS, TOUCHPOINTS, ImportResult, bring_in
from contacts.intake.rows import Subject

NOON = datetime(2026, 5, 5, 12, tzinfo=UTC)
TOUCHPOINT = "external_id,customer,kind,channel,occurred_at\n"
"""The header of touchpoints with the columns that are required."""


def bring(subject: Subject, text: str | bytes, *, source: str = "csv", at: datetime = NOON) -> ImportResult:
    """Bring in a file with this content."""
    content = text.encode() if isinstance(text, str) else text
    return bring_in(subject, io.BytesIO(content), source=source, at=at)


def customers(text: str | bytes, **how: object) -> ImportResult:
    """Bring in a customers file."""
    return bring(CUSTOMERS, text, **how)  # type: ignore[arg-type]


def touchpoints(text: str | bytes, **how: object) -> ImportResult:
    """Bring in a touchpoints file."""
    return bring(TOUCHPOINTS, text, **how)  # type: ignore[arg-type]


def contacts(text: str | bytes, **how: object) -> ImportResult:
    """Bring in a contacts file."""
    return bring(CONTACTS, text, **how)  # type: ignore[arg-type]


def counts(result: ImportResult) -> tuple[int, int, int, int]:
    """Created, updated, unchanged, rejected."""
    return (result.created, result.updated, result.unchanged, result.rejected)
