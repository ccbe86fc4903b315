"""Django's own command, which must not change tables that triggers stand on."""

from typing import Any

from django.core.management.commands import migrate
from django.db.migrations import Migration

from analytics import month_triggers
from cxsurvey import audit_triggers


class Command(migrate.Command):
    def handle(self, *args: Any, **options: Any) -> None:
        """Migrate, then put on the triggers of counted months and of the audit, where they are not."""
        super().handle(*args, **options)
        month_triggers.install()
        audit_triggers.install()

    def migration_progress_callback(self, action: str, migration: Migration | None = None, fake: bool = False) -> None:  # noqa: FBT001, FBT002
        """Take the triggers off before anything is changed; this is called as each change begins and ends."""
        if action in ("apply_start", "unapply_start"):
            month_triggers.remove()
            audit_triggers.let_tables_change()
        super().migration_progress_callback(action, migration, fake)
