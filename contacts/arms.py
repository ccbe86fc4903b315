"""Who is held out, and who has another limit, to measure what surveys do (docs/holdout.md). Pure.

An arm is drawn for each customer record by a lot of the holdout's salt and the record's id. A person of several records
has the strictest arm of them.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from functools import cached_property
from typing import Any

from contacts.frequency import Policy, PolicyError, parse_policy
from contacts.frequency.caps import Cap
from contacts.lots import lot

QUIET = timedelta(days=90)
"""So long nobody contacts a held-out customer about surveys before a question; as long as contacts count as prior."""


class Arm(StrEnum):
    """What was drawn for a person."""

    USUAL = "usual"
    HELD_OUT = "held_out"
    OTHER_LIMIT = "other_limit"


@dataclass(frozen=True)
class Arms:
    """How many of the customers are held out, and how many have the rule `cap` with another `limit`: shares.

    `cap` is as the policy document wrote it when this was chosen, empty where nobody has another limit.
    """

    salt: str = ""
    share: float = 0.0
    limit_share: float = 0.0
    cap: Mapping[str, Any] | None = None
    limit: int = 0

    @property
    def drawn(self) -> bool:
        """Whether anybody is in another arm than the usual one."""
        return self.share > 0 or self.limit_share > 0

    @cached_property
    def rule(self) -> Cap | None:
        """The rule that has another limit."""
        if not self.cap:
            return None
        try:
            return parse_policy({"caps": [self.cap]}).caps[0]
        except PolicyError:
            return None

    def of_record(self, record_id: int) -> Arm:
        """The arm that was drawn for one customer record."""
        if not self.drawn:
            return Arm.USUAL
        drawn = lot(self.salt, str(record_id))
        if drawn < self.share:
            return Arm.HELD_OUT
        return Arm.OTHER_LIMIT if drawn >= 1 - self.limit_share else Arm.USUAL

    def of_person(self, record_ids: Iterable[int]) -> Arm:
        """The arm of a person with these records: the strictest."""
        return min({self.of_record(record_id) for record_id in record_ids}, key=self._order.index, default=Arm.USUAL)

    def apart(self, record_ids: Iterable[int]) -> list[int]:
        """Which of these records are in another arm than the usual one."""
        return [pk for pk in record_ids if self.of_record(pk) != Arm.USUAL] if self.drawn else []

    def policy_of(self, arm: Arm, policy: Policy) -> Policy:
        """The policy for an arm: the other limit holds only while the policy has that very rule."""
        if arm != Arm.OTHER_LIMIT or not self.limits(policy):
            return policy
        caps = (replace(cap, limit=self.limit) if cap == self.rule else cap for cap in policy.caps)
        return replace(policy, caps=tuple(caps))

    def limits(self, policy: Policy) -> bool:
        """Whether this policy has the rule that another limit was chosen for."""
        return self.rule is not None and self.rule in policy.caps

    @property
    def _order(self) -> tuple[Arm, ...]:
        """The arms, the strictest first."""
        higher = self.rule is not None and self.limit > self.rule.limit
        last = (Arm.USUAL, Arm.OTHER_LIMIT) if higher else (Arm.OTHER_LIMIT, Arm.USUAL)
        return (Arm.HELD_OUT, *last)


NOBODY = Arms()
"""Nothing is measured: everybody is in the usual arm."""
