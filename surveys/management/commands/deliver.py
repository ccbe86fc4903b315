"""Delivers: hands over what is due."""

from collections.abc import Mapping
from datetime import datetime

from django.utils import timezone

from surveys.delivery import deliver
from surveys.management.reporting import PassCommand
from surveys.recording import settle_expired_claims
from surveys.tasks import deliver_now


class Command(PassCommand):
    help = "Hand over every invitation that is due, after testing it against the policy once more."

    def act(self, at: datetime | None) -> Mapping[str, object]:
        settle_expired_claims(at or timezone.now())
        return (deliver(at) if at else deliver_now()).as_dict()
