"""Records with something in common are compared, each when it is new: merged where that is certain, else proposed.

A run looks at the addresses, ids and customers that came since the last one, and at what was verified since. It takes
some hundreds at a time, each lot in a transaction that holds the persons locked.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import combinations
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Max, QuerySet

from contacts.common_ground import Common, of_customers, of_identifiers
from contacts.locking import lock_records
from contacts.merging import merge
from contacts.models import Compared, Customer, Identifier, OptOut, Proposal
from contacts.proposing import Pair, propose
from contacts.sameness import PERSONS_AT_MOST, Side, comparable, held_by, worth_asking

LOT = 500
"""Rows that are looked at in one transaction."""
PAUSE = timedelta(minutes=10)
"""Between two runs: longer than any transaction takes that writes customers."""
DAY = timedelta(days=1)
State, Held = Proposal.State, Proposal.Held
Find = Callable[[Collection[int]], list[Common]]
BY_ITSELF = "By itself: {}, shown to be theirs on both records."


def compare_new(at: datetime, *, enough: Callable[[], bool] = lambda: False) -> bool:
    """Compare what came since the last run; return whether all of it was. `enough`: whether the rest has to wait.

    Safe to run any number of times at once. What came in the last minutes, while others may still be writing rows with
    smaller ids, is left to the next run.
    """
    until = _begin(at)
    if until is None:
        return True
    for ids in _lots(_verified(until.at and until.at - PAUSE, at)):
        _look(of_identifiers, ids, at)
    for rows, find, done, end in (
        (Identifier.objects.all(), of_identifiers, "identifiers", until.identifiers_seen),
        (Customer.objects.all(), of_customers, "customers", until.customers_seen),
    ):
        while not enough() and _next(rows.filter(pk__lte=end), find, done, at):
            pass
    Compared.objects.update(at=at)
    return not enough()


def last_compared() -> datetime | None:
    """Return when the last run was; what was verified a little earlier is looked at once more by the next one."""
    at = Compared.objects.values_list("at", flat=True).first()
    return at - PAUSE if at else None


def _begin(at: datetime) -> Compared | None:
    """Return how far this run may go, and note how far the next one may; None where a run was a moment ago."""
    with transaction.atomic():
        Compared.objects.get_or_create(id=1)
        before = Compared.objects.select_for_update().get()
        if before.seen_at and at < before.seen_at + PAUSE:
            return None
        identifiers = Identifier.objects.aggregate(last=Max("pk"))["last"] or 0
        customers = Customer.objects.aggregate(last=Max("pk"))["last"] or 0
        Compared.objects.update(identifiers_seen=identifiers, customers_seen=customers, seen_at=at)
    return before


def _verified(since: datetime | None, until: datetime) -> list[int]:
    verified = Identifier.objects.filter(verified_at__isnull=False, verified_at__lte=until)
    verified = verified.filter(verified_at__gt=since) if since else verified
    return list(verified.order_by("verified_at", "pk").values_list("pk", flat=True))


def _lots(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(ids), LOT):
        yield ids[start : start + LOT]


def _next(rows: QuerySet[Any], find: Find, done: str, at: datetime) -> bool:
    """Look at the next rows after those that are `done`; return whether there were any."""
    with transaction.atomic():
        last = getattr(Compared.objects.select_for_update().get(), done)
        ids = list(rows.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:LOT])
        if ids:
            _look(find, ids, at)
            Compared.objects.update(**{done: ids[-1]})
    return bool(ids)


@transaction.atomic
def _look(find: Find, ids: Collection[int], at: datetime) -> None:
    """Merge or propose those who have something in common by these rows."""
    common = find(ids)
    if not common:
        return
    read = _read({record for one in common for record in one.holders})
    pairs = [pair for one in common for pair in _pairs(one, read)]
    held = {pair: read.why_held(pair) if read.held(pair) else _merge(pair, at) for pair in pairs}
    merged = {pair.persons for pair, why in held.items() if why is None}
    asked = [pair for pair in pairs if pair.persons not in merged and pair.persons not in read.decided]
    propose((Pair(pair.one, pair.other, pair.why, held[pair] or "") for pair in asked if read.is_worth(pair)), at)


@dataclass(frozen=True, slots=True)
class Candidates:
    """Records of two people who have something in common, whether it was shown to be theirs, how many more have it."""

    why: Proposal.Why
    one: int
    other: int
    persons: frozenset[int]
    verified: bool
    further: int


@dataclass(frozen=True, slots=True)
class Read:
    """What is known of people: record -> who stands for the person, person -> the side, people -> what was decided."""

    owners: Mapping[int, int]
    sides: Mapping[int, Side]
    decided: Mapping[frozenset[int], str]

    def sides_of(self, pair: Candidates) -> tuple[Side, Side]:
        """Return what decides about the two."""
        return self.sides[self.owners[pair.one]], self.sides[self.owners[pair.other]]

    def held(self, pair: Candidates) -> bool:
        """Whether anything keeps the two from being merged by themselves."""
        one, other = self.sides_of(pair)
        different = self.decided.get(pair.persons) == State.DIFFERENT
        return different or not comparable(one, other) or bool(self._reasons(pair))

    def why_held(self, pair: Candidates) -> Proposal.Held:
        """Return the reason that tells the most; where there is none, so many were merged that day."""
        return next(iter(self._reasons(pair)), Held.DAY)

    def is_worth(self, pair: Candidates) -> bool:
        """Whether a person should look at the two."""
        return worth_asking(*self.sides_of(pair), self._reasons(pair))

    def _reasons(self, pair: Candidates) -> list[Proposal.Held]:
        return held_by(*self.sides_of(pair), verified=pair.verified, further=pair.further)


def _read(records: Collection[int]) -> Read:
    """Lock the people behind these records and read what decides about them."""
    locked = lock_records(records)
    owners = {record.id: record.person_id for record in locked}
    asked = Proposal.objects.filter(first__in=owners, second__in=owners).values_list("first", "second", "state")
    # What says that they are different comes last, and holds.
    decided = {frozenset((owners[first], owners[second])): state for first, second, state in asked.order_by("-state")}
    return Read(owners, _sides(owners), decided)


def _sides(owners: Mapping[int, int]) -> dict[int, Side]:
    columns = ("pk", "source", "name", "brand", "account", "simulated", "erased_at")
    rows: dict[int, list[tuple[Any, ...]]] = defaultdict(list)
    for record, *values in Customer.objects.filter(pk__in=owners).values_list(*columns):
        rows[owners[record]].append(tuple(values))
    refused: dict[int, set[str]] = defaultdict(set)
    for record, channel in OptOut.objects.filter(customer__in=owners, reopened_at=None).values_list(
        "customer", "channel"
    ):
        refused[owners[record]].add(channel)
    return {person: _side(own, refused[person]) for person, own in rows.items()}


def _side(rows: Sequence[tuple[Any, ...]], refused: Collection[str]) -> Side:
    sources, names, brands, accounts, simulated, erased = zip(*rows, strict=True)
    return Side(
        records=len(rows),
        sources=set(sources),
        names={name for name in names if name},
        brands={brand for brand in brands if brand},
        accounts={account for account in accounts if account},
        refused=refused,
        simulated=any(simulated),
        erased=any(erased),
    )


def _pairs(common: Common, read: Read) -> list[Candidates]:
    """Each two of the people who have something in common; none where too many have it."""
    holders: dict[int, tuple[int, bool]] = {}
    for record, verified in sorted(common.holders.items()):
        first, before = holders.get(read.owners[record], (record, False))
        holders[read.owners[record]] = first, before or verified
    if len(holders) > PERSONS_AT_MOST:
        return []
    return [
        Candidates(common.why, one, other, frozenset((own, others)), verified and too, len(holders) - 2)
        for (own, (one, verified)), (others, (other, too)) in combinations(sorted(holders.items()), 2)
    ]


def _merge(pair: Candidates, at: datetime) -> Proposal.Held | None:
    """Merge two people into the older record's; return what speaks against it now, as others were merged before."""
    read = _read([pair.one, pair.other])
    now = replace(pair, persons=frozenset((read.owners[pair.one], read.owners[pair.other])))
    if len(now.persons) == 1:
        return None
    if read.held(now) or _is_full(at):
        return read.why_held(now)
    into, joining = sorted((read.owners[pair.one], read.owners[pair.other]))
    merge(joining, into=into, at=at, by_id=None, why=BY_ITSELF.format(pair.why.label))
    first, second = sorted((pair.one, pair.other))
    decided = {"state": State.MERGED, "held": "", "decided_at": at, "by": None}
    Proposal.objects.update_or_create(
        first_id=first, second_id=second, defaults=decided, create_defaults={**decided, "why": pair.why, "found_at": at}
    )
    return None


def _is_full(at: datetime) -> bool:
    """Whether as many were merged by themselves in the last day as may be."""
    done = Proposal.objects.filter(state=State.MERGED, held="", decided_at__gt=at - DAY).count()
    return done >= settings.MERGES_PER_DAY
