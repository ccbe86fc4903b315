"""The decision: every rule of the policy and of the customer against one request (docs/frequency.md)."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from contacts.frequency.caps import earliest, loads
from contacts.frequency.facts import Customer, Decision, Leave, Reason, Request, Row, Verdict
from contacts.frequency.policy import Policy
from contacts.frequency.rules import Case, Rule
from contacts.frequency.zones import possible_zones

EXPIRED = Reason("expiry", "expiry")
NOBODY_IN_PARTICULAR = Customer("")


def evaluate(
    policy: Policy,
    customer: Customer,
    history: Iterable[Row],
    request: Request,
    account_history: Iterable[Row] = (),
) -> Verdict:
    """Whether the customer may be contacted as requested: now, at a later instant, or not at all; with every reason.

    `history` holds the customer's own rows, `account_history` those of the other members of the account, both in any
    order. Instants are aware; those of the verdict are in UTC. A leave of the request is used only where it makes it
    possible earlier, and is then the first of the reasons.
    """
    case = case_of(policy, customer, history, request, account_history)
    return judge(case, list(case.rules()))


def case_of(
    policy: Policy,
    customer: Customer,
    history: Iterable[Row],
    request: Request,
    account_history: Iterable[Row] = (),
) -> Case:
    """The case that `evaluate` decides, with the same arguments."""
    zones = possible_zones(customer, policy.zones)
    return Case(policy, customer, request, request.at.astimezone(UTC), [*history], [*account_history], zones)


def judge(case: Case, rules: Sequence[Rule]) -> Verdict:
    """The decision on a case by all its rules."""
    at, expires = case.at, case.request.expires
    untils = [rule.first(at) for rule in rules]
    reasons = [rule.reason(at, until) for rule, until in zip(rules, untils, strict=True) if until != at]
    possible = earliest([rule.first for rule in rules], at) if reasons else at
    possible, leave = _with_leave(case, possible) if reasons else (at, None)
    if leave:
        reasons.insert(0, Reason(leave.kind, leave.kind))
    allowed = possible
    if expires is not None and (possible or at) > expires:
        reasons.append(EXPIRED)
        allowed = None
    decision: Decision = "skip" if allowed is None else "send" if allowed == at else "delay"
    counted = dict.fromkeys(key for rule in rules for key in rule.counted(at))
    return Verdict(decision, allowed, tuple(reasons), tuple(counted), possible, leave)


def pressure(
    policy: Policy,
    rows: Iterable[Row],
    at: datetime,
    customer: Customer = NOBODY_IN_PARTICULAR,
    account_rows: Iterable[Row] = (),
) -> list[tuple[str, float, int]]:
    """How full each cap is at `at`: its name, what is used (as a request would meet it) and its limit.

    `rows` are the customer's own, `account_rows` those of the other members of the account.
    """
    at = at.astimezone(UTC)
    zones = possible_zones(customer, policy.zones)
    own = [*rows]
    account = [*own, *account_rows]
    return [
        (
            cap.name,
            max(load.used(at) for load in loads(cap, account if cap.per == "account" else own, at, zones, 0)),
            cap.limit,
        )
        for cap in policy.caps
    ]


def _with_leave(case: Case, possible: datetime | None) -> tuple[datetime | None, Leave | None]:
    """The first instant at which the request is possible, and the leave that it needs then; None for by itself."""
    used = None
    for leave in case.request.leaves:
        begin = max(case.at, leave.start.astimezone(UTC))
        found = earliest([rule.first for rule in case.rules(leave)], begin)
        if found and found < leave.end and (possible is None or found < possible):
            possible, used = found, leave
    return possible, used
