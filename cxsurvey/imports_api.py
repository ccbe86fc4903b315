"""Files in for programs: POST a file, watch its job, stop it, fetch what was rejected."""

from collections.abc import Iterable, Iterator
from typing import Any, ClassVar

from django.db import IntegrityError
from django.db.models import QuerySet
from django.http import FileResponse
from django.shortcuts import get_object_or_404
from django.urls import path
from django.utils import timezone
from django_q.tasks import async_task
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.exceptions import APIException, ParseError, ValidationError
from rest_framework.generics import ListAPIView, RetrieveAPIView
from rest_framework.parsers import BaseParser, MultiPartParser
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.views import APIView

from contacts.brands import visible_to
from contacts.hiding import HIDDEN
from contacts.import_files import has_rejects
from contacts.intake import Unreadable
from contacts.jobs import is_silent
from contacts.models import ImportRun
from contacts.models.imports import LONGEST_KEY
from contacts.readers import HiddenError, reader_of, reader_of_request
from contacts.scopes import TokenScope
from cxsurvey import uploads
from cxsurvey.import_pages import reject_file
from cxsurvey.import_query import ImportQuery, MappingBody

_PIECE = 1024 * 1024


class MayImport(BasePermission):
    """Who may import files in the admin may here; the same for looking at imports."""

    message = "Imports need the right “Can add import run”; to look at them, “Can view import run”."

    def has_permission(self, request: Request, view: Any) -> bool:
        action = "view" if request.method in ("GET", "HEAD") else "add"
        return request.user.has_perm(f"contacts.{action}_importrun")


class AnotherBody(APIException):
    """The client made a mistake: the same key for something else."""

    status_code = status.HTTP_422_UNPROCESSABLE_ENTITY
    default_detail = "Another file was sent under this Idempotency-Key. Give each file a key of its own."
    default_code = "another_body"


class FileBody(BaseParser):
    """The body as it is, unread."""

    media_type = "*/*"

    def parse(self, stream: Any, media_type: Any = None, parser_context: Any = None) -> Any:
        return stream


class ImportJob(serializers.ModelSerializer[ImportRun]):
    silent = serializers.SerializerMethodField(
        help_text="No worker has shown life for two minutes; another takes it up."
    )
    rejects_url = serializers.SerializerMethodField(help_text="Where all rejected rows are; null where none is.")

    class Meta:
        model = ImportRun
        fields = (
            *("id", "state", "subject", "source", "file_name", "sheet", "time_zone", "mapping", "file_size", "digest"),
            *("rows", "rows_done", "place", "created", "updated", "unchanged", "rejected", "blank", "rejects"),
            *("rejects_url", "problem", "asked_at", "started_at", "finished_at", "alive_at", "silent"),
        )
        read_only_fields = fields
        extra_kwargs: ClassVar[dict[str, Any]] = {
            "place": {"help_text": "Bytes of the file that are imported."},
            "rows": {"help_text": "Null where it is not known beforehand."},
            "rejects": {"help_text": "The first 1,000; of a preview those of the first 20 rows."},
        }

    def to_representation(self, run: ImportRun) -> dict[str, Any]:
        """Say what was wrong in which line and column; what stood there only to who may see personal data."""
        told: dict[str, Any] = super().to_representation(run)
        if not reader_of_request(self.context["request"]).personal:
            told["rejects"] = [{**reject, "value": HIDDEN} for reject in told["rejects"]]
            told["problem"] = told["problem"] and HIDDEN
        return told

    def get_silent(self, run: ImportRun) -> bool:
        """Whether nobody seems to be at it."""
        return is_silent(run, timezone.now())

    def get_rejects_url(self, run: ImportRun) -> str | None:
        """Return the address of the reject file."""
        if not has_rejects(run):
            return None
        return str(reverse("imports-rejects", args=[run.pk], request=self.context.get("request")))


class Imports(ListAPIView[ImportRun]):
    """Imports, and the door for new ones."""

    permission_classes = (MayImport,)
    token_scopes = {"GET": TokenScope.WRITE}
    parser_classes = (MultiPartParser, FileBody)
    serializer_class = ImportJob
    queryset = ImportRun.objects.order_by("pk")

    def get_queryset(self) -> QuerySet[ImportRun]:
        """Return the imports that the caller may read."""
        return visible_to(reader_of(self.request.user), super().get_queryset())

    @extend_schema(
        parameters=[ImportQuery, OpenApiParameter("Idempotency-Key", str, OpenApiParameter.HEADER)],
        request={"text/csv": OpenApiTypes.BINARY, "multipart/form-data": {"type": "object"}},
        responses={200: ImportJob, 201: ImportJob, 202: ImportJob},
    )
    def post(self, request: Request) -> Response:
        """Take a CSV file or a workbook: the body itself, or the part `file` of a form.

        201: kept with a preview; 202: with `run`, waits for a worker. With an Idempotency-Key the same request gives
        the same import again (200).
        """
        pieces, given, name = _sent(request)
        query = ImportQuery(data=given)
        query.is_valid(raise_exception=True)
        run, made = self._previewed(pieces, query.validated_data, name)
        if made and query.validated_data["run"]:
            _begin(run, query.validated_data.get("mapping"))
        elif made and "mapping" in query.validated_data:
            run.mapping = query.validated_data["mapping"]
            run.save(update_fields=["mapping"])
        code = status.HTTP_200_OK if not made else _accepted(run)
        return Response(self.get_serializer(run).data, code, headers={"Location": _address(run, request)})

    def _previewed(self, pieces: Iterable[bytes], given: dict[str, Any], name: str) -> tuple[ImportRun, bool]:
        key = self.request.headers.get("Idempotency-Key", "")
        if len(key) > LONGEST_KEY:
            raise ValidationError({"Idempotency-Key": [f"Expected at most {LONGEST_KEY} characters."]})
        asked = uploads.Asked(
            *(given["subject"], given["source"], given["file_name"] or name, self.request.user.pk),
            zone=given["zone"], sheet=given["sheet"], request_key=key,
        )  # fmt: skip
        try:
            return uploads.preview(pieces, asked, at=timezone.now()), True
        except Unreadable as error:
            raise ValidationError({"file": [str(error)]}) from None
        except uploads.SentBefore as before:
            return self._again(before, asked), False
        except IntegrityError:  # the same request twice at the same moment
            return ImportRun.objects.get(by=asked.by_id, request_key=key), False

    def _again(self, before: uploads.SentBefore, asked: uploads.Asked) -> ImportRun:
        run = before.run
        same = (run.digest, run.subject, run.source) == (before.digest, asked.subject, asked.source)
        if not same:
            raise AnotherBody
        return run


class Import(RetrieveAPIView[ImportRun]):
    """How far an import is, and what became of its rows."""

    permission_classes = (MayImport,)
    token_scopes = {"GET": TokenScope.WRITE}
    serializer_class = ImportJob
    queryset = ImportRun.objects.all()


class RunImport(APIView):
    permission_classes = (MayImport,)

    @extend_schema(request=MappingBody, responses={202: ImportJob})
    def post(self, request: Request, pk: int) -> Response:
        """Import a previewed file, with another mapping if one is given."""
        run = get_object_or_404(ImportRun, pk=pk)
        body = MappingBody(data=request.data)
        body.is_valid(raise_exception=True)
        _begin(run, body.validated_data.get("mapping"))
        return Response(ImportJob(run, context={"request": request}).data, status.HTTP_202_ACCEPTED)


class CancelImport(APIView):
    permission_classes = (MayImport,)

    @extend_schema(request=None, responses={200: ImportJob})
    def post(self, request: Request, pk: int) -> Response:
        """Stop an import; what is imported stays. What has ended stays as it is."""
        run = get_object_or_404(ImportRun, pk=pk)
        uploads.cancel(run, at=timezone.now())
        return Response(ImportJob(run, context={"request": request}).data)


class Rejects(APIView):
    permission_classes = (MayImport,)
    token_scopes = {"GET": TokenScope.WRITE}

    @extend_schema(responses={(200, "text/csv"): OpenApiTypes.BINARY})
    def get(self, request: Request, pk: int) -> FileResponse:
        """Return all rejected rows as CSV: line, column, value, what was expected, and the row.

        They are rows as they came, so they are only for who may see personal data.
        """
        if not reader_of_request(request).personal:
            raise HiddenError("The file of rejected rows")
        return reject_file(get_object_or_404(ImportRun, pk=pk))


def _sent(request: Request) -> tuple[Iterable[bytes], dict[str, Any], str]:
    """What was sent: the file in pieces, what is said of it, and its name."""
    if (request.content_type or "").startswith("multipart/form-data"):
        file = request.FILES.get("file")
        if file is None:
            raise ValidationError({"file": ["Expected a part named file."]})
        return file.chunks(), request.query_params.dict() | request.POST.dict(), file.name or ""
    if not request.META.get("CONTENT_LENGTH"):
        raise ParseError("Expected a file as the body, with its Content-Length.")
    return _pieces(request), request.query_params.dict(), f"{request.query_params.get('subject', 'file')}.csv"


def _pieces(request: Request) -> Iterator[bytes]:
    left = int(request.META["CONTENT_LENGTH"])
    while left and (piece := request.stream.read(min(_PIECE, left))):
        left -= len(piece)
        yield piece
    if left:
        raise ParseError("The body ends before its Content-Length. Send it again.")


def _begin(run: ImportRun, mapping: dict[str, str] | None) -> None:
    try:
        uploads.ask(run, at=timezone.now(), mapping=mapping)
    except Unreadable as error:
        raise ValidationError({"mapping": [str(error)], "id": [str(run.pk)]}) from None
    async_task("cxsurvey.tasks.bring_in_files")


def _accepted(run: ImportRun) -> int:
    return status.HTTP_201_CREATED if run.state == ImportRun.PREVIEWED else status.HTTP_202_ACCEPTED


def _address(run: ImportRun, request: Request) -> str:
    return str(reverse("imports-one", args=[run.pk], request=request))


urlpatterns = [
    path("imports/", Imports.as_view(), name="imports"),
    path("imports/<int:pk>/", Import.as_view(), name="imports-one"),
    path("imports/<int:pk>/run/", RunImport.as_view(), name="imports-run"),
    path("imports/<int:pk>/cancel/", CancelImport.as_view(), name="imports-cancel"),
    path("imports/<int:pk>/rejects.csv", Rejects.as_view(), name="imports-rejects"),
]
