"""Scores for analysts: the rows of the report, small groups withheld here as there."""

from typing import Any

from django.urls import path
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from analytics.nps import GROUPINGS, nps_rows
from analytics.period import Period


class MaySeeScores(BasePermission):
    """Scores are seen by who may see responses."""

    def has_permission(self, request: Request, view: Any) -> bool:
        return request.user.has_perm("surveys.view_response")


class ScoreQuery(serializers.Serializer[Any]):
    by = serializers.ChoiceField(GROUPINGS, default="overall")
    since = serializers.DateField(required=False, default=None)
    until = serializers.DateField(required=False, default=None)


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
    state = serializers.ChoiceField(("ok", "wide", "withheld"))


class Scores(APIView):
    """NPS per group, as in report.json: a group of fewer than 10 answers has its number and null elsewhere."""

    permission_classes = (MaySeeScores,)

    @extend_schema(parameters=[ScoreQuery, OpenApiParameter("by", enum=list(GROUPINGS))], responses=ScoreRow(many=True))
    def get(self, request: Request) -> Response:
        """Return the rows; `since` and `until` are days of the organisation's zone, both included."""
        query = ScoreQuery(data=request.query_params)
        query.is_valid(raise_exception=True)
        asked = query.validated_data
        try:
            period = Period.of_days(asked["since"], asked["until"], timezone.now())
        except ValueError as error:
            raise ValidationError({"until": [str(error)]}) from error
        return Response(nps_rows(asked["by"], period))


urlpatterns = [path("scores/", Scores.as_view(), name="scores")]
