"""Keys in words."""

from datetime import UTC, datetime

import pytest
from django.utils import timezone

from contacts.models import Touchpoint
from contacts.names import in_words


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("service_call", "Service call"),
        ("contact-hours", "Contact hours"),
        ("purchase", "Purchase"),
        ("sms", "SMS"),
        ("no_sms", "No SMS"),
        ("level_2_call", "Level 2 call"),
        ("After a purchase", "After a purchase"),
        ("2026-05", "2026-05"),
        ("iPhone", "iPhone"),
        ("North & South", "North & South"),
        ("_x", "_x"),
        ("a__b", "a__b"),
        ("reklamasjon_på_vare", "reklamasjon_på_vare"),
        ("", ""),
    ],
)
def test_what_is_a_key_is_told_in_words_and_everything_else_stays(key: str, words: str) -> None:
    assert in_words(key) == words


def test_inside_a_sentence_it_begins_small() -> None:
    assert [in_words(key, inside=True) for key in ("service_call", "sms_reply", "Oslo")] == [
        *("service call", "SMS reply", "Oslo")
    ]


def test_a_touchpoint_is_named_by_the_day_where_the_organisation_is() -> None:
    visit = Touchpoint(kind="service_call", occurred_at=datetime(2026, 5, 5, 2, tzinfo=UTC))
    with timezone.override("America/New_York"):
        assert str(visit) == "Service call on 4 May 2026"
    assert str(visit) == "Service call on 5 May 2026"
