"""A file in through the admin: choose it, see what it would mean, change the mapping, import, see what became of it."""

from datetime import timedelta
from typing import Any

from django import forms
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST
from django_q.tasks import async_task
from unfold.widgets import UnfoldAdminFileFieldWidget

from contacts.guarded import admin_page, show, staff_id
from contacts.import_files import has_rejects, rejects_of
from contacts.intake import Unreadable, fields
from contacts.intake.fields import FieldError
from contacts.jobs import claim, is_silent
from contacts.models import ImportRun
from contacts.readers import SEES_PERSONAL, reader_of_request
from cxsurvey import import_work, uploads
from surveys.candidates import waiting_for_programs

SMALL = 1024 * 1024
"""Bytes: such a file is imported while the page that follows is waited for."""
PATIENCE = timedelta(seconds=5)


class ZoneField(forms.CharField):
    """An IANA time zone, or nothing."""

    def clean(self, value: Any) -> str:
        text = str(super().clean(value) or "")
        try:
            return fields.zone(text) if text else ""
        except FieldError as error:
            raise forms.ValidationError(f"Expected {error}.") from None


class UploadForm(forms.Form):
    """Which file, and what is in it."""

    subject = forms.ChoiceField(label="What is in the file", choices=ImportRun.Subject.choices)
    file = forms.FileField(
        label="CSV file or Excel workbook (.xlsx)",
        # The admin's script writes the file's name into the text field of this widget, else into any other it finds.
        widget=UnfoldAdminFileFieldWidget,
        help_text="The first line names the columns. A million rows are fine.",
    )
    source = forms.SlugField(
        label="Name of the system it comes from",
        initial="csv",
        max_length=60,
        help_text="The same id from the same system is the same row: a second import updates it.",
    )
    zone = ZoneField(
        label="Time zone of times without an offset",
        required=False,
        max_length=64,
        help_text="Such as Europe/Berlin. Left empty, a time without an offset is refused.",
    )


class MappingForm(forms.Form):
    """For each column of the file, which of ours it is; or none of them."""

    def __init__(self, run: ImportRun, header: list[str], *args: Any) -> None:
        super().__init__(*args)
        self.header = header
        subject = uploads.SUBJECTS[run.subject]
        none = "keep as attribute" if subject.attributes else "leave out"
        choices = [("", none), *((column.name, column.name) for column in subject.columns)]
        for place, title in enumerate(header):
            self.fields[f"column-{place}"] = forms.ChoiceField(
                label=title, choices=choices, required=False, initial=run.mapping.get(title, "")
            )

    def mapping(self) -> dict[str, str]:
        """Return header -> our column as chosen."""
        return {title: self.cleaned_data[f"column-{place}"] for place, title in enumerate(self.header)}


def upload(request: HttpRequest) -> HttpResponse:
    """Choose a file; it is kept with a guessed mapping, and nothing is imported yet."""
    form = UploadForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        asked = uploads.Asked(
            given["subject"], given["source"], given["file"].name, staff_id(request), zone=given["zone"]
        )
        try:
            run = uploads.preview(given["file"].chunks(), asked, at=timezone.now())
        except Unreadable as error:
            form.add_error("file", str(error))
        else:
            return redirect("import", run.pk)
    status = 400 if form.errors else 200
    return show(request, "cxsurvey/import_upload.html", status, title="Import a file", form=form)


@require_GET
def look(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a kept file as it would be read, an import that is under way, or what became of one."""
    run = get_object_or_404(ImportRun, pk=pk)
    if run.state == ImportRun.PREVIEWED:
        return _preview(request, run)
    if run.state in ImportRun.OPEN:
        now = timezone.now()
        silent_since = run.alive_at if is_silent(run, now) else None
        late = run.state == ImportRun.State.WAITING and (run.alive_at or run.asked_at) < now - timedelta(minutes=3)
        about: dict[str, Any] = {"run": run, "percent": _percent(run), "silent_since": silent_since, "late": late}
        return show(request, "cxsurvey/import_progress.html", title=str(run), **about)
    told = run.subject == ImportRun.Subject.TOUCHPOINTS
    awaiting = waiting_for_programs(timezone.now(), reader_of_request(request)) if told else []
    return show(
        request, "cxsurvey/import_result.html", title=str(run), run=run, awaiting=awaiting, file=has_rejects(run)
    )


@require_POST
def bring_in(request: HttpRequest, pk: int) -> HttpResponse:
    """Import a kept file with the mapping that was chosen; or, with `look`, only show it with that mapping."""
    run = get_object_or_404(ImportRun, pk=pk)
    if run.state != ImportRun.PREVIEWED:
        return redirect("import", pk)
    if "sheet" in request.POST and request.POST["sheet"] != run.sheet:
        return _other_sheet(request, run)
    form = _mapping_form(run, request)
    if form is None:
        return _preview(request, run, status=400)
    if not form.is_valid() or "look" in request.POST:
        return _preview(request, run, form, 400 if form.errors else 200)
    try:
        uploads.ask(run, at=timezone.now(), mapping=form.mapping())
    except Unreadable as error:
        form.add_error(None, str(error))
        return _preview(request, run, form, 400)
    begin(run)
    return redirect("import", pk)


def begin(run: ImportRun) -> None:
    """Import a small file at once, as far as it goes in some seconds; wake a worker for the rest."""
    until = timezone.now() + PATIENCE
    mine = claim(ImportRun.objects.filter(pk=run.pk), timezone.now()) if run.file_size <= SMALL else None
    if mine is None or not import_work.work_on(mine, timezone.now, lambda: timezone.now() > until):
        async_task("cxsurvey.tasks.bring_in_files")


@require_POST
def cancel(_request: HttpRequest, pk: int) -> HttpResponse:
    """Stop an import; what is imported stays."""
    uploads.cancel(get_object_or_404(ImportRun, pk=pk), at=timezone.now())
    return redirect("import", pk)


@require_GET
def rejects(_request: HttpRequest, pk: int) -> HttpResponseBase:
    """Download all rejected rows."""
    return reject_file(get_object_or_404(ImportRun, pk=pk))


def reject_file(run: ImportRun) -> FileResponse:
    """Return the rejected rows as a file; raises Http404 where there is none, or it has been removed."""
    if not has_rejects(run):
        raise Http404("The reject file is not there any more, or no row was rejected.")
    name = f"{run.file_name.rpartition('.')[0] or run.file_name}.rejects.csv"
    response = FileResponse(rejects_of(run).open("rb"), as_attachment=True, filename=name, content_type="text/csv")
    response["Cache-Control"] = "no-store"
    return response


def _mapping_form(run: ImportRun, request: HttpRequest) -> MappingForm | None:
    try:
        return MappingForm(run, uploads.header(run), request.POST)
    except Unreadable:
        return None


def _other_sheet(request: HttpRequest, run: ImportRun) -> HttpResponse:
    kept = run.sheet
    try:
        uploads.choose(run, sheet=request.POST["sheet"], zone=run.time_zone)
    except Unreadable as error:
        run.sheet = kept
        return _preview(request, run, status=400, problem=str(error))
    return redirect("import", run.pk)


def _preview(
    request: HttpRequest, run: ImportRun, form: MappingForm | None = None, status: int = 200, problem: str = ""
) -> HttpResponse:
    title = f"Preview: {run}"
    try:
        form = form or MappingForm(run, uploads.header(run))
        mapping = form.mapping() if form.is_bound and form.is_valid() else run.mapping
        sample = uploads.sample(run, at=timezone.now(), mapping=mapping)
    except Unreadable as error:
        return show(request, "cxsurvey/import_lost.html", 400, title=title, run=run, problem=str(error))
    about: dict[str, Any] = {"run": run, "form": form, "sample": sample, "problem": problem}
    return show(request, "cxsurvey/import_preview.html", status, title=title, **about)


def _percent(run: ImportRun) -> int:
    return min(100 * run.place // run.file_size, 100) if run.file_size else 0


urlpatterns = [
    admin_page("imports/new/", upload, "import-new", "contacts.add_importrun", SEES_PERSONAL),
    admin_page("imports/<int:pk>/", look, "import", "contacts.view_importrun", SEES_PERSONAL),
    admin_page("imports/<int:pk>/run/", bring_in, "import-run", "contacts.add_importrun", SEES_PERSONAL),
    admin_page("imports/<int:pk>/cancel/", cancel, "import-cancel", "contacts.add_importrun"),
    admin_page("imports/<int:pk>/rejects.csv", rejects, "import-rejects", "contacts.view_importrun", SEES_PERSONAL),
]
