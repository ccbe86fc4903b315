"""Scores for analysts: the rows of the report, small groups withheld here as there; and what weights them."""

from typing import Any

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
from analytics.etags_api import answer, scores
from analytics.exported import TABLES
from analytics.nps import nps_rows
from analytics.reports import REPORTS, RIGHT, SEES_PERSONS, build
from analytics.scope import FILTERS
from analytics.scope_query import ScopeQuery, refuse_agents, scope_of
from contacts.api import export_path
from contacts.readers import reader_of_request
from contacts.scopes import TokenScope


class MaySeeScores(BasePermission):
    """Scores are seen by who may see responses."""

    def has_permission(self, request: Request, view: Any) -> bool:
        return request.user.has_perm(RIGHT)


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
        reader = reader_of_request(request)
        refuse_agents(query.validated_data, reader)
        scope = scope_of(query.validated_data, timezone.now(), reader)
        return scores(request, lambda: nps_rows(query.validated_data["by"], scope))


class Reports(APIView):
    """All tables of a report: the same rows as on its page, small groups hidden here as there.

    Tables of single customers are for who may see customers; report.json never has them. Groups that are agents are for
    who may see names.
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
        reader, persons = reader_of_request(request), request.user.has_perm(SEES_PERSONS)
        refuse_agents(query.validated_data, reader)
        scope = scope_of(query.validated_data, timezone.now(), reader)
        return answer(request, lambda: build(scope, [report], persons=persons))


urlpatterns = [
    path("scores/", Scores.as_view(), name="scores"),
    path("reports/<slug:report_key>/", Reports.as_view(), name="reports"),
    *map(export_path, TABLES),
]
