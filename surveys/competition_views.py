"""Who competes? A page of the admin: the calendar of what is planned, shared customers, and what each program lost."""

from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone

from contacts.explaining import RULES
from contacts.guarded import admin_page, show
from contacts.models import Decision
from contacts.readers import reader_of_request
from surveys.competition import LOOKED_BACK, WAITING, WEEKS, Day, Pair, Standing, calendar, pairs, standings

NO_PROGRAM = "no program"


def competition(request: HttpRequest) -> HttpResponse:
    """Show the calendar over all programs, and how they fared in the four weeks before now."""
    now = timezone.now()
    since, zone = now - LOOKED_BACK, timezone.get_default_timezone()
    reader = reader_of_request(request)
    weeks = calendar(now, zone, reader)
    return show(
        request,
        "surveys/competition.html",
        title="Who competes?",
        zone=zone.key,
        weeks=[[_day(day, now) for day in week] for week in weeks],
        number_of_weeks=WEEKS,
        planned=sum(day.places for week in weeks for day in week),
        since=since,
        until=now,
        pairs=[_pair(pair, since, now) for pair in pairs(since, now, reader)],
        standings=[_standing(standing, since, now) for standing in standings(since, now, reader)],
    )


def _day(day: Day, now: datetime) -> dict[str, Any]:
    return {
        "start": day.start,
        "now": day.start <= now < day.end,
        "past": day.end <= now,
        "places": day.places,
        "url": _contacts(day),
        "planned": [(name or NO_PROGRAM, places, _contacts(day, program=name)) for name, places in day.planned],
    }


def _pair(pair: Pair, since: datetime, until: datetime) -> dict[str, Any]:
    wanted = _decisions(since, until, program=pair.one, sample="in", also_wanted_by=pair.other)
    return {"one": pair.one, "other": pair.other, "customers": pair.customers, "url": wanted}


def _standing(standing: Standing, since: datetime, until: datetime) -> dict[str, Any]:
    def rows(**filters: str) -> str:
        return _decisions(since, until, program=standing.program, sample="in", **filters)

    return {
        "program": standing.program or NO_PROGRAM,
        "priority": standing.priority,
        "wanted": standing.wanted,
        "url": rows(),
        "results": [(standing.results[result], rows(result__exact=result)) for result in Decision.Result.values],
        "losses": [
            {
                "delayed": loss.result == Decision.Result.DELAY,
                "touchpoints": loss.touchpoints,
                "words": RULES.get(loss.rule, f"the rule “{loss.rule}”"),
                "url": rows(result__exact=loss.result, reasons__0__rule=loss.rule),
            }
            for loss in standing.losses
        ],
    }


def _contacts(day: Day, **filters: str) -> str:
    """Return the address of the places of a day in the ledger."""
    outcomes = ",".join(outcome.value for outcome in WAITING)
    period = {"at__gte": day.start.isoformat(), "at__lt": day.end.isoformat()}
    return _rows("contacts_contact", outcome__in=outcomes, **period, **filters)


def _decisions(since: datetime, until: datetime, **filters: str) -> str:
    """Return the address of the planning decisions of the period."""
    period = {"decided_at__gte": since.isoformat(), "decided_at__lt": until.isoformat()}
    return _rows("contacts_decision", stage__exact=Decision.Stage.PLAN, **period, **filters)


def _rows(model: str, **filters: str) -> str:
    return f"{reverse(f'admin:{model}_changelist')}?{urlencode(filters)}"


urlpatterns = [
    admin_page("competition/", competition, "competition", "contacts.view_decision", "contacts.view_contact"),
]
