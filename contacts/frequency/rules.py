"""The rules that one request has to pass, each reduced to the one question from when on it passes."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial, reduce
from zoneinfo import ZoneInfo

from contacts.frequency.caps import Cap, Load, earliest, loads
from contacts.frequency.facts import Customer, Kind, Leave, Reason, Request, Row, is_call
from contacts.frequency.hours import ALWAYS, Week, first_open, first_working
from contacts.frequency.policy import Policy
from contacts.frequency.windows import Elapsed, LocalDays


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule that may hold a request back: `first(at)` is the first instant from `at` on at which it alone passes.

    `loads` is what a rule that counts contacts has counted, in each zone that is possible.
    """

    name: str
    kind: Kind
    first: Callable[[datetime], datetime | None]
    loads: Sequence[Load] = ()

    def reason(self, at: datetime, until: datetime | None) -> Reason:
        """Why the rule does not pass at `at`, but at `until` or never."""
        if self.kind == "cap" and self.loads:
            used = max(load.used(at) for load in self.loads)
            return Reason(self.name, self.kind, used, self.loads[0].cap.limit, until)
        return Reason(self.name, self.kind, until=until)

    def counted(self, at: datetime) -> tuple[object, ...]:
        """The keys of the rows that the rule counts at `at`."""
        keys = (span.key for load in self.loads for span in load.held(at))
        return tuple(dict.fromkeys(key for key in keys if key is not None))


@dataclass(frozen=True, slots=True)
class Case:
    """A request with what is known about its customer: the own rows, those of the account's others, the zones."""

    policy: Policy
    customer: Customer
    request: Request
    at: datetime
    rows: Sequence[Row]
    account_rows: Sequence[Row]
    zones: tuple[ZoneInfo, ...]

    def rules(self, leave: Leave | None = None) -> Iterator[Rule]:
        """Every rule that can hold this request back under a leave, in the order in which reasons are given."""
        yield from self._consent()
        if leave is None:
            yield from self._holdout()
        for cap in self.policy.caps:
            if cap.tests(self.request) and not _passes(leave, cap):
                rows = [*self.rows, *self.account_rows] if cap.per == "account" else self.rows
                yield self._counting("cap", cap, rows)
        if is_call(self.request):
            yield from self._calls(leave)
        yield from self._wishes(leave)
        if not (leave and leave.any_hour):
            yield from self._hours()

    def _consent(self) -> Iterator[Rule]:
        channel = self.request.channel
        if channel in self.customer.opt_outs or "all" in self.customer.opt_outs:
            yield Rule("opt-out", "consent", never)
        if channel in self.customer.closed:
            yield Rule("closed-address", "consent", never)
        if is_call(self.request) and any(row.outcome == "refused" and is_call(row) for row in self.rows):
            yield Rule("refused", "consent", never)

    def _holdout(self) -> Iterator[Rule]:
        """A held-out person is asked after a quiet time, and called by no program: a call takes several tries."""
        if self.customer.quiet is None:
            return
        if is_call(self.request) and self.request.program:
            yield Rule("holdout", "holdout", never)
        elif self.request.purpose == "invitation":
            about_surveys = [row for row in self.rows if row.purpose != "other" or row.survey]
            yield self._counting("holdout", Cap("holdout", 1, "contacts", Elapsed(self.customer.quiet)), about_surveys)

    def _counting(self, kind: Kind, cap: Cap, rows: Sequence[Row]) -> Rule:
        found = loads(cap, rows, self.at, self.zones, cap.weight(self.request))
        firsts = [load.first for load in found]
        return Rule(cap.name, kind, firsts[0] if len(firsts) == 1 else partial(earliest, firsts), found)

    def _calls(self, leave: Leave | None) -> Iterator[Rule]:
        """The phone rests after a call that reached nobody, or reached somebody at a bad moment; after two it stops.

        So it does after an answer that came instead of a call.
        """
        if self.request.calls_ended and leave is None:
            yield Rule("appointment-only", "appointment", never)
        if self.request.answered and leave is None:
            yield Rule("answered", "answered", never)
        if leave and leave.kind == "override":
            return
        rests = self.policy.retries
        ends = [
            rests[row.outcome].end(row.at.astimezone(UTC), zone)
            for row in self.rows
            if row.outcome in rests and is_call(row) and not (leave and row.at < leave.start)
            for zone in self.zones
        ]
        if ends:
            yield Rule("retry", "cap", partial(max, max(ends)))

    def _wishes(self, leave: Leave | None) -> Iterator[Rule]:
        if self.customer.pause_until is not None:
            yield Rule("pause", "wish", partial(max, self.customer.pause_until.astimezone(UTC)))
        if self.customer.once_in_days is not None:
            once = Cap("once-in-days", 1, "contacts", LocalDays(self.customer.once_in_days))
            yield self._counting("wish", once, self.rows)
        if self.customer.preferred_hours and not (leave and leave.kind == "appointment"):
            # Within the contact hours: two weeks that never meet would be waited for without end.
            hours = self.policy.hours[self.request.channel]
            lawful = () if hours == ALWAYS else (hours,)
            week = reduce(Week.within, (*self.customer.preferred_hours, *lawful))
            yield Rule("preferred-hours", "wish", partial(first_open, week, self.zones))

    def _hours(self) -> Iterator[Rule]:
        hours = self.policy.hours[self.request.channel]
        if hours == ALWAYS:
            return
        if self.policy.holidays:
            yield Rule("holiday", "holiday", partial(first_working, self.policy.holidays, self.zones))
        yield Rule("hours", "hours", partial(first_open, hours, self.zones))


def _passes(leave: Leave | None, cap: Cap) -> bool:
    if leave is None:
        return False
    return leave.kind == "override" or (cap.counts_calls_only and cap.limit > 0)


def never(at: datetime) -> None:
    """When a rule passes that no waiting helps against."""
