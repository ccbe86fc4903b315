"""For how long each kind of data is kept, in one table: what is usual, what somebody decided, what goes in the night.

The contract on how often customers may be contacted never loses what its longest cap still needs: a shorter time is
refused, and where the policy came to look back further since, the night keeps what it needs all the same.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.admin.models import CHANGE
from django.db import transaction
from django.db.models import Max
from django_q.models import Task

from contacts import import_files
from contacts import retention as of_contacts
from contacts.gate.audit import audit
from contacts.models import Wish
from contacts.policies import policy_in_force
from contacts.retention import Enough, Kind
from cxsurvey import exports, import_folder, past, quiet
from cxsurvey.erasing import write_anew
from cxsurvey.models import Retention
from recovery import retention as of_recovery
from surveys import retention as of_surveys

SLACK = 120
"""Days beyond the longest cap: in them links are open, messages are answered and what was answered is seen to."""
KINDS = (
    *(kind for kind in of_surveys.KINDS if kind.key == "comments"),
    Kind(
        key="past",
        name="Touchpoints, contacts, decisions and answers of a customer",
        becomes="made anonymous, by whole months: they stay in the reports, and belong to nobody any more",
        why="Three years are the usual limit of claims (in Germany section 195 BGB), and of use for comparisons.",
        days=1095,
        count=lambda before: past.with_past(before).count(),
        forget=past.hand_over_past,
        contract=True,
    ),
    Kind(
        key="people",
        name="Customers of whom nothing was heard",
        becomes="emptied: name, addresses and ids; a no is remembered as a hash, if she comes again",
        why="After three years nothing is asked any more about anything. Take them out of your own system too.",
        days=1095,
        count=lambda before: quiet.quiet(before).count(),
        forget=quiet.forget_quiet,
        contract=True,
    ),
    *of_contacts.KINDS,
    *(kind for kind in of_surveys.KINDS if kind.key != "comments"),
    *of_recovery.KINDS,
    Kind(
        key="imports",
        name="Uploaded files, previews and rejected rows",
        becomes="deleted; how many rows came in and were rejected stays",
        why="Two weeks are enough to mend what was rejected.",
        days=14,
        count=lambda before: import_files.old(before).exclude(file="", rejects=[]).count(),
        forget=lambda before, at, _enough: import_files.forget(before, at),
    ),
    Kind(
        key="import_folder",
        name="Files in the import folder that were imported",
        becomes="deleted from its folders “done” and “failed”",
        why="They are copies of what another system has; a month is enough to find out what went wrong.",
        days=30,
        count=lambda before: len(import_folder.put_away_before(before)),
        forget=lambda before, _at, _enough: import_folder.forget(before),
    ),
    Kind(
        key=exports.KIND,
        name="Files of exports",
        becomes="deleted; who asked for what stays",
        why="Whoever asked for one fetches it within days, and can ask again.",
        days=settings.EXPORTS_KEPT_DAYS,
        count=lambda before: exports.finished_before(before).count(),
        forget=lambda before, _at, _enough: exports.forget_finished(before),
    ),
    Kind(
        key="queue",
        name="What the queue remembers of finished jobs",
        becomes="deleted",
        why="It is needed to find out what went wrong.",
        days=30,
        **of_contacts.in_lots(
            lambda before: Task.objects.filter(stopped__lt=before),
            lambda ids, _at: Task.objects.filter(pk__in=ids).delete(),
            first="",
        ),
    ),
)
BY_KEY: Mapping[str, Kind] = {kind.key: kind for kind in KINDS}


class TooShort(ValueError):  # noqa: N818 - it is what the time is
    """A time in which the contract on how often would forget what it needs; the text says for what, and how many."""


@dataclass(frozen=True, slots=True)
class Need:
    """How many days the contract looks back at least, and what does."""

    days: int
    what: str


def days_of(key: str) -> int | None:
    """Return for how many days a kind is kept; None for good."""
    return all_days()[key]


def all_days() -> dict[str, int | None]:
    """Return by kind for how many days it is kept."""
    decided = dict(Retention.objects.values_list("kind", "days"))
    return {kind.key: decided.get(kind.key, kind.days) for kind in KINDS}


def needed() -> Need:
    """Return what the policy in force and the wishes of customers need of the past."""
    _, policy = policy_in_force()
    looks = [Need(cap.window.longest.days, f"the cap “{cap.name}”") for cap in policy.caps]
    wished = Wish.objects.filter(withdrawn_at=None).aggregate(most=Max("once_in_days"))["most"] or 0
    most = max([*looks, Need(wished, "a customer's wish to be asked less often")], key=lambda need: need.days)
    return Need(most.days + SLACK, most.what)


def check(key: str, days: int | None) -> None:
    """Raise TooShort where the contract needs a kind for longer."""
    need = needed()
    if BY_KEY[key].contract and days is not None and days < need.days:
        raise TooShort(
            f"Keep these for {need.days} days or more: {need.what} looks back {need.days - SLACK} days, and {SLACK} "
            "more are needed to see to what was answered."
        )


@transaction.atomic
def decide(days: Mapping[str, int | None], *, at: datetime, by_id: int) -> None:
    """Keep these kinds for so many days (None: for good) from now on. Raises TooShort."""
    for key, wanted in days.items():
        check(key, wanted)
        row, _ = Retention.objects.update_or_create(kind=key, defaults={"days": wanted})
        audit(row, CHANGE, f"{key}: {f'{wanted} days' if wanted else 'for good'}.", by_id=by_id, at=at)


def gone(key: str, days: int | None, at: datetime) -> int:
    """Return how much would go in the night if a kind were kept for so many days."""
    return 0 if days is None else BY_KEY[key].count(_before(BY_KEY[key], days, at))


def forget_old(at: datetime, enough: Enough) -> None:
    """Let go of all that was kept for long enough, kind by kind; what is left when it is enough goes the next night."""
    for key, days in all_days().items():
        if days is not None and not enough():
            BY_KEY[key].forget(_before(BY_KEY[key], days, at), at, enough)
    transaction.on_commit(write_anew)


def _before(kind: Kind, days: int, at: datetime) -> datetime:
    least = needed().days if kind.contract else 0
    return at - timedelta(days=max(days, least))
