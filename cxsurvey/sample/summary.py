"""What the demo has done, in a few lines, read from the tables."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.db.models import Count

from analytics.nps import nps_rows
from analytics.period import Period
from analytics.scope import Scope
from contacts.models import Customer, Decision, Touchpoint
from contacts.models.words import Purpose
from cxsurvey.attention import refused
from cxsurvey.models import SampleState
from cxsurvey.sample.load import ASKED_FOR, end_of_data
from recovery.models import FollowUp
from surveys.models import Invitation


def summary(state: SampleState, at: datetime) -> list[str]:
    """Return the lines; each is a heading and what there is to say."""
    return [f"{heading:<12}{text}" for heading, text in (*_data(state), *_decided(state, at), *_came_of_it(at))]


def _data(state: SampleState) -> list[tuple[str, str]]:
    """Say what is real and what is not."""
    kinds = dict(Touchpoint.objects.values_list("kind").annotate(n=Count("pk")).order_by("-n"))
    last_day = end_of_data(state.weeks) - timedelta(days=1)
    people, moved = Customer.objects.count(), f"moved by {state.weeks:,} weeks to end on {last_day:%d %B %Y}"
    return [
        ("Real", f"CDNOW purchases (Fader and Hardie, 2001) of {people:,} customers, {moved}"),
        ("Simulated", "names, addresses, times of day, all other touchpoints and every answer: docs/sample.md"),
        ("Touchpoints", f"{_told(kinds)}; those of the last {ASKED_FOR.days // 7} weeks are asked about"),
    ]


def _decided(state: SampleState, at: datetime) -> list[tuple[str, str]]:
    """Say how many touchpoints led to a question at once, later or never, and why never."""
    planned = Decision.objects.filter(stage=Decision.Stage.PLAN).values_list("result")
    results = dict(planned.annotate(n=Count("pk")).order_by())
    send, delay, skip = (results.get(result, 0) for result in Decision.Result.values)
    why = refused(end_of_data(state.weeks) - ASKED_FOR, at)
    return [
        ("Decisions", f"{send:,} asked at once, {delay:,} delayed, {skip:,} not asked"),
        ("Not asked", "; ".join(f"{reason['count']:,} {reason['words']}" for reason in why)),
    ]


def _came_of_it(at: datetime) -> list[tuple[str, str]]:
    """Say what was delivered and answered, the score, and who waits for somebody."""
    states = dict(Invitation.objects.values_list("state").annotate(n=Count("pk")).order_by("-n"))
    first = Invitation.objects.filter(state=Invitation.State.SENT, purpose=Purpose.INVITATION)
    asked, still_open = first.count(), first.filter(closes_at__gt=at, response=None).count()
    [score] = nps_rows("overall", Scope(Period(None, None, at)))
    interval = f"{score['nps']}, 95% interval {score['low']} to {score['high']}"
    waiting = FollowUp.objects.filter(state=FollowUp.State.OPEN)
    unowned = waiting.filter(owner=None).count()
    return [
        ("Invitations", _told(states)),
        ("Answers", f"{score['n']:,} of {asked:,} asked ({score['n'] / max(asked, 1):.0%}); {still_open:,} can still"),
        ("NPS", "too few answers to say" if score["nps"] is None else interval),
        ("Follow-ups", f"{FollowUp.objects.count():,}, {waiting.count():,} open, {unowned:,} of them without an owner"),
    ]


def _told(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count:,} {name.replace('_', ' ')}" for name, count in counts.items())
