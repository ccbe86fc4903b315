"""The data dictionary: every table that leaves the house, with what each of its columns means, made of the columns."""

from collections.abc import Sequence
from typing import Any

from django.core import exceptions
from django.http import Http404
from django.urls import path
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.permissions import IsAuthenticated
from rest_framework.renderers import JSONRenderer, TemplateHTMLRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from contacts.exporting import Column, QueryTable, Table, Type
from contacts.readers import Reader, reader_of_request
from contacts.scopes import TokenScope
from cxsurvey import exports

TYPES = {
    Type.INTEGER: "whole number",
    Type.NUMBER: "number",
    Type.BOOLEAN: "True or False; in JSON and Parquet true or false",
    Type.INSTANT: "instant in ISO 8601, UTC with its offset; Excel: date and time in UTC",
    Type.DAY: "day, as 2026-05-05",
    Type.TEXT: "text of people or of other systems, with an apostrophe before what Excel would take as a formula (CSV)",
    Type.CODE: "one of our own words or names",
    Type.JSON: "JSON, as text in CSV, Parquet and Excel",
}
"""What values look like in a file."""


class ColumnLine(serializers.Serializer[Any]):
    name = serializers.CharField()
    meaning = serializers.CharField()
    type = serializers.ChoiceField([(kind.value, words) for kind, words in TYPES.items()])
    unit = serializers.CharField(help_text="Empty where there is none.")
    empty = serializers.BooleanField(help_text="There may be nothing in it.")
    personal = serializers.BooleanField(help_text="It names a person, or says what one said.")
    yours = serializers.SerializerMethodField(help_text="You may have it: false where it is hidden from you.")

    def get_yours(self, column: Column) -> bool:
        return self.context["reader"].personal or not column.personal


class ParameterLine(serializers.Serializer[Any]):
    name = serializers.CharField()
    meaning = serializers.CharField()
    choices = serializers.ListField(child=serializers.CharField(), help_text="Empty where any value will do.")


class TableLine(serializers.Serializer[Any]):
    name = serializers.CharField()
    about = serializers.CharField()
    parameters = ParameterLine(many=True)
    columns = ColumnLine(many=True)


class Dictionary(serializers.Serializer[Any]):
    tables = TableLine(many=True)


class DictionaryView(APIView):
    """What every column of every export means: JSON for programs, a page for people."""

    permission_classes = (IsAuthenticated,)
    token_scopes = {"GET": TokenScope.EXPORT}
    renderer_classes = (JSONRenderer, TemplateHTMLRenderer)

    @extend_schema(
        operation_id="dictionary",
        parameters=[
            OpenApiParameter("table", str, description="Only this table.", enum=list(exports.TABLES)),
            OpenApiParameter("survey", str, description="Responses with this survey's questions as columns (wide)."),
        ],
        responses=Dictionary,
    )
    def get(self, request: Request) -> Response:
        """Return the tables, or one of them."""
        wanted, survey = (request.query_params.get(name, "") for name in ("table", "survey"))
        if wanted and wanted not in exports.TABLES:
            raise Http404(f"There is no table {wanted}. There are: {', '.join(exports.TABLES)}.")
        tables = [table for table in exports.TABLES.values() if wanted in ("", table.name)]
        reader = reader_of_request(request)
        told = [_told(table, columns_of(table, survey, reader)) for table in tables]
        if request.accepted_renderer.format == "html":
            context = {"tables": told, "types": TYPES, "survey": survey, "reader": reader}
            return Response(context, template_name="cxsurvey/dictionary.html")
        return Response(Dictionary({"tables": told}, context={"reader": reader}).data)


def columns_of(table: Table, survey: str, reader: Reader) -> Sequence[Column]:
    """Return the columns of a table; with a survey that somebody may read those of its wide shape, where it has one."""
    if not survey or not isinstance(table, QueryTable) or table.shape is None:
        return table.columns
    try:
        return table.shape.columns({"survey": survey}, reader)
    except exceptions.ValidationError as error:
        raise ValidationError(error.message_dict) from error


def _told(table: Table, columns: Sequence[Column]) -> dict[str, Any]:
    return {"name": table.name, "about": table.about, "parameters": table.parameters, "columns": columns}


urlpatterns = [path("dictionary/", DictionaryView.as_view(), name="dictionary")]
