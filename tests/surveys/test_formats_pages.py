"""Export and import in the admin: nothing is stored before it was looked at, and what is lost is listed."""

import json

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from surveys import formats_views
from surveys.exporting import document
from surveys.formats import own
from surveys.models import Survey, SurveyVersion
from surveys.publishing import draft_from
from tests.surveys.formats.makers import EXAMPLES, ask, survey
from tests.surveys.formats.workbooks import VISIT, workbook
from tests.surveys.makers import make_brand, make_version

pytestmark = pytest.mark.django_db


@pytest.fixture
def manager(client: Client) -> Client:
    client.force_login(User.objects.create(username="manager", is_staff=True, is_superuser=True))
    return client


def upload(client: Client, content: bytes, name: str, status: int = 200) -> str:
    response = client.post("/admin/formats/import/", {"file": SimpleUploadedFile(name, content)})
    assert response.status_code == status
    return response.content.decode()


def test_each_format_says_what_it_cannot_hold(manager: Client) -> None:
    shown = manager.get(f"/admin/formats/{make_version().pk}/").content.decode()
    assert "It holds all of this version." in shown
    assert shown.count("things it cannot hold, or only changed") == 2
    assert "There it is a yes or no that nobody follows up." in shown


@pytest.mark.parametrize(
    ("key", "name", "begin"),
    [("json", "nps-1.json", b"{"), ("surveyjs", "nps-1.surveyjs.json", b"{"), ("xlsform", "nps-1.xlsx", b"PK")],
)
def test_a_version_is_given_out(manager: Client, key: str, name: str, begin: bytes) -> None:
    response = manager.get(f"/admin/formats/{make_version().pk}/{key}/")
    assert response.headers["Content-Disposition"] == f'attachment; filename="{name}"'
    assert response.content.startswith(begin)


def test_an_unknown_format_is_not_there(manager: Client) -> None:
    assert manager.get(f"/admin/formats/{make_version().pk}/pdf/").status_code == 404


def test_a_broken_draft_says_what_to_correct(manager: Client) -> None:
    version = draft_from(make_version())
    version.questions.filter(key="score").update(details={"faces": True})
    assert "It cannot be exported yet. “score”:" in manager.get(f"/admin/formats/{version.pk}/").content.decode()
    assert manager.get(f"/admin/formats/{version.pk}/json/").status_code == 302


def test_a_file_is_shown_and_nothing_is_stored(manager: Client) -> None:
    make_brand()
    shown = upload(manager, (EXAMPLES / "delivery.surveyjs.json").read_bytes(), "delivery.json")
    assert "19 questions on 6 pages, in English, German" in shown
    assert "19 things could not be carried over, or only changed" in shown
    assert "Asked only where “nps_score” is at most 6" in shown
    assert "Then ends the survey where “order” is not answered" in shown
    assert not Survey.objects.exists()


def test_what_was_shown_is_stored_as_a_draft(manager: Client) -> None:
    brand = make_brand()
    page = manager.post("/admin/formats/import/", {"file": SimpleUploadedFile("visit.xlsx", workbook(VISIT))})
    form = page.context["form"]
    sent = {name: form[name].value() for name in ("document", "kind", "name", "slug")} | {"brand": brand.pk}
    assert manager.post("/admin/formats/import/store/", sent).status_code == 302
    version = SurveyVersion.objects.get()
    assert (version.survey.slug, version.state, version.questions.count()) == ("visit_2026", "draft", 14)
    assert LogEntry.objects.get().change_message == "Imported from a file."
    assert own.write(document(version)).decode() == sent["document"]


def test_a_survey_that_is_there_gets_the_next_draft(manager: Client) -> None:
    version = make_version()
    page = manager.post("/admin/formats/import/", {"file": SimpleUploadedFile("a.json", own.write(document(version)))})
    form = page.context["form"]
    assert (form["kind"].value(), form["survey"].value()) == ("next", version.survey_id)
    sent = {"document": form["document"].value(), "kind": "next", "survey": version.survey_id}
    assert manager.post("/admin/formats/import/store/", sent).status_code == 302
    assert list(version.survey.versions.values_list("number", "state").order_by("number")) == [
        (1, "published"),
        (2, "draft"),
    ]


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"kind": "next"}, "Choose this too."),
        ({"kind": "new", "slug": "x"}, "Write this too."),
        ({"kind": "new", "name": "N", "slug": "nps"}, "There is a survey with the key “nps”."),
        ({"kind": "new", "name": "N", "slug": "a b"}, "Enter a valid “slug”"),
        ({"kind": "both"}, "Select a valid choice."),
    ],
)
def test_what_is_missing_is_said_and_nothing_stored(manager: Client, given: dict[str, str], told: str) -> None:
    brand = make_version().survey.brand
    sent = {"document": own.write(survey(ask("score"))).decode(), "brand": brand.pk, **given}
    answer = manager.post("/admin/formats/import/store/", sent)
    assert (answer.status_code, told in answer.content.decode()) == (400, True)
    assert SurveyVersion.objects.count() == 1


@pytest.mark.parametrize("whole", ["", "{}", "[1]", '{"format": "cxsurvey.survey/1"}'])
def test_a_damaged_preview_stores_nothing(manager: Client, whole: str) -> None:
    assert manager.post("/admin/formats/import/store/", {"document": whole}).status_code == 302
    assert not SurveyVersion.objects.exists()


@pytest.mark.parametrize(
    ("content", "name", "told"),
    [
        (b"{", "a.json", "Line 1, column 2: this is not JSON"),
        (b" " * 3_000_000, "a.json", "This file has more than 2 MB."),
        (b"PK\x03\x04", "a.xlsx", "This is no Excel workbook that can be read."),
        (b'{"pages": 1}', "a.json", "pages: a list"),
        (b"", "a.json", "The submitted file is empty."),
    ],
    ids=range(5),
)
def test_a_file_that_is_none_says_where(manager: Client, content: bytes, name: str, told: str) -> None:
    assert told in upload(manager, content, name, 400)


def test_a_survey_that_is_too_large_for_a_form_goes_by_command(
    manager: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(formats_views, "MOST_SENT", 1000)
    elements = [{"type": "comment", "name": "q", "title": "x" * 900}]
    assert "Import it on the server" in upload(manager, json.dumps({"elements": elements}).encode(), "a.json", 400)


def test_markup_in_a_file_stays_text(manager: Client) -> None:
    attack = "<script>alert(1)</script>"
    elements = [{"type": "radiogroup", "name": attack, "title": attack, "choices": [attack, "b"], "x" + attack: 1}]
    shown = upload(manager, json.dumps({"title": attack, "elements": elements}).encode(), "a.json")
    assert attack not in shown
    assert "&lt;script&gt;" in shown
