"""What every API view gets unless it says otherwise: who may read, how lists are cut, and how often is too often."""

from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.utils import timezone
from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.pagination import CursorPagination
from rest_framework.permissions import DjangoModelPermissions
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import BaseThrottle
from rest_framework.utils.urls import replace_query_param

from contacts.changes import OWN
from contacts.pulling import AS_OF, pull
from cxsurvey.export_pace import take

if TYPE_CHECKING:
    from rest_framework.views import APIView


class ModelPermissions(DjangoModelPermissions):
    """The admin's own rights, for reading too: GET needs the model's view permission.

    A view without a queryset must name its own rule.
    """

    perms_map = DjangoModelPermissions.perms_map | {"GET": ["%(app_label)s.view_%(model_name)s"]}


class Pages(CursorPagination):
    """Pages of 100 rows, up to 1,000 with `page_size`, by id: no other order stands still while rows change.

    So a row comes once, in its state of then. What is committed behind a page that was read is in none of these pages,
    but in those that begin with `changes_since` and the `next_changes_since` that each page has: that of the first one.
    A view says by `consists_of` whose changes count, as in `contacts.changes.between`.
    """

    page_size = 100
    max_page_size = 1000
    page_size_query_param = "page_size"
    ordering = ("pk",)
    next_changes_since = ""

    def paginate_queryset(self, queryset: Any, request: Request, view: "APIView | None" = None) -> list[Any] | None:
        """Return the rows of a page of what was committed since `changes_since`, or of all rows without it."""
        try:
            pulled = pull(queryset, request.query_params, getattr(view, "consists_of", OWN))
        except ValidationError as error:
            raise serializers.ValidationError(error.message_dict) from error
        try:
            found = super().paginate_queryset(pulled.rows, request, view)
        except ValueError as error:  # it says where to go on, and no number stands there
            raise NotFound(self.invalid_cursor_message) from error
        self.next_changes_since = pulled.next_changes_since
        self.base_url = replace_query_param(request.build_absolute_uri(), AS_OF, pulled.next_changes_since)
        return found

    def get_paginated_response(self, data: Any) -> Response:
        """Put the token beside the addresses of the next and the previous page."""
        response = super().get_paginated_response(data)
        response.data["next_changes_since"] = self.next_changes_since
        return response

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        """Describe a page."""
        described = super().get_paginated_response_schema(schema)
        described["properties"]["next_changes_since"] = {
            "type": "string",
            "description": "What `changes_since` gives everything after, once the last page was read.",
        }
        return described


class ExportThrottle(BaseThrottle):
    """A user may begin so many exports a minute; beyond that 429 with Retry-After.

    Other addresses are free, also those that say how far an export is.
    """

    seconds = 0

    def allow_request(self, request: Request, view: "APIView") -> bool:
        """Use up one export, where it is one."""
        if _begins_export(request) and request.user.pk:
            self.seconds = take(request.user.pk, timezone.now())
        return self.seconds == 0

    def wait(self) -> float:
        """Return the seconds for Retry-After."""
        return self.seconds


def _begins_export(request: Request) -> bool:
    name = str(request.resolver_match and request.resolver_match.url_name)
    if name.startswith("export-run"):
        return name == "export-runs" and request.method == "POST"
    return name.startswith("export-")
