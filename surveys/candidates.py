"""Which touchpoints a program has still to decide about, found without reading all of them again."""

from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet, TextField, Value
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast, Coalesce

from contacts.brands import visible_to
from contacts.lots import lot
from contacts.models import Decision, Touchpoint
from contacts.readers import EVERYTHING, Reader
from surveys.models import Program, Survey

OVERLAP = 5_000
"""Ids looked at again behind the newest seen: another process may have taken some and committed them later."""
FIELDS = frozenset({"direction", "agent", "team", "product", "reference", "outcome"})
"""What a program's filter can name beside the attributes."""


def undecided(program: Program, at: datetime) -> tuple[QuerySet[Touchpoint], ...]:
    """Return the touchpoints of the program that are ripe at `at` and have no decision of it, in disjoint parts.

    After a first pass over everything: those that were still worth asking about at the last pass, by their time, and
    older ones that arrived since, by their id. So a pass costs what is new, not what there is.
    """
    ripe = Touchpoint.objects.filter(occurred_at__gte=program.starts_at, occurred_at__lte=at - program.delay)
    of_its_kinds = ripe.filter(kind__in=program.kinds)
    if program.planned_at is None:
        return (_undecided(program, of_its_kinds),)
    since = min(program.planned_at, at) - program.worth
    # An expression keeps SQLite from reading the whole index of kinds up to `since` instead of the few newest ids.
    arrived = ripe.alias(its_kind=Coalesce("kind", Value(""))).filter(its_kind__in=program.kinds)
    return (
        _undecided(program, of_its_kinds.filter(occurred_at__gt=since)),
        _undecided(program, arrived.filter(occurred_at__lte=since, pk__gt=program.seen_touchpoint - OVERLAP)),
    )


def matching(program: Program, touchpoints: QuerySet[Touchpoint]) -> QuerySet[Touchpoint]:
    """Leave what matches the program's channels and filters, of customers of its brand or of none."""
    brand = Survey.objects.filter(pk=program.survey_id).values("brand")
    touchpoints = touchpoints.filter(Q(customer__brand=None) | Q(customer__brand__in=brand))
    if program.channels:
        touchpoints = touchpoints.filter(channel__in=program.channels)
    for number, (name, values) in enumerate(program.filters.items()):
        if name in FIELDS:
            touchpoints = touchpoints.filter(**{f"{name}__in": values})
        else:
            # As an alias, because a name with two underscores would be read as a look-up.
            attribute = {f"attribute_{number}": Cast(KeyTextTransform(name, "attributes"), TextField())}
            wanted = {f"attribute_{number}__in": [str(value) for value in values]}
            touchpoints = touchpoints.alias(**attribute).filter(**wanted)
    return touchpoints


def _undecided(program: Program, touchpoints: QuerySet[Touchpoint]) -> QuerySet[Touchpoint]:
    """Leave what matches the program's channels and filters and has no decision of it."""
    decided = Decision.objects.filter(touchpoint=OuterRef("pk"), program=program.slug, stage=Decision.Stage.PLAN)
    return matching(program, touchpoints).filter(~Exists(decided))


def draw(program: str, source: str, external_id: str) -> float:
    """Return a number from 0 to below 1 that is always the same for a program and a touchpoint."""
    return lot(program, source, external_id)


def waiting_for_programs(at: datetime, reader: Reader = EVERYTHING) -> list[tuple[Program, int]]:
    """Return the active programs that somebody may read, with how many touchpoints a pass would decide about."""
    programs = visible_to(reader, Program.objects.filter(active=True).order_by("name"))
    return [(program, sum(part.count() for part in undecided(program, at))) for program in programs]
