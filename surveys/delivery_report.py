"""What a pass of delivery did."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True)
class DeliveryReport:
    """What became of the invitations that were due: `retried` will be tried again, `cancelled` counts by reason.

    `broken`: stopped by an error of ours, which the log tells; tried again later, unless it came after the hand-over.
    `held_until`: when to go on with what is due and was left because of what a provider allows.
    """

    due: int = 0
    sent: int = 0
    delayed: int = 0
    retried: int = 0
    failed: int = 0
    unknown: int = 0
    broken: int = 0
    cancelled: Counter[str] = field(default_factory=Counter)
    held_until: datetime | None = None

    def __add__(self, other: "DeliveryReport") -> "DeliveryReport":
        figures = {name: value + getattr(other, name) for name, value in vars(self).items() if name != "held_until"}
        return DeliveryReport(**figures, held_until=other.held_until or self.held_until)

    def as_dict(self) -> dict[str, object]:
        """Return the figures as JSON can hold them."""
        held = self.held_until and self.held_until.isoformat()
        return vars(self) | {"cancelled": dict(self.cancelled), "held_until": held}
