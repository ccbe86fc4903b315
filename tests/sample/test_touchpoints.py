import hashlib
from collections import Counter
from math import exp, log, sqrt

import numpy as np
import pytest

from cxsurvey.sample.people import Person, people
from cxsurvey.sample.purchases import LAST_DAY, Purchase, purchases
from cxsurvey.sample.touchpoints import (
    END,
    MINUTES_A_DAY,
    START,
    WRONG,
    Happening,
    Visits,
    happenings,
    place,
    silent_after,
)
from cxsurvey.sample.truth import TRUTH, Placing, Truth

DAYS = MINUTES_A_DAY
PEOPLE_SHA256 = "697fb14e9016c0b755579af6cc07ca901a97ffb36f6fb2c21e52aa867809f257"
HAPPENINGS_SHA256 = "a5cccd9c7a90ed1cb90c40730e4b974e24a7167b2631797fc0cb644906091ae6"


@pytest.fixture(scope="module")
def bought() -> list[Purchase]:
    return purchases()


@pytest.fixture(scope="module")
def crowd(bought: list[Purchase]) -> list[Person]:
    return people(sorted({row.customer for row in bought}))


@pytest.fixture(scope="module")
def all_of_it(crowd: list[Person], bought: list[Purchase]) -> list[Happening]:
    return happenings(crowd, bought)


def odds_ratio(table: Counter[tuple[bool, bool]]) -> tuple[float, float]:
    """Return the 99.9% interval of the odds ratio of a fourfold table (Woolf 1955)."""
    both, first, second, none = (table[key] for key in ((True, True), (True, False), (False, True), (False, False)))
    centre, error = log(both * none / (first * second)), 3.29 * sqrt(1 / both + 1 / first + 1 / second + 1 / none)
    return exp(centre - error), exp(centre + error)


def test_the_seed_gives_this_data_on_every_machine(crowd: list[Person], all_of_it: list[Happening]) -> None:
    # A change here changes everybody's sample: mean it, and say so in the changelog.
    assert hashlib.sha256(repr(crowd).encode()).hexdigest() == PEOPLE_SHA256
    assert hashlib.sha256(repr(all_of_it).encode()).hexdigest() == HAPPENINGS_SHA256


def test_another_seed_gives_other_data(crowd: list[Person], bought: list[Purchase]) -> None:
    some = bought[:2_000]
    first, second = (happenings(crowd, some, Truth(seed=seed)) for seed in (1, 2))

    assert first == happenings(crowd, some, Truth(seed=1))
    assert first != second


def test_purchases_keep_everything_but_get_a_time_of_day(bought: list[Purchase], all_of_it: list[Happening]) -> None:
    real = {row.external_id: row for row in all_of_it if row.kind == "purchase"}

    assert len(real) == len(bought)
    for row in bought:
        told = real[f"{row.customer}-{row.number}"]
        assert (told.at.date(), told.quantity, told.value) == (row.day, row.quantity, row.value)
        assert 7 <= told.at.hour <= 22


def test_purchases_of_one_day_are_one_visit(all_of_it: list[Happening]) -> None:
    visits = {(row.customer, row.at.date(), row.at) for row in all_of_it if row.kind == "purchase"}

    assert len({(customer, day) for customer, day, _ in visits}) == len(visits)


def test_everything_lies_in_the_years_of_the_data(all_of_it: list[Happening]) -> None:
    assert all_of_it[0].at >= START
    assert all_of_it[-1].at.date() == LAST_DAY
    assert [row.at for row in all_of_it] == sorted(row.at for row in all_of_it)


def test_external_ids_are_unique(all_of_it: list[Happening]) -> None:
    assert len({row.external_id for row in all_of_it}) == len(all_of_it)


def test_nobody_delivers_or_answers_the_hotline_on_sundays(all_of_it: list[Happening]) -> None:
    at_work = [row for row in all_of_it if row.kind in ("delivery", "service_call")]

    assert len(at_work) > 10_000
    assert {row.at.weekday() for row in at_work} == {0, 1, 2, 3, 4, 5}


def test_there_is_enough_of_every_kind_and_groups_too_small_to_show(all_of_it: list[Happening]) -> None:
    kinds = Counter(row.kind for row in all_of_it)
    teams = Counter(row.team for row in all_of_it)

    assert len(all_of_it) < 120_000
    assert all(kinds[kind] > 1_000 for kind in ("delivery", "service_call", "chat", "post"))
    assert 0 < teams["Night desk"] < 50
    assert 0 < teams["Bike Courier"] < 50


@pytest.mark.parametrize("kind", TRUTH.placing)
def test_what_goes_wrong_has_the_odds_of_the_truth_before_silence(
    kind: str, crowd: list[Person], bought: list[Purchase], all_of_it: list[Happening]
) -> None:
    last_bought: dict[str, list[float]] = {}
    for row in all_of_it:
        if row.kind == "purchase":
            last_bought.setdefault(row.customer, []).append((row.at - START).total_seconds() / 60)
    table: Counter[tuple[bool, bool]] = Counter()
    for row in all_of_it:
        minute = (row.at - START).total_seconds() / 60
        if row.kind == kind and minute + 90 * DAYS <= END:
            silent = not any(minute < later <= minute + 90 * DAYS for later in last_bought[row.customer])
            table[row.outcome in WRONG[kind], silent] += 1

    low, high = odds_ratio(table)

    assert low < TRUTH.placing[kind].wrong_before_silence < high


def test_touchpoints_are_placed_with_the_odds_of_the_truth_before_silence() -> None:
    rng = np.random.default_rng(5)
    owner = np.repeat(np.arange(20_000), 3)
    visits = Visits(owner, np.sort(rng.integers(0, 300, (20_000, 3)), axis=1).ravel() * DAYS)
    next_morning = Placing((1, 1), (8, 9), 0.2, 0.3, 2.0, 0.2, 3.0)
    happened_to, at, _ = place("chat", next_morning, visits, rng, TRUTH)
    happened = set(zip(happened_to.tolist(), (at // DAYS - 1).tolist(), strict=True))
    silent = silent_after(owner, visits.minute + DAYS + 510, visits, 90)
    slots = zip(owner.tolist(), (visits.minute // DAYS).tolist(), silent.tolist(), strict=True)
    table = Counter(((who, day) in happened, quiet) for who, day, quiet in slots)

    low, high = odds_ratio(table)

    assert low < 2.0 < high
    assert table[True, False] / (table[True, False] + table[False, False]) == pytest.approx(0.3, abs=0.02)


def test_silence_is_no_purchase_within_the_days_after() -> None:
    visits = Visits(np.array([0, 0, 1]), np.array([0, 100, 10]) * DAYS)
    owner, minute = np.array([0, 0, 0, 1, 1]), np.array([0, 10, 100, 9, 10]) * DAYS

    assert silent_after(owner, minute, visits, 90).tolist() == [True, False, True, False, True]
