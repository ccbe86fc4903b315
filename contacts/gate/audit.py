"""Who did it, for the admin's log: ids only, never personal values."""

from datetime import datetime

from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db.models import Model


def audit(row: Model, action: int, text: str, *, by_id: int, at: datetime) -> None:
    """Log that a user did something with a row; `action` is one of the admin's flags.

    Called in the transaction of the change: the audit takes it over from the admin's log there (without the text).
    """
    kind = ContentType.objects.get_for_model(row)
    LogEntry.objects.create(
        user_id=by_id,
        content_type=kind,
        object_id=str(row.pk),
        object_repr=f"{kind.name} {row.pk}",
        action_flag=action,
        action_time=at,
        change_message=text,
    )
