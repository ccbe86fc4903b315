"""How sending is going, for people and for monitoring."""

import json
from argparse import ArgumentParser
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.core.serializers.json import DjangoJSONEncoder
from django.utils import timezone

from cxsurvey.sending_now import sending_now
from surveys.sending import ChannelState, Sending


class Command(BaseCommand):
    """Prints the state of sending. Exit status 1, with the reasons on standard error, where a person has to act."""

    help = "Show what is due, sent, claimed, unknown and paused. Exit status 1 where a person has to do something."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="print the state as JSON, and nothing else")

    def handle(self, **options: Any) -> None:
        state = sending_now(timezone.now())
        shown = json.dumps(state.as_dict(), cls=DjangoJSONEncoder) if options["json"] else "\n".join(_lines(state))
        self.stdout.write(shown)
        if state.needs:
            raise CommandError("\n".join(state.needs))


def _lines(state: Sending) -> Iterator[str]:
    for channel in state.channels:
        yield from _channel(channel)
    for claims in state.claims:
        yield f"claimed: {claims.messages} by {claims.worker or 'a worker'}, the oldest {_since(claims.oldest)}"
    yield f"stopped by an error of ours: {state.stopped}"
    yield f"unknown: {state.asked_about} that a provider is asked about, {state.for_a_person} for a person"
    yield f"news from providers: {state.unjoined} of messages not known yet, {state.unapplied} waiting to take effect"
    for pause in state.pauses:
        yield f"paused: {pause} {_since(pause.at)} by {pause.by or 'itself'}: {pause.reason}"
    yield f"worker: last job {_since(state.worker.beat)}, {state.worker.queued} jobs wait"


def _channel(channel: ChannelState) -> Iterator[str]:
    sent = ", ".join(f"{count} in the last {period}" for period, count in channel.sent.items())
    yield f"{channel.channel} by {channel.gateway or 'no gateway'}:"
    yield f"  due: {channel.due} ({channel.held} held by a pause), the oldest {_since(channel.oldest_due)}"
    yield f"  planned for later: {channel.later}"
    yield f"  sent: {sent}; {channel.rate:.1f} a minute"
    yield f"  in the last day: {channel.failed} failed, {channel.bounced} bounced, {channel.complained} complained"
    if channel.per_second or channel.per_day:
        day = f"{channel.used_today} of {channel.per_day} today" if channel.per_day else "any number a day"
        yield f"  allowed: {f'{channel.per_second:g}' if channel.per_second else 'any number'} a second, {day}"
    if channel.closed_until:
        yield f"  the provider takes the next one at {channel.closed_until.isoformat(timespec='seconds')}"


def _since(at: datetime | None) -> str:
    return f"since {at.isoformat(timespec='seconds')}" if at else "never"
