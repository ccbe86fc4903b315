"""Who competes: what is planned when, which programs want the same customers, and who loses to the rules."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.models import Count, QuerySet
from django.db.models.fields.json import KT
from django.db.models.functions import TruncDate

from contacts.brands import visible_to
from contacts.models import Contact, Decision
from contacts.models.customers import PERSON
from contacts.models.words import Outcome
from contacts.readers import EVERYTHING, Reader
from contacts.wanting import wanted
from surveys.models import Program

WEEKS = 6
LOOKED_BACK = timedelta(days=28)
WAITING = (Outcome.RESERVED, Outcome.DEFERRED)
PAIRS = """
WITH wanted AS ({wanted})
SELECT one.program, other.program, COUNT(*)
FROM wanted one JOIN wanted other ON other.person = one.person AND other.program > one.program
GROUP BY one.program, other.program
ORDER BY COUNT(*) DESC, one.program, other.program
"""


class Planned(NamedTuple):
    """How many places in the ledger a program has reserved for a day."""

    program: str
    places: int


@dataclass(frozen=True, slots=True)
class Day:
    """A day of the calendar, from `start` on and before `end`; what is planned, the most first."""

    start: datetime
    end: datetime
    planned: Sequence[Planned]

    @property
    def places(self) -> int:
        """All places of the day."""
        return sum(planned.places for planned in self.planned)


class Pair(NamedTuple):
    """Two programs and how many customers both wanted."""

    one: str
    other: str
    customers: int


class Loss(NamedTuple):
    """How many touchpoints a program asked about later (`delay`) or not at all (`skip`), by the first reason."""

    result: str
    kind: str
    rule: str
    touchpoints: int


@dataclass(slots=True)
class Standing:
    """How a program fared: the touchpoints that it wanted to ask about, and what became of them."""

    program: str
    priority: int | None
    results: Counter[str] = field(default_factory=Counter)
    losses: list[Loss] = field(default_factory=list)

    @property
    def wanted(self) -> int:
        """All touchpoints inside the sample."""
        return self.results.total()


def calendar(at: datetime, zone: ZoneInfo, reader: Reader = EVERYTHING) -> list[list[Day]]:
    """Return the weeks from the one that holds `at` on, Monday first, by the days of the zone. One statement.

    Days before `at` hold what was due then and still waits.
    """
    today = at.astimezone(zone).date()
    monday = today - timedelta(days=today.weekday())
    midnights = [datetime.combine(monday + timedelta(days=n), time.min, zone) for n in range(7 * WEEKS + 1)]
    waiting = visible_to(
        reader, Contact.objects.filter(outcome__in=WAITING, at__gte=midnights[0], at__lt=midnights[-1])
    )
    counted = waiting.values(day=TruncDate("at", tzinfo=zone)).annotate(places=Count("pk"))
    planned: dict[date, list[Planned]] = defaultdict(list)
    for day, program, places in counted.order_by("-places", "program").values_list("day", "program", "places"):
        planned[day].append(Planned(program, places))
    days = [Day(start, end, planned[start.date()]) for start, end in pairwise(midnights)]
    return [days[n : n + 7] for n in range(0, len(days), 7)]


def pairs(since: datetime, until: datetime, reader: Reader = EVERYTHING) -> list[Pair]:
    """Return the programs that wanted the same customers, the most shared first. One statement."""
    named = _wanted(since, until, reader).exclude(program="")
    persons = named.annotate(person=PERSON).values("person", "program").distinct()
    sql, params = persons.order_by().query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(PAIRS.format(wanted=sql), params)
        return [Pair(*row) for row in cursor.fetchall()]


def standings(since: datetime, until: datetime, reader: Reader = EVERYTHING) -> list[Standing]:
    """Return how every program fared, the most important first. Two statements."""
    priorities = dict(visible_to(reader, Program.objects.all()).values_list("slug", "priority"))
    groups = _wanted(since, until, reader).values(
        "program", "result", kind=KT("reasons__0__kind"), rule=KT("reasons__0__rule")
    )
    found: dict[str, Standing] = {}
    for row in groups.annotate(touchpoints=Count("pk")).order_by("-touchpoints", "rule"):
        program = row["program"]
        standing = found.setdefault(program, Standing(program, priorities.get(program)))
        standing.results[row["result"]] += row["touchpoints"]
        if row["result"] != Decision.Result.SEND:
            standing.losses.append(Loss(row["result"], row["kind"], row["rule"], row["touchpoints"]))
    return sorted(found.values(), key=lambda one: (one.priority is None, -(one.priority or 0), one.program))


def _wanted(since: datetime, until: datetime, reader: Reader) -> QuerySet[Decision]:
    return visible_to(reader, wanted().filter(decided_at__gte=since, decided_at__lt=until))
