"""A claimed message is started: one conditional update, then its attempt is written down.

As SQL, because this is done for each message, and the ORM takes ten times as long to write a statement as the database
to run it. What a pause holds is still said once, in `surveys.pausing`.
"""

from datetime import datetime
from functools import cache
from typing import Any

from django.db import connection

from contacts.copying import stored
from surveys.lots import not_paused
from surveys.models import Attempt, Invitation

ATTEMPT = "invitation_id, number, channel, gateway, key, segments, started_at, outcome, reference, detail, delivery"
"""What is written of an attempt; the last three are empty until its gateway has spoken."""


def start_claimed(invitation: Invitation, worker: str, at: datetime) -> bool:
    """Move the claim of an invitation to the start of its message; False where it may not start.

    Another has claimed it since, it was cancelled, or it is paused.
    """
    if invitation.claimed_at is None:
        return False
    unpaused, values = _not_paused()
    claim = (invitation.pk, Invitation.State.CLAIMED.value, worker, stored(invitation.claimed_at))
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE surveys_invitation SET claimed_at = %s "
            f"WHERE id = %s AND state = %s AND claimed_by = %s AND claimed_at = %s AND {unpaused}",
            (stored(at), *claim, *values),
        )
        return bool(cursor.rowcount)


def write_down(attempt: Attempt) -> None:
    """Save an attempt that is about to be made."""
    about = (attempt.invitation_id, attempt.number, attempt.channel, attempt.gateway, attempt.key, attempt.segments)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO surveys_attempt ({ATTEMPT}) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, '', '', '') RETURNING id",
            (*about, stored(attempt.started_at), Attempt.Outcome.STARTED.value),
        )
        (attempt.pk,) = cursor.fetchone()


@cache
def _not_paused() -> tuple[str, tuple[Any, ...]]:
    """The condition of `not_paused` in the SQL of our database, and its parameters."""
    query = not_paused(Invitation.objects.all()).query
    condition, values = query.where.as_sql(query.get_compiler(connection=connection), connection)
    return condition, tuple(values)
