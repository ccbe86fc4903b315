"""How many exports a user may begin: a rate over all web processes, kept in a row for each user."""

from datetime import datetime, timedelta
from math import ceil

from django.conf import settings
from django.db import transaction

from contacts.cell_rate import turn
from cxsurvey.models import ExportPace

MINUTE, ROUNDING = timedelta(minutes=1), timedelta(milliseconds=1)


def take(user_id: int, at: datetime) -> int:
    """Use up one export; return 0 where it may begin, else the seconds to wait.

    What was not used of the last minute may be made up for.
    """
    return _take(user_id, MINUTE / settings.EXPORTS_PER_MINUTE, at) if settings.EXPORTS_PER_MINUTE else 0


@transaction.atomic
def _take(user_id: int, each: timedelta, at: datetime) -> int:
    ExportPace.objects.get_or_create(user_id=user_id, defaults={"next_at": at})
    row = ExportPace.objects.select_for_update().get(user_id=user_id)
    may_begin, next_at = turn(row.next_at, at, each, MINUTE - each + ROUNDING)
    if may_begin > at:
        return ceil((may_begin - at).total_seconds())
    ExportPace.objects.filter(pk=row.pk).update(next_at=next_at)
    return 0
