"""Translations in the admin: two languages side by side, and in and out as PO files."""

import json
from collections.abc import Mapping
from urllib.parse import urlencode

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.text import normalize_newlines
from django.views.decorators.http import require_GET, require_POST

from contacts.guarded import admin_page, show, staff_id
from contacts.models.words import Channel, Purpose
from surveys.exporting import file_name
from surveys.formats import po
from surveys.formats.document import FormatError
from surveys.languages import is_tag, name, named
from surveys.models import SurveyVersion
from surveys.previewing import Wanted, preview
from surveys.sms import size
from surveys.speaking import direction
from surveys.translating import Sheet, TranslatingError, keep, languages, lines, sheet

PURPOSES = {"sms": Purpose.INVITATION, "reminder_sms": Purpose.REMINDER}


class PoForm(forms.Form):
    """A translator's file."""

    file = forms.FileField(label="PO file", help_text="As exported here and filled in; you see what it changes first.")


@require_GET
def translate(request: HttpRequest, version_id: int) -> HttpResponse:
    """Show the texts in the language translated from and, beside it, in another."""
    return _show(request, _sheet(request, version_id), PoForm())


@require_POST
def save(request: HttpRequest, version_id: int) -> HttpResponse:
    """Keep what was written, and show the page at the text that is missing next."""
    side_by_side = _sheet(request, version_id)
    texts = _typed(request)
    try:
        before = {str(context): str(text) for context, text in json.loads(request.POST.get("before", "{}")).items()}
        changed = keep(side_by_side.version, side_by_side.target, texts, before)
    except (ValueError, AttributeError) as error:
        told = str(error) if isinstance(error, TranslatingError) else "This page is damaged. Load it again."
        messages.error(request, told)
        return _show(request, side_by_side, PoForm(), 409, texts)
    _log(request, side_by_side, changed)
    messages.success(request, f"{changed} text{'' if changed == 1 else 's'} saved in {name(side_by_side.target)}.")
    missing = sheet(side_by_side.version, side_by_side.source, side_by_side.target).missing
    at = f"#{missing[0].context}" if "next" in request.POST and missing else ""
    return redirect(_address("translate", side_by_side) + at)


@require_GET
def download(request: HttpRequest, version_id: int) -> HttpResponse:
    """Give out the texts as a PO file or, with `template`, without any translation."""
    side_by_side = _sheet(request, version_id)
    template = "template" in request.GET
    target = "" if template else side_by_side.target
    version = side_by_side.version
    content = po.write(lines(side_by_side), side_by_side.source, target, str(version))
    ending = "pot" if template else f"{target}.po"
    disposition = f'attachment; filename="{file_name(version, ending)}"'
    return HttpResponse(
        content, content_type="text/x-gettext-translation", headers={"Content-Disposition": disposition}
    )


@require_POST
def upload(request: HttpRequest, version_id: int) -> HttpResponse:
    """Show what a PO file would change and what of it does not fit; with `take`, keep what fits."""
    side_by_side = _sheet(request, version_id)
    form = PoForm(request.POST, request.FILES)
    taking = "take" in request.POST
    if not taking and not form.is_valid():
        return _show(request, side_by_side, form, 400)
    content = request.POST["content"].encode() if taking else form.cleaned_data["file"].read()
    try:
        found = po.read(content, lines(side_by_side), side_by_side.target)
        if taking:
            changed = keep(side_by_side.version, side_by_side.target, found.texts)
            _log(request, side_by_side, changed)
            messages.success(request, f"{changed} texts taken over from the file.")
            return redirect(_address("translate", side_by_side))
    except (FormatError, TranslatingError) as error:
        form.add_error(None, str(error))
        return _show(request, side_by_side, form, 400)
    return _show_po(request, side_by_side, found, content)


def _show_po(request: HttpRequest, side_by_side: Sheet, found: po.Translated, content: bytes) -> HttpResponse:
    changes = [
        (entry, found.texts[entry.context])
        for entry in side_by_side.entries
        if found.texts.get(entry.context, entry.target) != entry.target
    ]
    return show(
        request,
        "surveys/translations/file.html",
        title=f"What this file changes in {name(side_by_side.target)}",
        changes=changes,
        same=len(found.texts) - len(changes),
        notes=found.notes,
        content=content.decode("utf-8-sig"),
        direction=direction(side_by_side.target),
        sheet=side_by_side,
        back=_address("translate", side_by_side),
        take=_address("translate-upload", side_by_side),
    )


def _sheet(request: HttpRequest, version_id: int) -> Sheet:
    """The two languages that the address asks for; 400 for what is no language."""
    version = get_object_or_404(SurveyVersion.objects.select_related("survey__brand"), pk=version_id)
    written = languages(version)
    source = request.GET.get("from", "").casefold() or written[0]
    others = [tag for tag in written if tag != source]
    target = (request.GET.get("add") or request.GET.get("to") or "").strip().replace("_", "-").casefold()
    target = target or next(iter(others), "de" if source != "de" else "en")
    if not is_tag(source) or not is_tag(target):
        raise BadRequest("There is no such language. Write its tag, such as de or pt-br.")
    return sheet(version, source, target)


def _typed(request: HttpRequest) -> dict[str, str]:
    return {
        context.removeprefix("text-"): normalize_newlines(str(text)).strip()
        for context, text in request.POST.items()
        if context.startswith("text-")
    }


def _show(
    request: HttpRequest, side_by_side: Sheet, form: PoForm, status: int = 200, typed: Mapping[str, str] | None = None
) -> HttpResponse:
    version, target = side_by_side.version, side_by_side.target
    draft = version.state == SurveyVersion.State.DRAFT
    return show(
        request,
        "surveys/translations/page.html",
        status,
        title=f"Translate {version} into {name(target)}",
        sheet=side_by_side,
        rows=[(entry, (typed or {}).get(entry.context, entry.target)) for entry in side_by_side.entries],
        may_write=draft and request.user.has_perm(MAY_WRITE),
        draft=draft,
        before=json.dumps({entry.context: entry.target for entry in side_by_side.entries}),
        sizes=_sizes(side_by_side),
        names={"source": name(side_by_side.source), "target": name(target)},
        directions={"source": direction(side_by_side.source), "target": direction(target)},
        languages=[(tag, name(tag)) for tag in dict.fromkeys((*languages(version), target))],
        named=named(),
        po=form,
        save=_address("translate-save", side_by_side),
        download=_address("translate-download", side_by_side),
        upload=_address("translate-upload", side_by_side),
    )


def _sizes(side_by_side: Sheet) -> dict[str, str]:
    """How long each SMS is with everything filled in, and as how many messages it goes out."""
    at, version = timezone.now(), side_by_side.version
    written = [entry.field for entry in side_by_side.entries if entry.field in PURPOSES and entry.target]
    wanted = {field: Wanted(version, None, side_by_side.target, PURPOSES[field]) for field in written}
    texts = {field: preview(one, Channel.SMS, at).text for field, one in wanted.items()}
    return {field: size(text, settings.SMS_PRICE, settings.SMS_CURRENCY) for field, text in texts.items()}


def _log(request: HttpRequest, side_by_side: Sheet, changed: int) -> None:
    version = side_by_side.version
    LogEntry.objects.create(
        user_id=staff_id(request),
        content_type=ContentType.objects.get_for_model(SurveyVersion),
        object_id=str(version.pk),
        object_repr=str(version)[:200],
        action_flag=CHANGE,
        change_message=f"Translated {changed} texts into {side_by_side.target}.",
    )


def _address(page: str, side_by_side: Sheet) -> str:
    query = urlencode({"from": side_by_side.source, "to": side_by_side.target})
    return f"{reverse(page, args=[side_by_side.version.pk])}?{query}"


MAY_SEE = "surveys.view_surveyversion"
MAY_WRITE = "surveys.change_translation"
urlpatterns = [
    admin_page("translate/<int:version_id>/", translate, "translate", MAY_SEE),
    admin_page("translate/<int:version_id>/save/", save, "translate-save", MAY_SEE, MAY_WRITE),
    admin_page("translate/<int:version_id>/po/", download, "translate-download", MAY_SEE),
    admin_page("translate/<int:version_id>/po/upload/", upload, "translate-upload", MAY_SEE, MAY_WRITE),
]
