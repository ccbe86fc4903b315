"""The editor: one page for a draft, on which its questions are added, moved and written, beside what customers see."""

import json
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from contacts.guarded import admin_page, show, staff_id
from surveys import editing, question_editing
from surveys.differences import WORDS_AROUND
from surveys.drafts import Sheet, sheet
from surveys.editing import EditError
from surveys.editor_forms import AddForm, KindForm, LanguageForm, SettingsForm, WordsForm
from surveys.editor_pages import last_change, lines, preview_address, standing
from surveys.kind_changing import change_kind, kind_change
from surveys.models import SurveyVersion
from surveys.question_editing import ChangedMeanwhileError
from surveys.question_form import ASPECTS, QuestionForm, read_seen
from surveys.questions.details import DetailsError
from surveys.questions.kinds import Kind
from surveys.sentences import values
from surveys.version_states import State, StateError

WORDS, SETTINGS = "words", "settings"
"""What can be open on the page besides a question."""
Do = Callable[[HttpRequest, int, int], object]


def find_version(version_id: int) -> SurveyVersion:
    """Return a version with its survey and brand, or 404."""
    return get_object_or_404(SurveyVersion.objects.select_related("survey__brand"), pk=version_id)


@require_GET
def editor(request: HttpRequest, version_id: int) -> HttpResponse:
    """Show the draft; `?open=` is what of it is being written. A version that is no draft is only shown."""
    shown = _sheet(version_id, request.GET)
    opened = request.GET.get("open", "")
    item = shown.item(_number(opened) or 0)
    forms: dict[str, Any] = {"focus": _number(request.GET.get("at", "")) or (item.row.pk if item else None)}
    if item:
        forms["question"] = QuestionForm(shown, item, _beside(shown, item.row.pk))
        forms["turn"] = KindForm(item.kind, request.GET if "kind" in request.GET else None)
        if forms["turn"].is_valid():
            forms["turned"] = kind_change(shown.version, item, forms["turn"].kind)
    if opened == WORDS:
        forms["words"] = WordsForm(shown, _fallback(shown))
    if opened == SETTINGS:
        forms["settings"] = SettingsForm(shown.version)
    return _show(request, shown, **forms)


@require_POST
def add(request: HttpRequest, version_id: int) -> HttpResponse:
    """Add a question and open it."""
    shown, form = _sheet(version_id, request.POST), AddForm(request.POST, auto_id="add-%s", label_suffix="")
    if not form.is_valid():
        return _show(request, shown, 400, add=form)
    try:
        row = editing.add_question(
            version_id,
            Kind(form.cleaned_data["kind"]),
            form.cleaned_data["question"],
            shown.language,
            languages=shown.languages,
            after_id=_number(request.POST.get("after", "")),
        )
    except (EditError, StateError) as error:
        return _refused(request, shown, str(error))
    _note(request, shown.version, f"Added “{row.key}”.")
    return _back(shown, open=row.pk)


@require_POST
def save(request: HttpRequest, version_id: int, question_id: int) -> HttpResponse:
    """Store a question as it was written, or say on the page what is wrong with it."""
    shown = _sheet(version_id, request.POST)
    item = shown.item(question_id)
    if item is None:
        return _refused(request, shown, editing.REMOVED)
    form = QuestionForm(shown, item, _beside(shown, question_id), request.POST)
    then, seen = request.POST.get("then", ""), request.POST.get("seen", "")
    if not form.is_valid():
        return _show(request, shown, 400, question=form, seen=seen)
    try:
        begins = question_editing.edit_question(version_id, question_id, form.edit(then), read_seen(seen))
    except ChangedMeanwhileError as error:
        by = last_change(shown.version, staff_id(request), timezone.now())
        return _show(request, shown, 409, question=form, changed=error.differences, changed_by=by)
    except (EditError, DetailsError) as error:
        form.add_error(None, str(error))
        return _show(request, shown, 400, question=form, seen=seen)
    except StateError as error:
        return _refused(request, shown, str(error))
    _note(request, shown.version, f"Changed “{form.cleaned_data['key']}”.")
    if begins:
        messages.success(request, "It begins a new page now, because its condition needs an answer from before.")
    return _back(shown, open=question_id if then else None, at=question_id)


@require_POST
def do(request: HttpRequest, version_id: int, question_id: int) -> HttpResponse:
    """Do what a button beside a question says."""
    shown, name = _sheet(version_id, request.POST), request.POST.get("do", "")
    if name not in DO:
        raise BadRequest("There is no such button.")
    item = shown.item(question_id)
    try:
        DO[name](request, version_id, question_id)
    except (EditError, StateError) as error:
        return _refused(request, shown, str(error))
    _note(request, shown.version, f"{NOTED[name]} “{item.key if item else question_id}”.")
    return _back(shown, open=question_id if name == "kind" else None, at=question_id)


@require_POST
def pages(request: HttpRequest, version_id: int) -> HttpResponse:
    """Give each question a page, or put all on one."""
    shown = _sheet(version_id, request.POST)
    try:
        editing.set_pages(version_id, one_each=request.POST.get("pages") == "each")
    except StateError as error:
        return _refused(request, shown, str(error))
    _note(request, shown.version, "Changed the pages.")
    return _back(shown)


@require_POST
def save_words(request: HttpRequest, version_id: int) -> HttpResponse:
    """Store the words around the questions in one language."""
    shown = _sheet(version_id, request.POST)
    form, seen = WordsForm(shown, _fallback(shown), request.POST), request.POST.get("seen", "")
    try:
        if form.is_valid():
            question_editing.edit_words(version_id, shown.language, form.cleaned_data, read_seen(seen))
            _note(request, shown.version, f"Changed the words around the questions in {shown.language}.")
            return _back(shown)
    except ChangedMeanwhileError as error:
        by = last_change(shown.version, staff_id(request), timezone.now())
        return _show(request, shown, 409, words=form, changed=error.differences, changed_by=by)
    except EditError as error:
        form.add_error(None, str(error))
    except StateError as error:
        return _refused(request, shown, str(error))
    return _show(request, shown, 400, words=form, seen=seen)


@require_POST
def save_settings(request: HttpRequest, version_id: int) -> HttpResponse:
    """Store what holds for the whole version."""
    shown = _sheet(version_id, request.POST)
    form = SettingsForm(shown.version, request.POST)
    if not form.is_valid():
        return _show(request, shown, 400, settings=form)
    try:
        given = form.cleaned_data
        question_editing.edit_settings(version_id, modules_asked=given["modules_asked"], hidden_fields=given["kept"])
    except StateError as error:
        return _refused(request, shown, str(error))
    _note(request, shown.version, "Changed the settings.")
    return _back(shown)


def _put(request: HttpRequest, version_id: int, question_id: int) -> None:
    page = _number(request.POST.get("page", ""))
    if page is None:
        raise BadRequest("There is no such page.")
    editing.put_question(version_id, question_id, page)


def _turn(request: HttpRequest, version_id: int, question_id: int) -> None:
    if (kind := request.POST.get("kind", "")) not in Kind:
        raise BadRequest("There is no such kind.")
    change_kind(version_id, question_id, Kind(kind), request.POST.get("seen", ""))


DO: Mapping[str, Do] = {
    "up": lambda _, version, question: editing.move_question(version, question, -1),
    "down": lambda _, version, question: editing.move_question(version, question, 1),
    "put": _put,
    "kind": _turn,
    "split": lambda _, version, question: editing.start_page(version, question),
    "join": lambda _, version, question: editing.join_page(version, question),
    "duplicate": lambda _, version, question: editing.duplicate_question(version, question),
    "remove": lambda request, version, question: editing.remove_question(
        version, question, request.POST.get("seen", "")
    ),
}
NOTED = {
    **dict.fromkeys(("up", "down", "put"), "Moved"),
    **dict.fromkeys(("split", "join"), "Changed the page of"),
    "kind": "Changed the kind of",
    "duplicate": "Duplicated",
    "remove": "Removed",
}


def _sheet(version_id: int, given: Mapping[str, str]) -> Sheet:
    """The version in the language that was asked for, else in that of its brand."""
    version = find_version(version_id)
    form = LanguageForm(given)
    if not form.is_valid() and "language" in given:
        raise BadRequest(f"There is no such language: {form.errors.as_text()}")
    return sheet(version, form.cleaned_data.get("language") or version.survey.brand.default_language)


def _number(text: str) -> int | None:
    """The number that an address or a form names; None for everything else."""
    return int(text) if text.isdecimal() and text.isascii() and len(text) < 16 else None


def _fallback(shown: Sheet) -> Sheet | None:
    """The version in the language that everybody falls back to, for who writes another."""
    first = shown.version.survey.brand.default_language
    return sheet(shown.version, first) if first.casefold() != shown.language.casefold() else None


def _beside(shown: Sheet, question_id: int) -> Any:
    fallback = _fallback(shown)
    return fallback.item(question_id) if fallback else None


def _show(request: HttpRequest, shown: Sheet, status: int = 200, **forms: Any) -> HttpResponse:
    at, version = timezone.now(), shown.version
    draft = version.state == State.DRAFT
    return show(
        request,
        "surveys/editor/editor.html",
        status,
        title=str(version),
        version=version,
        shown=shown,
        pages=lines(shown),
        standing=standing(shown) if draft else None,
        may_write=draft and request.user.has_perms(MAY_WRITE),
        preview=preview_address(version, shown.language, at),
        add=forms.pop("add", None) or AddForm(auto_id="add-%s", label_suffix=""),
        around=[(label, shown.texts[name]) for name, label in WORDS_AROUND.items()],
        words_seen=json.dumps(shown.texts),
        answers=[(item.key, said) for item in shown.items if (said := list(values(item).values()))],
        aspects=ASPECTS,
        modules=sorted({item.module for item in shown.items if item.module}),
        **forms,
    )


def _refused(request: HttpRequest, shown: Sheet, told: str) -> HttpResponse:
    """Show the page as it is now, and what could not be done."""
    messages.error(request, told)
    return _back(shown)


def _back(shown: Sheet, open: int | None = None, at: int | None = None) -> HttpResponse:  # noqa: A002
    """Lead to the page by GET, to a question if there is one, so that loading it again repeats nothing."""
    query = {"language": shown.language} | ({"open": open} if open else {"at": at} if at else {})
    place = f"#q{open or at}" if open or at else ""
    address = f"{reverse('editor', args=[shown.version.pk])}?{urlencode(query)}{place}"
    return HttpResponseRedirect(address, status=303)


def _note(request: HttpRequest, version: SurveyVersion, what: str) -> None:
    """Keep in the admin's log who changed what."""
    note(request, version, what, CHANGE)


def note(request: HttpRequest, version: SurveyVersion, what: str, flag: int) -> None:
    """Keep in the admin's log what somebody did to a version."""
    LogEntry.objects.create(
        user_id=staff_id(request),
        content_type=ContentType.objects.get_for_model(SurveyVersion),
        object_id=str(version.pk),
        object_repr=str(version)[:200],
        action_flag=flag,
        action_time=timezone.now(),
        change_message=what,
    )


MAY_SEE = "surveys.view_surveyversion"
MAY_WRITE = ("surveys.change_surveyversion", "surveys.change_question", "surveys.change_translation")
urlpatterns = [
    admin_page("editor/<int:version_id>/", editor, "editor", MAY_SEE),
    admin_page("editor/<int:version_id>/add/", add, "editor-add", *MAY_WRITE),
    admin_page("editor/<int:version_id>/question/<int:question_id>/", save, "editor-save", *MAY_WRITE),
    admin_page("editor/<int:version_id>/question/<int:question_id>/do/", do, "editor-do", *MAY_WRITE),
    admin_page("editor/<int:version_id>/pages/", pages, "editor-pages", *MAY_WRITE),
    admin_page("editor/<int:version_id>/words/", save_words, "editor-words", *MAY_WRITE),
    admin_page("editor/<int:version_id>/settings/", save_settings, "editor-settings", *MAY_WRITE),
]
