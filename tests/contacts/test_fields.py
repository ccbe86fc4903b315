"""What a cell may hold, value by value."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contacts.intake import fields
from contacts.intake.fields import FieldError
from tests.contacts.files import NOON

SECOND = timedelta(seconds=1)
READ: list[tuple[Callable[[str], Any], str, Any]] = [
    (fields.one_line, "  Ada  ", "Ada"),
    (fields.one_line, "A\u0308rger", "\u00c4rger"),
    (fields.one_line, "\u202eAda\u200b", "Ada"),
    (fields.one_line, "Ada\tLovelace\x07", "Ada Lovelace"),
    (fields.verbatim, "one\r\ntwo\rthree\u202e", "one\ntwo\nthree"),
    (fields.verbatim, "\U0001f469\u200d\U0001f52c \0", "\U0001f469\u200d\U0001f52c"),
    (fields.key, "007", "007"),
    (fields.score, "10", 10),
    (fields.amount, "-0.125", Decimal("-0.12")),
    (fields.amount, "11.7700", Decimal("11.77")),
    (fields.zone, "europe/berlin", "Europe/Berlin"),
    (fields.language, "de_at", "de-AT"),
    (fields.language, "EN", "en"),
    (fields.country, "de", "DE"),
    (fields.country, "uk", "GB"),
    (fields.email, "Ada@Example.COM", "ada@example.com"),
    (fields.instant, "2026-03-04T10:30:00+01:00", datetime(2026, 3, 4, 9, 30, tzinfo=UTC)),
    (fields.instant, "2026-03-04 10:30Z", datetime(2026, 3, 4, 10, 30, tzinfo=UTC)),
]
REFUSED: list[tuple[Callable[[str], Any], str]] = [
    (fields.one_line, "Äda\nLovelace"),
    (fields.one_line, "Ada\nLovelace"),
    (fields.text_up_to(3), "four"),
    (fields.key, "NaN"),
    (fields.key, "\u200b"),
    (fields.key, "x" * 181),
    (fields.amount, "1,234.50"),
    (fields.amount, "11,77"),
    (fields.amount, "1_000"),
    (fields.zone, "CEST"),
    (fields.language, "German"),
    (fields.language, "english-language"),
    (fields.country, "DEU"),
    (fields.country, "ß"),
    (fields.email, "ada at example.com"),
    (fields.instant, "2026-02-30T10:00:00Z"),
    (fields.instant, "2026-03-04T25:00:00Z"),
    (fields.instant, "0001-01-01T00:00:00+14:00"),
]


@pytest.mark.parametrize(("parse", "text", "value"), READ)
def test_read(parse: Callable[[str], Any], text: str, value: Any) -> None:
    assert parse(text) == value


@pytest.mark.parametrize(("parse", "text"), REFUSED)
def test_refused(parse: Callable[[str], Any], text: str) -> None:
    with pytest.raises(FieldError):
        parse(text)


@given(st.datetimes(datetime(1900, 1, 1), datetime(2200, 1, 1)), st.integers(-14 * 60, 14 * 60))  # noqa: DTZ001
def test_an_instant_means_the_same_in_every_offset(wall: datetime, minutes: int) -> None:
    moment = wall.replace(tzinfo=timezone(timedelta(minutes=minutes)))
    assert fields.instant(moment.isoformat()) == moment


@given(st.text(max_size=20))
def test_only_eleven_texts_are_a_score(text: str) -> None:
    allowed = [str(score) for score in range(11)]
    try:
        assert str(fields.score(text)) == text
    except FieldError:
        assert text not in allowed


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_cleaning_twice_changes_nothing(text: str) -> None:
    once = fields.verbatim(text)
    assert fields.verbatim(once) == once
    assert "\0" not in once


def test_a_number_is_read_in_its_region() -> None:
    assert fields.phone("07700 900123", "GB") == "+447700900123"
    with pytest.raises(FieldError, match="phone number") as refused:
        fields.phone("12", "GB")
    assert refused.value.column == "phone"


@pytest.mark.parametrize("moment", [fields.EARLIEST, NOON + fields.AHEAD])
def test_what_can_have_happened(moment: datetime) -> None:
    fields.happened(moment, NOON, "occurred_at")


@pytest.mark.parametrize("moment", [fields.EARLIEST - SECOND, NOON + fields.AHEAD + SECOND])
def test_what_cannot_have_happened(moment: datetime) -> None:
    with pytest.raises(FieldError, match="from 1980 until now"):
        fields.happened(moment, NOON, "occurred_at")
