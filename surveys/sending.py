"""How sending is going at an instant: what is due, what went out, what holds it back, and what needs a person.

What the command `delivery_status` prints and the page Sending shows. Read by indexes, in a number of statements that
does not grow.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Count, F, Min, Q
from django.utils.timesince import timesince

from contacts.models.words import Channel
from surveys.allowances import allowed
from surveys.channels.events import Status
from surveys.events_in import JOINED_WITHIN
from surveys.models import Allowance, Attempt, Invitation, Pause, ProviderEvent
from surveys.pausing import open_pauses, paused
from surveys.stopped import stopped
from surveys.unknowns import for_a_person

LATE = timedelta(minutes=15)
"""What is due for longer, while nothing of its channel is handed over, stands still."""
DAY = timedelta(days=1)
SENT_IN = {"minute": timedelta(minutes=1), "hour": timedelta(hours=1), "day": DAY}
RATE_OVER = timedelta(minutes=5)
NONE_PLANNED: dict[str, Any] = {"due": 0, "held": 0, "later": 0, "oldest_due": None, "waits_since": None}
ByChannel = dict[str, dict[str, Any]]
State = Invitation.State


@dataclass(frozen=True, slots=True)
class Worker:
    """What the queue shows of its workers: the last sign of life, whether that is too long ago, jobs that wait."""

    beat: datetime | None
    silent: bool
    queued: int


@dataclass(frozen=True, slots=True)
class Claims:
    """Messages that one worker has in its hands, since when the oldest."""

    worker: str
    messages: int
    oldest: datetime


@dataclass(frozen=True, slots=True)
class ChannelState:
    """Messages by one channel, as counts: `held` is the part of `due` that a pause holds; `sent` is by period.

    `failed`, `bounced` and `complained` are of the last day. `rate`: messages a minute over the last five minutes.
    `waits_since`: since when the oldest waits that is due and not held. `tried`: whether any was handed over lately.
    What its provider allows: messages a second and a day (0: no limit), how many of today's are used, and when it takes
    the next one, if not now.
    """

    channel: str
    gateway: str
    due: int
    held: int
    later: int
    oldest_due: datetime | None
    waits_since: datetime | None
    sent: Mapping[str, int]
    rate: float
    failed: int
    bounced: int
    complained: int
    tried: bool
    per_second: float
    per_day: int
    used_today: int
    closed_until: datetime | None

    @property
    def label(self) -> str:
        """The channel in words."""
        return Channel(self.channel).label

    def stands_still(self, at: datetime) -> str:
        """That what is due has waited for long, is held by nothing, and yet nothing is handed over; empty where not."""
        if self.waits_since is None or self.waits_since >= at - LATE or self.tried or self.closed_until:
            return ""
        if not self.gateway:
            return f"This installation has no gateway for {self.label}, and messages are due. Name one in the settings."
        since = timesince(self.waits_since, at)
        return f"Messages by {self.label} have been due for {since} and none is handed over: the worker's log says why."


@dataclass(frozen=True, slots=True)
class Sending:
    """The state of it all.

    `stopped`: messages that an error of ours stops, and that are tried again.
    `asked_about`: unknown fates that a provider is still asked about; the others are for a person.
    `unjoined`: provider events whose message we do not know (yet).
    `unapplied`: those of known messages that have not taken effect; `events_stuck`: some have waited for long.
    `mailbox_needs`: what a person has to see to in the bounce mailbox, in sentences.
    """

    at: datetime
    channels: list[ChannelState]
    claims: list[Claims]
    stopped: int
    asked_about: int
    for_a_person: int
    unjoined: int
    unapplied: int
    events_stuck: bool
    pauses: list[Pause]
    worker: Worker
    mailbox_needs: list[str]

    @property
    def needs(self) -> list[str]:
        """What a person has to see to, in sentences; empty where all is well."""
        return [
            *self._worker_needs(),
            *(f"{pause} paused itself: {pause.reason}" for pause in self.pauses if pause.by_id is None),
            *self._stopped_needs(),
            *self._unknown_needs(),
            *(words for one in self.channels if (words := one.stands_still(self.at))),
            *(["News from providers could not take effect: the worker's log says why."] if self.events_stuck else []),
            *self.mailbox_needs,
        ]

    def _worker_needs(self) -> list[str]:
        if not self.worker.silent:
            return []
        beat = self.worker.beat
        since = f"has taken no job for {timesince(beat, self.at)}" if beat else "has not taken a job yet"
        return [f"The worker {since}, so nothing is sent. Start it again."]

    def _stopped_needs(self) -> list[str]:
        if not self.stopped:
            return []
        some = "1 message is" if self.stopped == 1 else f"{self.stopped:,} messages are"
        return [f"{some} stopped by an error of ours. The page Sending says which and by what; mend it there."]

    def _unknown_needs(self) -> list[str]:
        if not self.for_a_person:
            return []
        some = f"{self.for_a_person:,} message{'' if self.for_a_person == 1 else 's'}"
        return [f"Nobody knows whether {some} went out. Look in the provider's log, and say so on the page Sending."]

    def as_dict(self) -> dict[str, Any]:
        """Return the state as plain values; instants stay instants."""
        return {
            "at": self.at,
            "needs": self.needs,
            "channels": {one.channel: _plain(one) for one in self.channels},
            "claimed": [_plain(one) for one in self.claims],
            "stopped": self.stopped,
            "unknown": {"asked_about": self.asked_about, "for_a_person": self.for_a_person},
            "provider_events": {"not_joined": self.unjoined, "not_applied": self.unapplied},
            "paused": [
                {"what": str(one), "why": one.reason, "since": one.at, "by": str(one.by or "itself")}
                for one in self.pauses
            ],
            "worker": _plain(self.worker),
        }


def sending(at: datetime, worker: Worker, mailbox_needs: list[str]) -> Sending:
    """Return the state of sending at an instant; what is known of the worker comes from whoever runs it."""
    unknown = Invitation.objects.filter(state=State.UNKNOWN).count()
    persons = for_a_person(at).count() if unknown else 0
    events = _waiting_events(at)
    return Sending(
        at=at,
        channels=_channels(at),
        claims=_claims(),
        stopped=stopped(at).count(),
        asked_about=unknown - persons,
        for_a_person=persons,
        unjoined=events["unjoined"],
        unapplied=events["unapplied"],
        events_stuck=events["oldest"] is not None and events["oldest"] < at - LATE,
        pauses=list(open_pauses().select_related("program", "wave", "by")),
        worker=worker,
        mailbox_needs=mailbox_needs,
    )


def _channels(at: datetime) -> list[ChannelState]:
    """The channels that have a gateway, and those by which something waits although they have none (any more)."""
    planned, sent, failed, news = (find(at) for find in (_planned, _sent, _failed, _news))
    tried = set(Attempt.objects.filter(started_at__gt=at - LATE).values_list("channel", flat=True).distinct())
    used = {row.gateway: row for row in Allowance.objects.all()}
    return [
        ChannelState(
            channel=channel,
            gateway=settings.CHANNEL_GATEWAYS.get(channel, ""),
            **(NONE_PLANNED | planned.get(channel, {})),
            sent={period: sent.get(channel, {}).get(period, 0) for period in SENT_IN},
            rate=sent.get(channel, {}).get("lately", 0) * (SENT_IN["minute"] / RATE_OVER),
            failed=failed.get(channel, {}).get("failed", 0),
            bounced=news.get(channel, {}).get("bounced", 0),
            complained=news.get(channel, {}).get("complained", 0),
            tried=channel in tried,
            **allowed(channel, used.get(settings.CHANNEL_GATEWAYS.get(channel, "")), at)._asdict(),
        )
        for channel in dict.fromkeys([*settings.CHANNEL_GATEWAYS, *planned])
    ]


def _planned(at: datetime) -> ByChannel:
    due, held = Q(due_at__lte=at), Q(paused())
    counts = {"due": Count("pk", due), "held": Count("pk", due & held), "later": Count("pk", ~due)}
    oldest = {"oldest_due": Min("due_at", filter=due), "waits_since": Min("due_at", filter=due & ~held)}
    planned = Invitation.objects.filter(state=State.PLANNED)
    return _by_channel(planned.values("channel").annotate(**counts, **oldest))


def _sent(at: datetime) -> ByChannel:
    periods = SENT_IN | {"lately": RATE_OVER}
    counts = {name: Count("pk", Q(sent_at__gt=at - period)) for name, period in periods.items()}
    sent = Invitation.objects.filter(sent_at__gt=at - DAY, sent_at__lte=at)
    return _by_channel(sent.values("channel").annotate(**counts))


def _failed(at: datetime) -> ByChannel:
    """Messages that their gateway refused for good, or once too often."""
    refused = [Attempt.Outcome.PERMANENT, Attempt.Outcome.PASSING]
    made = Attempt.objects.filter(started_at__gt=at - DAY, outcome__in=refused, invitation__state=State.FAILED)
    return _by_channel(made.values("channel").annotate(failed=Count("invitation", distinct=True)))


def _news(at: datetime) -> ByChannel:
    """Messages of which their provider told these in the last day."""
    told = ProviderEvent.objects.filter(at__gt=at - DAY, status__in=[Status.BOUNCED, Status.COMPLAINED])
    bounced = Count("attempt", Q(status=Status.BOUNCED), distinct=True)
    complained = Count("attempt", Q(status=Status.COMPLAINED), distinct=True)
    by_channel = told.values(channel=F("attempt__channel"))
    return _by_channel(by_channel.annotate(bounced=bounced, complained=complained))


def _by_channel(rows: Iterable[Any]) -> ByChannel:
    return {row.pop("channel"): row for row in rows}


def _claims() -> list[Claims]:
    held = Invitation.objects.filter(state=State.CLAIMED).values_list("claimed_by")
    found = held.annotate(messages=Count("pk"), oldest=Min("claimed_at")).order_by("oldest")
    return [Claims(worker, messages, oldest) for worker, messages, oldest in found]


def _waiting_events(at: datetime) -> dict[str, Any]:
    waiting, known = ProviderEvent.objects.filter(applied_at=None), Q(attempt__isnull=False)
    counts = {"unjoined": Count("pk", ~known & Q(received_at__gt=at - JOINED_WITHIN)), "unapplied": Count("pk", known)}
    return waiting.aggregate(**counts, oldest=Min("received_at", filter=known))


def _plain(row: ChannelState | Claims | Worker) -> dict[str, Any]:
    return {field.name: getattr(row, field.name) for field in fields(row)}
