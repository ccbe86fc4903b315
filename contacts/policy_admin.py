"""Policies in the admin: a version is published with a reason, takes effect at once, and never changes afterwards."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from unfold.admin import ModelAdmin
from unfold.widgets import UnfoldAdminTextareaWidget

from contacts import frequency, policies
from contacts.guarded import staff_id
from contacts.models import Policy, PolicyVersion


class PolicyVersionForm(forms.ModelForm):  # type: ignore[type-arg]  # cannot be subscripted when it runs
    """A new version: its document is checked as it will be used, with the place of what is wrong."""

    class Meta:
        model = PolicyVersion
        fields = ("policy", "document", "why")
        widgets = {"why": UnfoldAdminTextareaWidget({"rows": 2})}

    def clean_document(self) -> dict[str, Any]:
        document = self.cleaned_data["document"]
        try:
            problems = frequency.check_policy(frequency.parse_policy(document))
        except frequency.PolicyError as error:
            problems = str(error).splitlines()
        if problems:
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
    list_display = ("policy", "number", "in_force", "at", "by", "why")
    list_select_related = ("policy", "by")
    ordering = ("-at", "-pk")

    def has_change_permission(self, request: HttpRequest, obj: PolicyVersion | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: PolicyVersion | None = None) -> bool:
        return False

    def get_fields(self, request: HttpRequest, obj: PolicyVersion | None = None) -> tuple[str, ...]:
        decided = ("policy", "document", "why")
        return decided if obj is None else ("number", "in_force", "at", "by", *decided)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        version, _ = policies.policy_in_force()
        start = {"policy": version.policy_id, "document": version.document} if version else {}
        return {**start, **super().get_changeform_initial_data(request)}

    def save_model(self, request: HttpRequest, obj: PolicyVersion, form: PolicyVersionForm, change: Any) -> None:
        published = policies.publish(
            obj.policy.slug, obj.policy.name, obj.document, at=timezone.now(), by_id=staff_id(request), why=obj.why
        )
        obj.pk, obj.number, obj.in_force, obj.at = published.pk, published.number, True, published.at

    def get_queryset(self, request: HttpRequest) -> QuerySet[PolicyVersion]:
        return PolicyVersion.objects.order_by("-at", "-pk")
