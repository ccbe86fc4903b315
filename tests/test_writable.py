"""A form of the admin writes what it asks for, and nothing that is sent beside it."""

from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.db.models import Field, Model
from django.test import Client, RequestFactory

from tests.canaries import make_world
from tests.staff import member_of
from tests.surveys.sent_forms import form_of

pytestmark = pytest.mark.django_db


def other_than(value: Any, field: "Field[Any, Any]") -> str:
    """Return another value of a field, as a browser would send it."""
    kind = field.get_internal_type()
    if kind == "BooleanField":
        return "" if value else "True"
    if "Date" in kind:
        return "2001-02-03 04:05:06+00:00" if kind == "DateTimeField" else "2001-02-03"
    return '{"smuggled": 7}' if kind == "JSONField" else "7"


def row_of(table: type[Model], pk: Any) -> dict[str, Any]:
    return table._base_manager.filter(pk=pk).values().get()


def test_what_no_form_asks_for_is_not_written() -> None:
    make_world(member_of("CX manager"))
    browser, request = Client(), RequestFactory().get("/")
    request.user = User.objects.create(username="root", is_staff=True, is_superuser=True)
    browser.force_login(request.user)
    assert browser.get("/admin/").status_code == 200  # which registers what the admin shows
    saved, smuggled = set(), []
    for table, of_admin in admin.site._registry.items():
        row = table._default_manager.order_by("pk").first()
        if row is None or not of_admin.has_change_permission(request, row):
            continue
        address = f"/admin/{table._meta.app_label}/{table._meta.model_name}/{row.pk}/change/"
        page: Any = browser.get(address)
        asked = page.context["adminform"].form.fields
        others = {field.attname: field for field in table._meta.concrete_fields if field.name not in asked}
        before = row_of(table, row.pk)
        sent = {name: other_than(before[name], field) for name, field in others.items() if not field.primary_key}
        sent |= {others[name].name: value for name, value in sent.items()}
        if browser.post(address, form_of(page.content.decode(), "") | sent).status_code == 302:
            saved.add(table._meta.label)
        after = row_of(table, row.pk)
        smuggled += [
            f"{table._meta.label}.{name}"
            for name, field in others.items()
            if not field.primary_key and after[name] != before[name] and after[name] == field.to_python(sent[name])
        ]
    assert smuggled == []
    assert len(saved) > 10
