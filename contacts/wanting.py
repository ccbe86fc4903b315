"""Whom programs wanted to ask: what they planned about, whatever came of it, but for what their samples left out."""

from django.db.models import QuerySet, TextField, Value
from django.db.models.fields.json import KT
from django.db.models.functions import Coalesce

from contacts.models import Decision

FIRST_KIND = Coalesce(KT("reasons__0__kind"), Value("", TextField()))
"""Of a decision: the kind of its first reason; empty where it has none."""


def wanted() -> QuerySet[Decision]:
    """Return the decisions of planning about touchpoints inside the samples."""
    planned = Decision.objects.filter(stage=Decision.Stage.PLAN)
    return planned.alias(first_kind=FIRST_KIND).exclude(first_kind="sampling")
