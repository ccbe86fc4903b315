"""How often something may happen, so that what was not used of late may be made up for. Pure.

The generic cell rate algorithm (ITU-T I.371) of providers' messages and of exports.
"""

from datetime import datetime, timedelta

_TICK = timedelta(microseconds=1)


def turn(due: datetime, at: datetime, each: timedelta, early: timedelta) -> tuple[datetime, datetime]:
    """Return from when on the next one may come, `at` where it may now, and when the one behind it is due.

    One comes `each` so often, and may come less than `early` before it is due.
    """
    due = max(due, at)
    return (at if due - at < early else due - early + _TICK), due + each
