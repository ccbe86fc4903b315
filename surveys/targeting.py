"""Which touchpoints count for which target, and what is known of their customers before them."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import timedelta

from django.db.models import Exists, OuterRef, QuerySet

from contacts.models import Touchpoint
from contacts.models.customers import PERSON
from contacts.models.words import Purpose
from surveys.models import Invitation, Program, Response, Target
from surveys.occasions import DAY, Came

EARLIER = timedelta(days=28)
"""So long before it another touchpoint makes one the customer's next, and no longer the first."""

Targets = Mapping[int, Sequence[Target]]
"""Program id -> its targets."""


def targets_of(programs: Iterable[Program]) -> dict[int, list[Target]]:
    """The targets of these programs; those without any are left out. One statement."""
    found: dict[int, list[Target]] = defaultdict(list)
    by_id = {program.pk: program for program in programs}
    for target in Target.objects.filter(program__in=by_id):
        target.program = by_id[target.program_id]
        found[target.program_id].append(target)
    return dict(found)


def target_of(targets: Sequence[Target], kind: str, team: str) -> Target | None:
    """The target that a touchpoint of a program counts for: that of its team, else that of its kind."""
    named = {(target.by, target.value): target for target in targets}
    return named.get((Target.By.TEAM, team)) or named.get((Target.By.KIND, kind))


def came(
    touchpoints: QuerySet[Touchpoint], targets: Sequence[Target], kinds: Collection[str]
) -> Iterator[tuple[int, Came]]:
    """The touchpoints (ids) that count for one of a program's targets. `kinds`: all that some program has a target for.

    One statement; what is known of a customer is what was known when the touchpoint happened.
    """
    before = {"customer": OuterRef("customer")}
    when = OuterRef("occurred_at")
    rows = touchpoints.order_by().annotate(
        answered=Exists(Response.objects.counted().filter(**before, answered_at__lt=when)),
        invited=Exists(Invitation.objects.filter(**before, purpose=Purpose.INVITATION, created_at__lt=when)),
        earlier=Exists(
            Touchpoint.objects.filter(
                **before, kind__in=kinds, occurred_at__gte=when - EARLIER, occurred_at__lt=when - DAY
            )
        ),
    )
    columns = ("pk", PERSON, "occurred_at", "kind", "team", "answered", "invited", "earlier")
    for pk, customer, at, kind, team, answered, invited, earlier in rows.values_list(*columns).iterator(2_000):
        if target := target_of(targets, kind, team):
            standing = "answers" if answered else "silent" if invited else "new"
            yield pk, Came(customer, at, str(target.pk), standing, earlier)


def kinds_with_targets(targets: Targets) -> list[str]:
    """The kinds of touchpoints of all programs that have a target."""
    return sorted({kind for those in targets.values() for kind in those[0].program.kinds})
