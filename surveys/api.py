"""Responses for analysts: pages of them through the API, and all of them as a file, with the same columns."""

from typing import Any

from django.db.models import QuerySet
from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import ListAPIView

from contacts.api import export_path
from contacts.brands import visible_to
from contacts.changes_api import CHANGES_SINCE
from contacts.readers import reader_of_request
from contacts.scopes import TokenScope
from surveys.exported import RESPONSES, TABLES, ResponseFilters, rows
from surveys.models import Answer, Response
from surveys.response_columns import contacts_before


def may_see_personal(serializer: serializers.BaseSerializer[Any]) -> bool:
    """Whether whoever asked may see personal data."""
    return reader_of_request(serializer.context["request"]).personal


class AnswerSerializer(serializers.Serializer[Any]):
    question = serializers.CharField(source="question.key")
    kind = serializers.CharField(source="question.kind")
    part = serializers.CharField(help_text="Option or row that it is about.")
    number = serializers.IntegerField(allow_null=True)
    amount = serializers.DecimalField(12, 3, allow_null=True)
    date = serializers.DateField(allow_null=True)
    text = serializers.SerializerMethodField(help_text="In the customer's words; null where they are hidden from you.")
    known = serializers.BooleanField(help_text="Known before, and so not asked.")

    def get_text(self, answer: Answer) -> str | None:
        return answer.text if may_see_personal(self) else None


class ResponseSerializer(serializers.ModelSerializer[Response]):
    customer = serializers.SerializerMethodField(
        help_text="The customer's id in their source; null where it is hidden from you."
    )
    person_id = serializers.IntegerField(
        source="_person", allow_null=True, help_text="Our number of the person, the same on all of their records."
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
            "person_id",
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

    def get_customer(self, response: Response) -> str | None:
        return response.customer.external_id if response.customer and may_see_personal(self) else None


@extend_schema(parameters=[CHANGES_SINCE])
class ResponseList(ListAPIView[Response]):
    """Responses in pages: follow `next` until it is null, and pull again with `next_changes_since`."""

    queryset = (
        rows()
        .annotate(contacts_90_days=contacts_before())
        .select_related("customer", "version__survey", "invitation__program", "touchpoint")
        .prefetch_related("answers__question")
    )
    serializer_class = ResponseSerializer
    token_scopes = {"GET": TokenScope.EXPORT}
    filterset_class = ResponseFilters
    consists_of = RESPONSES.consists_of

    def get_queryset(self) -> QuerySet[Response]:
        """Return the responses that the caller may read."""
        return visible_to(reader_of_request(self.request), super().get_queryset())


urlpatterns = [
    path("responses/", ResponseList.as_view(), name="responses"),
    *map(export_path, TABLES),
]
