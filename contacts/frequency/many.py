"""One request to many customers at once: `evaluate` for a million, in numpy.

The answer is that of `evaluate` where it is `sure`; where it is not, the caller asks `evaluate`. Instants are int64
microseconds since the epoch in UTC. Only bulk work imports this module; the web does without numpy.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from contacts.frequency.caps import Cap
from contacts.frequency.facts import Kind, Request, Row, is_call
from contacts.frequency.hour_arrays import First, local_rules
from contacts.frequency.policy import Policy
from contacts.frequency.zone_arrays import (
    ABSENT,
    MICROSECOND,
    NEVER,
    Bools,
    Ints,
    Places,
    instant,
    latest_ends,
    micros,
    window_ends,
    window_starts,
)

__all__ = ["ABSENT", "NEVER", "People", "Reasons", "Verdicts", "cap_mask", "decide", "instant", "micros", "since"]

MOST_CAPS = 64
"""As many caps as `People.caps` has bits; with a policy of more caps nothing is sure."""

Masks = NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class People:
    """One request to each of n persons, and what is known of them; each is judged by itself.

    `at` is the instant of the request, `expires` the last one that is worth it (NEVER for any), `zone` an index (-1
    where several zones are possible), `opted_out` whether of the channel or of everything. `contacts` [n, depth] are
    the newest rows of the ledger that are not released, newest first, ABSENT after the last; `caps` [n, depth] the
    `cap_mask` of each; `older` says whether there may be more behind the last. Persons with a wish of their own, a
    closed address, or in an account with others whom a cap counts, are left to `evaluate`.
    """

    at: Ints
    expires: Ints
    zone: Places
    opted_out: Bools
    contacts: Ints
    caps: Masks
    older: Bools


@dataclass(frozen=True, slots=True)
class Reasons:
    """What one rule answered, [n] each: whom it held back, and until when (NEVER where no waiting helps).

    For a cap, `cap` is its place in the policy and `used` what it holds; where `short`, at least that, and the rows
    of the ledger after `since` tell how much exactly. `used` and `until` mean something only where `held`.
    """

    rule: str
    kind: Kind
    held: Bools
    until: Ints
    used: Ints
    short: Bools
    cap: int | None = None
    limit: int | None = None


@dataclass(frozen=True, slots=True)
class Verdicts:
    """The answers, [n] each: `at` is the first allowed instant, NEVER for a skip, `possible` the same without expiry.

    `reasons` has one entry for each rule that held anybody back, in the order of `evaluate`. All this holds where
    `sure`; where not, rows that are not in `contacts`, or later ones, may change the answer: ask `evaluate`.
    """

    sure: Bools
    at: Ints
    possible: Ints
    reasons: tuple[Reasons, ...]


def cap_mask(policy: Policy, row: Row) -> int:
    """The caps that count a row, one bit for each: bit c for `policy.caps[c]`. The instant of the row plays no part."""
    return sum(1 << c for c, cap in enumerate(policy.caps[:MOST_CAPS]) if cap.counts(row))


def decide(policy: Policy, request: Request, zones: Sequence[ZoneInfo], people: People) -> Verdicts:
    """Whether each of the persons may be contacted as requested: the answers of `evaluate`, where they are sure.

    `request` is what all requests share: its id, customer, at and expires play no part.
    """
    if is_call(request) or len(policy.caps) > MOST_CAPS:
        return Verdicts(np.zeros(len(people.at), np.bool_), people.at, people.at, ())
    tested = {c: cap for c, cap in enumerate(policy.caps) if cap.tests(request)}
    last = _last_known(people)
    sure = (people.zone >= 0) & ~_booked_later(people, tested, last)
    reasons = [_plain("opt-out", "consent", people.opted_out, np.full(len(people.at), NEVER))]
    for c, cap in tested.items():
        reason, certain = _under_cap(c, cap, cap.weight(request), zones, people, last)
        sure &= certain
        reasons.append(reason)
    possible = people.at.copy()
    for reason in reasons:
        np.maximum(possible, reason.until, out=possible, where=reason.held)
    local = local_rules(policy, request.channel, zones)
    for kind, first in local.items():
        until = _first(first, people.zone, people.at, sure)
        reasons.append(_plain(kind, kind, until > people.at, until))
    possible = _earliest([*local.values()], people.zone, possible, sure)
    expired = np.where(possible == NEVER, people.at, possible) > people.expires
    reasons.append(_plain("expiry", "expiry", expired, np.full(len(people.at), NEVER)))
    allowed = np.where(expired, NEVER, possible)
    return Verdicts(sure, allowed, possible, tuple(reason for reason in reasons if reason.held.any()))


def since(cap: Cap, zones: Sequence[ZoneInfo], people: People) -> tuple[Ints, Bools]:
    """Since when rows count under a cap at each person's instant, and where that is sure.

    Of the rows up to the instant of the request those that are later than this one count.
    """
    known = people.zone >= 0
    begin, sure = window_starts(cap.window, zones, np.where(known, people.zone, 0), people.at)
    return begin, sure & known


def _booked_later(people: People, tested: Mapping[int, Cap], last: Ints) -> Bools:
    """Whether a contact later than the request may count: to find the fullest window takes more than counting then."""
    bits = np.uint64(sum(1 << c for c in tested))
    seen: Bools = ((people.contacts > people.at[:, None]) & (people.caps & bits != 0)).any(axis=1)
    return seen | people.older & (last > people.at)


def _last_known(people: People) -> Ints:
    """The oldest contact that is known of each person; the request's own instant where none is."""
    known = (people.contacts != ABSENT).sum(axis=1)
    return np.where(known > 0, people.contacts[np.arange(len(known)), known - 1], people.at)


def _under_cap(
    c: int, cap: Cap, own: int, zones: Sequence[ZoneInfo], people: People, last: Ints
) -> tuple[Reasons, Bools]:
    """What a cap answers, and where that is sure; rows that lie before the request can only expire."""
    oldest = np.where(people.zone >= 0, people.at - cap.window.longest // MICROSECOND, NEVER)
    person, place = np.nonzero((people.contacts > oldest[:, None]) & (people.caps & np.uint64(1 << c) != 0))
    ends = window_ends(cap.window, zones, people.zone[person], people.contacts[person, place])
    lasting = ends > people.at[person]
    used = np.bincount(person[lasting], minlength=len(people.at))
    weighed = cap.measure == "seconds"
    until = people.at.copy()
    if cap.limit == 0 or own > cap.limit:
        until[:] = NEVER
    elif not weighed:
        full = used >= cap.limit
        until[full] = _nth_latest(cap.limit, ends[lasting], used, full)
    held = until > people.at
    unseen_until = _unseen_until(cap, zones, people, last, np.flatnonzero(people.older & (last > oldest)))
    unseen = unseen_until > people.at
    certain = ~unseen & (used == 0) if weighed else ~unseen | held & (until >= unseen_until)
    return Reasons(cap.name, "cap", held, until, used, held & unseen, c, cap.limit), certain


def _nth_latest(n: int, ends: Ints, counts: Ints, chosen: Bools) -> Ints:
    """The n-th latest of each chosen person's ends: from then on fewer than n contacts count.

    `ends` has those of all persons one after the other, `counts` how many each has.
    """
    if not chosen.any():
        return np.empty(0, np.int64)
    wanted = np.repeat(chosen, counts)
    counts = counts[chosen]
    row = np.repeat(np.arange(len(counts)), counts)
    place = np.arange(len(row)) - np.repeat(np.cumsum(counts) - counts, counts)
    width = int(counts.max())
    table = np.full((len(counts), width), ABSENT)
    table[row, place] = ends[wanted]
    latest: Ints = np.partition(table, width - n, axis=1)[:, width - n]
    return latest


def _unseen_until(cap: Cap, zones: Sequence[ZoneInfo], people: People, last: Ints, whose: Places) -> Ints:
    """Until when contacts behind the last known one may count; ABSENT for all but the persons asked for."""
    until = np.full(len(people.at), ABSENT)
    until[whose] = latest_ends(cap.window, zones, people.zone[whose], last[whose])
    return until


def _earliest(firsts: Sequence[First], zone: Places, at: Ints, asked: Bools) -> Ints:
    """The first instants from `at` on that suit all of `firsts`, for those asked for: `earliest` for each."""
    while True:
        reached = at
        for first in firsts:
            reached = _first(first, zone, reached, asked & (reached != NEVER))
        if np.array_equal(reached, at):
            return at
        at = reached


def _first(first: First, zone: Places, at: Ints, asked: Bools) -> Ints:
    """What `first` answers for those asked for; `at` for the others."""
    found = at.copy()
    found[asked] = first(zone[asked], at[asked])
    return found


def _plain(rule: str, kind: Kind, held: Bools, until: Ints) -> Reasons:
    """What a rule answers that counts nothing."""
    return Reasons(rule, kind, held, until, np.zeros(len(held), np.int64), np.zeros(len(held), np.bool_))
