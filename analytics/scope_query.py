"""The scope that an address of the API asks for."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from rest_framework import serializers

from analytics.period import Period
from analytics.scope import AGENT, FILTERS, Scope, narrowed
from contacts.intake.fields import YEARS
from contacts.readers import HiddenError, Reader


def in_reckoning(day: date) -> None:
    """Refuse a day that cannot be reckoned with in every time zone."""
    if day.year not in YEARS:
        raise serializers.ValidationError(f"Expected a year from {YEARS[0]} to {YEARS[-1]}.")


class PeriodQuery(serializers.Serializer[Any]):
    since = serializers.DateField(
        required=False, default=None, validators=[in_reckoning], help_text="First day, in the organisation's zone."
    )
    until = serializers.DateField(
        required=False, default=None, validators=[in_reckoning], help_text="Last day, itself included."
    )


class ScopeQuery(PeriodQuery):
    kind = serializers.CharField(required=False, help_text="Kind of the touchpoint.")
    channel = serializers.CharField(required=False, help_text="Channel of the touchpoint.")
    team = serializers.CharField(required=False, help_text="Team of who served.")
    agent = serializers.CharField(required=False, help_text="Who served.")
    product = serializers.CharField(required=False, help_text="What the touchpoint was about.")
    stage = serializers.CharField(required=False, help_text="Journey stage of the kind of touchpoint.")
    program = serializers.CharField(required=False, help_text="Slug of the program that asked.")


def scope_of(asked: Mapping[str, Any], at: datetime, reader: Reader) -> Scope:
    """Return the scope of the days `since` and `until`, as of `at`, and the filters, as far as somebody may read it.

    Raises ValidationError.
    """
    try:
        period = Period.of_days(asked["since"], asked["until"], at)
    except ValueError as error:
        raise serializers.ValidationError({"until": [str(error)]}) from error
    return narrowed(period, {name: asked[name] for name in FILTERS if name in asked}, reader)


def refuse_agents(asked: Mapping[str, Any], reader: Reader) -> None:
    """Raise HiddenError where scores by agent, or of one, are asked for by who may not see names."""
    if not reader.personal and (asked.get(AGENT) or asked.get("by") == AGENT):
        raise HiddenError("agent")
