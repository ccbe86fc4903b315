"""Downloads of this room: touchpoints, contacts and decisions; and the view that every room's downloads share."""

from collections.abc import Iterable, Sequence
from typing import Any, ClassVar

from django.db.models import Model, QuerySet
from django.http import Http404, StreamingHttpResponse
from django.urls import URLPattern, path
from django_filters import rest_framework as filters
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView

from contacts.exporting import FORMATS, Column, read
from contacts.models import Contact, Decision, Touchpoint
from contacts.policy_api import PolicyView
from contacts.scopes import TokenScope


class MayExport(BasePermission):
    """Whole tables leave the house only with a right of its own, beside the right to see their rows."""

    message = "Downloads need the right “Can download exports”. Ask an administrator to add you to the group Analyst."

    def has_permission(self, request: Request, view: Any) -> bool:
        return request.user.has_perms(["contacts.export", view.right])


class ExportView(APIView):
    """A table as a file. `updated_since` (ISO 8601 with offset) gives what is new or changed since then."""

    permission_classes = (MayExport,)
    token_scopes = {"GET": TokenScope.EXPORT}
    queryset: ClassVar[QuerySet[Any]]
    filterset_class: ClassVar[type[filters.FilterSet]]
    columns: ClassVar[Sequence[Column]]
    name: ClassVar[str]
    right: ClassVar[str]

    @extend_schema(
        parameters=[OpenApiParameter("file_format", str, OpenApiParameter.PATH, enum=list(FORMATS))],
        responses={(200, kind): OpenApiTypes.STR for _, kind in FORMATS.values()},
    )
    def get(self, request: Request, file_format: str) -> StreamingHttpResponse:
        """Stream the rows that pass the filters, oldest change first."""
        rows = self.filterset_class(request.query_params, queryset=self.queryset.all())
        unknown = sorted(set(request.query_params) - set(rows.filters))
        if unknown:
            raise ValidationError({name: [f"Unknown filter. Known: {', '.join(rows.filters)}."] for name in unknown})
        if not rows.is_valid():
            raise ValidationError(rows.errors)
        return download(self.name, file_format, read(rows.qs, self.columns), self.columns)


def download(
    name: str, file_format: str, rows: Iterable[tuple[Any, ...]], columns: Sequence[Column]
) -> StreamingHttpResponse:
    """Return a table as a file that is written while it is sent. Raises Http404 for an unknown format."""
    if file_format not in FORMATS:
        raise Http404
    write, content_type = FORMATS[file_format]
    response = StreamingHttpResponse(write(rows, columns), content_type=content_type)
    response["Content-Disposition"] = f'attachment; filename="{name}.{file_format}"'
    response["Cache-Control"] = "no-store"
    return response


def export_path(view: type[ExportView]) -> URLPattern:
    """Return the address of a download: /api/v1/exports/<name>.<csv or ndjson>."""
    return path(f"exports/{view.name}.<str:file_format>", view.as_view(), name=f"export-{view.name}")


def export_filters(table: type[Model], at: str, updated_at: str, *names: str) -> type[filters.FilterSet]:
    """Return the filters of a download: by `names`, and by the fields that hold when it was and when it changed."""

    class ExportFilters(filters.FilterSet):
        since = filters.IsoDateTimeFilter(at, lookup_expr="gte")
        until = filters.IsoDateTimeFilter(at, lookup_expr="lt")
        updated_since = filters.IsoDateTimeFilter(updated_at, lookup_expr="gte")

        class Meta:
            model = table
            fields = names

    return ExportFilters


class TouchpointExport(ExportView):
    """Every touchpoint, whether it was asked about or not."""

    name = "touchpoints"
    right = "contacts.view_touchpoint"
    queryset = Touchpoint.objects.order_by("updated_at", "pk")
    filterset_class = export_filters(Touchpoint, "occurred_at", "updated_at", "kind", "channel", "source", "simulated")
    columns = (
        Column("touchpoint_id", "pk", "our number of the touchpoint"),
        Column("source", "source", "system that it came from"),
        Column("external_id", "external_id", "its id there"),
        Column("customer", "customer__external_id", "the customer's id in the system that they came from"),
        Column("kind", "kind", "what it was: call, visit, purchase ..."),
        Column("channel", "channel", "where it happened, as the source calls it"),
        Column("occurred_at", "occurred_at", "when it happened, UTC"),
        Column("direction", "direction", "in: by the customer, out: by us; empty where unknown"),
        Column("agent", "agent", "who served"),
        Column("team", "team", "team of who served"),
        Column("product", "product", "what it was about"),
        Column("reference", "reference", "ticket, order or call number"),
        Column("outcome", "outcome", "how it ended, as the source calls it"),
        Column("value", "value", "its value, in the source's currency"),
        Column("simulated", "simulated", "true where it was made up by the sample"),
        Column("updated_at", "updated_at", "last change, UTC"),
    )


class ContactExport(ExportView):
    """The ledger: every use of a customer's attention, and the responses and declines that the rules' clocks read."""

    name = "contacts"
    right = "contacts.view_contact"
    queryset = Contact.objects.order_by("updated_at", "pk")
    filterset_class = export_filters(
        Contact, "at", "updated_at", "channel", "purpose", "outcome", "survey", "program", "source", "simulated"
    )
    columns = (
        Column("contact_id", "pk", "our number of the contact"),
        Column("customer", "customer__external_id", "the customer's id in the system that they came from"),
        Column("at", "at", "the instant from which it counts, UTC"),
        Column("channel", "channel", "email, sms or phone; empty for responses and declines"),
        Column(
            "purpose", "purpose", "invitation, reminder, thank_you, call, other; response and decline are no contacts"
        ),
        Column("outcome", "outcome", "what became of it; cancelled, rejected, bounced and expired do not count"),
        Column("survey", "survey", "survey that it was for"),
        Column("program", "program", "program that planned it"),
        Column("source", "source", "system that made it"),
        Column("seconds", "seconds", "attention asked for or talk time, in seconds"),
        Column("by", "by__username", "who made it, where a person did"),
        Column("override_id", "override_id", "override that let it through, where the policy said no"),
        Column("simulated", "simulated", "true where it was made up by the sample"),
        Column("recorded_at", "recorded_at", "when it was written, UTC"),
        Column("updated_at", "updated_at", "last change, UTC"),
    )


class DecisionExport(ExportView):
    """Every answer of the gate with its reasons: also those who were never asked, and why."""

    name = "decisions"
    right = "contacts.view_decision"
    queryset = Decision.objects.order_by("decided_at", "pk")
    filterset_class = export_filters(
        Decision, "decided_at", "decided_at", "stage", "result", "channel", "purpose", "survey", "program"
    )
    columns = (
        Column("decision_id", "pk", "our number of the decision"),
        Column("customer", "customer__external_id", "the customer's id in the system that they came from"),
        Column("touchpoint_id", "touchpoint_id", "touchpoint that it was about"),
        Column("touchpoint_kind", "touchpoint__kind", "its kind"),
        Column("stage", "stage", "plan, hand_over, call, person or give_way (to a higher priority)"),
        Column("requested_at", "at", "the instant that was asked for, UTC"),
        Column("channel", "channel", "email, sms or phone"),
        Column("purpose", "purpose", "invitation, reminder, thank_you, call, other"),
        Column("survey", "survey", "survey that it was for"),
        Column("program", "program", "program that asked"),
        Column("decision", "result", "send, delay or skip"),
        Column("allowed_at", "allowed_at", "first instant at which all rules pass, UTC; empty where never"),
        Column("reasons", "reasons", "every rule that did not pass, as JSON"),
        Column("probability", "probability", "by design: the share of the program's sample; see the table inclusion"),
        Column("policy_version", "policy_version__number", "version of the policy that decided"),
        Column("decided_at", "decided_at", "when it was decided, UTC"),
    )


urlpatterns = [
    *(export_path(view) for view in (TouchpointExport, ContactExport, DecisionExport)),
    path("policy/", PolicyView.as_view(), name="policy"),
]
