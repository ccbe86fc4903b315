"""Django's own command, with what keeps watch over tables: it must not stand in the way when they are changed."""

from typing import Any

from django.core.management.commands import migrate
from django.db import connection
from django.db.migrations import Migration

from analytics import month_triggers
from contacts import changes
from contacts.models import Contact, Customer, Decision, Era, Touchpoint
from cxsurvey import audit_triggers
from surveys.models import Answer, Invitation, Response

WATCHED = (Customer, Touchpoint, Contact, Decision, Invitation, Response, Answer)
"""Models whose rows analysts keep copies of."""


class Command(migrate.Command):
    def handle(self, *args: Any, **options: Any) -> None:
        """Migrate, then put on the triggers of counted months, of the audit and of changes, where they are not."""
        super().handle(*args, **options)
        month_triggers.install()
        audit_triggers.install()
        tables = set(connection.introspection.table_names())
        if Era._meta.db_table in tables:  # noqa: SLF001 (not where somebody migrates back to before it)
            changes.install(table for model in WATCHED if (table := model._meta.db_table) in tables)  # noqa: SLF001

    def migration_progress_callback(self, action: str, migration: Migration | None = None, fake: bool = False) -> None:  # noqa: FBT001, FBT002
        """Take off triggers that name other tables before anything changes; called as each change begins and ends."""
        if action in ("apply_start", "unapply_start"):
            month_triggers.remove()
            audit_triggers.let_tables_change()
        super().migration_progress_callback(action, migration, fake)
