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
    Column("touchpoint_occurred_at", "touchpoint__occurred_at", "when it happened, UTC"),
    Column("channel", "channel", "by which the question came"),
    Column("language", "language", "language of the survey page"),
    Column("invited_at", "invitation__sent_at", "when the invitation was sent, UTC"),
    Column("answered_at", "answered_at", "when it was answered, UTC"),
    Column("score", answer_to(Question.Kind.NPS, "number"), "0 to 10, how likely to recommend"),
    Column("comment", answer_to(Question.Kind.TEXT, "text"), "in the customer's words"),
    Column("contact_wish", answer_to(Question.Kind.CONTACT_WISH, "number"), "1 where the customer asked to be called"),
    Column("fixed", answer_to(Question.Kind.YES_NO, "number"), "1 or 0: is it fixed? Empty where it was not asked"),
    Column("contacts_90_days", contacts_before(), "contacts with the person in the 90 days before the question"),
    Column("simulated", "simulated", "true where it was made up by the sample"),
    Column("updated_at", "updated_at", "last change, UTC"),
)


def rows() -> QuerySet[Response]:
    """Return the responses, oldest change first, as the columns need them."""
    return Response.objects.annotate(_asked_at=ASKED_AT, _person=PERSON).order_by("updated_at", "pk")


class ResponseFilters(filters.FilterSet):
    since = filters.IsoDateTimeFilter("answered_at", lookup_expr="gte")
    until = filters.IsoDateTimeFilter("answered_at", lookup_expr="lt")
    updated_since = filters.IsoDateTimeFilter("updated_at", lookup_expr="gte")
    survey = filters.CharFilter("version__survey__slug")
    program = filters.CharFilter("invitation__program__slug")
    touchpoint_kind = filters.CharFilter("touchpoint__kind")

    class Meta:
        model = Response
        fields = ("channel", "language", "source", "simulated")


class ResponseExport(ExportView):
    """Every response, with what it is about and how often the customer had been contacted before."""

    name = "responses"
    right = "surveys.view_response"
    queryset = rows()
    filterset_class = ResponseFilters
    columns = COLUMNS


class AnswerSerializer(serializers.Serializer[Any]):
    question = serializers.CharField(source="question.key")
    kind = serializers.CharField(source="question.kind")
    number = serializers.IntegerField(allow_null=True)
    text = serializers.CharField()


class ResponseSerializer(serializers.ModelSerializer[Response]):
    customer = serializers.CharField(source="customer.external_id", help_text="The customer's id in their source.")
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
            "answers",
            "contacts_90_days",
            "simulated",
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
    filterset_class = ResponseFilters
    ordering = ("updated_at", "pk")


urlpatterns = [path("responses/", ResponseList.as_view(), name="responses"), export_path(ResponseExport)]
