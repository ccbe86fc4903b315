"""How far the tables of the database are from those that the code expects."""

from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

LAST_WITH_ALL_STEPS = "cee73b9"
"""A commit that has each of the migrations which are one for each app since; databases from before pass through it."""


def unapplied_migrations() -> int:
    """Return how many migrations the database has not seen, of the code or of what this has in one."""
    if left := left_out():
        return len(left)
    executor = MigrationExecutor(connection)
    return len(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def left_out() -> list[str]:
    """Return the migrations, such as `recovery.0003_webhooks`, that a half-made app lacks and the code no longer has.

    Django by itself would take such an app for one without tables.
    """
    applied = MigrationRecorder(connection).applied_migrations()
    code = MigrationLoader(None)  # one that looks at the database fails where tables of several apps are half made
    return [
        f"{app}.{name}"
        for one in code.replacements.values()
        if any(step in applied for step in one.replaces)
        for app, name in one.replaces
        if (app, name) not in applied and (app, name) not in code.disk_migrations
    ]
