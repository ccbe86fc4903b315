"""What proves a customer's word on being contacted; kept as an event that is never changed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from contacts.models import ConsentEvent
from contacts.models.words import OURS


@dataclass(frozen=True, slots=True)
class Proof:
    """What the customer answered to and said, by which row it came, and who recorded it; empty where there was nothing.

    `evidence` names the row: `invitation 12`, `SMS 7`, `import 3, line 17`. `shown` is the text as it stood there, in
    `language`, on a page of the survey's `version`. `recorded_at` is None where that is when it was said.
    """

    evidence: str = ""
    wording: str = ""
    shown: str = ""
    language: str = ""
    version: str = ""
    source: str = OURS
    by_id: int | None = None
    recorded_at: datetime | None = None


UNPROVEN = Proof()
NOTED = Proof(evidence="journal of refusals beside the database, after a backup was restored")


def keep(
    customer_id: int,
    said: ConsentEvent.Said,
    channel: str,
    proof: Proof,
    *,
    at: datetime,
    via: str,
    asked: Mapping[str, Any] | None = None,
) -> None:
    """Keep that a customer said something about a channel (empty: everything); `asked` is what a wish asks for."""
    ConsentEvent.objects.create(
        customer_id=customer_id,
        said=said,
        channel=channel,
        asked=dict(asked or {}),
        at=at,
        recorded_at=proof.recorded_at or at,
        via=via,
        source=proof.source,
        by_id=proof.by_id,
        language=proof.language,
        shown=proof.shown,
        version=proof.version[:120],
        wording=proof.wording,
        evidence=proof.evidence,
    )
