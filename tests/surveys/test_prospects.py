"""Reminders in words, and whether a policy ever lets them pass."""

from datetime import timedelta
from typing import Any

import pytest

from contacts.frequency import parse_policy
from surveys.models import Program
from surveys.prospects import Hopeless, hopeless, say_days, say_reminders
from tests.contacts.makers import cap

DAY = timedelta(days=1)


def program(**fields: Any) -> Program:
    """Return a program that reminds twice, each time after 5 days, unless told otherwise."""
    return Program(**{"slug": "shop", "reminders": 2} | fields)


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"reminders": 0}, "none"),
        ({"reminders": 1, "reminder_channel": "email"}, "after 5 days, once, by email"),
        ({"reminder_after": DAY, "reminder_channel": "sms"}, "after 1 day, up to twice, by SMS"),
        ({"reminders": 3}, "after 5 days, up to 3 times, the way the customer was asked"),
    ],
)
def test_a_list_tells_it_in_words(fields: dict[str, Any], told: str) -> None:
    assert say_reminders(program(**fields)) == told


@pytest.mark.parametrize(
    ("hours", "told"), [(0, "0 hours"), (1, "1 hour"), (24, "1 day"), (60, "2 days 12 hours"), (25, "1 day 1 hour")]
)
def test_spans_are_told_in_days_and_hours(hours: int, told: str) -> None:
    assert say_days(timedelta(hours=hours)) == told


@pytest.mark.parametrize(
    ("caps", "fields", "found"),
    [
        ([], {}, None),
        ([cap(3, "30 days")], {}, None),
        ([cap(3, "30 days")], {"reminders": 0}, None),
        ([cap(1, "30 days")], {"reminders": 0}, None),
        ([cap(1, "30 days")], {}, Hopeless(1, ("contacts",))),
        ([cap(2, "30 days")], {}, Hopeless(2, ("contacts",))),
        ([cap(3, "30 days")], {"reminders": 3, "reminder_after": 3 * DAY}, Hopeless(3, ("contacts",))),
        ([cap(1, "30 days")], {"worth": 40 * DAY, "link_days": 60, "reminders": 1}, None),
        ([cap(1, "30 days", surveys=["nps"])], {}, None),
        ([cap(1, "30 days", surveys=["other"])], {}, None),
        ([cap(1, "30 days", channels=["sms"])], {}, None),
        ([cap(0, "1 days", "reminders")], {}, Hopeless(1, ("reminders",))),
        ([cap(1, "month")], {"reminders": 1}, None),
        ([cap(1, "year")], {"reminders": 1}, None),
        ([], {"worth": 5 * DAY, "reminders": 1}, Hopeless(1, ())),
        ([], {"link_days": 5, "reminders": 1}, Hopeless(1, ())),
        ([cap(0, "1 days", channels=["sms"])], {"reminder_channel": "sms"}, Hopeless(1, ("contacts",))),
    ],
)
def test_a_reminder_that_never_passes_is_found(
    caps: list[dict[str, object]], fields: dict[str, Any], found: Hopeless | None
) -> None:
    policy = parse_policy({"caps": caps, "hours": {"sms": "always"}})
    assert hopeless(program(**fields), policy, "nps") == found


def test_what_never_passes_names_the_rule_and_the_way_out() -> None:
    assert str(Hopeless(2, ("quarantine",))) == (
        "The second reminder is never sent: the policy in force (“quarantine”) holds it back until it is no longer "
        "worth asking. Remind less often, or change the policy."
    )
    assert "no longer worth asking, or the link is closed" in str(Hopeless(1, ()))
