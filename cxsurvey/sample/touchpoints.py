"""Makes up what the data set lacks: service calls, chats, deliveries and public posts around the real visits.

Also the minute of each real purchase, of which only the day is known. Purchases are as they are, so bad service
cannot drive anybody away here; instead it is put, with known odds, where customers really fell silent (`truth`).
All times are local to the customer and lie in the years of the data set.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cxsurvey.sample.people import Person
from cxsurvey.sample.purchases import FIRST_DAY, LAST_DAY, Purchase
from cxsurvey.sample.truth import TRUTH, Floats, Placing, Truth, with_odds

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

MINUTES_A_DAY = 24 * 60
START = datetime.combine(FIRST_DAY, time())
END = ((LAST_DAY - FIRST_DAY).days + 1) * MINUTES_A_DAY
SUNDAY_OFF = ("service_call", "delivery")

RIGHT = {"delivery": "on time", "service_call": "resolved", "chat": "resolved", "post": "praise"}
#: What a touchpoint that goes wrong ends in, with its share.
WRONG = {
    "delivery": {"late": 0.75, "damaged": 0.25},
    "service_call": {"unresolved": 1.0},
    "chat": {"unresolved": 1.0},
    "post": {"complaint": 1.0},
}
CHANNELS = {
    "delivery": {"parcel": 0.7, "letter": 0.3},
    "service_call": {"hotline": 0.9, "callback": 0.0985, "video call": 0.0015},
    "chat": {"website": 0.75, "messenger": 0.25},
    "post": {"forum": 0.4, "social network": 0.4, "review site": 0.2},
}
#: Who dealt with it, by the customer's country; the last of each is so rare that its scores stay hidden.
TEAMS = {
    "service_call": {
        "US": {"Denver": 0.6, "Tampa": 0.3965, "Night desk": 0.0035},
        "CA": {"Denver": 1.0},
        "GB": {"Leeds": 1.0},
        "DE": {"Berlin": 1.0},
    },
    "chat": {
        "US": {"Chat Leeds": 1.0},
        "CA": {"Chat Leeds": 1.0},
        "GB": {"Chat Leeds": 1.0},
        "DE": {"Chat Berlin": 1.0},
    },
    "delivery": {
        "US": {"Parcel Post": 0.65, "Swift Courier": 0.35},
        "CA": {"Parcel Post": 1.0},
        "GB": {"Parcel Post": 0.5, "Swift Courier": 0.5},
        "DE": {"Parcel Post": 0.497, "Swift Courier": 0.5, "Bike Courier": 0.003},
    },
}
AGENTS = {
    "Denver": ("Avery", "Blake", "Casey", "Devon", "Ellis", "Frankie"),
    "Tampa": ("Gale", "Harley", "Indigo", "Jamie", "Kit"),
    "Leeds": ("Lee", "Morgan", "Nico", "Ollie"),
    "Berlin": ("Alex", "Billie", "Charlie", "Dominique", "Eike"),
    "Night desk": ("Noor",),
    "Chat Leeds": ("Pat", "Quinn", "Robin", "Sam", "Toni"),
    "Chat Berlin": ("Uli", "Vanja", "Wanja"),
}
TOPICS = {"order": 0.35, "refund": 0.25, "damaged disc": 0.2, "account": 0.2}


class Happening(NamedTuple):
    """One touchpoint. `at` is naive: local time of the customer, in the years of the data set."""

    external_id: str
    customer: str
    kind: str
    channel: str
    at: datetime
    direction: str
    agent: str = ""
    team: str = ""
    product: str = ""
    reference: str = ""
    outcome: str = ""
    value: Decimal | None = None
    quantity: int | None = None


class Visits(NamedTuple):
    """Every visit to the shop, ordered by customer and time: whose (place in the people), and at which minute."""

    owner: Ints
    minute: Ints


def happenings(people: Sequence[Person], bought: Sequence[Purchase], truth: Truth = TRUTH) -> list[Happening]:
    """Return the real purchases at simulated minutes and everything made up around them, in order of time."""
    rng = np.random.default_rng([truth.seed, 2])
    places = {person.external_id: place for place, person in enumerate(people)}
    visits = visits_of(places, bought, rng)
    rows = _purchases(places, bought, visits)
    for kind, placing in truth.placing.items():
        rows += _made_up(kind, placing, people, visits, rng, truth)
    return sorted(rows, key=lambda row: (row.at, row.external_id))


def visits_of(places: Mapping[str, int], bought: Sequence[Purchase], rng: np.random.Generator) -> Visits:
    """Return one visit for each customer and day of purchase, at a plausible minute: noon or evening, 7 to 23."""
    days = sorted({(places[row.customer], (row.day - FIRST_DAY).days) for row in bought})
    owner, day = np.array(days, dtype=np.int64).T
    evening = rng.random(len(days)) < 0.6
    hour = np.where(evening, rng.normal(20, 1.5, len(days)), rng.normal(12.5, 2.5, len(days))).clip(7, 22.99)
    return Visits(owner, day * MINUTES_A_DAY + (hour * 60).astype(np.int64))


def silent_after(owner: Ints, minute: Ints, visits: Visits, days: int) -> Flags:
    """Whether each owner buys nothing within `days` after the minute, as far as the data go."""
    span = END + (days + 1) * MINUTES_A_DAY
    bought = visits.owner * span + visits.minute
    after = owner * span + minute
    following = np.append(bought, np.iinfo(np.int64).max)[np.searchsorted(bought, after, side="right")]
    return np.asarray(following > after + days * MINUTES_A_DAY)


def _purchases(places: Mapping[str, int], bought: Sequence[Purchase], visits: Visits) -> list[Happening]:
    """Return the real purchases, those of one visit at the same minute."""
    minutes = {
        (owner, minute // MINUTES_A_DAY): minute
        for owner, minute in zip(visits.owner.tolist(), visits.minute.tolist(), strict=True)
    }
    return [
        Happening(
            external_id=f"{row.customer}-{row.number}",
            customer=row.customer,
            kind="purchase",
            channel="web shop",
            at=START + timedelta(minutes=minutes[places[row.customer], (row.day - FIRST_DAY).days]),
            direction="in",
            product="CDs",
            value=row.value,
            quantity=row.quantity,
        )
        for row in bought
    ]


def _made_up(
    kind: str, placing: Placing, people: Sequence[Person], visits: Visits, rng: np.random.Generator, truth: Truth
) -> list[Happening]:
    """Return the touchpoints of one made-up kind."""
    owner, minute, wrong = place(kind, placing, visits, rng, truth)
    return [
        _happening(kind, f"{kind}-{number}", people[place_], int(at), rng, wrong=bool(bad))
        for number, (place_, at, bad) in enumerate(zip(owner, minute, wrong, strict=True), start=1)
    ]


def place(
    kind: str, placing: Placing, visits: Visits, rng: np.random.Generator, truth: Truth
) -> tuple[Ints, Ints, Flags]:
    """Return owner, minute and whether it goes wrong of each touchpoint of a kind; see `Placing`.

    Where the data end before it is known whether silence follows, silence is drawn with the share of those known.
    """
    count = len(visits.owner)
    day = visits.minute // MINUTES_A_DAY + rng.integers(placing.days[0], placing.days[1], count, endpoint=True)
    if kind in SUNDAY_OFF:
        day += (day + FIRST_DAY.weekday()) % 7 == 6
    minute = day * MINUTES_A_DAY + rng.integers(placing.hours[0] * 60, placing.hours[1] * 60, count)
    silent = silent_after(visits.owner, minute, visits, truth.silence_days)
    known = minute + truth.silence_days * MINUTES_A_DAY <= END
    silent = np.where(known, silent, rng.random(count) < silent[known].mean())
    n = np.bincount(visits.owner)[visits.owner]
    happens = _drawn(placing.per_visit + placing.per_customer / n, placing.before_silence, silent, rng) & (minute < END)
    wrong = _drawn(np.full(count, placing.wrong), placing.wrong_before_silence, silent, rng)
    return visits.owner[happens], minute[happens], wrong[happens]


def _drawn(chance: Floats, ratio: float, silent: Flags, rng: np.random.Generator) -> Flags:
    """Draw by `chance`, or by `ratio` times its odds where silence follows."""
    return rng.random(len(silent)) < np.where(silent, with_odds(chance, ratio), chance)


def _happening(
    kind: str, external_id: str, person: Person, minute: int, rng: np.random.Generator, *, wrong: bool
) -> Happening:
    """Fill in who dealt with a touchpoint, how and what came of it."""
    team = _pick(TEAMS[kind][person.country], rng) if kind in TEAMS else ""
    return Happening(
        external_id=external_id,
        customer=person.external_id,
        kind=kind,
        channel=_pick(CHANNELS[kind], rng),
        at=START + timedelta(minutes=minute),
        direction="out" if kind == "delivery" else "in",
        agent=AGENTS[team][rng.integers(len(AGENTS[team]))] if team in AGENTS else "",
        team=team,
        product=_pick(TOPICS, rng) if kind in ("service_call", "chat") else "",
        reference=f"T-{minute:06}-{person.external_id}" if kind in ("service_call", "chat") else "",
        outcome=_pick(WRONG[kind], rng) if wrong else RIGHT[kind],
    )


def _pick(shares: Mapping[str, float], rng: np.random.Generator) -> str:
    """Draw a word by its share."""
    at, drawn = 0.0, rng.random()
    for word, share in shares.items():
        at += share
        if drawn < at:
            return word
    return word
