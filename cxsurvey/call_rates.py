"""The response rates that the work list shows: the step in which calls and statistics meet."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from contacts.readers import Reader

LOOKED_BACK = timedelta(days=90)


def call_rates(at: datetime, reader: Reader) -> Sequence[Mapping[str, Any]]:
    """Return the response rates of the cases closed in the 90 days before `at` that somebody may read, by program."""
    from analytics.calls import call_rows, disposition_rows
    from analytics.period import Period
    from analytics.scope import Scope

    return call_rows(disposition_rows(Scope(Period(at - LOOKED_BACK, None, at), reader=reader)))
