"""Reminds: one pass over the messages of programs that have become old enough."""

from collections.abc import Mapping
from datetime import datetime

from django.utils import timezone

from surveys.management.reporting import PassCommand
from surveys.reminding import remind


class Command(PassCommand):
    help = "Plan a reminder for everybody who has not answered, as programs say and the frequency policy lets through."

    def act(self, at: datetime | None) -> Mapping[str, object]:
        return remind(at or timezone.now()).as_dict()
