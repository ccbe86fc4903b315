"""A question made one of another kind: what stays, what is lost and told before, and what has to change first."""

import re
from typing import Any

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from surveys.editing import EditError, add_question, fingerprint_of_all, fingerprints
from surveys.kind_changing import change_kind, fitting_details, kind_change
from surveys.models import Answer, Question, Response, SurveyVersion, Translation
from surveys.publishing import draft_from, publish, reworded, unfinished
from surveys.questions.details import read_details, write_details
from surveys.questions.kinds import MAKES, Kind
from surveys.survey_making import make_survey
from surveys.survey_templates import NPS
from surveys.version_states import StateError
from tests.surveys.formats.makers import questionnaires
from tests.surveys.makers import NOON, make_brand, make_version
from tests.surveys.sent_forms import form_of
from tests.surveys.test_editing import item, row
from tests.surveys.test_editor_pages import member, page

pytestmark = pytest.mark.django_db
AT_MOST_6 = {"all": [{"question": "score", "is": "at_most", "value": "6"}]}


@pytest.fixture
def draft() -> SurveyVersion:
    """Score, reason and contact wish on one page, in English and German."""
    return make_survey(NPS, make_brand())


def turn(version: SurveyVersion, key: str, kind: Kind) -> Question:
    question = row(version, key)
    change_kind(version.pk, question.pk, kind, fingerprints(version)[question.pk])
    return row(version, key)


def told(version: SurveyVersion, key: str, kind: Kind) -> dict[str, tuple[str, str]]:
    """Return what another kind would mean: what -> as it is and as it would be."""
    found = kind_change(version, item(version, key), kind)
    return {one.what: (one.before, one.now) for one in found.differences}


def ask_low_scores_only(version: SurveyVersion) -> None:
    version.questions.filter(key="reason").update(show_if=AT_MOST_6, starts_page=True)


def test_customary_words_become_those_of_the_new_kind_and_written_ones_stay(draft: SurveyVersion) -> None:
    Translation.objects.filter(question__key="score", field="text", language="en").update(text="Well, how likely?")
    turn(draft, "score", Kind.CSAT)
    english, german = item(draft, "score"), item(draft, "score", "de")
    assert english.kind == Kind.CSAT
    assert english.texts == {
        "text": "Well, how likely?",
        "help": "",
        "low": "Very dissatisfied",
        "high": "Very satisfied",
    }
    assert german.text == "Wie zufrieden waren Sie mit {visit}?"
    assert (german.low, german.high) == ("Sehr unzufrieden", "Sehr zufrieden")
    assert not unfinished(draft)


def test_a_missing_translation_stays_missing(draft: SurveyVersion) -> None:
    Translation.objects.filter(question__key="score", language="de", field__in=["text", "low"]).delete()
    turn(draft, "score", Kind.STARS)
    assert item(draft, "score", "de").texts == {"text": "", "help": "", "low": "", "high": "Ausgezeichnet"}


def test_options_and_their_words_stay_as_far_as_the_kind_has_them(draft: SurveyVersion) -> None:
    question = add_question(draft.pk, Kind.CHOICES, "What mattered?", "en", languages=["en", "de"])
    question.details = {"options": ["option_1", "price"], "other": True, "least": 1, "shuffle": True}
    question.save()
    Translation.objects.create(
        version=draft, question=question, language="en", field="option:price", text="What it cost"
    )
    assert told(draft, question.key, Kind.RANKING) == {
        "Kind": ("Several of several", "Ranking"),
        "Offers “something else”": ("yes", ""),
        "At least": ("1", ""),
    }
    assert turn(draft, question.key, Kind.RANKING).details == {"options": ["option_1", "price"], "shuffle": True}
    turned = turn(draft, question.key, Kind.MATRIX)
    assert turned.details == {"options": ["option_1", "price"], "rows": ["row_1", "row_2"], "shuffle": True}
    words = item(draft, question.key)
    assert words.options == {"option_1": "Poor", "price": "What it cost"}
    assert words.rows == {"row_1": "Speed", "row_2": "Courtesy"}
    assert not unfinished(draft)


def test_what_is_lost_is_told_in_every_language_before(draft: SurveyVersion) -> None:
    before = fingerprint_of_all(draft)
    lost = told(draft, "score", Kind.TEXT)
    assert lost["At the low end (en)"] == ("Not at all likely", "")
    assert lost["At the high end (de)"] == ("Sehr wahrscheinlich", "")
    assert fingerprint_of_all(draft) == before


def test_a_text_without_a_question_asks_nothing(draft: SurveyVersion) -> None:
    draft.questions.filter(key="score").update(required=True, fact="customer.plan", compass="need", aspect="speed")
    turned = turn(draft, "score", Kind.STATEMENT)
    assert (turned.required, turned.fact, turned.compass, turned.aspect) == (False, "", "", "speed")


@pytest.mark.parametrize(
    ("kind", "first"),
    [
        (Kind.CSAT, "“reason”: “6” is no answer to “score”. Change that first."),
        (Kind.TEXT, "“reason”: the answers to “score” have no order: use “is” in its condition. Change that first."),
        (
            Kind.STATEMENT,
            "“reason”: its condition asks about “score”, which is a text without an answer. Change that first.",
        ),
    ],
)
def test_a_condition_that_no_answer_can_meet_any_more_has_to_change_first(
    draft: SurveyVersion, kind: Kind, first: str
) -> None:
    ask_low_scores_only(draft)
    assert list(kind_change(draft, item(draft, "score"), kind).first) == [first]
    before = fingerprint_of_all(draft)
    with pytest.raises(EditError, match="Change that first"):
        turn(draft, "score", kind)
    assert fingerprint_of_all(draft) == before


def test_its_own_jump_has_to_fit_too(draft: SurveyVersion) -> None:
    draft.questions.filter(key="score").update(jumps=[{"to": "end", "if": AT_MOST_6}])
    assert "“6” is no answer" in kind_change(draft, item(draft, "score"), Kind.STARS).first[0]


def test_a_condition_that_still_fits_goes_on_and_is_named(draft: SurveyVersion) -> None:
    ask_low_scores_only(draft)
    found = kind_change(draft, item(draft, "score"), Kind.CES)
    assert (list(found.first), list(found.look)) == ([], ["reason"])
    turn(draft, "score", Kind.CES)
    assert row(draft, "reason").show_if == AT_MOST_6


def test_another_kind_is_another_meaning_once_it_is_published(draft: SurveyVersion) -> None:
    publish(draft, at=NOON)
    following = draft_from(draft)
    assert kind_change(following, item(following, "score"), Kind.CES).new_series
    assert not kind_change(draft, item(draft, "reason"), Kind.TEXT).new_series
    turn(following, "score", Kind.CES)
    assert "score" not in reworded(following)
    publish(following, at=NOON)
    assert {row.key: row.since for row in following.questions.all()} == {"score": 2, "reason": 1, "call_me": 1}


def test_who_changes_what_a_colleague_has_changed_meanwhile_is_stopped(draft: SurveyVersion) -> None:
    question, seen = row(draft, "score"), fingerprints(draft)[row(draft, "score").pk]
    Translation.objects.filter(question=question, field="low", language="de").update(text="Nie")
    with pytest.raises(EditError, match="changed meanwhile"):
        change_kind(draft.pk, question.pk, Kind.CES, seen)


def test_what_colleagues_answered_to_another_kind_goes(draft: SurveyVersion) -> None:
    tried = Response.objects.create(version=draft, source="cxsurvey", test=True, answered_at=NOON, updated_at=NOON)
    for key in ("score", "call_me"):
        Answer.objects.create(response=tried, question=row(draft, key), number=1)
    turn(draft, "score", Kind.TEXT)
    assert [answer.question.key for answer in Answer.objects.all()] == ["call_me"]


def test_only_drafts_and_only_other_kinds() -> None:
    version = make_version()
    with pytest.raises(StateError):
        turn(version, "score", Kind.CES)
    draft = draft_from(version)
    with pytest.raises(EditError, match="of that kind already"):
        turn(draft, "score", Kind.NPS)


def test_a_list_that_is_too_short_is_filled_first(draft: SurveyVersion) -> None:
    question = add_question(draft.pk, Kind.CHOICE, "Which?", "en", languages=["en"])
    Question.objects.filter(pk=question.pk).update(details={"options": ["a"], "other": True})
    first = kind_change(draft, item(draft, question.key), Kind.RANKING).first
    assert list(first) == ["Write at least two options. Do that before you change the kind."]


def test_a_bound_that_the_new_kind_cannot_have_is_left_out() -> None:
    long = read_details(Kind.TEXT, {"most": 500})
    assert write_details(fitting_details(Kind.TEXT, long, Kind.SHORT_TEXT)) == {}
    short = read_details(Kind.TEXT, {"most": 120})
    assert write_details(fitting_details(Kind.TEXT, short, Kind.SHORT_TEXT)) == {"most": 120}
    assert write_details(fitting_details(Kind.SHORT_TEXT, short, Kind.NUMBER)) == {}


@given(questionnaires(), st.sampled_from(list(Kind)))
def test_any_settings_fit_any_other_kind(specs: list[Any], kind: Kind) -> None:
    for spec in specs:
        few = MAKES[kind].has_options and len(spec.details.options) == 1 and len(spec.details.offered) > 1
        if not few:
            found = fitting_details(spec.kind, spec.details, kind)
            assert set(write_details(found)) <= MAKES[kind].settings
            assert read_details(kind, write_details(found)) == found


def test_a_manager_sees_what_changes_and_changes_it(draft: SurveyVersion) -> None:
    manager, question = member("CX manager"), row(draft, "score")
    shown = page(manager, draft, open=question.pk)
    assert '<option value="csat">' in shown.split("Change the kind")[1]
    assert "Is then" not in shown
    shown = page(manager, draft, open=question.pk, kind="csat")
    assert re.search(r"At the low end \(en\).*Not at all likely.*Very dissatisfied", shown)
    data = form_of(shown, f"/admin/editor/{draft.pk}/question/{question.pk}/do/")
    response = manager.post(f"/admin/editor/{draft.pk}/question/{question.pk}/do/", data | {"do": "kind"}, follow=True)
    assert "Satisfaction, 1 to 5 (CSAT), in English" in response.content.decode()
    assert row(draft, "score").kind == Kind.CSAT


def test_a_kind_that_is_none_is_refused(draft: SurveyVersion) -> None:
    manager, question = member("CX manager"), row(draft, "score")
    assert "Select a valid choice" in page(manager, draft, open=question.pk, kind="quiz")
    address = f"/admin/editor/{draft.pk}/question/{question.pk}/do/"
    assert manager.post(address, {"do": "kind", "kind": "quiz"}).status_code == 400
    assert Client().get(address).status_code == 302
    assert row(draft, "score").kind == Kind.NPS
