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

from contacts.changes import OWN
from contacts.changes_api import ASKED, CHANGES_SINCE, TOLD, pull
from contacts.exporting import BOOLEAN, CODE, FORMATS, INSTANT, INTEGER, JSON, NUMBER, Column, read
from contacts.models import Contact, Decision, Touchpoint
from contacts.policy_api import PolicyView


class MayExport(BasePermission):
    """Whole tables leave the house only with a right of its own, beside the right to see their rows."""

    message = "Downloads need the right “Can download exports”. Ask an administrator to add you to the group Analyst."

    def has_permission(self, request: Request, view: Any) -> bool:
        return request.user.has_perms(["contacts.export", view.right])


class ExportView(APIView):
    """A table as a file; `changes_since` gives what was committed since the answer that a token came with.

    `updated_since` (ISO 8601 with offset) is for people: rows that were in the making then are missing. `consists_of`
    are the paths to the rows whose changes count, as in `changes.between`.
    """

    permission_classes = (MayExport,)
    queryset: ClassVar[QuerySet[Any]]
    filterset_class: ClassVar[type[filters.FilterSet]]
    columns: ClassVar[Sequence[Column]]
    name: ClassVar[str]
    right: ClassVar[str]
    consists_of: ClassVar[Sequence[str]] = OWN

    @extend_schema(
        parameters=[
            CHANGES_SINCE,
            TOLD,
            OpenApiParameter("file_format", str, OpenApiParameter.PATH, enum=list(FORMATS)),
        ],
        responses={(200, kind): OpenApiTypes.STR for _, kind in FORMATS.values()},
    )
    def get(self, request: Request, file_format: str) -> StreamingHttpResponse:
        """Stream the rows that pass the filters, oldest change first."""
        rows = self.filterset_class(request.query_params, queryset=self.queryset.all())
        known = [*rows.filters, ASKED]
        if unknown := sorted(set(request.query_params) - set(known)):
            raise ValidationError({name: [f"Unknown filter. Known: {', '.join(known)}."] for name in unknown})
        if not rows.is_valid():
            raise ValidationError(rows.errors)
        pulled = pull(rows.qs, request.query_params, self.consists_of)
        response = download(self.name, file_format, read(pulled.rows, self.columns), self.columns)
        pulled.tell(response)
        return response


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
        Column("touchpoint_id", "pk", "our number of the touchpoint", INTEGER),
        Column("source", "source", "system that it came from"),
        Column("external_id", "external_id", "its id there"),
        Column(
            "customer", "customer__external_id", "the customer's id in the system that they came from", personal=True
        ),
        Column("kind", "kind", "what it was: call, visit, purchase ..."),
        Column("channel", "channel", "where it happened, as the source calls it"),
        Column("occurred_at", "occurred_at", "when it happened, UTC", INSTANT),
        Column("direction", "direction", "in: by the customer, out: by us; empty where unknown", CODE, empty=True),
        Column("agent", "agent", "who served", empty=True, personal=True),
        Column("team", "team", "team of who served", empty=True),
        Column("product", "product", "what it was about", empty=True),
        Column("reference", "reference", "ticket, order or call number", empty=True),
        Column("outcome", "outcome", "how it ended, as the source calls it", empty=True),
        Column(
            "value", "value", "its value, in the source's currency", NUMBER, unit="currency of the source", empty=True
        ),
        Column("simulated", "simulated", "true where it was made up by the sample", BOOLEAN),
        Column("updated_at", "updated_at", "last change, UTC", INSTANT),
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
        Column("contact_id", "pk", "our number of the contact", INTEGER),
        Column(
            "customer", "customer__external_id", "the customer's id in the system that they came from", personal=True
        ),
        Column("at", "at", "the instant from which it counts, UTC", INSTANT),
        Column("channel", "channel", "email, sms or phone; empty for responses and declines", CODE, empty=True),
        Column(
            "purpose",
            "purpose",
            "invitation, reminder, thank_you, call, other; response and decline are no contacts",
            CODE,
        ),
        Column("outcome", "outcome", "what became of it; cancelled, rejected, bounced and expired do not count", CODE),
        Column("survey", "survey", "survey that it was for", empty=True),
        Column("program", "program", "program that planned it", empty=True),
        Column("source", "source", "system that made it"),
        Column("seconds", "seconds", "attention asked for or talk time, in seconds", INTEGER, unit="seconds"),
        Column("by", "by__username", "who made it, where a person did", empty=True, personal=True),
        Column(
            "override_id", "override_id", "override that let it through, where the policy said no", INTEGER, empty=True
        ),
        Column("simulated", "simulated", "true where it was made up by the sample", BOOLEAN),
        Column("recorded_at", "recorded_at", "when it was written, UTC", INSTANT),
        Column("updated_at", "updated_at", "last change, UTC", INSTANT),
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
        Column("decision_id", "pk", "our number of the decision", INTEGER),
        Column(
            "customer", "customer__external_id", "the customer's id in the system that they came from", personal=True
        ),
        Column("touchpoint_id", "touchpoint_id", "touchpoint that it was about", INTEGER, empty=True),
        Column("touchpoint_kind", "touchpoint__kind", "its kind", empty=True),
        Column("stage", "stage", "plan, hand_over, call, person or give_way (to a higher priority)", CODE),
        Column("requested_at", "at", "the instant that was asked for, UTC", INSTANT),
        Column("channel", "channel", "email, sms or phone", CODE, empty=True),
        Column("purpose", "purpose", "invitation, reminder, thank_you, call, other", CODE),
        Column("survey", "survey", "survey that it was for", empty=True),
        Column("program", "program", "program that asked", empty=True),
        Column("decision", "result", "send, delay or skip", CODE),
        Column(
            "allowed_at",
            "allowed_at",
            "first instant at which all rules pass, UTC; empty where never",
            INSTANT,
            empty=True,
        ),
        Column("reasons", "reasons", "every rule that did not pass, as JSON", JSON),
        Column(
            "probability",
            "probability",
            "by design: the share of the program's sample; see the table inclusion",
            NUMBER,
            unit="share, 0 to 1",
        ),
        Column("policy_version", "policy_version__number", "version of the policy that decided", INTEGER, empty=True),
        Column("decided_at", "decided_at", "when it was decided, UTC", INSTANT),
    )


urlpatterns = [
    *(export_path(view) for view in (TouchpointExport, ContactExport, DecisionExport)),
    path("policy/", PolicyView.as_view(), name="policy"),
]
