from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from contacts.explaining import RULES, say_answer, say_cap, say_changes, say_decision, say_reason, say_soon, say_when

JUNE = datetime(2026, 6, 2, 7, 0, tzinfo=UTC)


def test_an_instant_is_told_in_the_customers_zone() -> None:
    assert say_when(JUNE, "Europe/Oslo") == "Tuesday 2 June 2026, 09:00 (Europe/Oslo)"


def test_an_unknown_zone_is_told_in_utc() -> None:
    assert say_when(JUNE, "") == "Tuesday 2 June 2026, 07:00 (UTC)"


def test_a_cap_is_told_with_its_figures_and_its_end() -> None:
    reason = {"rule": "30 days", "kind": "cap", "used": 1, "limit": 1, "until": "2026-06-02T07:00:00Z"}
    assert say_reason(reason, "UTC") == (
        "The rule “30 days” allows 1, and 1 are used; free again on Tuesday 2 June 2026, 07:00 (UTC)."
    )


def test_what_two_channels_share_is_said_once() -> None:
    full = {"rule": "30 days", "kind": "cap", "used": 1, "limit": 1}
    assert say_decision("skip", None, [full, full], "UTC").count("30 days") == 1


def test_a_deliberate_block_has_no_end() -> None:
    assert "free again" not in say_reason({"rule": "never", "kind": "cap", "used": 0, "limit": 0, "until": None}, "UTC")


@pytest.mark.parametrize("rule", sorted(RULES))
def test_every_known_rule_has_words_and_no_key(rule: str) -> None:
    text = say_reason({"rule": rule, "kind": "hours"}, "UTC")
    assert text.endswith(".")
    assert text[0].isupper()
    assert " " in text


def test_a_rule_without_words_is_still_told() -> None:
    assert say_reason({"rule": "lunar-phase", "kind": "wish"}, "UTC") == "Lunar phase."


@pytest.mark.parametrize(
    ("result", "allowed_at", "head"),
    [("send", JUNE, "Yes, now."), ("delay", JUNE, "Not before Tuesday 2 June 2026"), ("skip", None, "No.")],
)
def test_a_decision_starts_with_its_answer(result: str, allowed_at: datetime | None, head: str) -> None:
    assert say_decision(result, allowed_at, [], "UTC").startswith(head)


def test_a_decision_tells_every_reason() -> None:
    reasons = [{"rule": "opt-out", "kind": "consent"}, {"rule": "hours", "kind": "hours"}]
    text = say_decision("skip", None, reasons, "UTC")
    assert "opted out" in text
    assert "contact hours" in text


@pytest.mark.parametrize(
    ("cap", "told"),
    [
        ({"limit": 1, "measure": "invitations", "window": "30 days"}, "At most 1 invitation in 30 days."),
        ({"limit": 2, "measure": "call_attempts", "window": "month"}, "At most 2 call attempts in a calendar month."),
        (
            {"limit": 3, "measure": "contacts", "window": "24 hours", "channels": ["sms"], "per": "account"},
            "At most 3 contacts in 24 hours, channels sms, for a whole account together.",
        ),
    ],
)
def test_a_cap_is_told_in_words(cap: dict[str, object], told: str) -> None:
    assert say_cap(cap) == told


@pytest.mark.parametrize(
    ("days", "told"),
    [
        (0, "today at 09:00, their time"),
        (1, "tomorrow at 09:00, their time"),
        (3, "this Friday at 09:00, their time"),
        (6, "next Monday at 09:00, their time"),
        (12, "next Sunday at 09:00, their time"),
        (13, "on Monday 15 June 2026 at 09:00, their time"),
        (-1, "on Monday 1 June 2026 at 09:00, their time"),
    ],
)
def test_an_instant_soon_is_told_by_its_day(days: int, told: str) -> None:
    assert say_soon(JUNE + timedelta(days=days), JUNE, ZoneInfo("Europe/Oslo")) == told


def test_midnight_at_the_customer_makes_tomorrow() -> None:
    late = datetime(2026, 6, 2, 22, 30, tzinfo=UTC)
    assert say_soon(late, JUNE, ZoneInfo("Europe/Oslo")) == "tomorrow at 00:30, their time"
    assert say_soon(late, JUNE, ZoneInfo("UTC"), known=False) == "today at 22:30 UTC"


def test_an_answer_is_one_sentence_with_its_reasons() -> None:
    reasons: list[dict[str, Any]] = [
        {"rule": "week", "kind": "cap", "used": 2, "limit": 2},
        {"rule": "pause", "kind": "wish"},
    ]
    assert say_answer("delay", "tomorrow at 09:00", reasons) == (
        "Not now, but tomorrow at 09:00: the rule “week” allows 2, and 2 are used; the customer asked us to pause."
    )
    assert say_answer("send", "now", []) == "Yes, now."
    assert say_answer("skip", "now", [{"rule": "opt-out", "kind": "consent"}]) == "No: the customer opted out."


MONTH = {"name": "month", "limit": 1, "measure": "contacts", "window": "30 days"}


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ({"caps": [MONTH]}, {"caps": [MONTH]}, []),
        (
            {"caps": [MONTH]},
            {"caps": [MONTH | {"window": "60 days"}]},
            ["Rule “month”: At most 1 contact in 60 days. It was: At most 1 contact in 30 days."],
        ),
        ({"caps": [MONTH]}, {}, ["Rule “month” is dropped: At most 1 contact in 30 days."]),
        ({}, {"caps": [MONTH]}, ["New rule “month”: At most 1 contact in 30 days."]),
        ({"holidays": []}, {"holidays": ["2026-12-25"]}, ['Holidays: ["2026-12-25"].']),
        ({"hours": {"sms": "always"}}, {"hours": {}}, ["Contact hours: the default."]),
    ],
)
def test_what_differs_between_two_policies_is_told(
    before: dict[str, object], after: dict[str, object], told: list[str]
) -> None:
    assert say_changes(before, after) == told
