"""Users and groups in the admin, in the same dress as everything else; and what a policy says of other rooms."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.auth.admin import GroupAdmin as DjangoGroupAdmin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group, User
from django.http import HttpRequest
from unfold.admin import ModelAdmin
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

from contacts import policy_admin
from contacts.models import PolicyVersion
from cxsurvey.policy_scopes import scope_warnings

admin.site.unregister(User)
admin.site.unregister(Group)
admin.site.unregister(PolicyVersion)


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
    """Also warns of a cap for a survey or a program that is not here."""

    def save_model(self, request: HttpRequest, obj: PolicyVersion, *form_and_change: Any) -> None:
        super().save_model(request, obj, *form_and_change)
        for warning in scope_warnings(obj.document):
            messages.warning(request, warning)
