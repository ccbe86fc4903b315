"""How long things take, from minutes that the database has counted."""

from collections import Counter
from collections.abc import Mapping
from typing import Any, NamedTuple, TypedDict

from django.db.models import BigIntegerField, Case, Count, Func, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce

from analytics.scope import Scope
from analytics.scores import SHOWN_FROM, withheld
from analytics.shares import PublishedShare, published
from contacts.models.words import Purpose
from surveys.models import Invitation

ALL = "all"


class WaitRow(TypedDict):
    """Hours from a touchpoint to its invitation (`to_invitation`), or from an invitation to its answer (`to_answer`).

    `value`: the channel of the invitation, or all of them. `p90`: nine of ten took no longer.
    """

    what: str
    value: str
    n: int | None
    median: float | None
    p90: float | None


class ReminderRow(PublishedShare):
    """Of the `n` customers who got this reminder (0: the invitation itself), `count` answered before the next one."""

    reminder: int


class Turn(NamedTuple):
    """A group of first invitations: `sent` reminders each, answered after `minutes` and `after` so many reminders."""

    channel: str
    minutes: int | None
    after: int
    sent: int
    n: int


class Minutes(Func):
    """Whole minutes from the second instant to the first; toward 0."""

    arg_joiner = " - "
    template = "CAST(TRUNC(EXTRACT(EPOCH FROM (%(expressions)s)) / 60) AS bigint)"
    output_field = BigIntegerField()

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        """Whole numbers divide toward 0 in SQLite."""
        template = "(django_timestamp_diff(%(expressions)s) / 60000000)"
        return self.as_sql(compiler, connection, template=template, arg_joiner=", ", **context)


def quantile(counts: Mapping[int, int], share: float) -> int:
    """The smallest value that so large a share of what is counted does not exceed. Raises ValueError of nothing."""
    wanted, passed = share * sum(counts.values()), 0
    for value in sorted(counts):
        passed += counts[value]
        if passed >= wanted > 0:
            return value
    raise ValueError("there is nothing of which to take a quantile")


def turns(scope: Scope) -> list[Turn]:
    """The first invitations that were sent in the scope, with what followed. One statement."""
    answered = Q(response__answered_at__lte=scope.period.at)
    reminders = Invitation.objects.filter(first=OuterRef("pk"), purpose=Purpose.REMINDER, state=Invitation.State.SENT)
    until_now = reminders.filter(sent_at__lte=scope.period.at)
    rows = _first(scope).annotate(
        minutes=Case(When(answered, then=Minutes("response__answered_at", "sent_at"))),
        after=Case(When(answered, then=_how_many(reminders.filter(sent_at__lt=OuterRef("response__answered_at"))))),
        reminders_sent=_how_many(until_now),
    )
    counted = rows.values_list("channel", "minutes", Coalesce("after", 0), "reminders_sent").annotate(n=Count("pk"))
    return [Turn(*row) for row in counted.order_by()]


def wait_rows(scope: Scope, followed: list[Turn]) -> list[WaitRow]:
    """The waits for an invitation, then for an answer, each over all channels and then by channel. One statement."""
    asked: dict[str, Counter[int]] = {}
    waited = _first(scope).filter(touchpoint__isnull=False)
    minutes = Minutes("sent_at", "touchpoint__occurred_at")
    for channel, took, n in waited.values_list("channel", minutes).annotate(n=Count("pk")).order_by():
        asked.setdefault(channel, Counter())[took] += n
    answered: dict[str, Counter[int]] = {turn.channel: Counter() for turn in followed}
    silent: Counter[str] = Counter()
    for turn in followed:
        if turn.minutes is None:
            silent[turn.channel] += turn.n
        else:
            answered[turn.channel][turn.minutes] += turn.n
    hidden = withheld({channel: (answers.total(), silent[channel]) for channel, answers in answered.items()})
    return [*_rows("to_invitation", asked, frozenset()), *_rows("to_answer", answered, hidden)]


def reminder_rows(followed: list[Turn]) -> list[ReminderRow]:
    """What the invitation and each reminder brought, in their order; none without reminders."""
    sent, brought = Counter[int](), Counter[int]()
    for turn in followed:
        for number in range(turn.sent + 1):
            sent[number] += turn.n
        if turn.minutes is not None:
            brought[min(turn.after, turn.sent)] += turn.n
    hidden = withheld({str(number): (brought[number], n - brought[number]) for number, n in sent.items()})
    return [
        ReminderRow(reminder=number, **published(brought[number], sent[number], hidden=str(number) in hidden))
        for number in sorted(sent)
        if len(sent) > 1
    ]


def _first(scope: Scope) -> QuerySet[Invitation]:
    return scope.invitations().filter(purpose=Purpose.INVITATION)


def _how_many(reminders: QuerySet[Invitation]) -> Coalesce:
    counted = reminders.order_by().values("first").annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(counted), Value(0))


def _rows(what: str, groups: Mapping[str, Counter[int]], hidden: frozenset[str]) -> list[WaitRow]:
    every: Counter[int] = sum(groups.values(), Counter())
    in_order = sorted(groups, key=lambda channel: (-groups[channel].total(), channel))
    parts = [_row(what, channel, groups[channel], hidden=channel in hidden) for channel in in_order]
    return [_row(what, ALL, every, hidden=False), *parts]


def _row(what: str, value: str, minutes: Counter[int], *, hidden: bool) -> WaitRow:
    n = minutes.total()
    if hidden or n < SHOWN_FROM:
        return WaitRow(what=what, value=value, n=None, median=None, p90=None)
    median, p90 = (round(quantile(minutes, share) / 60, 1) for share in (0.5, 0.9))
    return WaitRow(what=what, value=value, n=n, median=median, p90=p90)
