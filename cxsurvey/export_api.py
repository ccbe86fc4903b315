"""Exports that take longer, at the API: ask, look how far it is, cancel, fetch the file with its manifest."""

from typing import Any

from django.core import exceptions
from django.http import FileResponse
from django.urls import path, reverse
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import APIException, NotFound, PermissionDenied, ValidationError
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from contacts.api import MayExport, WhatTheAddressSays
from contacts.exporting import FORMATS
from contacts.jobs import cancel
from contacts.readers import HiddenError, reader_of_request
from contacts.scopes import TokenScope
from cxsurvey import exports
from cxsurvey.models import ExportRun

FOR_EXPORTS = dict.fromkeys(("GET", "POST"), TokenScope.EXPORT)
SHOWN = 100
"""Of what somebody asked for, so many of the newest are listed."""


class Gone(APIException):
    status_code = 410
    default_detail = "The file is deleted: its days are over, or somebody who was in it was erased. Ask for it again."


class MayAsk(BasePermission):
    """Whoever may download exports; of which table, is asked when it is known."""

    message = MayExport.message

    def has_permission(self, request: Request, view: Any) -> bool:
        return bool(request.user.has_perm(exports.RIGHT))


class AskedExport(serializers.Serializer[Any]):
    table = serializers.ChoiceField(list(exports.TABLES), help_text="Which table.")
    format = serializers.ChoiceField(list(FORMATS), help_text="Which kind of file.")
    filters = serializers.DictField(
        child=serializers.CharField(), required=False, help_text="As in the address of a download, `shape` too."
    )
    columns = serializers.ListField(
        child=serializers.CharField(), required=False, help_text="Names, in the order wanted; else all."
    )

    def asked(self) -> dict[str, str]:
        """Return it as an address would say it."""
        columns = self.validated_data.get("columns", ())
        return {**self.validated_data.get("filters", {}), **({"columns": ",".join(columns)} if columns else {})}


class ExportRunSerializer(serializers.ModelSerializer[ExportRun]):
    url = serializers.SerializerMethodField(help_text="Where to look how far it is.")
    file = serializers.SerializerMethodField(help_text="Where the file is; null until it is done, and when it is gone.")
    manifest = serializers.SerializerMethodField(help_text="Where its manifest is; null until it is done.")
    rows = serializers.IntegerField(allow_null=True, help_text="How many there were when it began; null before.")

    class Meta:
        model = ExportRun
        fields = (
            "id", "url", "table", "format", "asked", "state", "rows_done", "rows", "problem", "asked_at", "started_at",
            "finished_at", "expires_at", "file", "manifest",
        )  # fmt: skip

    def get_url(self, run: ExportRun) -> str:
        return self._address("export-run", run)

    def get_file(self, run: ExportRun) -> str | None:
        return self._address("export-run-file", run) if run.file else None

    def get_manifest(self, run: ExportRun) -> str | None:
        return self._address("export-run-manifest", run) if run.sha256 else None

    def _address(self, name: str, run: ExportRun) -> str:
        return str(self.context["request"].build_absolute_uri(reverse(name, args=[run.pk])))


class Manifest(serializers.Serializer[Any]):
    file = serializers.CharField()
    table = serializers.CharField()
    format = serializers.CharField()
    rows = serializers.IntegerField(help_text="Rows in the file.")
    bytes = serializers.IntegerField(help_text="Size of the file.")
    sha256 = serializers.CharField(help_text="SHA-256 of the file, in hexadecimal.")
    columns = serializers.ListField(child=serializers.CharField())
    asked = serializers.DictField(child=serializers.CharField(), help_text="Filters, columns and shape.")
    as_of = serializers.DateTimeField(help_text="The instant of which its rows are.")
    next_changes_since = serializers.CharField(allow_blank=True, help_text="What to ask for the next changes with.")
    expires_at = serializers.DateTimeField(help_text="When the file is deleted.")


class ExportRuns(APIView):
    """Exports that take longer than a download: a worker writes each into a file, which is kept for some days."""

    permission_classes = (MayAsk,)
    token_scopes = FOR_EXPORTS

    @extend_schema(operation_id="export_runs", responses=ExportRunSerializer(many=True))
    def get(self, request: Request) -> Response:
        """List the newest hundred that you asked for."""
        mine = ExportRun.objects.filter(by=request.user.pk).order_by("-asked_at", "-pk")[:SHOWN]
        return Response(ExportRunSerializer(mine, many=True, context={"request": request}).data)

    @extend_schema(operation_id="export_run_ask", request=AskedExport, responses={202: ExportRunSerializer})
    def post(self, request: Request) -> Response:
        """Ask for one. It begins within a minute; follow `url` until `state` is done, then fetch `file`."""
        query = AskedExport(data=request.data)
        query.is_valid(raise_exception=True)
        table, format_ = query.validated_data["table"], query.validated_data["format"]
        if not exports.may_export(request.user, table):
            raise PermissionDenied(MayExport.message)
        try:
            reader = reader_of_request(request)
            run = exports.ask(int(request.user.pk or 0), table, format_, query.asked(), timezone.now(), reader)
        except exceptions.ValidationError as error:
            raise ValidationError(error.message_dict) from error
        told = ExportRunSerializer(run, context={"request": request}).data
        return Response(told, status=202, headers={"Location": told["url"]})


class OneRun(APIView):
    """One export that you asked for."""

    permission_classes = (MayAsk,)
    token_scopes = FOR_EXPORTS

    def run(self, request: Request, pk: int) -> ExportRun:
        """Return it, if it is the caller's and the caller may still have it."""
        run = ExportRun.objects.filter(pk=pk, by=request.user.pk).first()
        if run is None:
            raise NotFound("There is no such export of yours.")
        reader = reader_of_request(request)
        if run.personal and not reader.personal:
            raise HiddenError(f"Export {run.pk}")
        if not exports.may_fetch(run, request.user, reader):
            raise PermissionDenied(MayExport.message)
        return run


class ExportState(OneRun):
    @extend_schema(operation_id="export_run", responses=ExportRunSerializer)
    def get(self, request: Request, pk: int) -> Response:
        """Say how far it is."""
        return Response(ExportRunSerializer(self.run(request, pk), context={"request": request}).data)


class ExportCancel(OneRun):
    @extend_schema(operation_id="export_run_cancel", request=None, responses=ExportRunSerializer)
    def post(self, request: Request, pk: int) -> Response:
        """Cancel it, where it waits or is being written; nothing happens to one that has ended."""
        run = self.run(request, pk)
        cancel(run, timezone.now())
        return Response(ExportRunSerializer(run, context={"request": request}).data)


class ExportFile(OneRun):
    content_negotiation_class = WhatTheAddressSays

    @extend_schema(
        operation_id="export_run_file",
        responses={(200, one.media_type): OpenApiTypes.BINARY for one in FORMATS.values()},
    )
    def get(self, request: Request, pk: int) -> FileResponse:
        """Fetch the file."""
        return sent(self.run(request, pk))


class ExportManifest(OneRun):
    @extend_schema(operation_id="export_run_manifest", responses=Manifest)
    def get(self, request: Request, pk: int) -> Response:
        """Say what is in the file, to check it against."""
        run = self.run(request, pk)
        if not run.sha256:
            raise NotFound("It is not done, so there is nothing to check.")
        return Response(Manifest(exports.manifest(run)).data)


def sent(run: ExportRun) -> FileResponse:
    """Return the file of an export. Raises NotFound before it is done, and Gone after it was deleted."""
    if not run.sha256:
        raise NotFound("It is not done yet. Look again, and fetch the file when its state is done.")
    try:
        file = exports.path_of(run).open("rb") if run.file else None
    except FileNotFoundError:
        file = None
    if file is None:
        raise Gone
    response = FileResponse(file, as_attachment=True, filename=f"{run.table}.{run.format}")
    response["Content-Type"] = FORMATS[run.format].media_type
    response["Cache-Control"] = "no-store"
    return response


class NoSuchExport(APIView):
    """Where no table of this name is: says which there are."""

    permission_classes = (MayAsk,)
    token_scopes = FOR_EXPORTS

    @extend_schema(exclude=True)
    def get(self, request: Request, name: str, file_format: str) -> Response:
        """Refuse."""
        raise NotFound(f"There is no table {name}. There are: {', '.join(exports.TABLES)}.")


urlpatterns = [
    path("exports/", ExportRuns.as_view(), name="export-runs"),
    path("exports/<int:pk>/", ExportState.as_view(), name="export-run"),
    path("exports/<int:pk>/cancel/", ExportCancel.as_view(), name="export-run-cancel"),
    path("exports/<int:pk>/file/", ExportFile.as_view(), name="export-run-file"),
    path("exports/<int:pk>/manifest/", ExportManifest.as_view(), name="export-run-manifest"),
]
no_such_export = path("exports/<slug:name>.<str:file_format>", NoSuchExport.as_view(), name="export-unknown")
