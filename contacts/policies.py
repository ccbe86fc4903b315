"""The policy in force, and publishing a new version of one."""

from collections.abc import Mapping
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.db.models import Max

from contacts import frequency
from contacts.models import Policy, PolicyVersion

DEFAULT_SLUG = "default"


def policy_in_force() -> tuple[PolicyVersion | None, frequency.Policy]:
    """The version in force and what it says, with the organisation's zone where it names no zones. One statement.

    Where no version is in force the default policy applies: never no policy at all.
    """
    version = PolicyVersion.objects.filter(in_force=True).select_related("policy").first()
    document: Mapping[str, object] = version.document if version else frequency.DEFAULT_POLICY
    zones = document.get("zones") or [settings.TIME_ZONE]
    return version, frequency.parse_policy({**document, "zones": zones})


@transaction.atomic
def publish(
    slug: str, name: str, document: Mapping[str, object], *, at: datetime, by_id: int | None = None, why: str = ""
) -> PolicyVersion:
    """Put a new version of the policy in force, in place of whichever was; it applies to the next decision.

    Raises frequency.PolicyError, with places and remedies, for a document that cannot be read or has rules that
    never block or never open.
    """
    if problems := frequency.check_policy(frequency.parse_policy(document)):
        raise frequency.PolicyError("\n".join(problems))
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
    return version or publish(DEFAULT_SLUG, "Default", frequency.DEFAULT_POLICY, at=at, why="New installation")
