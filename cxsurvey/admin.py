"""Users and groups in the admin, in the same dress as everything else; and what several rooms have a part in."""

from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin as DjangoGroupAdmin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group, User
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from unfold.admin import ModelAdmin, TabularInline
from unfold.decorators import action
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

from contacts import admin as contacts_admin
from contacts import policy_admin
from contacts.guarded import staff_id
from contacts.models import Brand, BrandLimit, PolicyVersion
from cxsurvey.audit import record
from cxsurvey.audit_admin import AuditEntryAdmin
from cxsurvey.hiding_admin import hide_in
from cxsurvey.login import sessions
from cxsurvey.login.changing import password_was_changed
from cxsurvey.models import AuditEntry
from cxsurvey.token_admin import ApiTokenAdmin
from surveys.look_admin import LookInline

__all__ = ["ApiTokenAdmin", "AuditEntryAdmin"]

admin.site.unregister(User)
admin.site.unregister(Group)
admin.site.unregister(PolicyVersion)
admin.site.unregister(Brand)


class BrandLimitInline(TabularInline):
    """Which brands somebody reads; said in words, because an empty list means all of them."""

    model = BrandLimit
    extra = 0
    verbose_name = "brand"
    verbose_name_plural = "reads only these brands (none listed: all)"


@admin.register(User)
class UserAdmin(DjangoUserAdmin, ModelAdmin):  # type: ignore[type-arg]  # cannot be subscripted when it runs
    form = UserChangeForm
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm
    list_display = ("username", "first_name", "last_name", "is_staff", "is_active", "brands", "last_login")
    inlines = (BrandLimitInline,)
    actions_detail = ("login_of",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        return super().get_queryset(request).prefetch_related("brand_limits__brand")

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:  # noqa: FBT001
        """Note which brands the user reads, where that was changed."""
        super().save_related(request, form, formsets, change)
        if any(one.model is BrandLimit and one.has_changed() for one in formsets):
            brands = sorted(BrandLimit.objects.filter(user=form.instance).values_list("brand", flat=True))
            record(
                AuditEntry.Action.CHANGED,
                "contacts.brandlimit",
                str(form.instance.pk),
                at=timezone.now(),
                by_id=staff_id(request),
                details={"brands": brands or "all"},
            )

    @admin.display(description="Reads")
    def brands(self, user: Any) -> str:
        limits = [] if user.is_superuser else [str(limit.brand) for limit in user.brand_limits.all()]
        return ", ".join(limits) or "All brands"

    @action(description="Login and second factor", url_path="login", permissions=["change"])  # type: ignore[untyped-decorator]
    def login_of(self, request: HttpRequest, object_id: int) -> HttpResponse:
        return redirect("user-login", object_id)

    def user_change_password(self, request: HttpRequest, id: str, form_url: str = "") -> HttpResponse:  # noqa: A002
        answer: HttpResponse = super().user_change_password(request, id, form_url)
        if request.method == "POST" and answer.status_code == 302:
            password_was_changed(request, User.objects.get(pk=id), timezone.now())
        return answer

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:  # noqa: FBT001
        super().save_model(request, obj, form, change)
        sessions.end_if_inactive(obj, at=timezone.now(), by_id=staff_id(request))


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


hide_in(admin.site)
