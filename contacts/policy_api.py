"""The policy in force, and the next version of it, for programs: the same document as in files and in the admin."""

from collections.abc import Mapping
from typing import IO, Any, cast

from django.contrib.admin.models import ADDITION
from django.db import transaction
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ParseError, ValidationError
from rest_framework.parsers import JSONParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from contacts import frequency
from contacts.gate.audit import audit
from contacts.models import PolicyVersion
from contacts.policies import publish, slug_and_name, version_in_force
from contacts.scopes import TokenScope


class DocumentParser(JSONParser):
    """Reads JSON as files are read: a key given twice is refused, and not left out."""

    def parse(
        self, stream: IO[bytes], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        """Return the object in a request's body."""
        try:
            return dict(frequency.read_json(stream.read().decode("utf-8-sig")))
        except ValueError as error:
            raise ParseError(str(error)) from error


class NewVersion(serializers.Serializer[Any]):
    """What is published."""

    policy = serializers.JSONField(help_text="The policy object of the file format: caps, hours, holidays, zones.")
    why = serializers.CharField(help_text="Why the policy changes; kept with the version.")


class VersionInForce(serializers.Serializer[PolicyVersion]):
    """What is in force. Without any version the default policy holds: then version and instant are null."""

    name = serializers.CharField(source="policy.name")
    version = serializers.IntegerField(source="number", allow_null=True)
    at = serializers.DateTimeField(allow_null=True, help_text="Since when it is in force.")
    by = serializers.CharField(source="by.username", default="", help_text="Who published it; empty for a command.")
    why = serializers.CharField()
    policy = serializers.JSONField(source="document")


class PolicyView(APIView):
    """The policy in force. Publishing needs the right to add policy versions, as in the admin."""

    queryset = PolicyVersion.objects.all()
    token_scopes = {"GET": TokenScope.SCORES, "POST": TokenScope.POLICY}
    parser_classes = (DocumentParser,)

    @extend_schema(responses=VersionInForce)
    def get(self, request: Request) -> Response:
        """Say what is in force, since when, by whom and why."""
        return Response(VersionInForce(version_in_force()).data)

    @extend_schema(request=NewVersion, responses={201: VersionInForce})
    def post(self, request: Request) -> Response:
        """Put the next version of the policy in force at once; what makes no sense is refused with its place."""
        new = NewVersion(data=request.data)
        new.is_valid(raise_exception=True)
        document, why, by_id = new.validated_data["policy"], new.validated_data["why"], cast("int", request.user.pk)
        try:
            with transaction.atomic():
                version = publish(*slug_and_name(), document, at=timezone.now(), by_id=by_id, why=why)
                audit(version, ADDITION, "Published by the API.", by_id=by_id, at=version.at)
        except frequency.PolicyError as error:
            raise ValidationError({"policy": str(error).splitlines()}) from error
        return Response(VersionInForce(version).data, status=201)
