"""Every address of the installation, and what each role and each token gets there: as listed, and as it is."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from django.contrib import admin
from django.contrib.admin import ModelAdmin
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from contacts.scopes import TokenScope
from cxsurvey.uploads import Asked, preview
from recovery.models import FollowUp
from tests.surveys.makers import NOON, make_case, make_open_link
from tests.surveys.texting import text_us

FILE = Path(__file__).with_name("routes.txt")
ROLES = ("nobody", "Interviewer", "Analyst", "CX-manager", "administrator")
SCOPES = tuple(TokenScope.values)
OF_TABLES = ("changelist", "add", "history", "delete", "change")
LOGIN, NONE = "login", "-"

Row = tuple[str, ...]
"""What each column gets, in their order."""


def read_tables() -> dict[str, dict[tuple[str, str], Row]]:
    """Return title of a table of the file -> (name of an address, method) -> its row, without the columns' names."""
    tables: dict[str, dict[tuple[str, str], Row]] = {}
    for line in FILE.read_text().splitlines():
        if line.startswith("## "):
            rows = tables.setdefault(line[3:], {})
        elif line and not line.startswith("#"):
            name, method, *words = line.split()
            rows[name, method] = tuple(words)
    return tables


def line(name: str, method: str, found: Sequence[str]) -> str:
    """Return a row as the file has it."""
    return (f"{name:37}{method:8}" + "".join(f"{word:15}" for word in found)).rstrip()


def addresses() -> dict[str, str]:
    """Return name -> pattern of every address; those of the admin's tables, which are all alike, are left out."""
    known = list(_walk(get_resolver()))  # which loads the tables of the admin
    models = {f"admin:{model._meta.app_label}_{model._meta.model_name}_" for model in admin.site._registry}
    alike = {f"{model}{page}" for model in models for page in OF_TABLES}
    return {name: pattern for name, pattern in known if name not in alike}


def _walk(resolver: URLResolver, prefix: str = "/", space: str = "") -> Iterator[tuple[str, str]]:
    for entry in resolver.url_patterns:
        pattern = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from _walk(entry, pattern, f"{entry.namespace}:" if entry.namespace else space)
        elif isinstance(entry, URLPattern) and entry.name:
            yield f"{space}{entry.name}", pattern


def place(name: str, pattern: str, follow_up: FollowUp) -> str:
    """Return an address of this name at which there is something, as far as it takes no token of a customer."""
    pk = follow_up.pk
    if name == "sending-unknown" or name.startswith("user-login"):
        pk = 0  # of an invitation, of a user
    elif name.startswith("open-"):
        pk = make_open_link().pk
    elif name.startswith("import"):
        pk = preview([b"external_id\nc1\n"], Asked("customers", "csv", "list.csv"), at=NOON).pk
    elif name.startswith("reply"):
        pk = text_us("9 or 10").pk
    elif name.startswith("call"):
        pk = make_case().pk
    if "(?P<" in pattern:
        return reverse("admin:app_list", args=["contacts"])
    parts = {
        **dict.fromkeys(("<int:customer_id>", "<int:other_id>"), follow_up.customer_id),
        **dict.fromkeys(("<int:pk>", "<int:link_id>", "<int:message_id>"), pk),
        "<int:version_id>": follow_up.response.version_id,
        "<int:survey_id>": follow_up.response.version.survey_id,
        **dict.fromkeys(("<int:question_id>", "<int:number>", "<path:object_id>", "<id>"), 0),
        "<path:content_type_id>": 0,
        "<slug:name>": "close",
        "<slug:kind>": "svg",
        "<slug:key>": "json",
        "<slug:report_key>": "fatigue",
        "<str:file_format>": "csv",
        "<slug:gateway>": "kannel",
        "<slug:uidb64>": "x",
        "<str:token>": "x",
        "<str:key>": "x",
        "<slug:step>": "x",
    }
    for part, value in parts.items():
        pattern = pattern.replace(part, str(value))
    return pattern


def told(client: Client, method: str, url: str) -> str:
    """Return the status of the answer, or that one has to log in first."""
    answer = client.generic(method, url)
    to_login = answer.status_code == 302 and answer.headers["Location"].startswith(reverse("admin:login"))
    return LOGIN if to_login else str(answer.status_code)


def letters(client: Client, model_admin: "ModelAdmin[Any]") -> str:
    """Return what may be done in a table of the admin: view, add, change, delete, by their first letters."""
    model = model_admin.model._meta
    base = f"/admin/{model.app_label}/{model.model_name}/"
    asked = {
        "v": told(client, "GET", base) == "200",
        "a": told(client, "GET", base) == "200" and client.get(f"{base}add/", follow=True).status_code == 200,
        "c": told(client, "POST", f"{base}0/change/") == "302",
        "d": told(client, "POST", f"{base}0/delete/") == "302",
    }
    return "".join(letter for letter, may in asked.items() if may) or NONE


def said(expected: Mapping[tuple[str, str], Row], found: Mapping[tuple[str, str], Row]) -> list[str]:
    """Return the lines that differ, as the file should have them."""
    return [line(*key, row) for key, row in sorted(found.items()) if expected.get(key) != row]
