from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User

from cxsurvey.models import SampleState
from cxsurvey.sample.load import end_of_data, load
from cxsurvey.sample.purchases import Purchase, purchases
from surveys.delivery import deliver
from surveys.models import Invitation, Program
from surveys.planning import plan
from tests.pristine import Shared

#: A Saturday; the data end on the Tuesday before.
NOW = datetime(2026, 11, 21, 13, 30, tzinfo=UTC)
SINCE = date(1998, 3, 15)
#: So long before the data end the shop begins to ask, in the tests that run its days.
ASKED = timedelta(days=6)


def unseen(items: Sequence[Any], what: str) -> Iterable[Any]:
    """Show no progress."""
    return items


@pytest.fixture(scope="session")
def some_purchases() -> list[Purchase]:
    """Return the purchases of the last months of the first 3,000 customers."""
    return [row for row in purchases() if row.customer <= "03000" and row.day >= SINCE]


@pytest.fixture(scope="module")
def sample(shared: Shared, some_purchases: list[Purchase]) -> None:
    """Load these purchases, once for all tests of a module."""
    with shared():
        load(some_purchases, NOW, unseen)


@pytest.fixture
def loaded(sample: None, db: None) -> SampleState:
    """Return the state of the sample that is loaded."""
    return SampleState.objects.get()


@pytest.fixture
def last_days(loaded: SampleState) -> SampleState:
    """Let the shop begin to ask only some days before the data end."""
    loaded.reached = end_of_data(loaded.weeks) - ASKED
    loaded.save()
    Program.objects.update(starts_at=loaded.reached)
    return loaded


@pytest.fixture
def sent_at(last_days: SampleState) -> datetime:
    """Return an instant at which a first pass has something to plan and to send."""
    return last_days.reached + timedelta(days=3, hours=15)


@pytest.fixture
def sent(sent_at: datetime) -> Invitation:
    """Send what is due, and return one of the invitations to the survey that asks whether to call."""
    plan(sent_at)
    deliver(sent_at)
    return Invitation.objects.filter(state="sent", version__questions__key="call_me").latest("pk")


@pytest.fixture
def staff(db: None) -> User:
    """Return who sees to the follow-ups."""
    return User.objects.create(username="staff")
