"""Scores for analysts: the rows of the report, small groups withheld here as there; and what weights them."""

from collections.abc import Mapping
from typing import Any

from django.http import StreamingHttpResponse
from django.urls import path
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from analytics.counting import GROUPINGS
from analytics.nps import nps_rows
from analytics.period import Period
from analytics.reports import REPORTS, RIGHT, SEES_PERSONS, build
from analytics.scope import FILTERS, Scope, narrowed
from contacts.api import MayExport, download
from contacts.exporting import FORMATS, Column
from contacts.scopes import TokenScope


class MaySeeScores(BasePermission):
    """Scores are seen by who may see responses."""

    def has_permission(self, request: Request, view: Any) -> bool:
        return request.user.has_perm(RIGHT)


class PeriodQuery(serializers.Serializer[Any]):
    since = serializers.DateField(required=False, default=None)
    until = serializers.DateField(required=False, default=None)


class ScopeQuery(PeriodQuery):
    kind = serializers.CharField(required=False, help_text="Kind of the touchpoint.")
    channel = serializers.CharField(required=False, help_text="Channel of the touchpoint.")
    team = serializers.CharField(required=False, help_text="Team of who served.")
    agent = serializers.CharField(required=False, help_text="Who served.")
    product = serializers.CharField(required=False, help_text="What the touchpoint was about.")
    stage = serializers.CharField(required=False, help_text="Journey stage of the kind of touchpoint.")
    program = serializers.CharField(required=False, help_text="Slug of the program that asked.")


class ScoreQuery(ScopeQuery):
    by = serializers.ChoiceField(GROUPINGS, default="overall")


class ScoreRow(serializers.Serializer[Any]):
    by = serializers.CharField()
    value = serializers.CharField()
    n = serializers.IntegerField(help_text="Number of answers.")
    promoters = serializers.IntegerField(allow_null=True)
    passives = serializers.IntegerField(allow_null=True)
    detractors = serializers.IntegerField(allow_null=True)
    nps = serializers.FloatField(allow_null=True, help_text="Points, -100 to 100.")
    low = serializers.FloatField(allow_null=True, help_text="Lower bound of the 95% interval.")
    high = serializers.FloatField(allow_null=True, help_text="Upper bound of the 95% interval.")
    n_eff = serializers.FloatField(
        allow_null=True, help_text="As many different customers' answers would tell as much."
    )
    state = serializers.ChoiceField(("ok", "wide", "withheld"))
    missing = serializers.IntegerField(help_text="How many answers it lacks to be shown.")


class Scores(APIView):
    """NPS per group, as in report.json: a group of fewer than 10 answers has its number and null elsewhere.

    So have as many more groups as it takes that nobody can work it out from the total.
    """

    permission_classes = (MaySeeScores,)
    token_scopes = {"GET": TokenScope.SCORES}

    @extend_schema(parameters=[ScoreQuery, OpenApiParameter("by", enum=list(GROUPINGS))], responses=ScoreRow(many=True))
    def get(self, request: Request) -> Response:
        """Return the rows; `since` and `until` are days of the organisation's zone, both included."""
        query = ScoreQuery(data=request.query_params)
        query.is_valid(raise_exception=True)
        return Response(nps_rows(query.validated_data["by"], scope_of(query.validated_data)))


class Reports(APIView):
    """All tables of a report: the same rows as on its page, small groups hidden here as there.

    Tables of single customers are for who may see customers; report.json never has them.
    """

    permission_classes = (MaySeeScores,)
    token_scopes = {"GET": TokenScope.SCORES}

    @extend_schema(
        parameters=[ScopeQuery, OpenApiParameter("report_key", str, OpenApiParameter.PATH, enum=list(REPORTS))],
        responses=OpenApiTypes.OBJECT,
    )
    def get(self, request: Request, report_key: str) -> Response:
        """Return the tables; `since` and `until` are days of the organisation's zone, both included."""
        if (report := REPORTS.get(report_key)) is None:
            raise NotFound(f"There is no report {report_key}. There are: {', '.join(REPORTS)}.")
        query = ScopeQuery(data=request.query_params)
        query.is_valid(raise_exception=True)
        if unknown := [name for name in FILTERS if name in query.validated_data and name not in report.filters]:
            raise ValidationError({name: [report.refusal(name)] for name in unknown})
        persons = request.user.has_perm(SEES_PERSONS)
        return Response(build(scope_of(query.validated_data), [report], persons=persons))


INCLUSION = (
    Column("decision_id", "decision", "our number of the decision"),
    Column("touchpoint_id", "touchpoint", "touchpoint that it was about; the table responses has it too"),
    Column("customer", "customer_id", "the customer's id in the system that they came from"),
    Column("program", "program", "program that planned; the table responses has it too"),
    Column("touchpoint_kind", "kind", "kind of the touchpoint"),
    Column("decided_at", "at", "when it was decided, UTC"),
    Column("design", "design", "known: the share of the program's sample"),
    Column("sampled", "sampled", "true where the sample held the touchpoint"),
    Column("eligible", "eligible", "false where the customer refused or has no address"),
    Column("asked", "asked", "true where a place was given and not given back"),
    Column("often", "often", "from so many touchpoints of the customer in the period: the class of the cell"),
    Column("cell", "cell", "touchpoints behind the estimate"),
    Column("room", "room", "estimated: share of them that the rules let us ask about"),
    Column("inclusion", "inclusion", "probability of having been asked about: design times room; 0: never"),
    Column("weight", "weight", "of a touchpoint that was asked about: 1 divided by inclusion"),
)


class InclusionExport(APIView):
    """Every planning decision with the probability that its touchpoint was asked about, so that scores can be weighted.

    Estimated over the period that is asked for: take the one that the scores are of.
    """

    permission_classes = (MayExport,)
    token_scopes = {"GET": TokenScope.EXPORT}
    right = "contacts.view_decision"

    @extend_schema(
        parameters=[PeriodQuery, OpenApiParameter("file_format", str, OpenApiParameter.PATH, enum=list(FORMATS))],
        responses={(200, kind): OpenApiTypes.STR for _, kind in FORMATS.values()},
    )
    def get(self, request: Request, file_format: str) -> StreamingHttpResponse:
        """Stream the rows; `since` and `until` are days of the organisation's zone on which was decided, included."""
        from analytics.frames import as_rows, planned
        from analytics.inclusion import with_inclusion

        query = PeriodQuery(data=request.query_params)
        query.is_valid(raise_exception=True)
        rows = with_inclusion(planned(scope_of(query.validated_data)))
        return download(
            "inclusion", file_format, as_rows(rows, [str(column.source) for column in INCLUSION]), INCLUSION
        )


def scope_of(asked: Mapping[str, Any]) -> Scope:
    """Return the scope of the days `since` and `until` and the filters. Raises ValidationError."""
    try:
        period = Period.of_days(asked["since"], asked["until"], timezone.now())
    except ValueError as error:
        raise ValidationError({"until": [str(error)]}) from error
    return narrowed(period, {name: asked[name] for name in FILTERS if name in asked})


urlpatterns = [
    path("scores/", Scores.as_view(), name="scores"),
    path("reports/<slug:report_key>/", Reports.as_view(), name="reports"),
    path("exports/inclusion.<str:file_format>", InclusionExport.as_view(), name="export-inclusion"),
]
