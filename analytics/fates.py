"""What became of the touchpoints of a scope: counted by the database, told by `analytics.funnel`."""

import json
from collections import Counter
from collections.abc import Iterable
from typing import Any, cast

from django.db.models import (
    Case,
    CharField,
    Count,
    Exists,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce, JSONObject

from analytics.funnel import Fate, Pair, farthest
from analytics.reasons import Rules
from analytics.scope import Scope
from contacts.models import Decision, Touchpoint
from contacts.sharing import ListOf
from surveys.candidates import matching
from surveys.models import Answer, Attempt, CallCase, Invitation, Program, Question
from surveys.pausing import paused

State = Invitation.State
MESSAGE = "contact__invitation__"
"""How a decision leads to what came of it."""
PARTS = ("reasons", "sent", "called")
"""What of a `Pair` is JSON itself."""


def fates(scope: Scope, programs: Iterable[Program]) -> Counter[Fate]:
    """How many touchpoints of the scope came how far, and what lost the others. Each is counted once.

    `programs` are all that there are. One statement: touchpoints in groups of the same decisions and outcomes.
    """
    pairs = Subquery(_pairs(scope).annotate(told=ListOf(_told(scope))).values("told"))
    asking = [program for program in programs if program.active]
    rows = scope.touchpoints().annotate(pairs=pairs, undecided=_undecided(asking))
    counted = rows.order_by().values_list("pairs", "undecided").annotate(n=Count("pk"))
    found: Counter[Fate] = Counter()
    for told, undecided, n in counted:
        found[farthest([_pair(one) for one in told or ()], undecided)] += n
    return found


def _pairs(scope: Scope) -> QuerySet[Decision]:
    """The decisions of planning about a touchpoint of an outer query."""
    decisions = Decision.objects.filter(touchpoint=OuterRef("pk"), stage=Decision.Stage.PLAN).order_by()
    return decisions.filter(program=scope.program) if scope.program else decisions


def _told(scope: Scope) -> JSONObject:
    """What `Pair` holds of a decision and what came of it."""
    by_phone = Q(purpose="call")
    skipped = Q(result=Decision.Result.SKIP)
    case = CallCase.objects.filter(touchpoint=OuterRef("touchpoint"), program__slug=OuterRef("program"))
    held = Invitation.objects.filter(paused(), contact=OuterRef("contact"), state=State.PLANNED)
    newest = Attempt.objects.filter(invitation=OuterRef(f"{MESSAGE}pk")).order_by("-number")
    message = JSONObject(
        state=F(f"{MESSAGE}state"),
        reason=Case(
            When(**{f"{MESSAGE}state": State.CANCELLED, "then": F(f"{MESSAGE}state_reason")}), default=Value("")
        ),
        sent=_holds(Q(**{f"{MESSAGE}sent_at__isnull": False})),
        delivery=Coalesce(Subquery(newest.values("delivery")[:1]), Value("")),
        paused=_holds(Exists(held)),
        closed=_holds(Q(**{f"{MESSAGE}closes_at__lte": scope.period.at})),
        **_answered(MESSAGE, scope),
    )
    call = JSONObject(state=F("state"), disposition=F("disposition"), **_answered("", scope))
    return JSONObject(
        program=F("program"),
        channel=Case(When(by_phone, then=Value("phone")), default=Coalesce(f"{MESSAGE}channel", Value(""))),
        skipped=_holds(skipped),
        reasons=Case(When(skipped, then=Rules("reasons")), default=Value("[]")),
        sent=Case(When(**{f"{MESSAGE}pk__isnull": False, "then": message})),
        called=Case(When(by_phone & ~skipped, then=Subquery(case.values(told=call)[:1]))),
    )


def _answered(prefix: str, scope: Scope) -> dict[str, Combinable]:
    """How far the answer to an invitation, or of a case, came by the moment of the scope; `prefix` leads to either."""
    at, response = scope.period.at, f"{prefix}response__"
    scores = Answer.objects.filter(response=OuterRef(f"{response}pk"), question__kind=Question.Kind.NPS)
    return {
        "begun": _holds(Q(**{f"{response}answered_at__lte": at})),
        "finished": _holds(Q(**{f"{response}finished_at__lte": at})),
        "scored": _holds(Exists(scores.filter(known=False, number__isnull=False))),
    }


def _holds(condition: Q | Exists) -> Combinable:
    return Case(When(condition, then=Value(1)), default=Value(0))


def _undecided(programs: list[Program]) -> Combinable:
    """Why no program has decided about a touchpoint, where none has."""
    decided = Exists(Decision.objects.filter(touchpoint=OuterRef("pk"), stage=Decision.Stage.PLAN))
    return Case(
        When(decided, then=Value("")),
        *(When(_asks_about(program), then=Value("not_decided_yet")) for program in programs),
        *(
            When(kind__in=program.kinds, occurred_at__lt=program.starts_at, then=Value("before_program"))
            for program in programs
        ),
        default=Value("no_program"),
        output_field=CharField(),
    )


def _asks_about(program: Program) -> Exists:
    """Whether a program will decide about a touchpoint once it is ripe."""
    about = Touchpoint.objects.filter(pk=OuterRef("pk"), kind__in=program.kinds, occurred_at__gte=program.starts_at)
    return Exists(matching(program, about))


def _pair(told: dict[str, Any]) -> Pair:
    """What the database told; SQLite gives JSON inside of JSON as a text."""
    inside = {
        name: json.loads(value) if isinstance(value, str) else value for name, value in told.items() if name in PARTS
    }
    return cast("Pair", told | inside)
