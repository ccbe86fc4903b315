"""What leaves this room as files: invitations, responses, answers."""

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet
from django_filters import rest_framework as filters

from contacts.exporting import (
    BOOLEAN,
    CODE,
    INSTANT,
    INTEGER,
    Asked,
    Column,
    ExportFilterSet,
    InstantFilter,
    QueryTable,
    Shape,
    TruthFilter,
)
from contacts.models.customers import PERSON
from contacts.readers import Reader
from surveys.models import Answer, Invitation, Response
from surveys.response_columns import ANSWER_COLUMNS, ASKED_AT, COLUMNS
from surveys.wide import question_columns

APART = ("score", "comment", "contact_wish", "fixed")
"""Columns that stand for the first question of a kind: where every question has its own they are not needed."""


def wide_columns_of(asked: Asked, reader: Reader) -> Sequence[Column]:
    """Return the columns of a response, and one for each thing that was answered in the survey that is asked for."""
    own = [column for column in COLUMNS if column.name not in APART]
    return [*own, *question_columns(asked.get("survey", ""), {column.name for column in own}, reader)]


def rows() -> QuerySet[Response]:
    """Return the responses, oldest change first, as the columns need them; those of open links have tables apart."""
    of_customers = Response.objects.filter(open_link=None)
    return of_customers.annotate(_asked_at=ASKED_AT, _person=PERSON).order_by("updated_at", "pk")


class InvitationFilters(ExportFilterSet):
    since = InstantFilter("due_at", lookup_expr="gte")
    until = InstantFilter("due_at", lookup_expr="lt")
    updated_since = InstantFilter("contact__updated_at", lookup_expr="gte")
    survey = filters.CharFilter("version__survey__slug")
    program = filters.CharFilter("program__slug")

    class Meta:
        model = Invitation
        fields = ("state", "channel", "purpose", "language", "simulated")


class LeavesOutTests(ExportFilterSet):
    """Leaves out what colleagues tried out, unless `test` asks for it."""

    def filter_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        asked = self.form.cleaned_data["test"] is not None
        kept: QuerySet[Any] = super().filter_queryset(queryset)
        return kept if asked else kept.filter(**{self.filters["test"].field_name: False})


class ResponseFilters(LeavesOutTests):
    since = InstantFilter("answered_at", lookup_expr="gte")
    until = InstantFilter("answered_at", lookup_expr="lt")
    updated_since = InstantFilter("updated_at", lookup_expr="gte")
    survey = filters.CharFilter("version__survey__slug")
    program = filters.CharFilter("invitation__program__slug")
    touchpoint_kind = filters.CharFilter("touchpoint__kind")

    class Meta:
        model = Response
        fields = ("channel", "language", "source", "device", "simulated", "test")


class AnswerFilters(LeavesOutTests):
    since = InstantFilter("response__answered_at", lookup_expr="gte")
    until = InstantFilter("response__answered_at", lookup_expr="lt")
    updated_since = InstantFilter("response__updated_at", lookup_expr="gte")
    survey = filters.CharFilter("question__version__survey__slug")
    question = filters.CharFilter("question__key")
    kind = filters.CharFilter("question__kind")
    aspect = filters.CharFilter("question__aspect")
    test = TruthFilter("response__test")

    class Meta:
        model = Answer
        fields = ()


INVITATIONS = QueryTable(
    "invitations",
    "Every message that asks a customer, reminders and replies too: what became of it and of the question.",
    "surveys.view_invitation",
    (
        Column("invitation_id", "pk", "our number of the invitation", INTEGER),
        Column(
            "customer", "customer__external_id", "the customer's id in the system that they came from", personal=True
        ),
        Column("person_id", PERSON, "our number of the person, the same on all of their records", INTEGER),
        Column("program", "program__slug", "program that asks; empty for replies to messages", CODE, empty=True),
        Column("survey", "version__survey__slug", "survey that it asks", CODE),
        Column("version", "version__number", "version of the survey", INTEGER),
        Column("touchpoint_id", "touchpoint_id", "touchpoint that it asks about", INTEGER, empty=True),
        Column("touchpoint_kind", "touchpoint__kind", "its kind", empty=True),
        Column("contact_id", "contact_id", "its row in the table contacts", INTEGER),
        Column("reminder_of", "first_id", "the invitation that this one reminds of", INTEGER, empty=True),
        Column(
            "response_id", "response__pk", "the response to it; that of a reminder is the first's", INTEGER, empty=True
        ),
        Column("purpose", "purpose", "invitation, reminder, thank_you, other", CODE),
        Column("channel", "channel", "email, sms or phone", CODE),
        Column("language", "language", "language that it is written in", CODE),
        Column("state", "state", "planned, claimed, sent, failed, unknown or cancelled (not sent)", CODE),
        Column("state_reason", "state_reason", "why, where that is known", empty=True, personal=True),
        Column("outcome", "contact__outcome", "what became of its place in the ledger", CODE),
        Column("due_at", "due_at", "when it is to be sent, UTC", INSTANT),
        Column("sent_at", "sent_at", "when it was handed over, UTC", INSTANT, empty=True),
        Column("expires_at", "expires_at", "not sent after it, UTC", INSTANT),
        Column("closes_at", "closes_at", "when its link closes, UTC", INSTANT),
        Column("simulated", "simulated", "true where it was made up by the sample", BOOLEAN),
        Column("created_at", "created_at", "when it was planned, UTC", INSTANT),
        Column("updated_at", "contact__updated_at", "last change of its place in the ledger, UTC", INSTANT),
    ),
    lambda: Invitation.objects.order_by("contact__updated_at", "pk"),
    InvitationFilters,
    ("", "contact"),
)

RESPONSES = QueryTable(
    "responses",
    "Every response, with what it is about and how often the customer had been contacted before.",
    "surveys.view_response",
    COLUMNS,
    rows,
    ResponseFilters,
    ("", "touchpoint", "invitation"),
    Shape("wide", "wide: the questions of one survey as columns; say which survey", wide_columns_of),
)

ANSWERS = QueryTable(
    "answers",
    "Every answer to every question, one part a row: an option that was chosen, a row of a table, a rank, a text.",
    "surveys.view_response",
    ANSWER_COLUMNS,
    lambda: Answer.objects.filter(response__open_link=None).order_by(
        "response__updated_at", "response", "question__position", "pk"
    ),
    AnswerFilters,
    ("", "response"),
)

TABLES = (INVITATIONS, RESPONSES, ANSWERS)
