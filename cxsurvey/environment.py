"""What is written in the environment becomes settings."""

from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from django.core.exceptions import ImproperlyConfigured


def database(url: dict[str, Any], base: Path) -> dict[str, Any]:
    """Complete the parsed DATABASE_URL with what concurrent web and worker processes need.

    The path of an SQLite file is relative to `base`.
    """
    if url["ENGINE"] == "django.db.backends.sqlite3":
        if url["NAME"] != ":memory:":
            url["NAME"] = str(base / url["NAME"])
            Path(url["NAME"]).parent.mkdir(parents=True, exist_ok=True)
        # Without secure_delete what was erased could still be read in the file.
        # Without IMMEDIATE a transaction that reads and then writes fails at once if another wrote between.
        pragmas = "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA secure_delete = ON;"
        # Opening the file anew would cost every request more than all its statements.
        options = {"transaction_mode": "IMMEDIATE", "timeout": 20, "init_command": pragmas}
        return url | {"CONN_MAX_AGE": 60, "OPTIONS": options}
    # No psycopg pool: it freezes the queue's worker processes.
    return url | {"CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True}


def price(text: str) -> Decimal | None:
    """Return the amount that is written, or None for an empty text."""
    try:
        return Decimal(text) if text else None
    except InvalidOperation as error:
        raise ImproperlyConfigured(f"SMS_PRICE must be an amount such as 0.0750, and not {text}.") from error
