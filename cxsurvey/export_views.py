"""Exports in the admin: choose a table, say which of its rows and columns, see how far it is, fetch the file."""

from datetime import datetime
from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST
from rest_framework.exceptions import APIException

from contacts.brands import visible_to
from contacts.exporting import FORMATS, Parameter, Table
from contacts.exporting.filtering import SAME
from contacts.guarded import admin_page, show, staff_id
from contacts.jobs import cancel
from contacts.readers import Reader, reader_of_request
from cxsurvey import exports
from cxsurvey.export_api import sent
from cxsurvey.models import ExportRun
from surveys.models import Program, Survey

SHOWN = 50
AGAIN = 5
"""Seconds after which the page looks again, while something is being written."""
OFFERED_APART = ("columns", "updated_since", "changes_since")
"""What has a field of its own here, or is for programs."""
FIRST = ("since", "until", "by")
ANY = ("", "any")
SLUGS: dict[str, type[Survey] | type[Program]] = {"survey": Survey, "program": Program}
"""What is chosen of those that there are."""


class ExportForm(forms.Form):
    """Which rows and columns of a table, as which kind of file. An instant is in the organisation's time zone."""

    def __init__(self, table: Table, reader: Reader, *args: Any) -> None:
        super().__init__(*args)
        self.table = table
        self.hidden = [column.name for column in table.columns if column.personal and not reader.personal]
        formats = [(key, one.name) for key, one in FORMATS.items()]
        self.fields["format"] = forms.ChoiceField(label="Kind of file", choices=formats)
        offered = [parameter for parameter in table.filters if parameter.name not in OFFERED_APART]
        for parameter in sorted(offered, key=lambda one: one.name not in FIRST):
            self.fields[parameter.name] = _field(parameter, reader)
        names = [
            (column.name, f"{column.name}: {column.meaning}")
            for column in table.columns
            if column.name not in self.hidden
        ]
        self.fields["columns"] = forms.MultipleChoiceField(
            label="Columns", choices=names, required=False, help_text="None chosen: all of them.",
            widget=forms.CheckboxSelectMultiple,
        )  # fmt: skip

    def rows(self) -> list[forms.BoundField]:
        """The fields that say which rows are wanted, and how; the columns are shown apart."""
        return [field for field in self if field.name != "columns"]

    def asked(self) -> dict[str, str]:
        """Return what an address would ask for."""
        given = {name: self.cleaned_data[name] for name in self.fields if name not in ("format", "columns")}
        asked = {name: _text(value) for name, value in given.items() if value}
        return asked | ({"columns": ",".join(chosen)} if (chosen := self.cleaned_data["columns"]) else {})


def _field(parameter: Parameter, reader: Reader) -> forms.Field:
    about: dict[str, Any] = {"label": parameter.name.replace("_", " ").capitalize(), "required": False}
    if parameter.meaning != SAME:
        about["help_text"] = f"{parameter.meaning[:1].upper()}{parameter.meaning[1:]}."
    if parameter.name in SLUGS:
        offered: Any = SLUGS[parameter.name].objects.order_by("slug")
        slugs = visible_to(reader, offered).values_list("slug", "name")
        return forms.ChoiceField(**about, choices=[ANY, *slugs])
    if parameter.format == "date-time":
        return forms.DateTimeField(**about, widget=forms.DateTimeInput({"type": "datetime-local"}))
    if parameter.format == "date":
        return forms.DateField(**about, widget=forms.DateInput({"type": "date"}))
    if parameter.format == "boolean":
        return forms.ChoiceField(**about, choices=[ANY, ("true", "yes"), ("false", "no")])
    if parameter.choices:
        none = ("", "as it is") if parameter.name == "shape" else ANY
        return forms.ChoiceField(**about, choices=[none, *((one, one) for one in parameter.choices)])
    return forms.CharField(**about)


def _text(value: Any) -> str:
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


@require_GET
def listed(request: HttpRequest) -> HttpResponse:
    """Show what can be exported, and what the reader asked for."""
    runs = list(ExportRun.objects.filter(by=staff_id(request)).order_by("-asked_at", "-pk")[:SHOWN])
    waiting = any(run.state in ExportRun.OPEN for run in runs)
    tables = exports.tables_of(request.user)
    again = AGAIN if waiting else 0
    return show(request, "cxsurvey/exports.html", title="Exports", runs=runs, tables=tables, again=again)


def new(request: HttpRequest, name: str) -> HttpResponse:
    """Ask for a table as a file."""
    table = exports.TABLES.get(name)
    if table is None:
        raise Http404
    if not exports.may_export(request.user, name):
        raise PermissionDenied
    form = ExportForm(table, reader_of_request(request), request.POST or None)
    if request.method == "POST" and form.is_valid() and _asked(request, form, timezone.now()):
        return redirect("exports")
    status = 400 if form.errors else 200
    title = f"Export {table.name.replace('_', ' ')}"
    return show(request, "cxsurvey/export_new.html", status, title=title, form=form, table=table)


def _asked(request: HttpRequest, form: ExportForm, at: datetime) -> bool:
    """Ask for what the form says, or put into it what is wrong."""
    try:
        reader = reader_of_request(request)
        exports.ask(staff_id(request), form.table.name, form.cleaned_data["format"], form.asked(), at, reader)
    except ValidationError as error:
        for name, said in error.message_dict.items():
            form.add_error(name if name in form.fields else None, said)
        return False
    return True


@require_POST
def stop(request: HttpRequest, pk: int) -> HttpResponse:
    """Cancel an export that waits or is being written."""
    cancel(get_object_or_404(ExportRun, pk=pk, by=staff_id(request)), timezone.now())
    return redirect("exports")


@require_GET
def fetch(request: HttpRequest, pk: int) -> Any:
    """Fetch the file, if the reader may still have it."""
    run = get_object_or_404(ExportRun, pk=pk, by=staff_id(request))
    if not exports.may_fetch(run, request.user, reader_of_request(request)):
        raise PermissionDenied
    try:
        return sent(run)
    except APIException as error:
        raise Http404(str(error.detail)) from error


urlpatterns = [
    admin_page("exports/", listed, "exports", exports.RIGHT),
    admin_page("exports/new/<str:name>/", new, "export-new", exports.RIGHT),
    admin_page("exports/<int:pk>/cancel/", stop, "export-cancel", exports.RIGHT),
    admin_page("exports/<int:pk>/file/", fetch, "export-file", exports.RIGHT),
]
