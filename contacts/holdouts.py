"""Choosing the holdout and another limit, changing and ending them; every choice is kept (docs/holdout.md)."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from contacts import frequency
from contacts.models import Holdout, Policy
from contacts.policies import version_in_force

MOST = 0.25
"""Share of the customers up to which one may be drawn for either arm."""
PROPOSED = 0.05
TIMES_HIGHER = 2
"""So many times the policy's limit another limit may be."""


class HoldoutError(ValueError):
    """A choice that cannot be made; `field` names what is wrong, the text says what to do."""

    def __init__(self, field: str, text: str) -> None:
        super().__init__(text)
        self.field = field


@dataclass(frozen=True, slots=True)
class Choice:
    """Which share is held out, and which share has another `limit` of the policy's rule named `cap`; 0 is nobody."""

    share: float = 0.0
    cap: str = ""
    limit: int = 0
    limit_share: float = 0.0


def holdout_in_force() -> Holdout | None:
    """What was chosen last; None where nothing ever was, or all of it has ended."""
    newest = Holdout.objects.filter(in_force=True).select_related("by").first()
    return newest if newest and (newest.share or newest.limit_share) else None


def rules_to_vary() -> dict[str, Mapping[str, Any]]:
    """Rules of the policy in force that may have another limit for some, by name.

    Not a deliberate block, and no rule for a whole account, whose members may be of different arms.
    """
    caps = version_in_force().document.get("caps", [])
    return {cap["name"]: cap for cap in caps if cap["limit"] > 0 and cap.get("per", "customer") == "customer"}


@transaction.atomic
def choose(choice: Choice, *, at: datetime, by_id: int | None, why: str) -> Holdout:
    """Put a choice in force from `at` on, in place of whichever was; `Choice()` ends everything.

    A change keeps the salt, so that whoever is drawn stays drawn; after an end it is drawn anew. Raises HoldoutError.
    """
    cap = _check(choice, why)
    # One chooser at a time, and no publisher meanwhile.
    list(Policy.objects.select_for_update().order_by("pk"))
    before = holdout_in_force()
    Holdout.objects.filter(in_force=True).update(in_force=False)
    return Holdout.objects.create(
        salt=before.salt if before else secrets.token_hex(16),
        share=choice.share,
        limit_share=choice.limit_share,
        cap=cap,
        limit=choice.limit if cap else 0,
        at=at,
        by_id=by_id,
        why=why.strip(),
    )


def _check(choice: Choice, why: str) -> Mapping[str, Any]:
    """The rule that is to have another limit; empty for none. Raises HoldoutError."""
    if not why.strip():
        raise HoldoutError("why", "Say why: it is kept with the choice, and readers of the estimate will ask.")
    for field, share in (("share", choice.share), ("limit_share", choice.limit_share)):
        if not 0 <= share <= MOST:
            raise HoldoutError(
                field, f"Choose a share from 0 to {say_share(MOST)}: the others are what it is compared with."
            )
    if not choice.limit_share:
        return {}
    rules = rules_to_vary()
    if choice.cap not in rules:
        named = ", ".join(f"“{name}”" for name in rules) or "none that may have another limit"
        raise HoldoutError("cap", f"Choose a rule of the policy in force. It has {named}.")
    limit = rules[choice.cap]["limit"]
    if choice.limit == limit or not 1 <= choice.limit <= TIMES_HIGHER * limit:
        raise HoldoutError(
            "limit", f"The policy says {limit}. Choose another number, from 1 to {TIMES_HIGHER * limit}."
        )
    return rules[choice.cap]


def say_share(share: float) -> str:
    """Return a share as people say it: `5%`, `2.5%`."""
    return f"{100 * share:g}%"


def say_arms(holdout: Holdout | None, policy: frequency.Policy) -> list[str]:
    """Return what is in force, a sentence each; `policy` is the one in force."""
    if holdout is None:
        return ["Nothing is measured: nobody is held out, and the policy holds for everybody."]
    told = [f"{say_share(holdout.share)} of the customers are held out."] if holdout.share else []
    if holdout.limit_share:
        from_to = f"{holdout.limit} instead of {holdout.cap['limit']}"
        told.append(f"For {say_share(holdout.limit_share)} the rule “{holdout.cap['name']}” has the limit {from_to}.")
        if frequency.parse_policy({"caps": [holdout.cap]}).caps[0] not in policy.caps:
            told.append("It is not in force: the policy has this rule no more as it was. Choose anew, or end it.")
    return told
