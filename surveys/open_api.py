"""Links for receipts, for tills and printers: each asks about one touchpoint and takes one answer."""

import base64
from typing import Any

from django.http import Http404
from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from contacts.api import ExportView, export_path
from contacts.exporting import Column
from contacts.models import Touchpoint
from contacts.scopes import TokenScope
from surveys.api import ANSWER_COLUMNS, AnswerFilters, ResponseFilters, answer_to
from surveys.models import Answer, OpenLink, Question
from surveys.models import Response as Given
from surveys.open_cards import qr_png, qr_svg
from surveys.open_tokens import open_url


class MaySeeOpenLinks(BasePermission):
    """Who may see open links may print receipts for them."""

    message = "Receipts need the right “Can view open link”. Ask an administrator for it."

    def has_permission(self, request: Request, view: Any) -> bool:
        return bool(request.user.has_perm("surveys.view_openlink"))


class ReceiptQuery(serializers.Serializer[Any]):
    source = serializers.CharField(  # type: ignore[assignment]  # a field of the query, not the serializer's own
        max_length=60, help_text="System that the touchpoint came from."
    )
    external_id = serializers.CharField(max_length=200, help_text="Its id there.")


class ReceiptAnswer(serializers.Serializer[Any]):
    url = serializers.URLField(help_text="What the receipt's QR code opens; it takes one answer.")
    qr_svg = serializers.CharField(help_text="The QR code as SVG.")
    qr_png = serializers.CharField(help_text="The QR code as PNG, in base64.")


class ReceiptView(APIView):
    """The link and the QR code that a receipt shows; nothing is written, so ask as often as you print."""

    permission_classes = (MaySeeOpenLinks,)
    token_scopes = {"GET": TokenScope.RECEIPTS}

    @extend_schema(operation_id="open_link_receipt", parameters=[ReceiptQuery], responses=ReceiptAnswer)
    def get(self, request: Request, link_id: int) -> Response:
        """Return them for the touchpoint of `source` and `external_id`, which must have come in already."""
        query = ReceiptQuery(data=request.query_params)
        query.is_valid(raise_exception=True)
        link = OpenLink.objects.filter(pk=link_id, closed_at=None).first()
        if link is None:
            raise Http404
        touchpoint = Touchpoint.objects.filter(**query.validated_data).values_list("pk", flat=True).first()
        if touchpoint is None:
            raise NotFound("There is no such touchpoint. Bring it in first, then print its receipt.")
        url = open_url(link, touchpoint)
        found = {"url": url, "qr_svg": qr_svg(url), "qr_png": base64.b64encode(qr_png(url)).decode()}
        return Response(found, headers={"Cache-Control": "no-store"})


class OpenResponseExport(ExportView):
    """Every answer at an open link, apart from those of customers: anybody may have given it."""

    name = "open_responses"
    right = "surveys.view_response"
    queryset = Given.objects.filter(open_link__isnull=False).order_by("updated_at", "pk")
    filterset_class = ResponseFilters
    columns = (
        Column("response_id", "pk", "our number of the response; the table open_answers has it too"),
        Column("open_link", "open_link__name", "where the link hangs"),
        Column("kind", "open_link__kind", "kind of touchpoint that the place asks about"),
        Column("touchpoint_id", "touchpoint_id", "of a receipt: the touchpoint that it is about"),
        Column("survey", "version__survey__slug", "survey that was answered"),
        Column("version", "version__number", "version of the survey"),
        Column("language", "language", "language of the survey page"),
        Column("answered_at", "answered_at", "when it was answered, UTC"),
        Column("finished_at", "finished_at", "when its last page was sent, UTC; empty while there are pages left"),
        Column("seconds", "seconds", "attention that it took, over all pages"),
        Column("device", "device", "phone, tablet or computer; empty where the browser does not say"),
        Column(
            "flags", "attributes__flags", "what makes it doubtful: duplicate, trap, unseen, speeder, straight_liner"
        ),
        Column("score", answer_to(Question.Kind.NPS, "number"), "0 to 10, how likely to recommend"),
        Column("comment", answer_to(Question.Kind.TEXT, "text"), "in the words of whoever answered"),
        Column("updated_at", "updated_at", "last change, UTC"),
    )


class OpenAnswerExport(ExportView):
    """Every answer to every question at an open link, one part a row."""

    name = "open_answers"
    right = "surveys.view_response"
    queryset = Answer.objects.filter(response__open_link__isnull=False).order_by(
        "response__updated_at", "response", "question__position", "pk"
    )
    filterset_class = AnswerFilters
    columns = ANSWER_COLUMNS


urlpatterns = [
    path("open-links/<int:link_id>/receipts/", ReceiptView.as_view(), name="open-link-receipts"),
    export_path(OpenResponseExport),
    export_path(OpenAnswerExport),
]
