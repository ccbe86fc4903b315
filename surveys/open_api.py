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

from contacts.api import export_path
from contacts.brands import visible_to
from contacts.models import Touchpoint
from contacts.readers import reader_of_request
from contacts.scopes import TokenScope
from surveys.models import OpenLink
from surveys.open_cards import qr_png, qr_svg
from surveys.open_exported import OPEN_TABLES
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
        named = visible_to(reader_of_request(request), Touchpoint.objects.filter(**query.validated_data))
        touchpoint = named.values_list("pk", flat=True).first()
        if touchpoint is None:
            raise NotFound("There is no such touchpoint. Bring it in first, then print its receipt.")
        url = open_url(link, touchpoint)
        found = {"url": url, "qr_svg": qr_svg(url), "qr_png": base64.b64encode(qr_png(url)).decode()}
        return Response(found, headers={"Cache-Control": "no-store"})


urlpatterns = [
    path("open-links/<int:link_id>/receipts/", ReceiptView.as_view(), name="open-link-receipts"),
    *map(export_path, OPEN_TABLES),
]
