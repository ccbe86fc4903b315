"""Who is at risk in which month, and that nothing of the month itself, or of after the notice, is known in it."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd
import pytest

from analytics.churn.losses import lost_by_silence
from analytics.churn.months import customer_months

UNTIL = datetime(2026, 6, 15, tzinfo=UTC)


def day(text: str) -> pd.Timestamp:
    return pd.Timestamp(text, tz="UTC")


def customers(**columns: list[Any]) -> pd.DataFrame:
    given = {"customer": [1], "joined_at": [day("2026-01-10")], "left_at": [pd.NaT]} | columns
    return pd.DataFrame(given)


def answers(rows: Iterable[tuple[int, str, int]] = ()) -> pd.DataFrame:
    return pd.DataFrame([(c, day(at), score) for c, at, score in rows], columns=["customer", "at", "score"])


def touchpoints(rows: Iterable[tuple[int, str, bool]] = ()) -> pd.DataFrame:
    return pd.DataFrame([(c, day(at), problem) for c, at, problem in rows], columns=["customer", "at", "problem"])


def months(people: pd.DataFrame, given: Any = (), met: Any = ()) -> pd.DataFrame:
    found = customer_months(people, answers(given), touchpoints(met), observed_until=UNTIL)
    return found.assign(month=found["month"].dt.strftime("%m")).set_index("month")


def test_at_risk_from_joining_to_the_last_whole_month() -> None:
    found = months(customers())
    assert found.index.tolist() == ["01", "02", "03", "04", "05"]
    assert found["tenure"].tolist() == [0, 1, 2, 3, 4]
    assert found["churn"].sum() == 0


def test_leaving_ends_the_rows() -> None:
    found = months(customers(left_at=[day("2026-03-31")]))
    assert found["churn"].tolist() == [0, 0, 1]


def test_leaving_in_the_month_of_joining_counts() -> None:
    assert months(customers(left_at=[day("2026-01-20")]))["churn"].tolist() == [1]


def test_leaving_in_the_month_that_is_not_over_is_not_yet_known() -> None:
    assert months(customers(left_at=[day("2026-06-10")]))["churn"].tolist() == [0] * 5


def test_who_gave_notice_left_then() -> None:
    """A score on the way out, and a call after the notice, are no facts of any month."""
    people = customers(left_at=[day("2026-05-31")], notice_at=[day("2026-03-10")])
    found = months(people, [(1, "2026-03-11", 0), (1, "2026-04-02", 0)], [(1, "2026-03-12", True)])
    assert found["churn"].tolist() == [0, 0, 1]
    assert found["never_answered"].tolist() == [1, 1, 1]
    assert found["problems"].tolist() == [0, 0, 0]


@pytest.mark.parametrize(("left", "notice"), [("2026-03-05", None), (None, "2026-03-05"), ("2026-03-05", "2026-05-01")])
def test_notice_or_leaving_whichever_comes_first(left: str | None, notice: str | None) -> None:
    people = customers(left_at=[left and day(left)], notice_at=[notice and day(notice)])
    assert months(people)["churn"].tolist() == [0, 0, 1]


def test_score_has_an_age_and_none_is_a_fact_of_its_own_month() -> None:
    found = months(customers(), [(1, "2026-02-01", 9), (1, "2026-02-20", 3), (2, "2026-02-21", 10)])
    assert found["score"].fillna(-1).tolist() == [-1, -1, 3, 3, 3]
    assert found["score_age"].iloc[2:].tolist() == [9, 40, 70]
    assert found["never_answered"].tolist() == [1, 1, 0, 0, 0]


def test_problems_count_for_ninety_days() -> None:
    met = [(1, "2026-01-11", False), (1, "2026-01-30", True), (1, "2026-03-01", True), (2, "2026-03-02", True)]
    found = months(customers(), met=met)
    assert found["touchpoints"].tolist() == [0, 2, 2, 3, 1]
    assert found["problems"].tolist() == [0, 1, 1, 2, 1]
    assert found["quiet_days"].iloc[1:].tolist() == [2, 30, 31, 61]


def test_months_are_those_of_the_zone() -> None:
    """Half past eleven in the evening of 28 February in Lisbon is March in Athens."""
    left = customers(left_at=[day("2026-02-28 23:30")])
    athens = customer_months(left, answers(), touchpoints(), observed_until=UNTIL.astimezone(ZoneInfo("Europe/Athens")))
    assert athens["churn"].tolist() == [0, 0, 1]
    assert months(left)["churn"].tolist() == [0, 1]


@pytest.mark.parametrize(
    ("zone", "joined", "first_answer", "seen"),
    [
        ("America/Havana", "2020-10-05", "2020-11-01 04:30", [1, 1, 0]),
        ("America/Asuncion", "2017-09-05", "2017-10-01 03:59", [1, 0, 0]),
    ],
)
def test_months_start_also_where_clocks_change_at_midnight(
    zone: str, joined: str, first_answer: str, seen: list[int]
) -> None:
    """In Havana midnight came twice that night, 04:00 and 05:00 UTC; in Asuncion it was left out at 04:00 UTC."""
    people = customers(joined_at=[day(joined)])
    until = (day(joined) + timedelta(days=90)).to_pydatetime().astimezone(ZoneInfo(zone))
    found = customer_months(people, answers([(1, first_answer, 7)]), touchpoints(), observed_until=until)
    assert found["never_answered"].tolist() == seen


def test_own_facts_stay_and_problems_need_not_be_known() -> None:
    people = customers(plan=["yearly"])
    found = customer_months(people, answers(), touchpoints()[["customer", "at"]], observed_until=UNTIL)
    assert found["plan"].tolist() == ["yearly"] * 5
    assert "problems" not in found
    assert found.columns.tolist()[:4] == ["customer", "month", "churn", "tenure"]


def test_nobody_has_no_months() -> None:
    assert len(months(customers().iloc[:0])) == 0


@pytest.mark.parametrize(
    ("people", "given", "told"),
    [
        (customers(customer=[1, 1], joined_at=[day("2026-01-01")] * 2, left_at=[pd.NaT] * 2), (), "1 is there twice"),
        (customers(left_at=[day("2026-01-09")]), (), "customer 1 left before joining"),
        (customers(left_at=[day("2026-08-01")]), (), "say when in notice_at"),
        (customers(joined_at=[day("2026-07-01")]), (), "1 customers lie after 2026-06-15"),
        (customers(joined_at=[pd.NaT]), (), "1 customers do not say"),
        (customers(), [(1, "2026-06-16", 3)], "1 answers lie after"),
    ],
)
def test_dates_that_cannot_be_are_refused(people: pd.DataFrame, given: Any, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        months(people, given)


def purchases(*days: float, customer: int = 1) -> pd.DataFrame:
    return pd.DataFrame({"customer": customer, "at": [day("2026-01-01") + timedelta(days=one) for one in days]})


SECOND = 1 / 86400


@pytest.mark.parametrize(
    ("bought", "until", "lost"),
    [
        ((0,), 90, 90),
        ((0,), 90 - SECOND, None),
        ((0, 90), 100, None),
        ((0, 90 + SECOND), 100, 90),
        ((0, 30, 60), 200, 150),
        ((0, 200, 210), 220, 90),
    ],
)
def test_silence_longer_than_stated_is_a_loss(bought: tuple[float, ...], until: float, lost: float | None) -> None:
    end = (day("2026-01-01") + timedelta(days=until)).to_pydatetime()
    [row] = lost_by_silence(purchases(*bought), quiet=timedelta(days=90), observed_until=end).to_dict("records")
    assert row["joined_at"] == day("2026-01-01")
    assert (None if pd.isna(row["left_at"]) else row["left_at"]) == (
        None if lost is None else day("2026-01-01") + timedelta(days=lost)
    )


def test_losses_make_months() -> None:
    bought = pd.concat([purchases(0, 20, 50), purchases(3, 40, 120, customer=2)])
    lost = lost_by_silence(bought, quiet=timedelta(days=60), observed_until=UNTIL)
    found = customer_months(lost, answers(), bought, observed_until=UNTIL)
    assert found.groupby("customer")["churn"].agg(["size", "sum"]).to_numpy().tolist() == [[4, 1], [4, 1]]


def test_no_silence_and_purchases_of_the_future_are_refused() -> None:
    with pytest.raises(ValueError, match="longer than nothing"):
        lost_by_silence(purchases(0), quiet=timedelta(0), observed_until=UNTIL)
    with pytest.raises(ValueError, match="1 purchases lie after"):
        lost_by_silence(purchases(0, 400), quiet=timedelta(days=60), observed_until=UNTIL)
