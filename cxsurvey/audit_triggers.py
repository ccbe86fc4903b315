"""What keeps the audit and the words on consent true: triggers that refuse to change or delete their rows.

One more brings the admin's log into the audit. A word on consent may be deleted once its customer is erased.

In the database, because the audit must hold against our own code and a shell too. A change that the admin's log tells
of is in the audit in the same transaction, without its words: those may name somebody. Put on by `manage.py migrate`
after the last change of a table, as SQLite drops a table's triggers with it when Django changes one, and refuses to
rename a table that triggers of others name; so those are taken off before the first.
"""

from collections.abc import Iterable

from django.db import connection, transaction

AUDIT, LOG, CONSENTS = "cxsurvey_auditentry", "django_admin_log", "contacts_consentevent"
COPY, CONSENT_DELETED = "audit_of_log", "consent_no_delete"
REFUSAL = "The audit is append-only: its rows are neither changed nor deleted."
KEPT = "What was said about consent is append-only: it is not changed, and goes only once its customer is erased."
ERASED = "EXISTS (SELECT 1 FROM contacts_customer WHERE id = OLD.customer_id AND erased_at IS NOT NULL)"
COPIED = (
    f"INSERT INTO {AUDIT} (at, by_id, action, subject_type, subject_id, details) VALUES (NEW.action_time, NEW.user_id, "
    "CASE NEW.action_flag WHEN 1 THEN 'added' WHEN 2 THEN 'changed' ELSE 'deleted' END, COALESCE((SELECT app_label || "
    "'.' || model FROM django_content_type WHERE id = NEW.content_type_id), ''), COALESCE(NEW.object_id, ''), '{}');"
)
#: A row that replaces another (INSERT OR REPLACE) deletes it without asking the trigger for deletions.
ON_SQLITE = {
    "audit_no_update": f"BEFORE UPDATE ON {AUDIT} BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END",
    "audit_no_delete": f"BEFORE DELETE ON {AUDIT} BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END",
    "audit_no_replace": f"BEFORE INSERT ON {AUDIT} WHEN EXISTS (SELECT 1 FROM {AUDIT} WHERE id = NEW.id) "
    f"BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END",
    COPY: f"AFTER INSERT ON {LOG} FOR EACH ROW BEGIN {COPIED} END",
    "consent_no_update": f"BEFORE UPDATE ON {CONSENTS} BEGIN SELECT RAISE(ABORT, '{KEPT}'); END",
    CONSENT_DELETED: f"BEFORE DELETE ON {CONSENTS} WHEN NOT {ERASED} BEGIN SELECT RAISE(ABORT, '{KEPT}'); END",
    "consent_no_replace": f"BEFORE INSERT ON {CONSENTS} WHEN EXISTS (SELECT 1 FROM {CONSENTS} WHERE id = NEW.id) "
    f"BEGIN SELECT RAISE(ABORT, '{KEPT}'); END",
}
ON_POSTGRESQL = {
    "audit_no_change": (
        f"BEFORE UPDATE OR DELETE OR TRUNCATE ON {AUDIT} FOR EACH STATEMENT",
        f"RAISE EXCEPTION '{REFUSAL}' USING ERRCODE = 'restrict_violation';",
    ),
    COPY: (f"AFTER INSERT ON {LOG} FOR EACH ROW", f"{COPIED} RETURN NULL;"),
    "consent_no_change": (
        f"BEFORE UPDATE OR TRUNCATE ON {CONSENTS} FOR EACH STATEMENT",
        f"RAISE EXCEPTION '{KEPT}' USING ERRCODE = 'restrict_violation';",
    ),
    CONSENT_DELETED: (
        f"BEFORE DELETE ON {CONSENTS} FOR EACH ROW",
        f"IF NOT {ERASED} THEN RAISE EXCEPTION '{KEPT}' USING ERRCODE = 'restrict_violation'; END IF; RETURN OLD;",
    ),
}


@transaction.atomic
def install() -> None:
    """Put the triggers on that are not, where the tables are there already."""
    if not {AUDIT, LOG, CONSENTS} <= set(connection.introspection.table_names()):
        return
    if connection.vendor == "sqlite":
        _run(f"CREATE TRIGGER IF NOT EXISTS {name} {rest}" for name, rest in ON_SQLITE.items())
        return
    for name, (when, body) in ON_POSTGRESQL.items():
        _run(
            [
                f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body} END $$",
                f"CREATE OR REPLACE TRIGGER {name} {when} EXECUTE FUNCTION {name}()",
            ]
        )


def let_tables_change() -> None:
    """Take off the triggers that name another table than their own; the other refusals stay."""
    _remove([COPY, CONSENT_DELETED])


@transaction.atomic
def remove() -> None:
    """Take all triggers off: only whoever empties a whole database of tests needs this."""
    _remove(ON_SQLITE if connection.vendor == "sqlite" else ON_POSTGRESQL)


def _remove(names: Iterable[str]) -> None:
    there = set(connection.introspection.table_names())
    if connection.vendor == "sqlite":
        _run(f"DROP TRIGGER IF EXISTS {name}" for name in names)
    else:
        on = {name: ON_POSTGRESQL[name][0].partition(" ON ")[2].split()[0] for name in names}
        _run(f"DROP TRIGGER IF EXISTS {name} ON {table}" for name, table in on.items() if table in there)


def _run(statements: Iterable[str]) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
