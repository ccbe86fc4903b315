"""What is known of each target: answers so far and to come, what its margin takes, who comes and how they answer."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

from django.db.models import Exists, OuterRef, Subquery

from contacts import gate
from contacts.gate import Ask
from contacts.models import Decision, Touchpoint
from contacts.models.words import Purpose
from cxsurvey.fewest.rates import GUESSED_RATE, Delays, pulled
from surveys.candidates import matching, undecided
from surveys.channels.gateways import served
from surveys.models import Answer, Invitation, Program, Question, Response, SurveyVersion, Target
from surveys.occasions import Came
from surveys.scale import DETRACTORS, PROMOTERS
from surveys.targeting import EARLIER, Targets, came, kinds_with_targets, target_of

RECENT = timedelta(days=90)
"""So far back answers tell how people answer."""
LOOKED_AT = 100
"""Customers of a target about whom the gate is asked what it would say now."""
Mix = tuple[int, int, int]


@dataclass(slots=True)
class Passed:
    """Of so many who were drawn: who got a place, and whom a cap held back."""

    drawn: int = 0
    granted: int = 0
    capped: int = 0

    def note(self, result: str, kinds: Iterable[str]) -> None:
        """Count one more answer of the gate."""
        self.drawn += 1
        self.granted += result != Decision.Result.SKIP
        self.capped += result == Decision.Result.SKIP and "cap" in kinds


@dataclass(slots=True)
class Known:
    """Of one target. `mix`: promoters, passives, detractors of recent months. `answers` are those of this month.

    `rates`: by standing, how many of those who are asked answer. `coming`: answers to expect of invitations that are
    out. `granted` and `capped`: by whether a customer came before, the share whom the gate lets through, and the share
    whom a cap holds back. `seconds`: what one contact asks for.
    """

    target: Target
    seconds: int
    mix: Mix = (0, 0, 0)
    answers: int = 0
    coming: float = 0.0
    rates: dict[str, float] = field(default_factory=dict)
    granted: dict[bool, float] = field(default_factory=dict)
    capped: dict[bool, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Knowledge:
    """All that a plan is worked out from. `past`: who came in the four weeks before; `now`: who is not decided about.

    Targets are named by their ids, as texts.
    """

    at: datetime
    since: datetime
    until: datetime
    targets: Mapping[str, Known]
    past: Sequence[Came]
    now: Sequence[Came]


STANDINGS = ("new", "silent", "answers")


def know(programs: Sequence[Program], targets: Targets, since: datetime, until: datetime, at: datetime) -> Knowledge:
    """Read what is known `at` an instant of the month from `since` to `until`. Writes nothing.

    Four statements for each program, six more for each target that has no history with the gate, and two.
    """
    versions = SurveyVersion.objects.filter(state=SurveyVersion.State.PUBLISHED)
    seconds = dict(versions.values_list("survey", "seconds"))
    known = {
        str(target.pk): Known(target, seconds.get(target.program.survey_id, 0))
        for those in targets.values()
        for target in those
    }
    _know_answers(known, targets, since, at)
    past: list[Came] = []
    now: list[Came] = []
    kinds = kinds_with_targets(targets)
    for program in programs:
        own = targets[program.pk]
        ripe = at - program.delay
        there = Touchpoint.objects.filter(kind__in=program.kinds, occurred_at__gt=ripe - EARLIER, occurred_at__lte=ripe)
        rows = dict(came(matching(program, there), own, kinds))
        past += rows.values()
        now += [one for part in undecided(program, at) for _, one in came(part, own, kinds)]
        _know_the_gate(known, program, rows, at)
    return Knowledge(at, since, until, known, past, now)


def _know_answers(known: Mapping[str, Known], targets: Targets, since: datetime, at: datetime) -> None:
    """How recent invitations were answered, and what those of the month will bring."""
    rows = [*_invitations(targets, min(since, at - RECENT), at)]
    # Who was asked just now counts only as far as answers would have come by now.
    asked: dict[tuple[str, str], float] = defaultdict(float)
    answered: dict[tuple[str, str], float] = defaultdict(float)
    mixes: dict[str, list[int]] = defaultdict(list)
    delays = Delays(answered_at - sent for _, _, _, sent, answered_at, _ in rows if sent and answered_at)
    for name, standing, _, sent, answered_at, score in rows:
        if sent:
            asked[name, standing] += 1 - delays.still(at - sent)
            answered[name, standing] += answered_at is not None
        if score is not None:
            mixes[name].append(score)
    overall = pulled(sum(answered.values()), sum(asked.values()), GUESSED_RATE)
    for name, one in known.items():
        of_target = pulled(
            sum(answered[name, standing] for standing in STANDINGS),
            sum(asked[name, standing] for standing in STANDINGS),
            overall,
        )
        one.rates = {
            standing: pulled(answered[name, standing], asked[name, standing], of_target) for standing in STANDINGS
        }
        happy, unhappy = (sum(score in these for score in mixes[name]) for these in (PROMOTERS, DETRACTORS))
        one.mix = happy, len(mixes[name]) - happy - unhappy, unhappy
    for name, standing, created, sent, answered_at, score in rows:
        if created >= since:
            one = known[name]
            one.answers += score is not None
            one.coming += 0 if answered_at else delays.coming(one.rates[standing], at - (sent or at))


def _invitations(
    targets: Targets, since: datetime, at: datetime
) -> Iterable[tuple[str, str, datetime, datetime | None, datetime | None, int | None]]:
    """Target, standing, when planned, sent and answered, and the score, of invitations that can be answered."""
    before = {"customer": OuterRef("customer")}
    responses, when = Response.objects.counted(), OuterRef("created_at")
    score = Answer.objects.counted().filter(response__invitation=OuterRef("pk"), question__kind=Question.Kind.NPS)
    lost = (Invitation.State.FAILED, Invitation.State.CANCELLED)
    rows = Invitation.objects.filter(
        program__in=targets, purpose=Purpose.INVITATION, created_at__gte=since, created_at__lte=at
    ).exclude(state__in=lost)
    rows = rows.annotate(
        answered=Exists(responses.filter(**before, answered_at__lt=when)),
        invited=Exists(Invitation.objects.filter(**before, purpose=Purpose.INVITATION, created_at__lt=when)),
        score=Subquery(score.values("number")[:1]),
        answer_at=Subquery(responses.filter(invitation=OuterRef("pk"), answered_at__lte=at).values("answered_at")[:1]),
    )
    columns = ("program", "touchpoint__kind", "touchpoint__team", "answered", "invited", "created_at", "sent_at")
    for program, kind, team, answered, invited, created, sent, answer_at, number in rows.values_list(
        *columns, "answer_at", "score"
    ).iterator(2_000):
        if target := target_of(targets[program], kind or "", team or ""):
            standing = "answers" if answered else "silent" if invited else "new"
            yield str(target.pk), standing, created, sent, answer_at, number if answer_at else None


def _know_the_gate(known: Mapping[str, Known], program: Program, rows: Mapping[int, Came], at: datetime) -> None:
    """Whom the gate lets through: from what it said of those who were drawn, and would say of some of them now."""
    said: dict[tuple[str, bool], Passed] = defaultdict(Passed)
    decisions = Decision.objects.filter(
        stage=Decision.Stage.PLAN, program=program.slug, decided_at__gt=at - EARLIER, decided_at__lte=at
    )
    for touchpoint, result, reasons in decisions.values_list("touchpoint", "result", "reasons").iterator(2_000):
        kinds = {reason["kind"] for reason in reasons}
        if touchpoint in rows and "sampling" not in kinds:
            said[rows[touchpoint].target, rows[touchpoint].earlier].note(result, kinds)
    of_target: dict[str, list[Came]] = defaultdict(list)
    for one in rows.values():
        of_target[one.target].append(one)
    for name, those in of_target.items():
        target = known[name]
        now = _asked_now(target, program, those, at)
        for earlier in (False, True):
            own = said[name, earlier]
            target.granted[earlier] = pulled(own.granted, own.drawn, now.granted / now.drawn)
            target.capped[earlier] = pulled(own.capped, own.drawn, now.capped / now.drawn)


def _asked_now(known: Known, program: Program, those: Sequence[Came], at: datetime) -> Passed:
    """What the gate would say now of some of these customers; it counts for little once it has said more."""
    customers = sorted({one.customer for one in those})
    chosen = Random(program.slug).sample(customers, min(LOOKED_AT, len(customers)))  # noqa: S311 (no secret)
    channels = served(program.contact_channels)
    asks = [
        Ask(
            customer_id=customer,
            at=at,
            channels=channels,
            purpose=Purpose.INVITATION,
            survey=program.survey.slug,
            program=program.slug,
            expires=at + program.worth - program.delay,
            seconds=known.seconds,
        )
        for customer in chosen
    ]
    passed = Passed()
    for answer in gate.assess(asks, at):
        passed.note(answer.result, [str(reason["kind"]) for reason in answer.reasons])
    return passed
