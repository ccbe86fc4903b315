"""Policies in the admin: a version is published with a reason, takes effect at once, and never changes afterwards."""

import json
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from unfold.admin import ModelAdmin
from unfold.widgets import UnfoldAdminTextareaWidget

from contacts import frequency, policies
from contacts.explaining import say_cap
from contacts.guarded import staff_id
from contacts.models import Policy, PolicyVersion


class Indented(json.JSONEncoder):
    """Writes a document as a person reads it."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options | {"indent": 2})


class DocumentField(forms.JSONField):
    """A document as it is read from a file: a key given twice is refused, and not left out."""

    def to_python(self, value: Any) -> Any:
        if value in self.empty_values:
            return None
        try:
            return frequency.read_json(value)
        except frequency.DocumentError as error:
            raise forms.ValidationError(str(error)) from error


class PolicyVersionForm(forms.ModelForm):  # type: ignore[type-arg]  # cannot be subscripted when it runs
    """A new version: its document is checked as it will be used, with the place of what is wrong."""

    document = DocumentField(
        encoder=Indented,
        widget=UnfoldAdminTextareaWidget({"rows": 26, "spellcheck": "false"}),
        help_text="Caps, contact hours, holidays, zones: see docs/frequency.md. Saving puts it in force at once.",
    )

    why = forms.CharField(
        widget=UnfoldAdminTextareaWidget({"rows": 2}), help_text="Kept with your name and the time, for the audit."
    )

    class Meta:
        model = PolicyVersion
        fields = ("policy", "document", "why")

    def clean_document(self) -> dict[str, Any]:
        document = self.cleaned_data["document"]
        if problems := policies.problems(document):
            raise forms.ValidationError(problems)
        return dict(document)


@admin.register(Policy)
class PolicyAdmin(ModelAdmin):
    list_display = ("name", "slug")
    prepopulated_fields = {"slug": ("name",)}

    def has_delete_permission(self, request: HttpRequest, obj: Policy | None = None) -> bool:
        return False


@admin.register(PolicyVersion)
class PolicyVersionAdmin(ModelAdmin):
    """Adding a version publishes it. The form starts from what is in force."""

    form = PolicyVersionForm
    list_display = ("policy", "number", "in_force", "says", "at", "by", "why")
    list_select_related = ("policy", "by")
    ordering = ("-at", "-pk")
    readonly_fields = ("says",)

    def has_change_permission(self, request: HttpRequest, obj: PolicyVersion | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: PolicyVersion | None = None) -> bool:
        return False

    def get_fields(self, request: HttpRequest, obj: PolicyVersion | None = None) -> tuple[str, ...]:
        decided = ("policy", "document", "why")
        return decided if obj is None else ("number", "in_force", "says", "at", "by", *decided)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        version, _ = policies.policy_in_force()
        start = {"policy": version.policy_id, "document": version.document} if version else {}
        return {**start, **super().get_changeform_initial_data(request)}

    def save_model(self, request: HttpRequest, obj: PolicyVersion, form: PolicyVersionForm, change: Any) -> None:
        published = policies.publish(
            obj.policy.slug, obj.policy.name, obj.document, at=timezone.now(), by_id=staff_id(request), why=obj.why
        )
        obj.pk, obj.number, obj.in_force, obj.at = published.pk, published.number, True, published.at

    @admin.display(description="It says")
    def says(self, version: PolicyVersion) -> SafeString:
        return format_html_join("", "<p>{}</p>", ([say_cap(cap)] for cap in version.document.get("caps", [])))

    def get_queryset(self, request: HttpRequest) -> QuerySet[PolicyVersion]:
        return PolicyVersion.objects.order_by("-at", "-pk")
