"""The state of sending with that of the worker, which the queue knows: for the command, the page and the start page."""

from datetime import datetime

from django.conf import settings
from django_q.models import OrmQ, Task

from cxsurvey.schedules import BOUNCES, WORKER_SILENCE, last_beat
from surveys.sending import Sending, Worker, sending


def sending_now(at: datetime) -> Sending:
    """Return the state of it all at an instant."""
    beat = last_beat()
    silent = beat is None or at - beat > WORKER_SILENCE
    worker = Worker(beat=beat, silent=silent, queued=OrmQ.objects.count())
    return sending(at, worker, _mailbox_needs() if settings.BOUNCE_IMAP_URL else [])


def _mailbox_needs() -> list[str]:
    """What the last reading of the bounce mailbox found for a person, or why it could not be read."""
    last = Task.objects.filter(func=BOUNCES).order_by("-stopped").first()
    if last is None:
        return []
    if last.success:
        return list(last.result.needs)
    # The queue keeps the error's words, and then where it was raised.
    return [str(last.result).partition(" : Traceback")[0]]
