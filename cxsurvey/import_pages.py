"""A file in through the admin: choose it, see what it would mean, change the mapping, import, see what became of it."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST
from unfold.widgets import UnfoldAdminFileFieldWidget

from contacts.guarded import admin_page, show, staff_id
from contacts.intake import Unreadable
from contacts.models import ImportRun
from cxsurvey import uploads
from surveys.candidates import waiting_for_programs


class UploadForm(forms.Form):
    """Which file, and what is in it."""

    subject = forms.ChoiceField(label="What is in the file", choices=ImportRun.Subject.choices)
    file = forms.FileField(
        label="CSV file",
        # The admin's script writes the file's name into the text field of this widget, else into any other it finds.
        widget=UnfoldAdminFileFieldWidget,
        help_text="The first line names the columns. At most 20 MB.",
    )
    source = forms.SlugField(
        label="Name of the system it comes from",
        initial="csv",
        max_length=60,
        help_text="The same id from the same system is the same row: a second import updates it.",
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
        file = form.cleaned_data["file"]
        fields = form.cleaned_data["subject"], form.cleaned_data["source"], file.name
        # One byte more than allowed is enough to see that it is too large.
        content = file.read(uploads.LIMIT + 1)
        try:
            run = uploads.preview(content, *fields, at=timezone.now(), by_id=staff_id(request))
        except Unreadable as error:
            form.add_error("file", str(error))
        else:
            return redirect("import", run.pk)
    status = 400 if form.errors else 200
    return show(request, "cxsurvey/import_upload.html", status, title="Import a file", form=form)


@require_GET
def look(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a kept file as it would be read, or what became of an imported one."""
    run = get_object_or_404(ImportRun, pk=pk)
    if run.state != ImportRun.State.PREVIEWED:
        awaiting = waiting_for_programs(timezone.now()) if run.subject == ImportRun.Subject.TOUCHPOINTS else []
        return show(request, "cxsurvey/import_result.html", title=str(run), run=run, awaiting=awaiting)
    return _preview(request, run, MappingForm(run, uploads.header(run)))


@require_POST
def bring_in(request: HttpRequest, pk: int) -> HttpResponse:
    """Import a kept file with the mapping that was chosen; or, with `look`, only show it with that mapping."""
    run = get_object_or_404(ImportRun, pk=pk)
    if run.state != ImportRun.State.PREVIEWED:
        return redirect("import", pk)
    form = MappingForm(run, uploads.header(run), request.POST)
    if not form.is_valid() or "look" in request.POST:
        return _preview(request, run, form, 400 if form.errors else 200)
    try:
        uploads.run(run, at=timezone.now(), mapping=form.mapping())
    except Unreadable as error:
        form.add_error(None, str(error))
        return _preview(request, run, form, 400)
    return redirect("import", pk)


def _preview(request: HttpRequest, run: ImportRun, form: MappingForm, status: int = 200) -> HttpResponse:
    mapping = form.mapping() if form.is_bound and form.is_valid() else run.mapping
    sample = uploads.sample(run, at=timezone.now(), mapping=mapping)
    return show(
        request, "cxsurvey/import_preview.html", status, title=f"Preview: {run}", run=run, form=form, sample=sample
    )


urlpatterns = [
    admin_page("imports/new/", upload, "import-new", "contacts.add_importrun"),
    admin_page("imports/<int:pk>/", look, "import", "contacts.view_importrun"),
    admin_page("imports/<int:pk>/run/", bring_in, "import-run", "contacts.add_importrun"),
]
