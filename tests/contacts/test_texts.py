"""Texts of many rows at once say what Python says of each."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contacts.frequency.zone_arrays import micros
from contacts.texts import Texts

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
instants = st.integers(-(2**51), 2**54).map(lambda at: EPOCH + timedelta(microseconds=at))
seconds = instants.map(lambda at: at.replace(microsecond=0))


def words(*texts: str) -> Texts:
    return Texts.of(np.array([text.encode() for text in texts], np.bytes_))


@given(st.lists(st.one_of(instants, seconds), max_size=20), st.sampled_from("T "))
def test_instants_are_written_as_python_writes_them(found: list[datetime], between: str):
    written = Texts.instants(np.array([micros(at) for at in found], np.int64), between)

    assert written.strings() == [at.replace(tzinfo=None).isoformat(between) for at in found]


@given(st.lists(st.text(st.characters(exclude_characters="\0", codec="utf-8")), min_size=1, max_size=9))
def test_texts_come_out_as_they_went_in(found: list[str]):
    assert words(*found).strings() == found
    assert words(*found).lengths().tolist() == [len(text.encode()) for text in found]


def test_parts_are_put_one_behind_the_other_and_one_row_stands_for_all():
    joined = Texts.joined([Texts.same("<"), words("a", "bü", ""), Texts.same(">")])

    assert (joined.strings(), len(joined)) == (["<a>", "<bü>", "<>"], 3)
    assert Texts.joined([Texts.same("a"), Texts.same("b")]).strings() == ["ab"]


def test_parts_with_different_numbers_of_rows_are_refused():
    with pytest.raises(ValueError, match="same number of rows"):
        Texts.joined([words("a", "b"), words("a", "b", "c")])


def test_texts_are_shown_in_some_rows_taken_from_some_and_spread_over_more():
    three = words("a", "bc", "d")
    chosen = np.array([True, False, True])

    assert Texts.joined([three.where(chosen), Texts.same("!")]).strings() == ["a!", "!", "d!"]
    assert three.take(chosen).strings() == ["a", "d"]
    assert three.spread(np.array([4, 0, 2]), 5).strings() == ["bc", "", "d", "", "a"]
    assert Texts.same("x").spread(np.array([1, 2]), 3).strings() == ["", "x", "x"]


def test_a_word_is_chosen_for_each_row():
    assert Texts.chosen(("email", "sms"), np.array([1, 0, 1])).strings() == ["sms", "email", "sms"]
    assert Texts.chosen((), np.array([], np.intp)).strings() == []


def test_every_second_of_a_day_is_written():
    day = micros(EPOCH + timedelta(days=20_000)) + np.arange(86_400) * 1_000_000
    written = Texts.instants(day).strings()

    assert (written[0], written[-1], len(set(written))) == ("2024-10-04T00:00:00", "2024-10-04T23:59:59", 86_400)
