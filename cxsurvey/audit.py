"""The one way in which the audit is written beside the admin's log: who saw, took away or did what, as ids."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from cxsurvey.models import AuditEntry


def record(
    action: AuditEntry.Action,
    subject_type: str,
    subject_id: str = "",
    *,
    at: datetime,
    by_id: int | None,
    token_id: int | None = None,
    details: Mapping[str, Any] | None = None,
) -> None:
    """Keep for good that a user, or nobody known, did something; `token_id` where a program did it for the user.

    One statement, in the transaction of the change where there is one. Never give it a value that says who a customer
    is: an erasure cannot take it out again. Changes that the admin's log tells of (`contacts.gate.audit`) come into
    the audit by themselves.
    """
    AuditEntry.objects.create(
        action=action,
        subject_type=subject_type,
        subject_id=subject_id,
        at=at,
        by_id=by_id,
        token_id=token_id,
        details=dict(details or {}),
    )
