"""Who is writing just now, on PostgreSQL: the numbers of transactions, by which one knows what is committed for good.

On SQLite nobody writes beside whoever asks. (PostgreSQL, "Transaction ID and Snapshot Information Functions".)
"""

from typing import NamedTuple

from django.db import connection

IN_FLIGHT = (
    "SELECT pg_stat_clear_snapshot(); "
    "SELECT coalesce(min(writer::text::bigint), pg_snapshot_xmax(pg_current_snapshot())::text::bigint), "
    "pg_snapshot_xmax(pg_current_snapshot())::text::bigint "
    "FROM pg_snapshot_xip(pg_current_snapshot()) AS writer WHERE NOT EXISTS (SELECT FROM pg_stat_activity "
    "WHERE datname <> current_database() AND backend_xid = writer::xid)"
)
"""Writers of the server's other databases are not waited for. Who is active is otherwise what it was when this
transaction first asked, so that those who came since would be taken for writers of this database."""


class Writers(NamedTuple):
    """`oldest`: all transactions of this database with a smaller number are over; `following`: no new one has less."""

    oldest: int
    following: int


def in_flight() -> Writers:
    """Return the numbers of this moment; those of SQLite are 0."""
    if connection.vendor != "postgresql":
        return Writers(0, 0)
    with connection.cursor() as cursor:
        cursor.execute(IN_FLIGHT)
        cursor.nextset()
        return Writers(*cursor.fetchone())
