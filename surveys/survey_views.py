"""A survey as a whole: from a template to its versions, what they differ in, and their publishing and closing."""

from typing import Any

from django.contrib import messages
from django.contrib.admin.models import ADDITION, CHANGE, DELETION
from django.core.exceptions import BadRequest
from django.db.models import Count
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from contacts.guarded import admin_page, show
from contacts.readers import reader_of_request
from surveys.drafts import sheet
from surveys.editing import fingerprint_of_all
from surveys.editor_forms import MeaningForm, NewSurveyForm
from surveys.editor_pages import changes_for_customers, differences, in_other_words, standing
from surveys.editor_views import MAY_SEE, MAY_WRITE, find_version, note
from surveys.models import Survey, SurveyVersion
from surveys.publishing import PublishError, draft_from, publish
from surveys.survey_making import duplicate_survey, make_survey, seconds_of
from surveys.survey_templates import TEMPLATES
from surveys.version_states import DONE, STEPS, State, StateError, discard, step, steps_from

CHANGED = "A colleague changed the draft since you saw this page. Look at what changes now, then publish."


@require_http_methods(["GET", "HEAD", "POST"])
def new_survey(request: HttpRequest) -> HttpResponse:
    """Choose a template; then the draft is open in the editor."""
    form = NewSurveyForm(reader_of_request(request), request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        version = make_survey(
            TEMPLATES[given["template"]],
            given["brand"],
            name=given["name"],
            occasion=given["occasion"],
            languages=given["languages"],
        )
        note(request, version, f"Made from the template “{given['template']}”.", ADDITION)
        return _to("editor", version.pk)
    chosen = form["template"].value()
    cards = [(one, seconds_of(one, "en"), one.slug == chosen) for one in TEMPLATES.values()]
    status = 400 if request.method == "POST" else 200
    return show(request, "surveys/editor/new.html", status, title="New survey", form=form, cards=cards)


@require_GET
def survey_page(request: HttpRequest, survey_id: int) -> HttpResponse:
    """Show the versions of a survey and what can be done with each."""
    survey = get_object_or_404(Survey.objects.select_related("brand"), pk=survey_id)
    versions = list(survey.versions.annotate(answered=Count("responses")).order_by("-number"))
    return show(
        request,
        "surveys/editor/survey.html",
        title=survey.name,
        survey=survey,
        versions=[(version, steps_from(version.state)) for version in versions],
        newest=versions[0] if versions else None,
        has_draft=any(version.state == State.DRAFT for version in versions),
        programs=survey.programs.order_by("-active", "name"),
        may_write=request.user.has_perms(MAY_WRITE),
        may_add=request.user.has_perms(MAY_ADD),
        may_discard=request.user.has_perm(MAY_DISCARD),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def publish_page(request: HttpRequest, version_id: int) -> HttpResponse:
    """Show what a draft changes for customers and what is missing; publish it once all is said."""
    version = find_version(version_id)
    if version.state != State.DRAFT:
        return _to("survey", version.survey_id)
    shown = sheet(version, version.survey.brand.default_language)
    now = fingerprint_of_all(version)
    form = MeaningForm(in_other_words(shown), request.POST if request.method == "POST" else None)
    context: dict[str, Any] = {"now": now, "form": form, "shown": shown}
    if request.method != "POST":
        return _publish_page(request, version, context)
    if request.POST.get("seen") != now:
        messages.warning(request, CHANGED)
        return _publish_page(request, version, context, 409)
    if not form.is_valid():
        return _publish_page(request, version, context, 400)
    try:
        publish(version, at=timezone.now(), new_meaning=form.new_meaning())
    except PublishError:
        return _publish_page(request, version, context, 400)
    note(request, version, "Published.", CHANGE)
    messages.success(request, f"{version} is published: who is asked from now on is asked this version.")
    return _to("survey", version.survey_id)


@require_POST
def take_step(request: HttpRequest, version_id: int, name: str) -> HttpResponse:
    """Close or archive a version."""
    version = find_version(version_id)
    if name not in STEPS:
        raise BadRequest("There is no such step.")
    try:
        step(version, name)
    except StateError as error:
        messages.error(request, str(error))
    else:
        note(request, version, f"{name.capitalize()}d.", CHANGE)
        messages.success(request, f"{version} {DONE[name]}")
    return _to("survey", version.survey_id)


@require_POST
def next_draft(request: HttpRequest, version_id: int) -> HttpResponse:
    """Start the next draft from a version and open it."""
    version = find_version(version_id)
    draft = draft_from(version)
    note(request, draft, f"Started from version {version.number}.", ADDITION)
    messages.success(request, f"{draft} is a draft: nobody is asked it until you publish it.")
    return _to("editor", draft.pk)


@require_POST
def discard_draft(request: HttpRequest, version_id: int) -> HttpResponse:
    """Delete a draft."""
    version = find_version(version_id)
    try:
        discard(version_id)
    except StateError as error:
        messages.error(request, str(error))
    else:
        note(request, version, "Discarded.", DELETION)
        messages.success(request, f"{version} is discarded. Nobody was ever asked it.")
    return _to("survey", version.survey_id)


@require_POST
def duplicate(request: HttpRequest, version_id: int) -> HttpResponse:
    """Make another survey that asks the same, and open its draft."""
    copied = duplicate_survey(find_version(version_id))
    note(request, copied, "Copied from another survey.", ADDITION)
    messages.success(request, f"{copied.survey} is a survey of its own. Give it a name in its settings.")
    return _to("editor", copied.pk)


@require_GET
def compare_page(request: HttpRequest, survey_id: int) -> HttpResponse:
    """Show in words what two versions of a survey differ in."""
    survey = get_object_or_404(Survey, pk=survey_id)
    before, now = (_version_of(survey, request.GET.get(name, "")) for name in ("before", "now"))
    return show(
        request,
        "surveys/editor/compare.html",
        title=f"{survey}: what differs",
        survey=survey,
        before=before,
        now=now,
        differences=differences(before, now),
    )


def _version_of(survey: Survey, number: str) -> SurveyVersion:
    if not (number.isdecimal() and number.isascii()):
        raise BadRequest("Choose two versions.")
    return get_object_or_404(survey.versions.select_related("survey__brand"), number=int(number[:9]))


def _publish_page(
    request: HttpRequest, version: SurveyVersion, context: dict[str, Any], status: int = 200
) -> HttpResponse:
    before, found = changes_for_customers(version)
    return show(
        request,
        "surveys/editor/publish.html",
        status,
        title=f"Publish {version}",
        version=version,
        standing=standing(context["shown"]),
        before=before,
        differences=found,
        programs=version.survey.programs.filter(active=True),
        **context,
    )


def _to(name: str, pk: int) -> HttpResponse:
    return HttpResponseRedirect(reverse(name, args=[pk]), status=303)


MAY_ADD = ("surveys.add_survey", "surveys.add_surveyversion")
MAY_DISCARD = "surveys.delete_surveyversion"
urlpatterns = [
    admin_page("editor/new/", new_survey, "survey-new", *MAY_ADD),
    admin_page("editor/survey/<int:survey_id>/", survey_page, "survey", "surveys.view_survey", MAY_SEE),
    admin_page("editor/survey/<int:survey_id>/compare/", compare_page, "survey-compare", MAY_SEE),
    admin_page("editor/<int:version_id>/publish/", publish_page, "editor-publish", *MAY_WRITE),
    admin_page("editor/<int:version_id>/next/", next_draft, "version-next", "surveys.add_surveyversion"),
    admin_page("editor/<int:version_id>/discard/", discard_draft, "version-discard", MAY_DISCARD),
    admin_page("editor/<int:version_id>/duplicate/", duplicate, "survey-duplicate", *MAY_ADD),
    admin_page("editor/<int:version_id>/step/<slug:name>/", take_step, "version-step", *MAY_WRITE),
]
