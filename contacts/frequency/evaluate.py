"""The decision: every rule of the policy and of the customer against one request (docs/frequency.md)."""

from collections.abc import Iterable
from datetime import UTC, datetime

from contacts.frequency.caps import earliest, loads
from contacts.frequency.facts import Customer, Decision, Reason, Request, Row, Verdict
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
    order. Instants are aware; those of the verdict are in UTC.
    """
    at = request.at.astimezone(UTC)
    zones = possible_zones(customer, policy.zones)
    rules = list(Case(policy, customer, request, at, [*history], [*account_history], zones).rules())
    untils = [rule.first(at) for rule in rules]
    reasons = [rule.reason(at, until) for rule, until in zip(rules, untils, strict=True) if until != at]
    possible = earliest([rule.first for rule in rules], at) if reasons else at
    allowed = possible
    if request.expires is not None and (possible or at) > request.expires:
        reasons.append(EXPIRED)
        allowed = None
    decision: Decision = "skip" if allowed is None else "send" if allowed == at else "delay"
    return Verdict(decision, allowed, tuple(reasons), _counted(rules, at), possible)


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


def _counted(rules: Iterable[Rule], at: datetime) -> tuple[object, ...]:
    keys = (span.key for rule in rules for load in rule.loads for span in load.held(at))
    return tuple(dict.fromkeys(key for key in keys if key is not None))
