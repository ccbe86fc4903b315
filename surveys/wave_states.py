"""How far waves have come: of those whom they invited, how many wait, were sent a message, and never will be."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, QuerySet

from surveys.models import Invitation, Pause, Wave, WaveRange

LOOKED_BACK = timedelta(days=7)
LOOKED_AT = 200
"""A wave comes every minute, and many invite nobody: so many are read for one list."""
State = Invitation.State


@dataclass(frozen=True, slots=True)
class WaveState:
    """Invitations of a wave as counts.

    `waiting`: may still be sent. `sent`: handed over, also where the message bounced later. `not_sent`: never will be,
    because they were cancelled, expired or refused.
    """

    wave: Wave
    invited: int
    waiting: int
    sent: int
    unknown: int
    pause: Pause | None

    @property
    def not_sent(self) -> int:
        """What is left of those invited: no index finds them, and none is needed."""
        return max(0, self.invited - self.waiting - self.sent - self.unknown)


def newest_waves(at: datetime, before: int | None = None) -> list[Wave]:
    """The newest waves of the week before an instant, the newest first; `before`: only those with a lower id."""
    waves = Wave.objects.filter(at__gt=at - LOOKED_BACK).order_by("-pk")
    return list((waves.filter(pk__lt=before) if before else waves)[:LOOKED_AT])


def wave_states(waves: Sequence[Wave]) -> list[WaveState]:
    """How far those of the waves have come that invited anybody, in their order."""
    reports = WaveRange.objects.filter(wave__in=waves).values_list("wave", "report")
    invited = dict.fromkeys((wave.pk for wave in waves), 0)
    for wave_id, report in reports.iterator():
        invited[wave_id] += sum(figures["asked"] for figures in report.values())
    shown = [wave for wave in waves if invited[wave.pk]]
    pauses = {pause.wave_id: pause for pause in Pause.objects.filter(wave__in=shown, ended_at=None)}
    of_these = Invitation.objects.filter(wave__in=shown)
    # A statement for each, as each has its index.
    planned, claimed = (_counts(of_these.filter(state=state)) for state in (State.PLANNED, State.CLAIMED))
    unknown = _counts(of_these.filter(state=State.UNKNOWN))
    sent = _counts(of_these.filter(sent_at__gte=min(wave.at for wave in waves))) if shown else {}
    return [
        WaveState(
            wave=wave,
            invited=invited[wave.pk],
            waiting=planned.get(wave.pk, 0) + claimed.get(wave.pk, 0),
            sent=sent.get(wave.pk, 0),
            unknown=unknown.get(wave.pk, 0),
            pause=pauses.get(wave.pk),
        )
        for wave in shown
    ]


def _counts(invitations: QuerySet[Invitation]) -> dict[int, int]:
    """Wave id -> how many of the invitations are of it."""
    return dict(invitations.order_by().values_list("wave").annotate(Count("pk")))


def forget(before: datetime) -> None:
    """Forget the waves of long ago; what they decided is in the decisions.

    Not those that a pause still holds back: it would go with its wave, and let go.
    """
    held = Pause.objects.filter(ended_at=None, wave__invitations__state=Invitation.State.PLANNED)
    Wave.objects.filter(open=False, at__lt=before).exclude(pk__in=held.values("wave")).delete()
