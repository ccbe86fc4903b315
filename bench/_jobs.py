"""What is measured: jobs that `bench._child` does, each in a process of its own, with Django set up."""

import select
import sys
import time
from collections.abc import Callable
from functools import partial
from typing import Any

from django.template import engines

from bench import _bare, _counted, _exported, _ingested, _intake, _orm, _sending, _world
from contacts.models import Contact, Decision
from surveys import planning
from surveys.answering import INVITATIONS, submit
from surveys.models import Invitation, WaveRange

EVERY = 0.005
"""Seconds between two answers."""
Result = dict[str, Any]


def prepare(name: str, *numbers: int) -> Callable[[], Result]:
    """Return a job, ready to be done."""
    if name == "answer":
        return partial(answer, list(INVITATIONS.select_related("version__survey").filter(state="sent")))
    if name.startswith("import_"):
        return _intake.prepared(name, *numbers)
    if name.startswith("ingest_"):
        return _ingested.prepared(name, *numbers)
    if name == "send":
        engines.all()  # a worker loads the libraries of its templates once in its life
    if name.startswith("export_"):
        _exported.warm(name)
    if name.startswith("count_"):
        _counted.warm()
    return partial(JOBS[name], *numbers)


def plan() -> Result:
    """The planner of the product."""
    report = planning.plan(_world.AT).as_dict()
    return {name: report[name] for name in ("touchpoints", "asked", "delayed", "skipped")}


def count() -> Result:
    """What a run has left in the database."""
    planned = Invitation.objects.filter(state=Invitation.State.PLANNED)
    return {
        "decisions": Decision.objects.count(),
        "contacts": Contact.objects.filter(outcome="reserved").count(),
        "invitations": planned.count(),
        "customers": planned.values("customer").distinct().count(),
        "ranges": WaveRange.objects.count(),
    }


def answer(sent: list[Invitation]) -> Result:
    """Store a real answer every few milliseconds until told to stop; how long each had to wait, in milliseconds."""
    waits: list[float] = []
    due = time.perf_counter()
    for invitation in sent:
        if select.select([sys.stdin], [], [], max(0.0, due - time.perf_counter()))[0]:
            break
        begin = time.perf_counter()
        submit(invitation, {"score": "9"}, at=_world.AT)
        end = time.perf_counter()
        waits.append(1000 * (end - begin))
        due = max(due + EVERY, end)
    waits.sort()
    if not waits:
        sys.exit("No answer was stored: no invitation was sent, or the other jobs were done too soon.")
    return {
        "answers": len(waits),
        "p50": waits[len(waits) // 2],
        "p99": waits[len(waits) * 99 // 100],
        "longest": waits[-1],
    }


JOBS: dict[str, Callable[..., Result]] = {
    "plan": plan,
    "bare": _bare.claim,
    "orm": _orm.plan,
    "build": _world.build,
    "build_answers": _counted.build,
    "build_events": _ingested.build,
    "build_imports": _intake.build,
    "count": count,
    "count_bare": _counted.bare,
    "count_months": _counted.count,
    "count_ours": _counted.ours,
    "count_persons": _counted.persons,
    "count_rolled": _counted.rolled,
    **_exported.JOBS,
    "make_due": _sending.make_due,
    "send": _sending.send,
    "send_bare": _sending.send_bare,
}
