"""Downloads of this room: customers, touchpoints, contacts and decisions; and the view that every room's share."""

from collections.abc import Iterator
from typing import Any

from django.core import exceptions
from django.http import StreamingHttpResponse
from django.urls import URLPattern, path
from django.utils import timezone
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView

from contacts.changes_api import HEADER, TOLD
from contacts.exported import TABLES
from contacts.exporting import FORMATS, Parameter, Part, Table
from contacts.policy_api import PolicyView
from contacts.pulling import ASKED
from contacts.readers import reader_of_request
from contacts.scopes import TokenScope


class MayExport(BasePermission):
    """Whole tables leave the house only with a right of its own, beside the right to see their rows."""

    message = "Downloads need the right “Can download exports”. Ask an administrator to add you to the group Analyst."

    def has_permission(self, request: Request, view: Any) -> bool:
        return request.user.has_perms(["contacts.export", view.table.right])


def documented(parameter: Parameter) -> OpenApiParameter:
    """Return a parameter as OpenAPI has it."""
    types = {"date-time": OpenApiTypes.DATETIME, "date": OpenApiTypes.DATE, "boolean": OpenApiTypes.BOOL}
    kind = types.get(parameter.format, OpenApiTypes.STR)
    return OpenApiParameter(parameter.name, kind, description=parameter.meaning, enum=parameter.choices or None)


class ExportSchema(AutoSchema):
    """Every table has a description, parameters and a name of its own, though all share one view."""

    @property
    def table(self) -> Table:
        """Of the view."""
        table: Table = getattr(self.view, "table")  # noqa: B009 - the type of views does not know it
        return table

    def get_operation_id(self) -> str:
        """Return a name that no other door has."""
        return f"export_{self.table.name}"

    def get_description(self) -> str:  # type: ignore[override]  # DRF's own schema asks otherwise
        """Return what the table holds."""
        return self.table.about

    def get_override_parameters(self) -> list[Any]:
        """Return the formats, and what may be asked for."""
        formats = OpenApiParameter("file_format", str, OpenApiParameter.PATH, enum=list(FORMATS))
        told = [TOLD] if ASKED in [parameter.name for parameter in self.table.filters] else []
        return [formats, *told, *map(documented, self.table.parameters)]


class WhatTheAddressSays(BaseContentNegotiation):
    """A file comes in the format that its address names, whatever `Accept` says; what is refused is said in JSON."""

    def select_renderer(self, request: Request, renderers: Any, format_suffix: str | None = None) -> Any:
        return renderers[0], renderers[0].media_type


class ExportView(APIView):
    """A table as a file."""

    permission_classes = (MayExport,)
    token_scopes = {"GET": TokenScope.EXPORT}
    content_negotiation_class = WhatTheAddressSays
    schema = ExportSchema()
    table: Table = TABLES[0]

    @extend_schema(responses={(200, one.media_type): OpenApiTypes.BINARY for one in FORMATS.values()})
    def get(self, request: Request, file_format: str) -> StreamingHttpResponse:
        """Stream the rows that are asked for, oldest change first."""
        if (form := FORMATS.get(file_format)) is None:
            raise NotFound(f"There is no format {file_format}. There are: {', '.join(FORMATS)}.")
        try:
            rows = self.table.rows(asked_once(request), timezone.now(), reader_of_request(request))
        except exceptions.ValidationError as error:
            raise ValidationError(error.message_dict) from error
        if said := form.refusal(rows):
            raise ValidationError({"file_format": [said]})
        response = streamed(form.write(rows), f"{self.table.name}.{file_format}", form.media_type)
        if rows.next_changes_since:
            response[HEADER] = rows.next_changes_since
        return response


def asked_once(request: Request) -> dict[str, str]:
    """Return what the address asks for. Raises ValidationError for what it says twice."""
    if twice := [name for name, said in request.query_params.lists() if len(said) > 1]:
        raise ValidationError({name: ["Say it once: of several values only one would be taken."] for name in twice})
    return {name: str(value) for name, value in request.query_params.items()}


def streamed(parts: Iterator[Part], name: str, media_type: str) -> StreamingHttpResponse:
    """Return a file that is written while it is sent; where a part fails, so does the answer, in its midst."""
    response = StreamingHttpResponse((part.content for part in parts), content_type=media_type)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "no-store"
    return response


def export_path(table: Table) -> URLPattern:
    """Return the address of a download: /api/v1/exports/<name>.<format>."""
    return path(f"exports/{table.name}.<str:file_format>", ExportView.as_view(table=table), name=f"export-{table.name}")


urlpatterns = [
    *map(export_path, TABLES),
    path("policy/", PolicyView.as_view(), name="policy"),
]
