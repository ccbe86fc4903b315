"""Rows in the admin that are only looked at."""

from typing import Any

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest
from django.shortcuts import resolve_url
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.admin import ModelAdmin, TabularInline


class Kept:
    """Rows that are kept as they were: nobody adds, changes or deletes them here."""

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class KeptAdmin(Kept, ModelAdmin):
    """A list of kept rows, searched by the customer they belong to."""

    search_fields: tuple[str, ...] = ("customer__external_id", "customer__name")
    search_help_text = "Customer's id or name"
    list_select_related: tuple[str, ...] | bool = ("customer",)
    show_full_result_count = False

    @admin.display(description="Customer", ordering="customer__name")
    def person(self, row: Any) -> SafeString | str:
        if row.customer is None:
            return "Nobody known"
        return format_html('<a href="{}">{}</a>', resolve_url(row.customer), row.customer)


class KeptInline(Kept, TabularInline):
    """Kept rows below the thing they belong to."""

    extra = 0
