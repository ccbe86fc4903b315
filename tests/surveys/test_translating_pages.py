"""Translations in the admin: the page, what is saved, and PO files out and in."""

import json

import polib
import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from surveys.models import SurveyVersion, Translation
from surveys.publishing import draft_from
from surveys.translating import sheet
from tests.surveys.makers import make_version

pytestmark = pytest.mark.django_db


@pytest.fixture
def manager(client: Client) -> Client:
    client.force_login(User.objects.create(username="manager", is_staff=True, is_superuser=True))
    return client


@pytest.fixture
def draft() -> SurveyVersion:
    return draft_from(make_version())


def page(client: Client, version: SurveyVersion, status: int = 200, **query: str) -> str:
    response = client.get(f"/admin/translate/{version.pk}/", query)
    assert response.status_code == status
    return response.content.decode()


def test_the_page_counts_and_marks_what_is_missing(manager: Client, draft: SurveyVersion) -> None:
    Translation.objects.filter(version=draft, language="de", field__in=["title", "low"]).delete()
    shown = page(manager, draft)
    assert "2 of 14 texts are missing" in shown
    assert shown.count("cx-missing") == 2
    assert 'href="#title" accesskey="n"' in shown


def test_an_sms_says_how_long_it_goes_out(manager: Client, draft: SurveyVersion) -> None:
    assert page(manager, draft).count("characters in GSM-7, 1 message.") == 2


def test_right_to_left_is_shown_so(manager: Client, draft: SurveyVersion) -> None:
    shown = page(manager, draft, add="ar")
    assert 'lang="ar" dir="rtl"' in shown
    assert "Translate Recommendation after a touchpoint, version 2 into Arabic" in shown
    assert "14 of 14 texts are missing" in shown


def test_a_wrong_placeholder_is_said_where_it_stands(manager: Client, draft: SurveyVersion) -> None:
    Translation.objects.filter(version=draft, language="de", field="title").update(text="Wie war {besuch}?")
    shown = page(manager, draft)
    assert "{besuch} is no placeholder: it stays as it is." in shown
    assert "{visit} is in the original and not here." in shown


@pytest.mark.parametrize("tag", ["English", "x", "de--at", "../etc", "de-" + "x" * 20])
def test_what_is_no_language_is_refused(manager: Client, draft: SurveyVersion, tag: str) -> None:
    page(manager, draft, 400, add=tag)


def save(client: Client, version: SurveyVersion, before: dict[str, str] | str = "", **texts: str) -> int:
    """Save German texts and return the status."""
    sent = {f"text-{context}": text for context, text in texts.items()}
    sent["before"] = before if isinstance(before, str) and before else json.dumps(before or {})
    return client.post(f"/admin/translate/{version.pk}/save/?to=de", sent).status_code


def test_what_was_written_is_saved_and_logged(manager: Client, draft: SurveyVersion) -> None:
    assert save(manager, draft, title="Wie war {visit}?\r\nSagen Sie es", thanks="  Danke  ") == 302
    texts = dict(draft.translations.filter(language="de", question=None).values_list("field", "text"))
    assert (texts["title"], texts["thanks"]) == ("Wie war {visit}?\nSagen Sie es", "Danke")
    assert LogEntry.objects.get().change_message == "Translated 2 texts into de."


def test_save_and_go_on_leads_to_what_is_missing(manager: Client, draft: SurveyVersion) -> None:
    answer = manager.post(
        f"/admin/translate/{draft.pk}/save/?to=nb", {"text-title": "Hei", "before": "{}", "next": "1"}
    )
    assert answer.headers["Location"].endswith("?from=en&to=nb#score.text")


def test_who_comes_second_loses_nothing(manager: Client, draft: SurveyVersion) -> None:
    before = {entry.context: entry.target for entry in sheet(draft, "en", "de").entries}
    assert save(manager, draft, before, title="Von Bo") == 302
    sent = {"text-title": "Von Ada", "before": json.dumps(before)}
    shown = manager.post(f"/admin/translate/{draft.pk}/save/?to=de", sent)
    assert shown.status_code == 409
    assert "Somebody else has changed" in shown.content.decode()
    assert "Von Ada</textarea>" in shown.content.decode()


@pytest.mark.parametrize("before", ["[1]", "{", '"x"', "null"])
def test_a_damaged_page_saves_nothing(manager: Client, draft: SurveyVersion, before: str) -> None:
    assert save(manager, draft, before, title="Neu") == 409
    assert draft.translations.get(language="de", field="title").text.startswith("Wie zufrieden")


def test_a_published_version_is_only_shown(manager: Client) -> None:
    version = make_version()
    shown = page(manager, version)
    assert "<textarea" not in shown
    assert "never changes" in shown
    assert save(manager, version, title="Neu") == 409


def test_texts_are_never_markup(manager: Client, draft: SurveyVersion) -> None:
    Translation.objects.filter(version=draft, field="title").update(text='</textarea><script>alert(1)</script>"')
    assert "<script>alert(1)" not in page(manager, draft)


def exported(client: Client, version: SurveyVersion, **query: str) -> polib.POFile:
    response = client.get(f"/admin/translate/{version.pk}/po/", query)
    assert response.headers["Content-Disposition"].startswith('attachment; filename="nps-2.')
    return polib.pofile(response.content.decode())


def upload(client: Client, version: SurveyVersion, content: bytes, to: str = "de") -> str:
    file = SimpleUploadedFile("translated.po", content)
    return client.post(f"/admin/translate/{version.pk}/po/upload/?to={to}", {"file": file}).content.decode()


def test_a_file_goes_out_and_comes_back(manager: Client, draft: SurveyVersion) -> None:
    file = exported(manager, draft, to="nb")
    assert {entry.msgstr for entry in file} == {""}
    for entry in file:
        entry.msgstr = f"{entry.msgid} (nb)"
    file[1].msgid = "Another question?"
    shown = upload(manager, draft, str(file).encode(), "nb")
    assert "13 texts would change" in shown
    assert "The original is another by now" in shown
    assert not draft.translations.filter(language="nb").exists()
    taken = {"take": "1", "content": str(file)}
    assert manager.post(f"/admin/translate/{draft.pk}/po/upload/?to=nb", taken).status_code == 302
    assert draft.translations.filter(language="nb").count() == 13


def test_a_template_is_empty(manager: Client, draft: SurveyVersion) -> None:
    assert {entry.msgstr for entry in exported(manager, draft, to="de", template="1")} == {""}


@pytest.mark.parametrize("content", [b"", b"hello", b"\xff\xfe", b'msgid ""\nmsgstr "Language: fr\\n"\n'])
def test_a_file_that_is_none_says_so(manager: Client, draft: SurveyVersion, content: bytes) -> None:
    shown = upload(manager, draft, content)
    assert "errorlist" in shown
    assert "Translate Recommendation" in shown


def test_a_file_for_a_published_version_changes_nothing(manager: Client) -> None:
    version = make_version()
    content = 'msgctxt "title"\nmsgid "How was {visit}?"\nmsgstr "Neu {visit}"\n'
    answer = manager.post(f"/admin/translate/{version.pk}/po/upload/?to=de", {"take": "1", "content": content})
    assert (answer.status_code, "never changes" in answer.content.decode()) == (400, True)
