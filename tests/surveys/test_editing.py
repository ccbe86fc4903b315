"""Steps by which a draft is written: whole or not at all, on drafts only, and never over a colleague's work."""

from collections.abc import Callable
from typing import Any

import pytest

from surveys import editing
from surveys.differences import described
from surveys.drafts import Item, sheet
from surveys.editing import EditError, fingerprint_of_all, fingerprints
from surveys.models import Answer, Question, Response, SurveyVersion
from surveys.publishing import draft_from, publish, unfinished
from surveys.question_editing import ChangedMeanwhileError, Edit, edit_question, edit_settings, edit_words
from surveys.questions.conditions import Condition, Jump, Operator, read_condition, read_jumps
from surveys.questions.conditions import Test as Check
from surveys.questions.details import Details, read_details
from surveys.questions.kinds import Kind
from surveys.survey_making import make_survey
from surveys.survey_templates import NPS, TEMPLATES
from surveys.version_states import StateError, discard, step, steps_from
from tests.surveys.makers import NOON, make_brand, make_version

pytestmark = pytest.mark.django_db
LOW = {"all": [{"question": "score", "is": "at_most", "value": "6"}]}
IF_LOW = Condition((Check("score", Operator.AT_MOST, "6"),))


@pytest.fixture
def draft() -> SurveyVersion:
    """Score, reason and contact wish on one page, in English and German."""
    return make_survey(NPS, make_brand())


def order(version: SurveyVersion) -> str:
    """Return the keys in order, a bar before each that begins a page."""
    return " ".join(f"{'| ' * row.starts_page}{row.key}" for row in version.questions.all())


def row(version: SurveyVersion, key: str) -> Question:
    return version.questions.get(key=key)


def item(version: SurveyVersion, key: str, language: str = "en") -> Item:
    return next(item for item in sheet(version, language).items if item.key == key)


def seen(version: SurveyVersion, key: str, language: str = "en") -> dict[str, str]:
    shown = sheet(version, language)
    return described(next(one for one in shown.items if one.key == key), shown.asked)


def change(version: SurveyVersion, key: str, /, *, saw: dict[str, str] | None = None, **changes: Any) -> bool:
    """Edit a question as its form would, with what is in `changes` different."""
    now = item(version, key, changes.get("language", "en"))
    kept: dict[str, Any] = {name: getattr(now, name) for name in ("key", "required", "details", "show_if", "jumps")}
    kept |= {"module": now.module, "fact": now.fact, "aspect": now.row.aspect, "compass": now.row.compass}
    texts = now.texts | changes.pop("texts", {})
    edit = Edit(**{"language": "en", **kept, **changes, "texts": texts})
    before = seen(version, key, edit.language) if saw is None else saw
    return edit_question(version.pk, now.row.pk, edit, before)


def add(version: SurveyVersion, kind: Kind, text: str = "", after: str = "") -> Question:
    after_id = row(version, after).pk if after else None
    return editing.add_question(version.pk, kind, text, "en", languages=["en", "de"], after_id=after_id)


def test_a_question_without_a_text_has_the_customary_words_in_every_language(draft: SurveyVersion) -> None:
    added = add(draft, Kind.CES)
    assert item(draft, added.key).texts["low"] == "Strongly disagree"
    assert item(draft, added.key, "de").texts["text"].startswith("{brand} hat es mir leicht gemacht")


def test_a_question_with_a_text_is_named_after_it(draft: SurveyVersion) -> None:
    added = add(draft, Kind.CSAT, "How fast were we?", after="score")
    assert order(draft) == "score how_fast_were_we reason call_me"
    assert item(draft, "how_fast_were_we", "de").texts["high"] == "Sehr zufrieden"
    assert item(draft, "how_fast_were_we", "de").texts["text"] == ""
    assert added.version == draft


@pytest.mark.parametrize("kind", Kind)
def test_every_kind_that_is_added_can_be_shown_and_counted_at_once(draft: SurveyVersion, kind: Kind) -> None:
    added = add(draft, kind, "What else?")
    assert read_details(kind, added.details)
    assert unfinished(draft) == []


def test_the_same_text_twice_has_two_keys(draft: SurveyVersion) -> None:
    assert [add(draft, Kind.TEXT, "Why?").key for _ in range(3)] == ["why", "why_2", "why_3"]


def test_an_empty_draft_takes_its_first_question() -> None:
    draft = make_survey(TEMPLATES["survey"], make_brand())
    add(draft, Kind.NPS)
    assert [(one.position, one.starts_page) for one in draft.questions.all()] == [(1, False)]
    assert unfinished(draft) == []


def test_there_is_an_end_to_how_many_are_added(draft: SurveyVersion, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(editing, "MOST_QUESTIONS", 3)
    with pytest.raises(EditError, match="nobody answers that many"):
        add(draft, Kind.TEXT)


def test_a_copy_follows_its_original_with_all_its_words(draft: SurveyVersion) -> None:
    copied = editing.duplicate_question(draft.pk, row(draft, "reason").pk)
    assert order(draft) == "score reason reason_2 call_me"
    assert item(draft, "reason_2", "de").texts == item(draft, "reason", "de").texts
    assert copied.pk != row(draft, "reason").pk


def test_questions_move_and_pages_break(draft: SurveyVersion) -> None:
    editing.move_question(draft.pk, row(draft, "call_me").pk, -1)
    assert order(draft) == "score call_me reason"
    editing.start_page(draft.pk, row(draft, "call_me").pk)
    assert order(draft) == "score | call_me reason"
    editing.move_question(draft.pk, row(draft, "score").pk, 1)
    assert order(draft) == "score call_me reason"


def test_pages_are_set_joined_and_filled(draft: SurveyVersion) -> None:
    editing.set_pages(draft.pk, one_each=True)
    assert order(draft) == "score | reason | call_me"
    editing.join_page(draft.pk, row(draft, "call_me").pk)
    assert order(draft) == "score | reason call_me"
    editing.put_question(draft.pk, row(draft, "score").pk, 2)
    assert order(draft) == "reason call_me | score"
    editing.put_question(draft.pk, row(draft, "score").pk, 0, 0)
    assert order(draft) == "score reason call_me"
    editing.set_pages(draft.pk, one_each=False)
    assert list(draft.questions.values_list("position", flat=True)) == [1, 2, 3]
    with pytest.raises(EditError, match="no such page"):
        editing.put_question(draft.pk, row(draft, "score").pk, 9)


def test_a_question_is_removed_as_it_was_seen(draft: SurveyVersion) -> None:
    print_ = fingerprints(draft)[row(draft, "score").pk]
    editing.remove_question(draft.pk, row(draft, "score").pk, print_)
    assert order(draft) == "reason call_me"
    assert list(draft.questions.values_list("position", flat=True)) == [1, 2]


def test_what_colleagues_answered_to_try_a_draft_is_in_nobodys_way(draft: SurveyVersion) -> None:
    tried = Response.objects.create(version=draft, source="cxsurvey", test=True, answered_at=NOON, updated_at=NOON)
    for key in ("score", "reason"):
        Answer.objects.create(response=tried, question=row(draft, key), text="x")
    editing.remove_question(draft.pk, row(draft, "score").pk, fingerprints(draft)[row(draft, "score").pk])
    assert [answer.question.key for answer in Answer.objects.all()] == ["reason"]
    discard(draft.pk)
    assert not Response.objects.exists()


def test_a_question_that_a_colleague_changed_is_not_removed(draft: SurveyVersion) -> None:
    reason = row(draft, "reason")
    before = fingerprints(draft)[reason.pk]
    reason.translations.filter(language="de").update(text="Warum?")
    with pytest.raises(EditError, match="changed meanwhile"):
        editing.remove_question(draft.pk, reason.pk, before)
    assert order(draft) == "score reason call_me"


@pytest.mark.parametrize(
    "needing", [{"show_if": LOW}, {"jumps": [{"to": "end", "if": LOW}]}, {"jumps": [{"to": "score"}]}]
)
def test_what_others_need_is_not_removed(draft: SurveyVersion, needing: dict[str, Any]) -> None:
    draft.questions.filter(key="reason").update(**needing)
    with pytest.raises(EditError, match="conditions or jumps of “reason” name it"):
        editing.remove_question(draft.pk, row(draft, "score").pk, fingerprints(draft)[row(draft, "score").pk])


def test_a_question_is_written_in_one_language(draft: SurveyVersion) -> None:
    change(draft, "reason", texts={"text": "Why?", "help": "In a word"}, required=True, aspect="speed", compass="need")
    reason = row(draft, "reason")
    assert (reason.required, reason.aspect, reason.compass) == (True, "speed", "need")
    assert item(draft, "reason").texts == {"text": "Why?", "help": "In a word"}
    assert item(draft, "reason", "de").texts["text"].startswith("Was ist der wichtigste Grund")
    change(draft, "reason", texts={"help": ""})
    assert not reason.translations.filter(field="help").exists()


def test_a_new_key_is_put_into_every_condition_and_jump(draft: SurveyVersion) -> None:
    draft.questions.filter(key="call_me").update(show_if=LOW, starts_page=True)
    draft.questions.filter(key="score").update(jumps=[{"to": "call_me", "if": LOW}])
    change(draft, "score", key="nps")
    change(draft, "call_me", key="wish")
    assert read_condition(row(draft, "wish").show_if) == Condition((Check("nps", Operator.AT_MOST, "6"),))
    about = Condition((Check("nps", Operator.AT_MOST, "6"),))
    assert read_jumps(row(draft, "nps").jumps) == (Jump("wish", about),)
    assert unfinished(draft) == []


@pytest.mark.parametrize(
    ("key", "told"),
    [
        ("reason", "Another question has the key"),
        ("a b", "small letters"),
        ("end", "are taken"),
        ("é", "small letters"),
    ],
)
def test_a_key_that_cannot_be_is_refused(draft: SurveyVersion, key: str, told: str) -> None:
    with pytest.raises(EditError, match=told):
        change(draft, "score", key=key)
    assert order(draft) == "score reason call_me"


def test_a_condition_on_the_same_page_begins_a_new_one(draft: SurveyVersion) -> None:
    assert change(draft, "reason", show_if=IF_LOW)
    assert order(draft) == "score | reason call_me"
    assert not change(draft, "reason", show_if=IF_LOW)
    assert unfinished(draft) == []


def test_an_option_that_a_condition_names_stays(draft: SurveyVersion) -> None:
    asked = add(draft, Kind.CHOICE, "Which?", after="score")
    draft.questions.filter(key="reason").update(
        starts_page=True, show_if={"all": [{"question": asked.key, "is": "is", "value": "option_1"}]}
    )
    with pytest.raises(EditError, match="“option_1” cannot go while the condition of “reason” names it"):
        change(draft, "which", details=Details(options=("option_2", "new")), texts={"option:new": "New"})
    change(draft, "which", details=Details(options=("option_1", "new")), texts={"option:new": "New"})
    assert item(draft, "which").own.options == {"option_1": "First option", "new": "New"}
    assert not asked.translations.filter(field="option:option_2").exists()


def test_columns_that_a_condition_counts_stay_where_they_are(draft: SurveyVersion) -> None:
    table = add(draft, Kind.MATRIX, "How was", after="score")
    about = {"all": [{"question": table.key, "part": "row_1", "is": "at_most", "value": "1"}]}
    draft.questions.filter(key="reason").update(starts_page=True, show_if=about)
    now = item(draft, table.key).details
    with pytest.raises(EditError, match="counts the columns"):
        change(draft, table.key, details=Details(options=now.options[::-1], rows=now.rows))
    change(draft, table.key, details=Details(options=(*now.options, "more"), rows=now.rows))


def test_two_colleagues_do_not_overwrite_each_other(draft: SurveyVersion) -> None:
    saw = seen(draft, "reason")
    change(draft, "reason", texts={"text": "Why that score?"})
    with pytest.raises(ChangedMeanwhileError) as refused:
        change(draft, "reason", saw=saw, texts={"text": "What annoyed you?"}, required=True)
    [found] = refused.value.differences
    assert (found.what, found.before, found.now) == (
        "Question",
        "What is the main reason for your score?",
        "Why that score?",
    )
    assert item(draft, "reason").texts["text"] == "Why that score?"
    assert not row(draft, "reason").required
    change(draft, "reason", saw=seen(draft, "reason"), texts={"text": "What annoyed you?"})


def test_who_writes_another_question_or_language_is_in_nobodys_way(draft: SurveyVersion) -> None:
    saw = seen(draft, "reason")
    change(draft, "score", texts={"text": "Would you recommend us?"})
    change(draft, "reason", language="de", texts={"text": "Warum?"})
    change(draft, "reason", saw=saw, texts={"text": "Why?"})
    assert (item(draft, "reason").texts["text"], item(draft, "reason", "de").texts["text"]) == ("Why?", "Warum?")


def test_words_around_the_questions_are_kept_from_each_other_too(draft: SurveyVersion) -> None:
    saw = dict(sheet(draft, "en").texts)
    edit_words(draft.pk, "en", saw | {"title": "How was it?"}, saw)
    with pytest.raises(ChangedMeanwhileError) as refused:
        edit_words(draft.pk, "en", saw | {"sms": "Hi {link}"}, saw)
    assert [one.what for one in refused.value.differences] == ["Title of the page"]
    edit_words(draft.pk, "fr", dict.fromkeys(saw, "") | {"title": "Comment"}, {})
    assert sheet(draft, "fr").languages == ["en", "de", "fr"]


def test_ten_thousand_characters_are_refused_in_words(draft: SurveyVersion) -> None:
    with pytest.raises(EditError, match="has 10000 characters, and may have 2000"):
        change(draft, "reason", texts={"text": "x" * 10_000})
    texts = dict(sheet(draft, "en").texts)
    with pytest.raises(EditError, match="may have 5000"):
        edit_words(draft.pk, "en", texts | {"message": "x" * 10_000}, texts)


def test_settings_of_the_whole_version(draft: SurveyVersion) -> None:
    edit_settings(draft.pk, modules_asked=2, hidden_fields=["branch", "branch", "agent"])
    draft.refresh_from_db()
    assert (draft.modules_asked, draft.hidden_fields) == (2, ["branch", "agent"])


STEPS: dict[str, Callable[[int, int], object]] = {
    "add": lambda version, question: editing.add_question(version, Kind.TEXT, "", "en", languages=["en"]),
    "duplicate": editing.duplicate_question,
    "remove": lambda version, question: editing.remove_question(version, question, ""),
    "move": lambda version, question: editing.move_question(version, question, 1),
    "put": lambda version, question: editing.put_question(version, question, 0),
    "split": editing.start_page,
    "join": editing.join_page,
    "pages": lambda version, question: editing.set_pages(version, one_each=True),
    "words": lambda version, question: edit_words(version, "en", {"title": "x"}, {}),
    "settings": lambda version, question: edit_settings(version, modules_asked=2, hidden_fields=[]),
    "discard": lambda version, question: discard(version),
}


@pytest.mark.parametrize("name", STEPS)
def test_nothing_of_what_is_published_ever_changes(name: str) -> None:
    version = make_version()
    before = fingerprint_of_all(version)
    with pytest.raises(StateError, match="Start the next draft"):
        STEPS[name](version.pk, row(version, "score").pk)
    assert fingerprint_of_all(version) == before


@pytest.mark.parametrize("name", sorted(set(STEPS) - {"add", "pages", "words", "settings", "discard"}))
def test_a_question_of_another_survey_is_out_of_reach(draft: SurveyVersion, name: str) -> None:
    other = make_survey(TEMPLATES["ces"], make_brand())
    before = fingerprint_of_all(other)
    with pytest.raises(EditError, match="was removed meanwhile"):
        STEPS[name](draft.pk, row(other, "ease").pk)
    assert fingerprint_of_all(other) == before


def test_every_change_gives_another_fingerprint(draft: SurveyVersion) -> None:
    prints = [fingerprint_of_all(draft)]
    for spoil in (
        lambda: change(draft, "score", texts={"help": "x"}),
        lambda: editing.start_page(draft.pk, row(draft, "reason").pk),
        lambda: edit_words(draft.pk, "en", {"title": "x"}, {"title": sheet(draft, "en").texts["title"]}),
        lambda: edit_settings(draft.pk, modules_asked=3, hidden_fields=[]),
        lambda: editing.move_question(draft.pk, row(draft, "reason").pk, -1),
    ):
        spoil()
        prints.append(fingerprint_of_all(SurveyVersion.objects.get(pk=draft.pk)))
    assert len(set(prints)) == 6


def test_a_version_is_closed_and_then_archived_by_whoever_is_first() -> None:
    version = make_version()
    other = SurveyVersion.objects.get(pk=version.pk)
    assert steps_from(version.state) == ["close"]
    step(version, "close")
    with pytest.raises(StateError, match="Only a published version can be closed"):
        step(other, "close")
    step(version, "archive")
    assert steps_from(version.state) == []
    version.refresh_from_db()
    assert version.state == "archived"


def test_a_discarded_draft_leaves_its_number_to_the_next() -> None:
    version = make_version()
    discard(draft_from(version).pk)
    draft = draft_from(version)
    assert draft.number == 2
    publish(draft, at=NOON)
