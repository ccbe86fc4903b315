"""Open links for those who put them up: the list, the card, the codes, receipts for tills, and figures apart."""

import base64
import csv
import io
import json
import threading
from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission, User
from django.db import connection
from django.test import Client
from django.utils import timezone

from analytics import reports
from analytics.open_links import open_link_rows
from analytics.period import Period
from analytics.scope import Scope
from surveys.keeping import Seen
from surveys.models import Answer, OpenLink, OpenMark, Response, SurveyVersion
from surveys.open_answers import FullError, keep, open_place, sitting_at, voice_at
from surveys.open_marks import Browser
from surveys.open_tokens import new_name, open_token, open_url, receipt_token
from tests.staff import with_token
from tests.surveys.answer_links import everything_stored, seen
from tests.surveys.answered import question
from tests.surveys.makers import NOON, make_open_link, make_touchpoint, make_version

pytestmark = pytest.mark.django_db


@pytest.fixture
def manager() -> Client:
    user = User.objects.create(username="cx", is_staff=True)
    user.groups.add(Group.objects.get(name="CX manager"))
    client = Client()
    client.force_login(user)
    return client


def answered(link: OpenLink, score: int | None = 9, flags: list[str] | None = None, **fields: Any) -> Response:
    """Return an answer at a link, as `surveys.open_answers` stores it."""
    version = SurveyVersion.objects.get(survey=link.survey, state="published")
    attributes = {"flags": flags} if flags else {}
    values = {"source": "cxsurvey", "open_link": link, "version": version, "answered_at": NOON, "updated_at": NOON}
    response = Response.objects.create(**values | {"attributes": attributes} | fields)
    if score is not None:
        Answer.objects.create(response=response, question=question(version, "nps"), number=score)
    return response


# --- In the admin -------------------------------------------------------------------------------------------------


def test_a_manager_puts_up_a_link(manager: Client) -> None:
    survey = make_version().survey
    values = {"name": "Counter, Oslo Central", "survey": survey.pk, "kind": "visit", "per_hour": "30"}
    assert manager.post("/admin/surveys/openlink/add/", values).status_code == 302
    link = OpenLink.objects.get()
    assert (link.per_hour, link.link_key) == (30, "1")
    page = manager.get(f"/admin/surveys/openlink/{link.pk}/change/").content.decode()
    assert open_url(link) in page
    assert "<svg" in page
    assert f'<a href="/admin/open-links/{link.pk}/card/?size=a6">card A6</a>' in page


def test_the_list_shows_what_each_takes(manager: Client) -> None:
    link = make_open_link(per_hour=5)
    answered(link, answered_at=timezone.now())
    answered(link, answered_at=timezone.now())
    answered(link)
    page = seen(manager.get("/admin/surveys/openlink/"))
    assert "2 of 5" in page
    assert "Open" in page


def test_a_link_is_closed_and_opened_again_and_never_deleted(manager: Client) -> None:
    link = make_open_link()
    for action, closed in (("close", True), ("open_again", False)):
        chosen = {"action": action, "_selected_action": [link.pk]}
        assert manager.post("/admin/surveys/openlink/", chosen).status_code == 302
        link.refresh_from_db()
        assert bool(link.closed_at) is closed
    assert manager.post(f"/admin/surveys/openlink/{link.pk}/delete/").status_code == 403


@pytest.mark.parametrize("size", ["A5", "A6"])
def test_the_card_says_what_is_asked_in_the_language_of_the_place(manager: Client, size: str) -> None:
    link = make_open_link()
    html = manager.get(f"/admin/open-links/{link.pk}/card/?size={size.lower()}&language=de").content.decode()
    assert f"@page {{ size: {size};" in html
    for told in ("Wie zufrieden waren Sie mit Ihrem Besuch?", "Mit dem Telefon scannen", open_url(link), "<svg"):
        assert told in html
    assert "How was your visit?" in manager.get(f"/admin/open-links/{link.pk}/card/").content.decode()


def test_a_card_of_a_survey_that_asks_nothing_yet_is_not_there(manager: Client) -> None:
    link = make_open_link()
    SurveyVersion.objects.update(state="closed")
    assert manager.get(f"/admin/open-links/{link.pk}/card/").status_code == 404


@pytest.mark.parametrize(("kind", "media"), [("svg", "image/svg+xml"), ("png", "image/png")])
def test_codes_come_as_files(manager: Client, kind: str, media: str) -> None:
    response = manager.get(f"/admin/open-links/{make_open_link().pk}/qr.{kind}")
    assert response["Content-Type"] == media
    assert response["Content-Disposition"] == f'attachment; filename="counter-oslo-central.{kind}"'


@pytest.mark.parametrize("path", ["card/", "qr.svg", "qr.png"])
def test_what_is_printed_needs_the_right(client: Client, path: str) -> None:
    link = make_open_link()
    assert client.get(f"/admin/open-links/{link.pk}/{path}").status_code == 302
    client.force_login(User.objects.create(username="x", is_staff=True))
    assert client.get(f"/admin/open-links/{link.pk}/{path}").status_code == 403


# --- Receipts for tills ---------------------------------------------------------------------------------------------


def till(*rights: str) -> Client:
    user = User.objects.create(username="till")
    user.user_permissions.set(Permission.objects.filter(codename__in=rights))
    return with_token(user)


def test_a_till_gets_the_link_and_the_code_of_a_receipt() -> None:
    link, bought, client = make_open_link(), make_touchpoint(source="pos", external_id="A 1"), till("view_openlink")
    address, query = f"/api/v1/open-links/{link.pk}/receipts/", {"source": "pos", "external_id": "A 1"}
    client.get(address, query)  # that the token is used is written down, at most every ten minutes
    before = everything_stored()
    found = client.get(address, query)
    assert found.status_code == 200
    data = found.json()
    assert data["url"] == open_url(link, bought.pk)
    assert data["url"].endswith(receipt_token(link, bought.pk))
    assert data["qr_svg"].startswith("<svg")
    assert base64.b64decode(data["qr_png"]).startswith(b"\x89PNG")
    assert everything_stored() == before
    page = client.get(data["url"].partition("/s/")[1] + data["url"].partition("/s/")[2])
    assert page.status_code == 200


@pytest.mark.parametrize(
    ("query", "status", "told"),
    [
        ({"source": "pos", "external_id": "nope"}, 404, "Bring it in first"),
        ({"source": "pos"}, 400, "external_id"),
        ({}, 400, "source"),
    ],
)
def test_what_a_till_cannot_get_is_said(query: dict[str, str], status: int, told: str) -> None:
    response = till("view_openlink").get(f"/api/v1/open-links/{make_open_link().pk}/receipts/", query)
    assert response.status_code == status
    assert told in response.content.decode()


def test_receipts_need_a_token_a_right_and_an_open_link() -> None:
    link = make_open_link()
    path, query = f"/api/v1/open-links/{link.pk}/receipts/", {"source": "pos", "external_id": "1"}
    make_touchpoint(source="pos", external_id="1")
    assert Client().get(path, query).status_code == 401
    assert till().get(path, query).status_code == 403
    User.objects.all().delete()
    OpenLink.objects.update(closed_at=NOON)
    assert till("view_openlink").get(path, query).status_code == 404


# --- Apart ----------------------------------------------------------------------------------------------------------


def test_figures_of_links_are_apart_and_withheld_where_small() -> None:
    version = make_version()
    busy, quiet = make_open_link(version), make_open_link(version, name="Lobby")
    for score in [10] * 7 + [8] * 2 + [2] * 3:
        answered(busy, score)
    answered(busy, None, ["trap"])
    answered(quiet, 1, ["duplicate"])
    first, second = open_link_rows(Period(None, None, NOON))
    assert (first["value"], first["answers"], first["flagged"], first["n"]) == ("Counter, Oslo Central", 13, 1, 12)
    assert (first["promoters"], first["passives"], first["detractors"], first["nps"]) == (7, 2, 3, 33.3)
    assert (second["value"], second["n"], second["nps"], second["state"]) == ("Lobby", 1, None, "withheld")
    numbers = reports.build(Scope(Period(None, None, NOON)))
    assert numbers["nps"][0]["n"] == 0
    assert not [row for row in numbers["sources"] if row["what"] == "responses"]


def test_the_report_says_that_anybody_may_have_answered(tmp_path: Any) -> None:
    answered(make_open_link(), 9)
    reports.write(reports.build(Scope(Period(None, None, NOON))), tmp_path)
    html = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "Anybody who passed by may have answered, customer or not, and more than once." in html
    assert json.loads((tmp_path / "report.json").read_text())["open_links"][0]["answers"] == 1


def test_downloads_are_apart() -> None:
    user = User.objects.create(username="ana")
    user.groups.add(Group.objects.get(name="Analyst"))
    client = with_token(user)
    answered(make_open_link(), 3, ["duplicate"])

    def rows(name: str) -> list[dict[str, str]]:
        text = client.get(f"/api/v1/exports/{name}.csv").getvalue().decode()
        return list(csv.DictReader(io.StringIO(text)))

    assert rows("responses") == rows("answers") == []
    assert client.get("/api/v1/responses/").json()["results"] == []
    [row] = rows("open_responses")
    assert (row["open_link"], row["kind"], row["score"]) == ("Counter, Oslo Central", "visit", "3")
    assert "duplicate" in row["flags"]
    assert [row["number"] for row in rows("open_answers")] == ["3"]


# --- At once --------------------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_the_limit_holds_over_everybody_who_answers_at_once() -> None:
    link = make_open_link(per_hour=5)
    outcomes: list[str] = []
    threads = [threading.Thread(target=_answer_once, args=(link.pk, n, outcomes)) for n in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["full"] * 7 + ["taken"] * 5
    assert Response.objects.count() == OpenMark.objects.count() == 5


def _answer_once(link_id: int, number: int, outcomes: list[str]) -> None:
    try:
        link = OpenLink.objects.get(pk=link_id)
        opened, name = open_place(open_token(link), "", NOON), new_name()
        assert opened
        assert opened.version
        voice = voice_at(opened, opened.version, "/s/o/x", chosen="", accepted=[], at=NOON)
        sitting, browser = sitting_at(opened, voice, name, NOON), Browser(f"192.0.{number}.1", "a")
        first = min(sitting.standing(None).pages)
        keep(sitting, first, {"score": "9"}, at=NOON, seen=Seen(), browser=browser)
    except FullError:
        outcomes.append("full")
    else:
        outcomes.append("taken")
    finally:
        connection.close()
