"""What every API view gets unless it says otherwise: who may read, how lists are cut, and how often is too often."""

from typing import TYPE_CHECKING

from django.db.models import Model, QuerySet
from django.utils import timezone
from rest_framework.pagination import CursorPagination
from rest_framework.permissions import DjangoModelPermissions
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from cxsurvey.export_pace import take

if TYPE_CHECKING:
    from rest_framework.views import APIView


class ModelPermissions(DjangoModelPermissions):
    """The admin's own rights, for reading too: GET needs the model's view permission.

    A view without a queryset must name its own rule.
    """

    perms_map = DjangoModelPermissions.perms_map | {"GET": ["%(app_label)s.view_%(model_name)s"]}


class Pages(CursorPagination):
    """Pages of 100 rows, up to 1,000 with `page_size`, that miss and repeat nothing while rows are added.

    A view that wants another order than by id sets `ordering`; its fields together must be unique.
    """

    page_size = 100
    max_page_size = 1000
    page_size_query_param = "page_size"

    def get_ordering(self, request: Request, queryset: QuerySet[Model], view: "APIView") -> tuple[str, ...]:
        """Return the view's `ordering`, or by id."""
        return tuple(getattr(view, "ordering", ("pk",)))


class ExportThrottle(BaseThrottle):
    """A user may begin so many exports a minute; beyond that 429 with Retry-After. Other addresses are free."""

    seconds = 0

    def allow_request(self, request: Request, view: "APIView") -> bool:
        """Use up one export, where it is one."""
        match = request.resolver_match
        if match and str(match.url_name).startswith("export-") and request.user.pk:
            self.seconds = take(request.user.pk, timezone.now())
        return self.seconds == 0

    def wait(self) -> float:
        """Return the seconds for Retry-After."""
        return self.seconds
