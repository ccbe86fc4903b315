"""The policy in force, and publishing a new version of one."""

import json
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

from django.conf import settings
from django.db import transaction
from django.db.models import Max, Subquery
from django.utils.text import slugify

from contacts import frequency
from contacts.arms import NOBODY, Arms
from contacts.models import Holdout, Policy, PolicyVersion

DEFAULT_SLUG, DEFAULT_NAME = "default", "Default"
_SLUG_LENGTH, _NAME_LENGTH = 50, 120
ARMS = ("salt", "share", "limit_share", "cap", "limit")
"""Columns of a holdout, as `Arms` has them."""


class Rules(NamedTuple):
    """What decides about everybody: the version in force (None: the default policy), what it says, and the arms."""

    version: PolicyVersion | None
    policy: frequency.Policy
    arms: Arms


def rules_in_force() -> Rules:
    """The version in force and what it says, with the organisation's zone where it names no zones; and the arms.

    One statement. Where no version is in force the default policy applies: never none at all; nobody is drawn then.
    """
    chosen = Holdout.objects.filter(in_force=True)
    arms = {f"holdout_{name}": Subquery(chosen.values(name)[:1]) for name in ARMS}
    versions = PolicyVersion.objects.filter(in_force=True).select_related("policy").annotate(**arms)
    version = versions.first()
    document: Mapping[str, object] = version.document if version else frequency.DEFAULT_POLICY
    drawn = {name: getattr(version, f"holdout_{name}") for name in ARMS} if version else {}
    return Rules(version, of_document(document), Arms(**drawn) if drawn.get("salt") else NOBODY)


def policy_in_force() -> tuple[PolicyVersion | None, frequency.Policy]:
    """The same without the arms: what holds for the customers whom nothing was drawn for."""
    version, policy, _ = rules_in_force()
    return version, policy


def of_document(document: Mapping[str, object]) -> frequency.Policy:
    """What a document says here: customers of unknown zone are in the organisation's, where it names no zones.

    Raises frequency.PolicyError, with places, for a document that cannot be read.
    """
    return _parsed(json.dumps({**document, "zones": document.get("zones") or [settings.TIME_ZONE]}))


@lru_cache(maxsize=32)  # the one in force is asked for with every decision
def _parsed(document: str) -> frequency.Policy:
    return frequency.parse_policy(json.loads(document))


def version_in_force() -> PolicyVersion:
    """The version in force with its policy and author; where there is none, one of the default policy, not saved."""
    default = PolicyVersion(policy=Policy(slug=DEFAULT_SLUG, name=DEFAULT_NAME), document=frequency.DEFAULT_POLICY)
    return PolicyVersion.objects.select_related("policy", "by").filter(in_force=True).first() or default


def problems(document: Any) -> list[str]:
    """Why a document must not be published, each with its place and a remedy; none is best."""
    try:
        return frequency.check_policy(frequency.parse_policy(document))
    except frequency.PolicyError as error:
        return [str(error)]


def slug_and_name(name: str = "") -> tuple[str, str]:
    """Which policy is meant by a name: one that has it already, or a new one; without a name the one in force.

    Raises frequency.PolicyError for what cannot be a name.
    """
    if not name:
        policy = version_in_force().policy
        return policy.slug, policy.name
    known = Policy.objects.filter(name=name).first()
    slug = known.slug if known else slugify(name)[:_SLUG_LENGTH]
    if not slug or len(name) > _NAME_LENGTH:
        raise frequency.PolicyError(
            f"name: expected up to {_NAME_LENGTH} characters with letters from A to Z or digits in them"
        )
    return slug, name


@transaction.atomic
def publish(
    slug: str, name: str, document: Mapping[str, object], *, at: datetime, by_id: int | None = None, why: str = ""
) -> PolicyVersion:
    """Put a new version of the policy in force, in place of whichever was; it applies to the next decision.

    Raises frequency.PolicyError, with places and remedies, for a document that cannot be read or has rules that
    never block or never open.
    """
    if found := problems(document):
        raise frequency.PolicyError("\n".join(found))
    # One publisher at a time, whichever policy it is about.
    list(Policy.objects.select_for_update().order_by("pk"))
    policy, _ = Policy.objects.update_or_create(slug=slug, defaults={"name": name})
    newest = policy.versions.aggregate(newest=Max("number"))["newest"] or 0
    PolicyVersion.objects.filter(in_force=True).update(in_force=False)
    return PolicyVersion.objects.create(
        policy=policy, number=newest + 1, document=dict(document), in_force=True, at=at, by_id=by_id, why=why
    )


def ensure_default_policy(at: datetime) -> PolicyVersion:
    """The version in force; where there is none, the default policy is put in force."""
    version = PolicyVersion.objects.filter(in_force=True).first()
    return version or publish(DEFAULT_SLUG, DEFAULT_NAME, frequency.DEFAULT_POLICY, at=at, why="New installation")
