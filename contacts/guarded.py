"""Pages of our own inside the admin: login first, then the rights that the page needs."""

from collections.abc import Callable
from typing import Any, cast

from django.contrib import admin
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import URLPattern, path


def admin_page(route: str, view: Callable[..., HttpResponseBase], name: str, *permissions: str) -> URLPattern:
    """Return the address of a page that staff with all the permissions may use; others get 403, or the login first."""
    guarded = permission_required(permissions, raise_exception=True)(view)
    return path(route, admin.site.admin_view(guarded), name=name)


def show(request: HttpRequest, template: str, status: int = 200, **context: Any) -> TemplateResponse:
    """Return the page inside the admin's frame; `title` belongs to every context."""
    return TemplateResponse(request, template, admin.site.each_context(request) | context, status=status)


def staff_id(request: HttpRequest) -> int:
    """Return the id of the user on whose behalf an admin page acts; such pages are never open to others."""
    return cast("int", request.user.pk)
