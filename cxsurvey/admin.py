"""Users and groups in the admin, in the same dress as everything else; and what several rooms have a part in."""

from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin as DjangoGroupAdmin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group, User
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from unfold.admin import ModelAdmin
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

from contacts import admin as contacts_admin
from contacts import policy_admin
from contacts.models import Brand, PolicyVersion
from cxsurvey.audit_admin import AuditEntryAdmin
from cxsurvey.token_admin import ApiTokenAdmin
from surveys.look_admin import LookInline

__all__ = ["ApiTokenAdmin", "AuditEntryAdmin"]

admin.site.unregister(User)
admin.site.unregister(Group)
admin.site.unregister(PolicyVersion)
admin.site.unregister(Brand)


@admin.register(User)
class UserAdmin(DjangoUserAdmin, ModelAdmin):  # type: ignore[type-arg]  # cannot be subscripted when it runs
    form = UserChangeForm
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm
    list_display = ("username", "first_name", "last_name", "is_staff", "is_active", "last_login")


@admin.register(Group)
class GroupAdmin(DjangoGroupAdmin, ModelAdmin):
    pass


@admin.register(PolicyVersion)
class PolicyVersionAdmin(policy_admin.PolicyVersionAdmin):
    """A new version is made where its effect is shown first."""

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied
        return redirect("policy-try")


@admin.register(Brand)
class BrandAdmin(contacts_admin.BrandAdmin):
    """A brand with the look of its survey pages."""

    inlines = (LookInline,)
