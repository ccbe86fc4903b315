"""Policies in the admin: what each version says and what it changed. A version never changes afterwards."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from unfold.admin import ModelAdmin

from contacts.explaining import say_cap, say_changes
from contacts.models import Policy, PolicyVersion


@admin.register(Policy)
class PolicyAdmin(ModelAdmin):
    list_display = ("name", "slug")
    prepopulated_fields = {"slug": ("name",)}

    def has_delete_permission(self, request: HttpRequest, obj: Policy | None = None) -> bool:
        return False


@admin.register(PolicyVersion)
class PolicyVersionAdmin(ModelAdmin):
    """Versions are looked at here; where more rooms are known, a new one is made (`cxsurvey.policy_pages`)."""

    list_display = ("policy", "number", "in_force", "says", "at", "by", "why")
    fields = ("number", "in_force", "says", "changed", "at", "by", "policy", "document", "why")
    list_select_related = ("policy", "by")
    ordering = ("-at", "-pk")
    readonly_fields = ("says", "changed")

    def has_change_permission(self, request: HttpRequest, obj: PolicyVersion | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: PolicyVersion | None = None) -> bool:
        return False

    @admin.display(description="It says")
    def says(self, version: PolicyVersion) -> SafeString:
        return format_html_join("", "<p>{}</p>", ([say_cap(cap)] for cap in version.document.get("caps", [])))

    @admin.display(description="Changed")
    def changed(self, version: PolicyVersion) -> SafeString | str:
        earlier = PolicyVersion.objects.filter(pk__lt=version.pk).order_by("-pk").first()
        if earlier is None:
            return "The first version."
        sentences = say_changes(earlier.document, version.document)
        return format_html_join("", "<p>{}</p>", ([text] for text in sentences)) or "Nothing."

    def get_queryset(self, request: HttpRequest) -> QuerySet[PolicyVersion]:
        return PolicyVersion.objects.order_by("-at", "-pk")
