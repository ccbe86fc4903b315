"""Django's own command, with what stands on tables: it must not be in the way when they are changed."""

from typing import Any

from django.core.management.base import CommandError
from django.core.management.commands import migrate
from django.db.migrations import Migration

from analytics import month_triggers
from contacts import changes
from contacts.models import ConsentEvent, Contact, Customer, Decision, Touchpoint
from cxsurvey import audit_triggers, sql_views
from cxsurvey.migrating import LAST_WITH_ALL_STEPS, left_out, unapplied_migrations
from surveys.models import Answer, Invitation, Response

WATCHED = (Customer, Touchpoint, Contact, Decision, ConsentEvent, Invitation, Response, Answer)
"""Models whose rows analysts keep copies of."""


class Command(migrate.Command):
    def handle(self, *args: Any, **options: Any) -> None:
        """Migrate, then put on the triggers of months, audit and changes, and the SQL views, where they are not."""
        if left := left_out():
            older = f"git checkout {LAST_WITH_ALL_STEPS} && make setup && python manage.py migrate"
            raise CommandError(
                f"The tables are those of an old version, from before {left[0]}. This one cannot bring them on, "
                f"and changed nothing. Run: {older}. Then check out the new version again, make setup, and migrate."
            )
        super().handle(*args, **options)
        month_triggers.install()
        audit_triggers.install()
        if not unapplied_migrations():  # not where somebody migrated back
            changes.install(model._meta.db_table for model in WATCHED)  # noqa: SLF001 (public in all but name)
            sql_views.install()

    def migration_progress_callback(self, action: str, migration: Migration | None = None, fake: bool = False) -> None:  # noqa: FBT001, FBT002
        """Take triggers and views off before anything is changed; this is called as each change begins and ends."""
        if action in ("apply_start", "unapply_start"):
            month_triggers.remove()
            audit_triggers.let_tables_change()
            sql_views.remove()
        super().migration_progress_callback(action, migration, fake)
