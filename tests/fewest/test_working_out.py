"""From what is known to probabilities: by hand where that can be done."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from cxsurvey.fewest.known import STANDINGS, Knowledge, Known
from cxsurvey.fewest.rates import Delays, needed, pulled, variance
from cxsurvey.fewest.working_out import work_out
from surveys.models import Program, Target
from surveys.occasions import Came, Counts, Kind, count

MAY, JUNE = datetime(2026, 5, 1, tzinfo=UTC), datetime(2026, 6, 1, tzinfo=UTC)
DAY = timedelta(days=1)
OPEN = {"granted": {False: 1.0, True: 1.0}, "capped": {False: 0.0, True: 0.0}}


def known(value: str, margin: float, rate: float, **more: object) -> Known:
    target = Target(program=Program(name="After", slug=value), value=value, margin=margin)
    return Known(target, 36, rates=dict.fromkeys(STANDINGS, rate), **OPEN, **more)  # type: ignore[arg-type]


def each_day(target: str, a_day: int, first: int) -> list[Came]:
    """New customers on each of the 28 days before May."""
    return [
        Came(first + 100 * day + n, MAY - day * DAY, target, "new", earlier=False)
        for day in range(28)
        for n in range(a_day)
    ]


def test_a_share_is_pulled_towards_a_guess() -> None:
    assert pulled(0, 0, 0.1) == 0.1
    assert pulled(8, 20, 0.2) == 0.3


def test_few_answers_are_taken_to_be_spread_widely() -> None:
    assert variance(0, 0, 0) == 1
    assert needed(10, (0, 0, 0)) == 385
    assert variance(500, 300, 200) == pytest.approx((1000 * (0.7 - 0.09) + 30) / 1030)


def test_what_is_out_may_still_be_answered_the_less_the_older_it_is() -> None:
    usual = Delays([])
    assert usual.coming(0.2, timedelta()) == pytest.approx(0.2)
    assert usual.coming(0.2, timedelta(days=2)) == pytest.approx(0.2 * 0.367879 / (0.8 + 0.2 * 0.367879), rel=1e-4)
    assert usual.coming(1.0, timedelta(days=1)) == 1
    seen = Delays([timedelta(hours=n) for n in range(1, 21)])
    assert seen.still(timedelta(hours=15)) == 0.25
    assert seen.coming(0.2, timedelta(hours=30)) == 0


def test_each_customer_counts_once_in_a_span_and_then_for_what_came_later() -> None:
    came = [
        Came(1, MAY - 20 * DAY, "app", "new", earlier=False),
        Came(1, MAY - 20 * DAY + timedelta(hours=3), "call", "new", earlier=False),
        Came(1, MAY - 16 * DAY, "call", "silent", earlier=True),
        Came(1, MAY - 2 * DAY, "app", "silent", earlier=True),
        Came(2, MAY - 2 * DAY, "app", "new", earlier=False),
    ]
    assert count(came, MAY, 14 * DAY) == {
        Kind(("app", "call"), "new", earlier=False): Counts(1, Counter(["call"])),
        Kind(("app",), "silent", earlier=True): Counts(1),
        Kind(("app",), "new", earlier=False): Counts(1),
    }
    assert count(came, MAY, 28 * DAY)[Kind(("app", "call"), "new", earlier=False)].later == {"app": 1, "call": 1}


def test_the_plan_asks_as_many_as_the_answers_take() -> None:
    targets = {"app": known("app", 20, 0.25, answers=20, coming=7.0)}
    found, exact = work_out(Knowledge(MAY, MAY, JUNE, targets, each_day("app", 20, 0), []))
    app = found["app"]
    assert exact
    assert app.needed == 97
    assert app.contacts == 280  # (97 - 20 - 7) / 0.25
    assert app.missing == 0
    assert app.hours == pytest.approx(2.8)
    [(kind, share)] = app.groups.items()
    assert kind == "app new first"
    assert share.customers == 620  # 20 a day in May
    assert share.probability == app.probability == pytest.approx(280 / 620)


def test_what_is_missing_is_said_with_the_answers_of_those_whom_caps_leave_out() -> None:
    one = known("app", 20, 0.1)
    one.granted, one.capped = {False: 0.5, True: 0.5}, {False: 0.4, True: 0.4}
    found, _ = work_out(Knowledge(MAY, MAY, JUNE, {"app": one}, each_day("app", 20, 0), []))
    assert found["app"].probability == pytest.approx(1)
    assert found["app"].expected == pytest.approx(31)
    assert found["app"].missing == pytest.approx(66)
    assert found["app"].capped == pytest.approx(0.4 * 62)


def test_with_nobody_to_ask_everything_is_missing() -> None:
    found, _ = work_out(Knowledge(MAY, MAY, JUNE, {"app": known("app", 20, 0.1)}, [], []))
    assert (found["app"].contacts, found["app"].missing, found["app"].probability) == (0, 97, 0)


def test_what_waits_now_is_asked_about_beside_what_will_come() -> None:
    targets = {"app": known("app", 30, 0.25)}
    waiting = [Came(90_000 + n, MAY, "app", "new", earlier=False) for n in range(1000)]
    found, _ = work_out(Knowledge(MAY, MAY, JUNE, targets, each_day("app", 20, 0), waiting))
    [share] = found["app"].groups.values()
    assert share.customers == 1620


def test_half_of_those_who_answer_seldom_are_asked_too() -> None:
    """Nobody is left out for being silent: the floor is half of the proportional share."""
    one = known("app", 20, 0.3)
    one.rates = {"new": 0.3, "silent": 0.05, "answers": 0.6}
    eager = [Came(50_000 + n, MAY - n % 28 * DAY, "app", "answers", earlier=False) for n in range(560)]
    silent = [Came(60_000 + n, MAY - n % 28 * DAY, "app", "silent", earlier=False) for n in range(560)]
    found, _ = work_out(Knowledge(MAY, MAY, JUNE, {"app": one}, [*eager, *silent], []))
    shares = found["app"].groups
    assert 0 < shares["app silent first"].probability < shares["app answers first"].probability
    assert shares["app silent first"].contacts >= 0.25 * found["app"].contacts
