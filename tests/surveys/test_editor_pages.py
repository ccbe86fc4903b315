"""The editor over HTTP: who may use it, what each form does, and that nothing else does anything."""

import re
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group, User
from django.test import Client

from surveys.drafts import Item, sheet
from surveys.editing import fingerprint_of_all, needed_by
from surveys.models import Question, Response, Survey, SurveyVersion, Translation
from surveys.publishing import draft_from, publish, unfinished
from surveys.questions.kinds import Kind
from surveys.survey_making import make_survey
from surveys.survey_templates import NPS, TEMPLATES
from tests.pristine import Shared
from tests.staff import as_after
from tests.surveys.makers import NOON, make_brand, make_program, make_version
from tests.surveys.sent_forms import Data, form_of

pytestmark = pytest.mark.django_db
AT_MOST_6 = {"question": "score", "is": "at_most", "value": "6"}
SCRIPT = "<script>alert(1)</script>{{ settings.SECRET_KEY }}{% load x %}"


def member(role: str) -> Client:
    """Return a browser in which somebody of a group is logged in."""
    user = User.objects.create(username=role, is_staff=True)
    user.groups.add(Group.objects.get(name=role))
    client = Client(enforce_csrf_checks=False)
    client.force_login(user)
    return client


@pytest.fixture(scope="module")
def login(shared: Shared) -> Client:
    with shared():
        return member("CX manager")


@pytest.fixture
def manager(login: Client) -> Client:
    return as_after(login)


@pytest.fixture
def draft() -> SurveyVersion:
    return make_survey(NPS, make_brand())


def row(version: SurveyVersion, key: str) -> Question:
    return version.questions.get(key=key)


def item(version: SurveyVersion, key: str, language: str = "en") -> Item:
    return next(item for item in sheet(version, language).items if item.key == key)


def page(client: Client, version: SurveyVersion, status: int = 200, **query: Any) -> str:
    response = client.get(f"/admin/editor/{version.pk}/", query)
    assert response.status_code == status
    return response.content.decode()


def opened(client: Client, version: SurveyVersion, key: str, language: str = "en") -> Data:
    """Return the form of a question as the page shows it."""
    question = row(version, key)
    html = page(client, version, open=question.pk, language=language)
    return form_of(html, f"/admin/editor/{version.pk}/question/{question.pk}/")


def save(client: Client, version: SurveyVersion, key: str, status: int = 303, /, **changes: str) -> str:
    """Send the form of a question with some fields changed, and return the page that comes, after a redirect too."""
    data = opened(client, version, key, changes.pop("language", "en")) | changes
    response = client.post(f"/admin/editor/{version.pk}/question/{row(version, key).pk}/", data)
    told = re.findall(r'<ul class="errorlist[^>]*>.*?</ul>', response.content.decode())
    assert response.status_code == status, told
    return (client.get(response["Location"]) if status == 303 else response).content.decode()


def do(client: Client, version: SurveyVersion, key: str, what: str, **fields: str) -> str:
    """Press a button beside a question and return the page that follows."""
    address = f"/admin/editor/{version.pk}/question/{row(version, key).pk}/do/"
    data = form_of(page(client, version), address) | {"do": what} | fields
    response = client.post(address, data, follow=True)
    assert response.status_code == 200
    return response.content.decode()


def test_the_page_shows_the_draft_what_it_costs_and_what_is_missing(manager: Client, draft: SurveyVersion) -> None:
    shown = page(manager, draft)
    assert "<strong>About 20 seconds</strong> of the 60" in shown
    assert "Nothing is missing." in shown
    Translation.objects.filter(question__key="reason", language="en").delete()
    shown = page(manager, draft)
    address = f"/admin/editor/{draft.pk}/?language=en&amp;open={row(draft, 'reason').pk}#q{row(draft, 'reason').pk}"
    assert f'href="{address}">Write in “en” for “reason”: text.</a>' in shown


def test_the_preview_is_the_customers_page_in_a_frame_of_our_own(manager: Client, draft: SurveyVersion) -> None:
    shown = page(manager, draft)
    frame = '<iframe title="The survey as a customer sees it; answers here are tests" src="'
    address = shown.split(frame)[1].split('"')[0]
    framed = Client().get(address)
    assert framed["X-Frame-Options"] == "SAMEORIGIN"
    assert "frame-ancestors 'self'" in framed["Content-Security-Policy"]
    assert "It takes about 20 seconds" in framed.content.decode()
    customers = Client().get("/s/1-nothing")
    assert customers["X-Frame-Options"] == "DENY"
    assert "frame-ancestors 'none'" in customers["Content-Security-Policy"]
    assert not Response.objects.exists()


def test_a_question_is_added_and_opened(manager: Client, draft: SurveyVersion) -> None:
    address = f"/admin/editor/{draft.pk}/add/"
    data = form_of(page(manager, draft), address)
    data |= {"kind": "csat", "question": "How fast were we?", "after": str(row(draft, "score").pk)}
    response = manager.post(address, data, follow=True)
    added = row(draft, "how_fast_were_we")
    assert added.position == 2
    assert f'action="/admin/editor/{draft.pk}/question/{added.pk}/"' in response.content.decode()
    assert LogEntry.objects.get().change_message == "Added “how_fast_were_we”."
    assert manager.post(address, data | {"kind": "quiz"}).status_code == 400
    assert draft.questions.count() == 4


@pytest.mark.parametrize("kind", Kind)
def test_the_form_of_every_kind_saves_what_it_shows(manager: Client, draft: SurveyVersion, kind: Kind) -> None:
    data = form_of(page(manager, draft), f"/admin/editor/{draft.pk}/add/") | {"kind": kind.value, "question": "What?"}
    manager.post(f"/admin/editor/{draft.pk}/add/", data)
    before = fingerprint_of_all(draft)
    save(manager, draft, "what")
    assert fingerprint_of_all(SurveyVersion.objects.get(pk=draft.pk)) == before
    assert unfinished(draft) == []


def test_settings_are_read_back_as_they_were_written(manager: Client, draft: SurveyVersion) -> None:
    draft.questions.filter(key="call_me").delete()
    for position, kind in ((3, "choices"), (4, "number"), (5, "date")):
        details = {"options": ["a", "b"]} if kind == "choices" else {}
        Question.objects.create(version=draft, key=kind, kind=kind, position=position, details=details)
    save(manager, draft, "choices", other="on", none="on", shuffle="on", least="1", most="3")
    save(manager, draft, "number", least="-1.5", most="7", decimals="1")
    save(manager, draft, "date", earliest="2026-01-01", latest="today")
    assert row(draft, "choices").details == {
        "options": ["a", "b"],
        "other": True,
        "none": True,
        "shuffle": True,
        "least": 1,
        "most": 3,
    }
    assert row(draft, "number").details == {"least": -1.5, "most": 7, "decimals": 1}
    assert row(draft, "date").details == {"earliest": "2026-01-01", "latest": "today"}


def test_settings_that_cannot_be_are_said_on_the_page(manager: Client, draft: SurveyVersion) -> None:
    for position, kind in ((8, "number"), (9, "date")):
        Question.objects.create(version=draft, key=kind, kind=kind, position=position, details={})
    save(manager, draft, "number", most="7")
    assert "least must not be larger than most" in save(manager, draft, "number", 400, least="9")
    assert "earliest must be a day" in save(manager, draft, "date", 400, earliest="soon")
    assert "Enter a number" in save(manager, draft, "number", 400, least="NaN")


def test_options_are_written_one_on_each_line_and_put_in_order(manager: Client, draft: SurveyVersion) -> None:
    manager.post(f"/admin/editor/{draft.pk}/add/", {"kind": "choice", "question": "Which?", "language": "en"})
    save(manager, draft, "which", more_options="The price\n\n  Größe \nThe price\n", then="more")
    keys = ["option_1", "option_2", "the_price", "grosse", "the_price_2"]
    assert row(draft, "which").details["options"][:3] == keys[:3]
    assert len(row(draft, "which").details["options"]) == 5
    assert item(draft, "which").own.options["the_price"] == "The price"
    save(manager, draft, "which", then="option:the_price:up")
    save(manager, draft, "which", then="option:the_price:up")
    save(manager, draft, "which", then="option:the_price:up")
    save(manager, draft, "which", **{"then": "option:option_1:drop", "option:option_2": "Speed"})
    assert row(draft, "which").details["options"][:2] == ["the_price", "option_2"]
    assert item(draft, "which").own.options["option_2"] == "Speed"
    save(manager, draft, "which", then="option:the_price:down")
    assert row(draft, "which").details["options"][:2] == ["option_2", "the_price"]
    save(manager, draft, "which", then="option:nothing:up")
    save(manager, draft, "which", then=SCRIPT)
    assert len(row(draft, "which").details["options"]) == 4


def test_fewer_than_two_options_are_refused(manager: Client, draft: SurveyVersion) -> None:
    manager.post(f"/admin/editor/{draft.pk}/add/", {"kind": "choice", "question": "Which?", "language": "en"})
    assert "Write at least two options" in save(manager, draft, "which", 400, then="option:option_2:drop")
    assert row(draft, "which").details == {"options": ["option_1", "option_2"]}


def test_a_condition_is_written_as_a_sentence(manager: Client, draft: SurveyVersion) -> None:
    sentence = {"show-tests-0-about": "score", "show-tests-0-operator": "at_most", "show-tests-0-value": "6"}
    shown = save(manager, draft, "reason", **sentence)
    assert "It begins a new page now" in shown
    assert re.search("Asked only if “How likely is it that you would recommend .* …” is at most 6.", shown)
    assert row(draft, "reason").show_if == {"all": [AT_MOST_6]}
    more = {"show-tests-1-about": "score", "show-tests-1-operator": "is_not", "show-tests-1-value": "3"}
    save(manager, draft, "reason", **more, **{"show-mode": "any"})
    assert row(draft, "reason").show_if == {"any": [AT_MOST_6, {"question": "score", "is": "is_not", "value": "3"}]}
    save(manager, draft, "reason", **{"show-tests-0-about": "", "show-tests-1-about": ""})
    assert row(draft, "reason").show_if is None
    assert needed_by(draft.questions.all(), "score") == []


def asks(number: int, value: str, *, joined: bool = False, about: str = "score") -> dict[str, str]:
    """Return the fields of one test in the form of a condition."""
    fields = {"about": about, "operator": "is", "value": value, "joined": "on" if joined else ""}
    return {f"show-tests-{number}-{name}": text for name, text in fields.items() if text or name == "about"}


def test_tests_that_belong_together_count_as_one(manager: Client, draft: SurveyVersion) -> None:
    one, two, three = ({"question": "score", "is": "is", "value": number} for number in "123")
    save(manager, draft, "reason", **asks(0, "1"))
    save(manager, draft, "reason", **asks(1, "2", joined=True))
    assert row(draft, "reason").show_if == {"any": [one, two]}
    shown = save(manager, draft, "reason", **{"show-mode": "all"}, **asks(1, "2", joined=True), **asks(2, "3"))
    assert row(draft, "reason").show_if == {"all": [{"any": [one, two]}, three]}
    assert re.search(r"Asked only if \(“How .*” is 1 or “How .*” is 2\) and “How .*” is 3\.", shown)
    save(manager, draft, "reason", key="why")
    assert row(draft, "why").show_if == {"all": [{"any": [one, two]}, three]}
    save(manager, draft, "why", **{"show-mode": "any"})
    assert row(draft, "why").show_if == {"any": [{"all": [one, two]}, three]}


def test_what_belonged_with_a_test_that_is_taken_out_stands_alone(manager: Client, draft: SurveyVersion) -> None:
    one, three, four = ({"question": "score", "is": "is", "value": number} for number in "134")
    draft.questions.filter(key="reason").update(
        starts_page=True,
        show_if={"all": [one, {"any": [{"question": "score", "is": "is", "value": "2"}, three, four]}]},
    )
    save(manager, draft, "reason", **asks(1, "", about=""))
    assert row(draft, "reason").show_if == {"all": [one, {"any": [three, four]}]}


def test_a_key_is_changed_in_nested_conditions_too(manager: Client, draft: SurveyVersion) -> None:
    tests = [{"question": "score", "is": "is", "value": number} for number in "12"]
    draft.questions.filter(key="reason").update(starts_page=True, show_if={"all": [{"any": tests}, tests[0]]})
    save(manager, draft, "score", key="likely")
    assert "score" not in str(row(draft, "reason").show_if)
    assert needed_by(draft.questions.all(), "likely") == ["reason"]


def test_a_condition_takes_the_words_of_an_answer(manager: Client, draft: SurveyVersion) -> None:
    save(
        manager,
        draft,
        "call_me",
        **{"show-tests-0-about": "reason", "show-tests-0-operator": "is", "show-tests-0-value": "Nothing"},
    )
    manager.post(f"/admin/editor/{draft.pk}/add/", {"kind": "text", "question": "When?", "language": "en"})
    save(
        manager,
        draft,
        "when",
        **{"show-tests-0-about": "call_me", "show-tests-0-operator": "is", "show-tests-0-value": "Yes"},
    )
    assert row(draft, "when").show_if == {"all": [{"question": "call_me", "is": "is", "value": "1"}]}
    assert 'value="yes"' in page(manager, draft, open=row(draft, "when").pk)


def test_half_a_sentence_is_refused_on_the_page(manager: Client, draft: SurveyVersion) -> None:
    told = save(manager, draft, "reason", 400, **{"show-tests-0-about": "score"})
    assert "Write the answer that it is compared with." in told
    told = save(manager, draft, "reason", 400, **{"show-tests-0-about": "gone", "show-tests-0-value": "1"})
    assert "Select a valid choice" in told
    assert row(draft, "reason").show_if is None


def test_a_jump_leads_on_and_is_taken_back(manager: Client, draft: SurveyVersion) -> None:
    do(manager, draft, "call_me", "split")
    tests = {"jump-0-tests-0-about": "score", "jump-0-tests-0-operator": "at_least", "jump-0-tests-0-value": "9"}
    shown = save(manager, draft, "score", **{"jump-0-to": "end"}, **tests)
    assert "Then to the end if “How likely" in shown
    assert row(draft, "score").jumps[0]["to"] == "end"
    save(manager, draft, "score", **{"jump-1-to": "call_me"})
    assert [jump["to"] for jump in row(draft, "score").jumps] == ["end", "call_me"]
    save(manager, draft, "score", **{"jump-0-to": "", "jump-1-to": ""})
    assert row(draft, "score").jumps == []
    assert "Select a valid choice" in save(manager, draft, "score", 400, **{"jump-0-to": "reason"})


def test_buttons_beside_a_question_do_what_they_say(manager: Client, draft: SurveyVersion) -> None:
    do(manager, draft, "call_me", "up")
    do(manager, draft, "call_me", "split")
    do(manager, draft, "score", "duplicate")
    assert list(draft.questions.values_list("key", "starts_page")) == [
        ("score", False),
        ("score_2", False),
        ("call_me", True),
        ("reason", False),
    ]


def test_questions_are_put_on_other_pages_and_removed(manager: Client, draft: SurveyVersion) -> None:
    do(manager, draft, "call_me", "split")
    do(manager, draft, "score", "put", page="2")
    do(manager, draft, "call_me", "join")
    do(manager, draft, "reason", "down")
    assert list(draft.questions.values_list("key", flat=True)) == ["call_me", "reason", "score"]
    do(manager, draft, "reason", "remove")
    manager.post(f"/admin/editor/{draft.pk}/pages/", {"pages": "each", "language": "en"})
    assert list(draft.questions.values_list("key", "starts_page")) == [("call_me", False), ("score", True)]


def test_a_button_that_we_did_not_make_does_nothing(manager: Client, draft: SurveyVersion) -> None:
    address = f"/admin/editor/{draft.pk}/question/{row(draft, 'score').pk}/do/"
    for sent in ({"do": "destroy"}, {}, {"do": "put", "page": "-1"}, {"do": "put", "page": "\uff11"}):
        assert manager.post(address, sent).status_code == 400
    assert "There is no such page." in manager.post(address, {"do": "put", "page": "99"}, follow=True).content.decode()


def test_a_colleague_in_between_is_told_with_what_was_changed(manager: Client, draft: SurveyVersion) -> None:
    mine = opened(manager, draft, "reason")
    ada = Client()
    ada.force_login(User.objects.create(username="ada", is_staff=True, is_superuser=True))
    save(ada, draft, "reason", text="Why that score?")
    address = f"/admin/editor/{draft.pk}/question/{row(draft, 'reason').pk}/"
    refused = manager.post(address, mine | {"text": "What annoyed you?"})
    told = refused.content.decode()
    assert refused.status_code == 409
    assert "Changed meanwhile by ada, " in told
    assert "Question: was “What is the main reason for your score?”, is now “Why that score?”" in told
    assert item(draft, "reason").texts["text"] == "Why that score?"
    again = form_of(told, address)
    assert again["text"] == "What annoyed you?"
    assert manager.post(address, again).status_code == 303
    assert item(draft, "reason").texts["text"] == "What annoyed you?"


def test_a_mistake_in_between_hides_no_colleague(manager: Client, draft: SurveyVersion) -> None:
    mine = opened(manager, draft, "reason")
    row(draft, "reason").translations.filter(language="en", field="text").update(text="Why that score?")
    address = f"/admin/editor/{draft.pk}/question/{row(draft, 'reason').pk}/"
    wrong = manager.post(address, mine | {"text": "What annoyed you?", "module": "a b"})
    assert wrong.status_code == 400
    again = form_of(wrong.content.decode(), address) | {"module": ""}
    assert manager.post(address, again).status_code == 409
    assert item(draft, "reason").texts["text"] == "Why that score?"


def test_words_around_are_written_in_each_language(manager: Client, draft: SurveyVersion) -> None:
    address = f"/admin/editor/{draft.pk}/words/"
    html = page(manager, draft, open="words", language="fr")
    assert "“How was {visit}?”" in html
    assert manager.post(address, form_of(html, address) | {"title": "Ça va ?"}).status_code == 303
    assert sheet(draft, "fr").texts["title"] == "Ça va ?"
    stale = form_of(page(manager, draft, open="words"), address)
    manager.post(address, stale | {"title": "How?"})
    refused = manager.post(address, stale | {"title": "What?"})
    assert refused.status_code == 409
    assert "Title of the page: was “How was {visit}?”, is now “How?”" in refused.content.decode()


def test_settings_of_the_version_are_written(manager: Client, draft: SurveyVersion) -> None:
    address = f"/admin/editor/{draft.pk}/settings/"
    data = form_of(page(manager, draft, open="settings"), address)
    assert manager.post(address, data | {"modules_asked": "2", "kept": "branch\nagent.name"}).status_code == 303
    draft.refresh_from_db()
    assert (draft.modules_asked, draft.hidden_fields) == (2, ["branch", "agent.name"])
    for wrong in ({"modules_asked": "0"}, {"modules_asked": "x"}, {"kept": "a b"}, {"kept": SCRIPT}):
        assert manager.post(address, data | wrong).status_code == 400


def test_the_other_language_stands_beside_as_a_hint(manager: Client, draft: SurveyVersion) -> None:
    html = page(manager, draft, open=row(draft, "reason").pk, language="de")
    assert "“What is the main reason for your score?”" in html
    save(manager, draft, "reason", language="de", text="Warum?")
    assert item(draft, "reason", "de").texts["text"] == "Warum?"
    assert item(draft, "reason").texts["text"] == "What is the main reason for your score?"


@pytest.mark.parametrize("language", ["../x", "english language", "<b>", "e", "", "de\n", "\uff11\uff12"])
def test_what_is_no_language_is_refused(manager: Client, draft: SurveyVersion, language: str) -> None:
    page(manager, draft, 400, language=language)


def test_markup_script_and_template_syntax_stay_text_everywhere(manager: Client, draft: SurveyVersion) -> None:
    save(manager, draft, "reason", text=SCRIPT, help=SCRIPT, aspect=SCRIPT[:60])
    manager.post(f"/admin/editor/{draft.pk}/add/", {"kind": "choice", "question": SCRIPT, "language": "en"})
    key = draft.questions.order_by("-position")[0].key
    save(manager, draft, key, more_options=SCRIPT)
    draft.survey.name = SCRIPT
    draft.survey.save()
    pages = [page(manager, draft), page(manager, draft, open=row(draft, key).pk)]
    pages += [
        manager.get(address).content.decode()
        for address in (
            f"/admin/editor/{draft.pk}/publish/",
            f"/admin/editor/survey/{draft.survey_id}/",
            "/admin/surveys/survey/",
        )
    ]
    for html in pages:
        assert "<script>alert(1)" not in html
        assert "&lt;script&gt;alert(1)" in html
    assert "{{ settings.SECRET_KEY }}" in pages[0]


def test_too_long_a_text_and_nul_are_said_on_the_page(manager: Client, draft: SurveyVersion) -> None:
    assert "has 10000 characters, and may have 2000" in save(manager, draft, "reason", 400, text="x" * 10_000)
    assert "Null characters are not allowed" in save(manager, draft, "reason", 400, text="a\0b")
    assert (
        "may have 5000"
        in manager.post(
            f"/admin/editor/{draft.pk}/words/",
            form_of(page(manager, draft, open="words"), f"/admin/editor/{draft.pk}/words/") | {"message": "x" * 10_000},
        ).content.decode()
    )


@pytest.mark.parametrize("field", ["module", "fact", "compass", "key"])
def test_what_is_no_word_for_a_field_is_refused(manager: Client, draft: SurveyVersion, field: str) -> None:
    before = fingerprint_of_all(draft)
    save(manager, draft, "reason", 400, **{field: "a b.c"})
    assert fingerprint_of_all(SurveyVersion.objects.get(pk=draft.pk)) == before


def test_ids_of_nothing_and_of_other_surveys_are_out_of_reach(manager: Client, draft: SurveyVersion) -> None:
    other = make_survey(TEMPLATES["ces"], make_brand())
    before, theirs = fingerprint_of_all(other), row(other, "ease").pk
    page(manager, draft, open=theirs)
    data = opened(manager, draft, "score")
    told = manager.post(f"/admin/editor/{draft.pk}/question/{theirs}/", data, follow=True).content.decode()
    assert "was removed meanwhile" in told
    told = manager.post(f"/admin/editor/{draft.pk}/question/{theirs}/do/", {"do": "up"}, follow=True).content.decode()
    assert "was removed meanwhile" in told
    assert fingerprint_of_all(other) == before
    for address in ("/admin/editor/999/", "/admin/editor/999/publish/", "/admin/editor/survey/999/"):
        assert manager.get(address).status_code == 404
    assert manager.get(f"/admin/editor/{draft.pk}/", {"open": "9" * 400}).status_code == 200


def test_get_changes_nothing(manager: Client, draft: SurveyVersion) -> None:
    before = fingerprint_of_all(draft)
    question = row(draft, "score").pk
    for end in ("add/", f"question/{question}/", f"question/{question}/do/?do=remove", "pages/", "words/", "settings/"):
        assert manager.get(f"/admin/editor/{draft.pk}/{end}").status_code == 405
    for end in ("next/", "discard/", "duplicate/", "step/close/"):
        assert manager.get(f"/admin/editor/{draft.pk}/{end}").status_code == 405
    for address in (f"{draft.pk}/", f"{draft.pk}/publish/", f"survey/{draft.survey_id}/", "new/"):
        assert manager.get(f"/admin/editor/{address}").status_code == 200
    assert (fingerprint_of_all(draft), SurveyVersion.objects.count(), LogEntry.objects.count()) == (before, 1, 0)


def test_an_analyst_looks_and_an_interviewer_does_not(draft: SurveyVersion) -> None:
    analyst, interviewer = member("Analyst"), member("Interviewer")
    html = page(analyst, draft)
    assert "Edit “score”" not in html
    assert "Add a question" not in html
    for end in ("add/", "publish/", "next/", "discard/", "step/close/", "duplicate/"):
        assert analyst.post(f"/admin/editor/{draft.pk}/{end}").status_code == 403
    page(interviewer, draft, 403)
    assert Client().get(f"/admin/editor/{draft.pk}/").status_code == 302


def test_a_form_of_another_site_does_nothing(draft: SurveyVersion) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(User.objects.create(username="ada", is_staff=True, is_superuser=True))
    assert client.post(f"/admin/editor/{draft.pk}/discard/").status_code == 403
    assert SurveyVersion.objects.exists()


def test_what_is_published_is_only_shown(manager: Client) -> None:
    version = make_version()
    html = page(manager, version, open=row(version, "score").pk)
    assert "What was published never changes" in html
    assert "Edit “score”" not in html
    told = manager.post(f"/admin/editor/{version.pk}/pages/", {"pages": "each"}, follow=True).content.decode()
    assert "Start the next draft" in told


def test_publishing_shows_what_changes_and_asks_what_rewording_means(manager: Client) -> None:
    version = make_version()
    draft = draft_from(version)
    save(manager, draft, "reason", text="What annoyed you?")
    address = f"/admin/editor/{draft.pk}/publish/"
    html = manager.get(address).content.decode()
    assert "“reason”: Question (en)" in html
    data = form_of(html, "")
    refused = manager.post(address, data)
    assert refused.status_code == 400
    assert "Say whether it still means the same." in refused.content.decode()
    assert "is published" in manager.post(address, data | {"reason": "new"}, follow=True).content.decode()
    version.refresh_from_db()
    assert version.state == "closed"
    assert dict(draft.questions.values_list("key", "since")) == {"score": 1, "reason": 2, "call_me": 1}
    again = manager.post(address, data | {"reason": "new"})
    assert (again.status_code, again["Location"]) == (303, f"/admin/editor/survey/{draft.survey_id}/")


def test_what_a_colleague_changed_is_looked_at_before_it_is_published(manager: Client, draft: SurveyVersion) -> None:
    address = f"/admin/editor/{draft.pk}/publish/"
    data = form_of(manager.get(address).content.decode(), "")
    Translation.objects.filter(question__key="score", language="en", field="text").update(text="Else?")
    refused = manager.post(address, data)
    assert refused.status_code == 409
    assert "A colleague changed the draft" in refused.content.decode()
    assert SurveyVersion.objects.get().state == "draft"


def test_an_unfinished_draft_is_refused_with_everything_at_once(manager: Client, draft: SurveyVersion) -> None:
    Translation.objects.filter(question__key__in=["score", "reason"], language="en", field="text").delete()
    html = manager.get(f"/admin/editor/{draft.pk}/publish/").content.decode()
    assert "It cannot be published yet" in html
    assert "for “score”: text" in html
    assert "for “reason”: text" in html
    assert ">Publish version" not in html
    sent = {"seen": fingerprint_of_all(draft)}
    assert manager.post(f"/admin/editor/{draft.pk}/publish/", sent).status_code == 400
    assert SurveyVersion.objects.get().state == "draft"


def test_a_survey_is_made_from_a_template_in_one_step(manager: Client) -> None:
    brand = make_brand()
    data = form_of(manager.get("/admin/editor/new/").content.decode(), "") | {"template": "post-call"}
    response = manager.post("/admin/editor/new/", data)
    version = SurveyVersion.objects.get()
    assert response["Location"] == f"/admin/editor/{version.pk}/"
    assert (version.survey.name, version.survey.brand) == ("After a call", brand)
    assert set(version.translations.values_list("language", flat=True)) == {"en", "de"}
    for field, value in (("template", "x"), ("brand", "999"), ("languages", "xx"), ("occasion", "x")):
        assert manager.post("/admin/editor/new/", data | {field: value}).status_code == 400
    del data["languages"]
    assert "Choose at least one language." in manager.post("/admin/editor/new/", data).content.decode()
    assert Survey.objects.count() == 1


def test_the_list_leads_to_each_survey_and_to_a_new_one(manager: Client) -> None:
    version = make_version()
    html = manager.get("/admin/surveys/survey/").content.decode()
    assert f'<a href="/admin/editor/survey/{version.survey_id}/">' in html
    assert "version 1" in html
    assert manager.get("/admin/surveys/survey/add/")["Location"] == "/admin/editor/new/"
    assert manager.get(f"/admin/surveys/survey/{version.survey_id}/versions/")["Location"].endswith(
        f"/admin/editor/survey/{version.survey_id}/"
    )


def test_settings_of_a_survey_are_edited_in_the_admin(manager: Client) -> None:
    version = make_version()
    address = f"/admin/surveys/survey/{version.survey_id}/change/"
    data = {"name": "Ours", "occasion": "relationship", "change_for": "2", "review_url": "https://r.example/"}
    assert manager.post(address, data | {"slug": "x"}).status_code == 302
    survey = Survey.objects.get()
    assert (survey.name, survey.occasion, survey.change_for.days, survey.slug) == ("Ours", "relationship", 2, "nps")
    assert 'name="change_for" value="2"' in manager.get(address).content.decode()
    for wrong in ({"review_url": "javascript:alert(1)"}, {"change_for": "-1"}, {"change_for": "two"}, {"name": ""}):
        assert manager.post(address, data | wrong).status_code == 200
    survey.refresh_from_db()
    assert (survey.change_for.days, survey.review_url) == (2, "https://r.example/")


def test_a_draft_is_started_and_discarded_from_the_page_of_its_survey(manager: Client) -> None:
    version = make_version()
    program, address = make_program(version), f"/admin/editor/survey/{version.survey_id}/"
    assert str(program) in manager.get(address).content.decode()
    manager.post(f"/admin/editor/{version.pk}/next/")
    draft = SurveyVersion.objects.get(state="draft")
    assert "Discard version 2" in manager.get(address).content.decode()
    manager.post(f"/admin/editor/{draft.pk}/discard/")
    assert SurveyVersion.objects.get() == version
    noted = LogEntry.objects.order_by("pk").values_list("change_message", flat=True)
    assert list(noted) == ["Started from version 1.", "Discarded."]


def test_a_version_is_closed_and_archived_on_the_page_of_its_survey(manager: Client) -> None:
    version = make_version()
    step = f"/admin/editor/{version.pk}/step"
    assert "nobody is invited any more" in manager.post(f"{step}/close/", follow=True).content.decode()
    assert "Somebody may have been faster" in manager.post(f"{step}/close/", follow=True).content.decode()
    manager.post(f"{step}/archive/")
    assert manager.post(f"{step}/burn/").status_code == 400
    assert SurveyVersion.objects.get().state == "archived"
    assert list(LogEntry.objects.order_by("pk").values_list("change_message", flat=True)) == ["Closed.", "Archived."]


def test_two_versions_are_compared_in_words(manager: Client) -> None:
    version = make_version()
    draft = draft_from(version)
    save(manager, draft, "reason", text="Why?", required="on")
    do(manager, draft, "score", "remove")
    do(manager, draft, "reason", "down")
    manager.post(f"/admin/editor/{draft.pk}/add/", {"kind": "date", "question": "When was it?", "language": "en"})
    html = manager.get(f"/admin/editor/survey/{version.survey_id}/compare/", {"before": 1, "now": 2}).content.decode()
    for told in ("“score” is not asked any more", "“reason”: Must be answered", "“when_was_it” is new", "Order of the"):
        assert told in html
    address = f"/admin/editor/survey/{version.survey_id}/compare/"
    for query, status in (("before=1", 400), ("before=1&now=x", 400), ("before=1&now=9", 404)):
        assert manager.get(f"{address}?{query}").status_code == status


def test_a_survey_is_duplicated(manager: Client) -> None:
    version = make_version()
    response = manager.post(f"/admin/editor/{version.pk}/duplicate/")
    copied = SurveyVersion.objects.exclude(pk=version.pk).get()
    assert response["Location"] == f"/admin/editor/{copied.pk}/"
    assert copied.survey.name == f"Copy of {version.survey.name}"
    publish(copied, at=NOON)
