"""Responses for analysts: pages of them through the API, and all of them as a file, with the same columns."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.db.models import Count, OuterRef, QuerySet, Subquery, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce
from django.urls import path
from django_filters import rest_framework as filters
from rest_framework import serializers
from rest_framework.generics import ListAPIView

from contacts.api import ExportView, export_path
from contacts.exporting import Column
from contacts.models import Contact
from contacts.models.customers import PERSON
from contacts.models.words import CLOCK_EVENTS, RELEASED
from contacts.records import records_of_one
from contacts.scopes import TokenScope
from surveys.models import Answer, Question, Response

RECENT = timedelta(days=90)
ASKED_AT = Coalesce("invitation__contact__at", "answered_at")


def contacts_before() -> Combinable:
    """Count the person's contacts in the 90 days before the question came, which is not counted itself.

    Where the invitation was not ours the answer's instant is taken. Places that were given back are no contacts.
    """
    recent = Contact.objects.filter(
        customer__in=records_of_one(OuterRef(OuterRef("_person"))).values("pk"),
        at__lt=OuterRef("_asked_at"),
        at__gte=OuterRef("_asked_at") - RECENT,
    )
    counted = recent.exclude(purpose__in=CLOCK_EVENTS).exclude(outcome__in=RELEASED)
    everything = counted.order_by().annotate(all=Value(1)).values("all")
    return Coalesce(Subquery(everything.annotate(n=Count("pk")).values("n")), 0)


def answer_to(kind: str, field: str) -> Combinable:
    """Return the response's number or text for its first question of a kind; null where it has none."""
    answers = Answer.objects.filter(response=OuterRef("pk"), question__kind=kind)
    return Subquery(answers.order_by("question__position").values(field)[:1])


COLUMNS: Sequence[Column] = (
    Column("response_id", "pk", "our number of the response"),
    Column("source", "source", "cxsurvey, or the tool that it was brought in from"),
    Column("external_id", "external_id", "its id in that tool"),
    Column("customer", "customer__external_id", "the customer's id in the system that they came from"),
    Column("survey", "version__survey__slug", "survey that was answered"),
    Column("version", "version__number", "version of the survey"),
    Column("program", "invitation__program__slug", "program that asked; empty where the response was brought in"),
    Column("touchpoint_id", "touchpoint_id", "touchpoint that it is about"),
    Column("touchpoint_kind", "touchpoint__kind", "its kind"),
    Column("touchpoint_channel", "touchpoint__channel", "where it happened"),
    Column("touchpoint_team", "touchpoint__team", "team of who served"),
    Column("touchpoint_agent", "touchpoint__agent", "who served"),
    Column("touchpoint_product", "touchpoint__product", "what it was about"),
    Column("touchpoint_occurred_at", "touchpoint__occurred_at", "when it happened, UTC"),
    Column("channel", "channel", "by which the question came"),
    Column("language", "language", "language of the survey page"),
    Column("invited_at", "invitation__sent_at", "when the invitation was sent, UTC"),
    Column("answered_at", "answered_at", "when it was answered, UTC"),
    Column("started_at", "started_at", "when its first page was loaded, UTC; empty where that is not known"),
    Column("finished_at", "finished_at", "when its last page was sent, UTC; empty while there are pages left"),
    Column("page", "page", "position of the last question of the last page that was sent"),
    Column("seconds", "seconds", "attention that it took, over all pages"),
    Column("device", "device", "phone, tablet or computer; empty where the browser does not say"),
    Column(
        "flags", "attributes__flags", "what makes it doubtful: trap, unseen, instant, speeder, straight_liner, partial"
    ),
    Column("score", answer_to(Question.Kind.NPS, "number"), "0 to 10, how likely to recommend"),
    Column("comment", answer_to(Question.Kind.TEXT, "text"), "in the customer's words"),
    Column("contact_wish", answer_to(Question.Kind.CONTACT_WISH, "number"), "1 where the customer asked to be called"),
    Column("fixed", answer_to(Question.Kind.YES_NO, "number"), "1 or 0: is it fixed? Empty where it was not asked"),
    Column("contacts_90_days", contacts_before(), "contacts with the person in the 90 days before the question"),
    Column("simulated", "simulated", "true where it was made up by the sample"),
    Column("test", "test", "true where a colleague tried the survey out; left out unless asked for"),
    Column("updated_at", "updated_at", "last change, UTC"),
)

ANSWER_COLUMNS: Sequence[Column] = (
    Column("response_id", "response_id", "our number of the response; the table responses has it too"),
    Column("survey", "question__version__survey__slug", "survey that was answered"),
    Column("version", "question__version__number", "version of the survey"),
    Column("question", "question__key", "key of the question"),
    Column("kind", "question__kind", "its kind: nps, csat, choice, matrix ..."),
    Column("part", "part", "option or row that it is about; empty for a question that takes one answer"),
    Column("number", "number", "a score, 1 or 0 for yes or no, a table's column, a rank; 1 for what was chosen"),
    Column("amount", "amount", "a number that was written"),
    Column("date", "date", "a day that was chosen"),
    Column("text", "text", "in the customer's words"),
    Column("known", "known", "true where it was known before, and so not asked"),
    Column("since", "question__since", "answers with the same question and since are one series, also across versions"),
    Column("aspect", "question__aspect", "what it is about: speed, courtesy, price ..."),
    Column("compass", "question__compass", "need, want, emotion or stereotype"),
    Column("answered_at", "response__answered_at", "when the response was given, UTC"),
    Column("test", "response__test", "true where a colleague tried the survey out; left out unless asked for"),
    Column("updated_at", "response__updated_at", "last change of the response, UTC"),
)


def rows() -> QuerySet[Response]:
    """Return the responses, oldest change first, as the columns need them; those of open links have tables apart."""
    of_customers = Response.objects.filter(open_link=None)
    return of_customers.annotate(_asked_at=ASKED_AT, _person=PERSON).order_by("updated_at", "pk")


class LeavesOutTests(filters.FilterSet):
    """Leaves out what colleagues tried out, unless `test` asks for it."""

    def filter_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        asked = self.form.cleaned_data["test"] is not None
        kept: QuerySet[Any] = super().filter_queryset(queryset)
        return kept if asked else kept.filter(**{self.filters["test"].field_name: False})


class ResponseFilters(LeavesOutTests):
    since = filters.IsoDateTimeFilter("answered_at", lookup_expr="gte")
    until = filters.IsoDateTimeFilter("answered_at", lookup_expr="lt")
    updated_since = filters.IsoDateTimeFilter("updated_at", lookup_expr="gte")
    survey = filters.CharFilter("version__survey__slug")
    program = filters.CharFilter("invitation__program__slug")
    touchpoint_kind = filters.CharFilter("touchpoint__kind")

    class Meta:
        model = Response
        fields = ("channel", "language", "source", "device", "simulated", "test")


class AnswerFilters(LeavesOutTests):
    since = filters.IsoDateTimeFilter("response__answered_at", lookup_expr="gte")
    until = filters.IsoDateTimeFilter("response__answered_at", lookup_expr="lt")
    updated_since = filters.IsoDateTimeFilter("response__updated_at", lookup_expr="gte")
    survey = filters.CharFilter("question__version__survey__slug")
    question = filters.CharFilter("question__key")
    kind = filters.CharFilter("question__kind")
    aspect = filters.CharFilter("question__aspect")
    test = filters.BooleanFilter("response__test")

    class Meta:
        model = Answer
        fields = ()


class ResponseExport(ExportView):
    """Every response, with what it is about and how often the customer had been contacted before."""

    name = "responses"
    right = "surveys.view_response"
    queryset = rows()
    filterset_class = ResponseFilters
    columns = COLUMNS


class AnswerExport(ExportView):
    """Every answer to every question, one part a row: an option that was chosen, a row of a table, a rank, a text."""

    name = "answers"
    right = "surveys.view_response"
    queryset = Answer.objects.filter(response__open_link=None).order_by(
        "response__updated_at", "response", "question__position", "pk"
    )
    filterset_class = AnswerFilters
    columns = ANSWER_COLUMNS


class AnswerSerializer(serializers.Serializer[Any]):
    question = serializers.CharField(source="question.key")
    kind = serializers.CharField(source="question.kind")
    part = serializers.CharField(help_text="Option or row that it is about.")
    number = serializers.IntegerField(allow_null=True)
    amount = serializers.DecimalField(12, 3, allow_null=True)
    date = serializers.DateField(allow_null=True)
    text = serializers.CharField()
    known = serializers.BooleanField(help_text="Known before, and so not asked.")


class ResponseSerializer(serializers.ModelSerializer[Response]):
    customer = serializers.CharField(
        source="customer.external_id", default=None, allow_null=True, help_text="The customer's id in their source."
    )
    survey = serializers.CharField(source="version.survey.slug")
    version = serializers.IntegerField(source="version.number")
    program = serializers.CharField(source="invitation.program.slug", default=None, allow_null=True)
    touchpoint_kind = serializers.CharField(source="touchpoint.kind", default=None, allow_null=True)
    contacts_90_days = serializers.IntegerField(help_text="Contacts in the 90 days before the question.")
    answers = AnswerSerializer(many=True)

    class Meta:
        model = Response
        fields = (
            "id",
            "source",
            "external_id",
            "customer",
            "survey",
            "version",
            "program",
            "touchpoint",
            "touchpoint_kind",
            "channel",
            "language",
            "answered_at",
            "finished_at",
            "seconds",
            "device",
            "answers",
            "contacts_90_days",
            "simulated",
            "test",
            "updated_at",
        )


class ResponseList(ListAPIView[Response]):
    """Responses in pages, oldest change first: follow `next` until it is null; pull again with `updated_since`."""

    queryset = (
        rows()
        .annotate(contacts_90_days=contacts_before())
        .select_related("customer", "version__survey", "invitation__program", "touchpoint")
        .prefetch_related("answers__question")
    )
    serializer_class = ResponseSerializer
    token_scopes = {"GET": TokenScope.EXPORT}
    filterset_class = ResponseFilters
    ordering = ("updated_at", "pk")


urlpatterns = [
    path("responses/", ResponseList.as_view(), name="responses"),
    export_path(ResponseExport),
    export_path(AnswerExport),
]
