"""Surveys as files in the admin: out in each format with what that cannot hold, in with a look before it is stored."""

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin.models import ADDITION, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_POST
from unfold.widgets import UnfoldAdminFileFieldWidget

from contacts.brands import visible_to
from contacts.guarded import admin_page, show, staff_id
from contacts.models import Brand
from contacts.readers import Reader, reader_of_request
from surveys.editor_views import find_version
from surveys.exporting import FORMATS, document, file_name
from surveys.formats import own, strict_json
from surveys.formats.document import LONGEST_SLUG, Document, FormatError, Note
from surveys.formats.pictured import pictured
from surveys.importing import left_to_do, read, store_new, store_version
from surveys.languages import name as language_name
from surveys.models import Survey, SurveyVersion

NEW, NEXT = "new", "next"
MOST_SENT = 2 * 1024 * 1024
"""Bytes of a survey that a page sends back when it is stored; Django takes half a megabyte more."""


class UploadForm(forms.Form):
    """Which file."""

    file = forms.FileField(
        label="File",
        # The admin's script writes the file's name into the text field of this widget, else into any other it finds.
        widget=UnfoldAdminFileFieldWidget,
        help_text="cxsurvey JSON, SurveyJS JSON, or an XLSForm (.xlsx). At most 2 MB.",
    )


class TargetForm(forms.Form):
    """What the file becomes: a new survey, or the next draft of one that there is. `document` is the survey, read."""

    document = forms.CharField(widget=forms.HiddenInput, strip=False)
    kind = forms.ChoiceField(
        label="What it becomes",
        widget=forms.RadioSelect,
        choices=[(NEW, "A new survey"), (NEXT, "The next draft of a survey")],
    )
    survey = forms.ModelChoiceField(
        Survey.objects.order_by("name"), required=False, help_text="Its own settings stay as they are."
    )
    name = forms.CharField(label="Name of the new survey", max_length=120, required=False)
    slug = forms.SlugField(label="Its key", max_length=LONGEST_SLUG, required=False)
    brand = forms.ModelChoiceField(Brand.objects.order_by("name"), required=False)

    def __init__(self, reader: Reader, *args: Any, **kwargs: Any) -> None:
        """Offer what somebody may read."""
        super().__init__(*args, **kwargs)
        for name, rows in (("survey", Survey.objects.order_by("name")), ("brand", Brand.objects.order_by("name"))):
            self.fields[name].queryset = visible_to(reader, rows)  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Say what is missing for what was chosen."""
        given = super().clean() or {}
        needed = ("survey",) if given.get("kind") == NEXT else ("name", "slug", "brand")
        for field in needed:
            if not given.get(field) and field not in self.errors:
                self.add_error(field, "Choose this too." if field in ("survey", "brand") else "Write this too.")
        return given


@require_GET
def files(request: HttpRequest, version_id: int) -> HttpResponse:
    """Show the formats that a version can be exported in, each with what it cannot hold."""
    version = find_version(version_id)
    try:
        whole = document(version)
        found = [(key, one.name, one.write(whole).notes) for key, one in FORMATS.items()]
        broken = ""
    except FormatError as error:
        found, broken = [], str(error)
    return show(
        request,
        "surveys/formats/files.html",
        title=f"Export {version}",
        version=version,
        formats=found,
        broken=broken,
        may_add=request.user.has_perms(MAY_ADD),
    )


@require_GET
def download(request: HttpRequest, version_id: int, key: str) -> HttpResponse:
    """Give out a version as a file."""
    version = find_version(version_id)
    if key not in FORMATS:
        raise Http404
    chosen = FORMATS[key]
    try:
        content = chosen.write(document(version)).content
    except FormatError as error:
        messages.error(request, str(error))
        return redirect("formats", version_id)
    disposition = f'attachment; filename="{file_name(version, chosen.ending)}"'
    return HttpResponse(content, content_type=chosen.media_type, headers={"Content-Disposition": disposition})


def upload(request: HttpRequest) -> HttpResponse:
    """Choose a file; what it would become is shown, and nothing is stored yet."""
    form = UploadForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            # One byte more than allowed is enough to see that it is too large.
            found = read(file.read(strict_json.LIMIT + 1), file.name)
            target = _target(found.document, reader_of_request(request))
        except FormatError as error:
            form.add_error("file", str(error))
        else:
            return _preview(request, found.document, list(found.notes), target)
    status = 400 if form.errors else 200
    return show(request, "surveys/formats/upload.html", status, title="Import a survey", form=form)


@require_POST
def store(request: HttpRequest) -> HttpResponse:
    """Store the survey that was shown as a draft."""
    form = TargetForm(reader_of_request(request), request.POST)
    try:
        whole = own.read(request.POST.get("document", "").encode())
    except FormatError as error:
        messages.error(request, f"{error} Choose the file again.")
        return redirect("survey-import")
    if not form.is_valid():
        return _preview(request, whole, [], form, 400)
    given = form.cleaned_data
    try:
        if given["kind"] == NEXT:
            version = store_version(whole, given["survey"])
        else:
            version = store_new(whole, given["brand"], slug=given["slug"], name=given["name"])
    except FormatError as error:
        form.add_error("slug", str(error))
        return _preview(request, whole, [], form, 400)
    _log(request, version)
    messages.success(request, f"{version} is a draft: nobody is asked it until you publish it.")
    return redirect("editor", version.pk)


def _target(whole: Document, reader: Reader) -> TargetForm:
    """The form with what is most likely meant: the next draft of the survey with the same key, if there is one.

    Raises FormatError for a survey that is too large for a form.
    """
    known = visible_to(reader, Survey.objects.filter(slug=whole.slug)).first()
    written = own.write(whole)
    if len(written) > MOST_SENT:
        raise FormatError(
            "This survey is too large for this page. Import it on the server: manage.py import_survey FILE"
        )
    initial = {
        "document": written.decode(),
        "kind": NEXT if known else NEW,
        "survey": known,
        "name": whole.name,
        "slug": whole.slug,
        "brand": visible_to(reader, Brand.objects.order_by("pk")).first(),
    }
    return TargetForm(reader, initial=initial)


def _preview(
    request: HttpRequest, whole: Document, notes: list[Note], form: TargetForm, status: int = 200
) -> HttpResponse:
    chosen = form["survey"].value() if form["kind"].value() == NEXT else None
    reader, key = reader_of_request(request), getattr(chosen, "pk", chosen) or 0
    survey = visible_to(reader, Survey.objects.select_related("brand").filter(pk=key)).first()
    brand = survey.brand if survey else visible_to(reader, Brand.objects.order_by("pk")).first()
    return show(
        request,
        "surveys/formats/preview.html",
        status,
        title=f"Preview: {whole.name}",
        document=whole,
        languages=[language_name(tag) for tag in whole.languages],
        pages=pictured(whole),
        notes=notes,
        to_do=left_to_do(whole, brand),
        form=form,
    )


def _log(request: HttpRequest, version: SurveyVersion) -> None:
    LogEntry.objects.create(
        user_id=staff_id(request),
        content_type=ContentType.objects.get_for_model(SurveyVersion),
        object_id=str(version.pk),
        object_repr=str(version)[:200],
        action_flag=ADDITION,
        change_message="Imported from a file.",
    )


MAY_SEE = "surveys.view_surveyversion"
MAY_ADD = ("surveys.add_survey", "surveys.add_surveyversion")
urlpatterns = [
    admin_page("formats/<int:version_id>/", files, "formats", MAY_SEE),
    admin_page("formats/<int:version_id>/<slug:key>/", download, "formats-download", MAY_SEE),
    admin_page("formats/import/", upload, "survey-import", *MAY_ADD),
    admin_page("formats/import/store/", store, "survey-import-store", *MAY_ADD),
]
