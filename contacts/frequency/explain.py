"""Why: what every rule says of one request, also those that let it pass."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from contacts.frequency.caps import Cap
from contacts.frequency.evaluate import case_of, judge
from contacts.frequency.facts import Customer, Kind, Request, Row, Verdict
from contacts.frequency.policy import Policy
from contacts.frequency.rules import Rule

BEFORE_CAPS: Mapping[str, Kind] = {
    "opt-out": "consent",
    "closed-address": "consent",
    "refused": "consent",
    "holdout": "holdout",
}
AFTER_CAPS: Mapping[str, Kind] = {
    "appointment-only": "appointment",
    "answered": "answered",
    "retry": "cap",
    "pause": "wish",
    "once-in-days": "wish",
    "preferred-hours": "wish",
    "holiday": "holiday",
    "hours": "hours",
    "expiry": "expiry",
}
"""The rules that are no caps, in the order in which reasons are given."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What one rule says of a request at its instant.

    `until`: the first instant at which it passes alone, None for never. `counted`: keys of the rows that it counts.
    `applies` is false where there is nothing to test: another channel's cap, no wish, hours that are always open.
    """

    rule: str
    kind: Kind
    passes: bool
    until: datetime | None = None
    used: int | None = None
    limit: int | None = None
    counted: tuple[object, ...] = ()
    applies: bool = True


@dataclass(frozen=True, slots=True)
class Explanation:
    """A verdict with a finding for every rule, in the order of the rules, and the zones that were taken as possible."""

    verdict: Verdict
    findings: tuple[Finding, ...]
    zones: tuple[str, ...]


def explain(
    policy: Policy,
    customer: Customer,
    history: Iterable[Row],
    request: Request,
    account_history: Iterable[Row] = (),
) -> Explanation:
    """What `evaluate` answers to the same arguments, and why; the policy's caps have names of their own."""
    case = case_of(policy, customer, history, request, account_history)
    rules = list(case.rules())
    verdict = judge(case, rules)
    tested = {rule.name: _finding(rule, case.at) for rule in rules} | _expiry(request, verdict)
    idle = [
        *(Finding(name, kind, passes=True, until=case.at, applies=False) for name, kind in BEFORE_CAPS.items()),
        *(_idle(cap, case.at) for cap in policy.caps),
        *(Finding(name, kind, passes=True, until=case.at, applies=False) for name, kind in AFTER_CAPS.items()),
    ]
    findings = tuple(tested.get(finding.rule, finding) for finding in idle)
    return Explanation(verdict, findings, tuple(zone.key for zone in case.zones))


def _finding(rule: Rule, at: datetime) -> Finding:
    until = rule.first(at)
    used = max(load.used(at) for load in rule.loads) if rule.loads else None
    limit = rule.loads[0].cap.limit if rule.loads else None
    return Finding(rule.name, rule.kind, until == at, until, used, limit, rule.counted(at))


def _idle(cap: Cap, at: datetime) -> Finding:
    return Finding(cap.name, "cap", passes=True, until=at, limit=cap.limit, applies=False)


def _expiry(request: Request, verdict: Verdict) -> dict[str, Finding]:
    """Expiry looks at when all the others pass, so that no waiting helps against it."""
    if request.expires is None:
        return {}
    expired = any(reason.kind == "expiry" for reason in verdict.reasons)
    return {"expiry": Finding("expiry", "expiry", not expired, None if expired else request.at)}
