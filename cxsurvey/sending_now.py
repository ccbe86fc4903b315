"""The state of sending with that of the worker, which the queue knows: for the command, the page and the start page."""

from datetime import datetime

from django_q.models import OrmQ

from cxsurvey.schedules import WORKER_SILENCE, last_beat
from surveys.sending import Sending, Worker, sending


def sending_now(at: datetime) -> Sending:
    """Return the state of it all at an instant."""
    beat = last_beat()
    silent = beat is None or at - beat > WORKER_SILENCE
    return sending(at, Worker(beat=beat, silent=silent, queued=OrmQ.objects.count()))
