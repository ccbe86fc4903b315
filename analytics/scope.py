"""What a report is about: a period, and which experiences in it. The one place where filters become queries."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any
from urllib.parse import urlencode

from django.db.models import Exists, OuterRef, Q, QuerySet

from analytics.models import JourneyStage
from analytics.period import Period
from contacts.brands import visible_to
from contacts.models import Brand, Contact, Decision, Touchpoint
from contacts.names import in_words
from contacts.readers import EVERYTHING, Reader
from surveys.models import Answer, CallCase, Invitation, Response

NO_KIND = ("",)
"""No touchpoint is of this kind: by it a stage without kinds is asked for, as an empty list makes no statement."""
AGENT = "agent"
"""The filter, and the grouping, that names somebody."""
OF_TOUCHPOINTS = ("kind", "channel", "team", AGENT, "product")


@dataclass(frozen=True, slots=True)
class Scope:
    """A period and filters, of which an empty one takes all.

    Kind to product are those of the touchpoint, `stage` is the journey stage of its kind, `program` the slug of the
    program that asked. `kinds` are those of the stage; `narrowed` finds them. Rows of brands that the `reader` does not
    read are in no figure; `brands` are the names of those that a reader of only some reads.
    """

    period: Period
    kind: str = ""
    channel: str = ""
    team: str = ""
    agent: str = ""
    product: str = ""
    stage: str = ""
    program: str = ""
    kinds: tuple[str, ...] = field(default=(), compare=False)
    reader: Reader = EVERYTHING
    brands: tuple[str, ...] = ()

    @property
    def filters(self) -> dict[str, str]:
        """The filters that are set, by name."""
        return {name: value for name in FILTERS if (value := getattr(self, name))}

    def touchpoints(self) -> QuerySet[Touchpoint]:
        """Touchpoints that happened in the period; with a program, those that it decided about."""
        happened = Touchpoint.objects.filter(self.period.holds("occurred_at"), self._about(""))
        found = visible_to(self.reader, happened)
        if not self.program:
            return found
        decisions = Decision.objects.filter(touchpoint=OuterRef("pk"), program=self.program, stage=Decision.Stage.PLAN)
        return found.filter(Exists(decisions))

    def responses(self) -> QuerySet[Response]:
        """Counted responses that were given in the period."""
        given = Response.objects.counted().filter(self.period.holds("answered_at"), self._of_response(""))
        return visible_to(self.reader, given)

    def answers(self) -> QuerySet[Answer]:
        """Counted answers that were given in the period."""
        given = Answer.objects.counted().filter(
            self.period.holds("response__answered_at"), self._of_response("response__")
        )
        return visible_to(self.reader, given)

    def invitations(self) -> QuerySet[Invitation]:
        """Invitations and reminders that were sent in the period."""
        asked_by = Q(program__slug=self.program) if self.program else Q()
        sent = Invitation.objects.filter(self.period.holds("sent_at"), state=Invitation.State.SENT)
        return visible_to(self.reader, sent.filter(self._about("touchpoint__"), asked_by))

    def call_cases(self) -> QuerySet[CallCase]:
        """Cases of interviewers that were closed in the period."""
        called_by = Q(program__slug=self.program) if self.program else Q()
        closed = CallCase.objects.filter(self.period.holds("closed_at"), state=CallCase.State.CLOSED)
        return visible_to(self.reader, closed.filter(self._about("touchpoint__"), called_by))

    def decisions(self) -> QuerySet[Decision]:
        """Decisions that were taken in the period."""
        asked_by = Q(program=self.program) if self.program else Q()
        taken = Decision.objects.filter(self.period.holds("decided_at"), self._about("touchpoint__"), asked_by)
        return visible_to(self.reader, taken)

    def contacts(self) -> QuerySet[Contact]:
        """Rows of the ledger that count from the period on; they know their program and no touchpoint."""
        asked_by = Q(program=self.program) if self.program else Q()
        return visible_to(self.reader, Contact.objects.filter(self.period.holds("at"), asked_by))

    def before(self) -> "Scope | None":
        """The same filters over the period before; None where the period has no beginning."""
        period = self.period.before()
        return replace(self, period=period) if period else None

    def query(self, **other: str) -> str:
        """The address's query for this scope with other filters; an empty one is left out."""
        days = self.period.as_json()
        told = {"since": days["since"] or "", "until": days["until"] or "", **self.filters, **other}
        return urlencode({name: value for name, value in told.items() if value})

    def as_json(self) -> dict[str, Any]:
        """The scope as a report states it."""
        return {**self.period.as_json(), "filters": self.filters, "text": str(self)}

    def __str__(self) -> str:
        only = [f"brand {' and '.join(self.brands)} only"] if self.brands else []
        filters = (f"{name} {in_words(value)}" for name, value in self.filters.items())
        return ", ".join([str(self.period), *only, *filters])

    def _of_response(self, prefix: str) -> Q:
        """Where an answer is about no touchpoint, its channel is the one by which the question came."""
        about = self._about(f"{prefix}touchpoint__", but="channel")
        if self.channel:
            own = Q(**{f"{prefix}touchpoint__channel": self.channel})
            about &= own | Q(**{f"{prefix}touchpoint": None, f"{prefix}channel": self.channel})
        if self.program:
            about &= Q(**{f"{prefix}invitation__program__slug": self.program})
        return about

    def _about(self, prefix: str, but: str = "") -> Q:
        wanted = {f"{prefix}{name}": self.filters[name] for name in OF_TOUCHPOINTS if name in self.filters}
        wanted.pop(f"{prefix}{but}", None)
        return Q(**wanted) & (Q(**{f"{prefix}kind__in": self.kinds or NO_KIND}) if self.stage else Q())


FILTERS = tuple(one.name for one in fields(Scope) if one.name not in ("period", "kinds", "reader", "brands"))


def narrowed(period: Period, filters: Mapping[str, str], reader: Reader = EVERYTHING) -> Scope:
    """The scope of a period and filters, as they stand in an address, as far as somebody may read it.

    A stage that is not there has no kinds. One statement with a stage, one for who reads only some brands.

    Raises ValueError for a filter of another name.
    """
    if unknown := sorted(set(filters) - set(FILTERS)):
        raise ValueError(f"there is no filter {unknown[0]}; there are: {', '.join(FILTERS)}")
    name = filters.get("stage", "")
    stage = JourneyStage.objects.filter(name=name).first() if name else None
    kinds = tuple(stage.kinds) if stage else ()
    return Scope(period, **filters, kinds=kinds, reader=reader, brands=_names(reader))


def _names(reader: Reader) -> tuple[str, ...]:
    if reader.brands is None:
        return ()
    return tuple(Brand.objects.filter(pk__in=sorted(reader.brands)).order_by("name").values_list("name", flat=True))
