"""Plans: one pass over the touchpoints that no program has decided about yet."""

from collections.abc import Mapping
from datetime import datetime

from django.utils import timezone

from surveys.management.reporting import PassCommand
from surveys.planning import plan


class Command(PassCommand):
    help = "Decide about every touchpoint that is ripe, and invite those whom the frequency policy lets through."

    def act(self, at: datetime | None) -> Mapping[str, object]:
        return plan(at or timezone.now()).as_dict()
