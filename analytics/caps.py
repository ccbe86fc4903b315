"""How many customers stand at each cap of the policy in force, by the rules that the gate itself applies."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import islice
from typing import TypedDict

from analytics.people import everybody
from analytics.shares import percent
from contacts import frequency
from contacts.brands import visible_to
from contacts.ledger import BEGINNING, per_account, read_ledger
from contacts.models import Contact
from contacts.models.customers import PERSON
from contacts.models.words import RELEASED
from contacts.persons import read_persons, read_records
from contacts.policies import Rules, rules_in_force
from contacts.readers import EVERYTHING, Reader

PERSONS_AT_ONCE = 2000


class CapRow(TypedDict):
    """One cap and the customers for whom it has no room at `at` (an instant); `share` in percent of all."""

    cap: str
    limit: int
    window: str
    at: str
    n: int
    customers: int
    share: float


def customers_at_caps(at: datetime, reader: Reader = EVERYTHING) -> list[CapRow]:
    """A row per cap, in the policy's order, about the customers that somebody may read; empty without any.

    What is booked for later counts, and contacts of all brands do, as they do for the gate.
    """
    rules = rules_in_force()
    version, policy, _ = rules
    people = visible_to(reader, everybody()).count()
    full = Counter(name for used in _used(rules, at, reader) for name, taken, limit in used if taken >= limit)
    document = version.document if version else frequency.DEFAULT_POLICY
    rows = []
    for cap, written in zip(policy.caps, document.get("caps", []), strict=True):
        n = full[cap.name] if cap.limit else people
        share = percent(n, people) if people else 0.0
        rows.append(
            CapRow(
                cap=cap.name,
                limit=cap.limit,
                window=written["window"],
                at=at.isoformat(timespec="seconds"),
                n=n,
                customers=people,
                share=share,
            )
        )
    return rows


def _used(rules: Rules, at: datetime, reader: Reader) -> Iterator[list[tuple[str, float, int]]]:
    """What each person has used of each cap, for all whom any contact still weighs on; read some at a time."""
    _, policy, arms = rules
    touched = _touched(policy, at, reader)
    while ids := list(islice(touched, PERSONS_AT_ONCE)):
        persons = {person.id: person for person in read_persons(read_records(ids), arms).values()}
        ledger = read_ledger(persons.values(), policy, at)
        for person in persons.values():
            own = arms.policy_of(person.arm, policy)
            yield frequency.pressure(own, ledger.of(person), at, person.facts, ledger.of_account(person))


def _touched(policy: frequency.Policy, at: datetime, reader: Reader) -> Iterator[int]:
    """Ids of the persons for whom a cap can be full: with a cap per account also those who were not contacted."""
    everyone = visible_to(reader, everybody())
    if per_account(policy):
        return everyone.order_by("pk").values_list("pk", flat=True).iterator()
    longest = max((cap.window.longest for cap in policy.caps), default=timedelta(0))
    counting = Contact.objects.filter(at__gt=at - min(longest, at - BEGINNING)).exclude(outcome__in=RELEASED)
    if reader.brands is not None:
        counting = counting.alias(person=PERSON).filter(person__in=everyone.values("pk"))
    return counting.order_by(PERSON).values_list(PERSON, flat=True).distinct().iterator()
