"""What may be asked for when a file is sent to the API to be brought in."""

import json
from typing import Any

from rest_framework import serializers
from rest_framework.exceptions import ValidationError

from contacts.intake import fields
from contacts.intake.fields import FieldError
from contacts.models import ImportRun


class ZoneField(serializers.CharField):
    def to_internal_value(self, data: Any) -> str:
        text = super().to_internal_value(data)
        try:
            return fields.zone(text) if text else ""
        except FieldError as error:
            raise serializers.ValidationError(f"Expected {error}.") from None


class MappingField(serializers.CharField):
    """JSON text: header in the file -> our column, or empty for an attribute."""

    def to_internal_value(self, data: Any) -> Any:
        try:
            mapping = json.loads(super().to_internal_value(data))
        except (ValueError, RecursionError):
            mapping = None
        if not isinstance(mapping, dict) or not all(isinstance(name, str) for name in mapping.values()):
            raise serializers.ValidationError('Expected a JSON object such as {"Customer ID": "external_id"}.')
        return mapping


class ImportQuery(serializers.Serializer[Any]):
    subject = serializers.ChoiceField(ImportRun.Subject.choices)
    source = serializers.SlugField(  # type: ignore[assignment]  # a field's name, not the field's own source
        max_length=60, help_text="The system that the rows come from; the same id from the same system is the same row."
    )
    file_name = serializers.CharField(max_length=200, default="", allow_blank=True)
    zone = ZoneField(default="", allow_blank=True, help_text="IANA time zone of times without an offset.")
    sheet = serializers.CharField(max_length=100, default="", allow_blank=True, help_text="Of a workbook.")
    mapping = MappingField(required=False, help_text="JSON: header -> our column. Guessed where it is left out.")
    run = serializers.BooleanField(default=False, help_text="Import at once, without a look at the preview.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Refuse what nobody reads, so that a misspelt name is not taken for its default."""
        if unknown := sorted(set(self.initial_data) - set(self.fields) - {"file"}):
            raise ValidationError(
                {name: [f"Unknown parameter. Expected {', '.join(self.fields)}."] for name in unknown}
            )
        return attrs


class MappingBody(serializers.Serializer[Any]):
    mapping = serializers.DictField(child=serializers.CharField(allow_blank=True), required=False)
