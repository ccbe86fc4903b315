"""What is told of a response and of an answer: the columns of their tables."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.db.models import Count, DateTimeField, Func, OuterRef, Subquery, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce

from contacts.exporting import BOOLEAN, CODE, DAY, INSTANT, INTEGER, JSON, NUMBER, Column
from contacts.models import Contact
from contacts.models.words import CLOCK_EVENTS, RELEASED
from contacts.records import records_of_one
from surveys.models import Answer, Question

RECENT = timedelta(days=90)
ASKED_AT = Coalesce("invitation__contact__at", "answered_at")


class Earlier(Func):
    """An instant less 90 days, as both databases keep it: Django would call Python for each row of SQLite's."""

    output_field = DateTimeField()

    def as_postgresql(self, compiler: Any, connection: Any, **_: Any) -> Any:
        """Take days of 24 hours off, whatever the zone of the connection."""
        return self.as_sql(compiler, connection, template=f"(%(expressions)s - interval '{RECENT.days * 24} hours')")

    def as_sqlite(self, compiler: Any, connection: Any, **_: Any) -> Any:
        """Take days off the seconds, and put their fraction behind."""
        sql, parameters = compiler.compile(self.get_source_expressions()[0])
        return f"(datetime({sql}, '-{RECENT.days} days') || substr({sql}, 20))", (*parameters, *parameters)


def contacts_before() -> Combinable:
    """Count the person's contacts in the 90 days before the question came, which is not counted itself.

    Where the invitation was not ours the answer's instant is taken. Places that were given back are no contacts.
    """
    recent = Contact.objects.filter(
        customer__in=records_of_one(OuterRef(OuterRef("_person"))).values("pk"),
        at__lt=OuterRef("_asked_at"),
        at__gte=Earlier(OuterRef("_asked_at")),
    )
    counted = recent.exclude(purpose__in=CLOCK_EVENTS).exclude(outcome__in=RELEASED)
    everything = counted.order_by().annotate(all=Value(1)).values("all")
    return Coalesce(Subquery(everything.annotate(n=Count("pk")).values("n")), 0)


def answer_to(kind: str, field: str) -> Combinable:
    """Return the response's number or text for its first question of a kind; null where it has none."""
    answers = Answer.objects.filter(response=OuterRef("pk"), question__kind=kind)
    return Subquery(answers.order_by("question__position").values(field)[:1])


COLUMNS: Sequence[Column] = (
    Column("response_id", "pk", "our number of the response", INTEGER),
    Column("invitation_id", "invitation_id", "the invitation that it answers", INTEGER, empty=True),
    Column("source", "source", "cxsurvey, or the tool that it was brought in from"),
    Column("external_id", "external_id", "its id in that tool", empty=True),
    Column(
        "customer",
        "customer__external_id",
        "the customer's id in the system that they came from",
        empty=True,
        personal=True,
    ),
    Column("person_id", "_person", "our number of the person, the same on all of their records", INTEGER, empty=True),
    Column("survey", "version__survey__slug", "survey that was answered", CODE),
    Column("version", "version__number", "version of the survey", INTEGER),
    Column(
        "program",
        "invitation__program__slug",
        "program that asked; empty where the response was brought in",
        CODE,
        empty=True,
    ),
    Column("touchpoint_id", "touchpoint_id", "touchpoint that it is about", INTEGER, empty=True),
    Column("touchpoint_kind", "touchpoint__kind", "its kind", empty=True),
    Column("touchpoint_channel", "touchpoint__channel", "where it happened", empty=True),
    Column("touchpoint_team", "touchpoint__team", "team of who served", empty=True),
    Column("touchpoint_agent", "touchpoint__agent", "who served", empty=True, personal=True),
    Column("touchpoint_product", "touchpoint__product", "what it was about", empty=True),
    Column("touchpoint_occurred_at", "touchpoint__occurred_at", "when it happened, UTC", INSTANT, empty=True),
    Column("channel", "channel", "by which the question came", empty=True),
    Column("language", "language", "language of the survey page", empty=True),
    Column("invited_at", "invitation__sent_at", "when the invitation was sent, UTC", INSTANT, empty=True),
    Column("answered_at", "answered_at", "when it was answered, UTC", INSTANT),
    Column(
        "started_at",
        "started_at",
        "when its first page was loaded, UTC; empty where that is not known",
        INSTANT,
        empty=True,
    ),
    Column(
        "finished_at",
        "finished_at",
        "when its last page was sent, UTC; empty while there are pages left",
        INSTANT,
        empty=True,
    ),
    Column("page", "page", "position of the last question of the last page that was sent", INTEGER),
    Column("seconds", "seconds", "attention that it took, over all pages", INTEGER, unit="seconds", empty=True),
    Column("device", "device", "phone, tablet or computer; empty where the browser does not say", CODE, empty=True),
    Column(
        "flags",
        "attributes__flags",
        "what makes it doubtful: trap, unseen, instant, speeder, straight_liner, partial",
        JSON,
        empty=True,
    ),
    Column(
        "score",
        answer_to(Question.Kind.NPS, "number"),
        "0 to 10, how likely to recommend",
        INTEGER,
        unit="points, 0 to 10",
        empty=True,
    ),
    Column("comment", answer_to(Question.Kind.TEXT, "text"), "in the customer's words", empty=True, personal=True),
    Column(
        "contact_wish",
        answer_to(Question.Kind.CONTACT_WISH, "number"),
        "1 where the customer asked to be called",
        INTEGER,
        empty=True,
    ),
    Column(
        "fixed",
        answer_to(Question.Kind.YES_NO, "number"),
        "1 or 0: is it fixed? Empty where it was not asked",
        INTEGER,
        empty=True,
    ),
    Column(
        "contacts_90_days",
        contacts_before(),
        "contacts with the person in the 90 days before the question",
        INTEGER,
        unit="contacts",
    ),
    Column("simulated", "simulated", "true where it was made up by the sample", BOOLEAN),
    Column("test", "test", "true where a colleague tried the survey out; left out unless asked for", BOOLEAN),
    Column("updated_at", "updated_at", "last change, UTC", INSTANT),
)

ANSWER_COLUMNS: Sequence[Column] = (
    Column("response_id", "response_id", "our number of the response; the table responses has it too", INTEGER),
    Column("survey", "question__version__survey__slug", "survey that was answered", CODE),
    Column("version", "question__version__number", "version of the survey", INTEGER),
    Column("question", "question__key", "key of the question"),
    Column("kind", "question__kind", "its kind: nps, csat, choice, matrix ...", CODE),
    Column("part", "part", "option or row that it is about; empty for a question that takes one answer", empty=True),
    Column(
        "number",
        "number",
        "a score, 1 or 0 for yes or no, a table's column, a rank; 1 for what was chosen",
        INTEGER,
        empty=True,
    ),
    Column("amount", "amount", "a number that was written", NUMBER, empty=True),
    Column("date", "date", "a day that was chosen", DAY, empty=True),
    Column("text", "text", "in the customer's words", empty=True, personal=True),
    Column("known", "known", "true where it was known before, and so not asked", BOOLEAN),
    Column(
        "since",
        "question__since",
        "answers with the same question and since are one series, also across versions",
        INTEGER,
    ),
    Column("aspect", "question__aspect", "what it is about: speed, courtesy, price ...", empty=True),
    Column("compass", "question__compass", "need, want, emotion or stereotype", CODE, empty=True),
    Column("answered_at", "response__answered_at", "when the response was given, UTC", INSTANT),
    Column("test", "response__test", "true where a colleague tried the survey out; left out unless asked for", BOOLEAN),
    Column("updated_at", "response__updated_at", "last change of the response, UTC", INSTANT),
)
