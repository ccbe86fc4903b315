"""When a delivery that failed is tried again, when it is given up, and when an endpoint counts as dead. Pure."""

import hashlib
from datetime import datetime, timedelta

from surveys.channels.asked_waits import asked_wait

WAITS = (
    *(timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=2), timedelta(hours=5)),
    *(timedelta(hours=10), timedelta(hours=14), timedelta(hours=20), timedelta(hours=24)),
)
"""After the first try, the second ...: three days and some hours in all, as Standard Webhooks proposes."""
TRIES = len(WAITS) + 1
JITTER = 0.2
"""Share of a wait by which it is longer at most, so that what failed at once does not come back at once."""
FIRST_QUIET, LONGEST_QUIET = timedelta(seconds=30), timedelta(hours=1)
LONGEST_ASKED = timedelta(days=1)
"""What an endpoint asks for beyond it is not believed."""
DEAD_AFTER, DEAD_FAILURES = timedelta(days=3), 10
GONE = 410
BUSY = (429, 503)


def was_taken(status: int | None) -> bool:
    """Whether the answer says yes. One that leads elsewhere does not: it is never followed."""
    return status is not None and status // 100 == 2


def is_the_endpoints(status: int | None) -> bool:
    """Whether a failure says that the endpoint is in trouble, and not that it minds this one event."""
    return status is None or status // 100 == 5 or status in (408, 429)


def wait(tries: int, seed: str, asked: timedelta | None = None) -> timedelta | None:
    """Return how long to wait after so many tries, at least what the endpoint asked for; None: give up.

    `seed` says by how much longer: the same for the same text.
    """
    if tries >= TRIES:
        return None
    share = int.from_bytes(hashlib.sha256(f"{seed} {tries}".encode()).digest()[:4]) / 2**32
    own = WAITS[tries - 1] * (1 + JITTER * share)
    return max(own, asked) if asked else own


def quiet(failures: int) -> timedelta:
    """Return how long an endpoint in trouble is left alone after so many failures in a row, 1 or more."""
    doublings: int = 2 ** min(failures - 1, 20)
    return min(FIRST_QUIET * doublings, LONGEST_QUIET)


def is_dead(failures: int, failing_since: datetime, at: datetime) -> bool:
    """Whether nothing has been taken for so long that somebody should look."""
    return failures >= DEAD_FAILURES and at - failing_since >= DEAD_AFTER


def asked_for(status: int | None, retry_after: str, at: datetime) -> timedelta | None:
    """Return for how long a busy endpoint asks to be left alone (RFC 9110, 10.2.3), if it does."""
    if status not in BUSY:
        return None
    wait = asked_wait(retry_after, at)
    return None if wait is None else min(max(wait, timedelta()), LONGEST_ASKED)
