"""From a draft to what is asked: complete, one at a time, and never changed afterwards."""

from datetime import timedelta
from typing import Any

import pytest

from surveys.costs import estimate
from surveys.models import Look, Question, Survey, SurveyVersion, Translation
from surveys.publishing import PublishError, draft_from, publish, reworded
from tests.surveys.makers import NOON, make_version

pytestmark = pytest.mark.django_db
State = SurveyVersion.State


def words_of(version: SurveyVersion) -> set[tuple[str | None, str, str, str]]:
    rows = version.translations.values_list("question__key", "language", "field", "text")
    return {(key, language, field, text) for key, language, field, text in rows}


def test_a_draft_has_the_same_questions_and_words_in_rows_of_its_own() -> None:
    version = make_version()
    draft = draft_from(version)
    assert (draft.number, draft.state) == (2, State.DRAFT)
    asked = ("key", "kind", "position", "required", "aspect")
    assert list(draft.questions.values_list(*asked)) == list(version.questions.values_list(*asked))
    assert words_of(draft) == words_of(version)
    assert not set(draft.questions.values_list("pk")) & set(version.questions.values_list("pk"))


def test_drafts_are_numbered_after_the_newest_version() -> None:
    version = make_version()
    draft_from(version)
    assert draft_from(version).number == 3


def test_publishing_closes_the_version_before() -> None:
    version = make_version()
    draft = draft_from(version)
    publish(draft, at=NOON)
    version.refresh_from_db()
    assert (version.state, draft.state, draft.published_at) == (State.CLOSED, State.PUBLISHED, NOON)


def test_what_is_published_cannot_be_published_again() -> None:
    with pytest.raises(PublishError, match="Only a draft"):
        publish(make_version(), at=NOON)


def without_questions(draft: SurveyVersion) -> None:
    draft.questions.all().delete()


def without_words(draft: SurveyVersion) -> None:
    Translation.objects.filter(question__version=draft, language="en", question__key="reason").delete()


@pytest.mark.parametrize(
    ("spoil", "told"), [(without_questions, "at least one question"), (without_words, "“en” for “reason”: text")]
)
def test_an_unfinished_draft_is_refused_and_the_old_version_goes_on(spoil: Any, told: str) -> None:
    version = make_version()
    draft = draft_from(version)
    spoil(draft)
    with pytest.raises(PublishError, match=told):
        publish(draft, at=NOON)
    version.refresh_from_db()
    assert version.state == State.PUBLISHED


def test_of_two_who_publish_at_once_the_second_is_refused() -> None:
    draft = draft_from(make_version())
    other = SurveyVersion.objects.select_related("survey__brand").get(pk=draft.pk)
    publish(draft, at=NOON)
    with pytest.raises(PublishError, match="Only a draft"):
        publish(other, at=NOON + timedelta(seconds=1))
    draft.refresh_from_db()
    assert draft.published_at == NOON


def test_a_series_goes_on_where_kind_and_settings_are_the_same() -> None:
    version = make_version()
    draft = draft_from(version)
    draft.questions.filter(key="call_me").update(kind=Question.Kind.YES_NO)
    added = Question.objects.create(version=draft, key="place", kind="short_text", position=9)
    Translation.objects.create(version=draft, question=added, language="en", field="text", text="Where was it?")
    publish(draft, at=NOON)
    since = dict(draft.questions.values_list("key", "since"))
    assert since == {"score": 1, "reason": 1, "call_me": 2, "place": 2}


def test_other_words_go_on_with_the_series_unless_they_mean_something_else() -> None:
    draft = draft_from(make_version())
    for key, text in (("score", "Would you recommend {brand}?"), ("reason", "What annoyed you?")):
        draft.translations.filter(question__key=key, language="en", field="text").update(text=text)
    assert reworded(draft) == ["score", "reason"]
    publish(draft, at=NOON, new_meaning=["reason"])
    assert dict(draft.questions.values_list("key", "since")) == {"score": 1, "reason": 2, "call_me": 1}


def test_its_cost_is_estimated_when_it_is_published() -> None:
    draft = draft_from(make_version())
    assert draft.seconds == 0
    publish(draft, at=NOON)
    assert draft.seconds == estimate(draft).seconds == 20


def test_a_survey_that_costs_too_much_attention_is_refused() -> None:
    draft = draft_from(make_version())
    Look.objects.create(brand=draft.survey.brand, transactional_seconds=10)
    with pytest.raises(PublishError, match="may cost 10: leave out questions"):
        publish(draft, at=NOON)
    Survey.objects.update(occasion=Survey.Occasion.RELATIONSHIP)
    draft.survey.refresh_from_db()
    publish(draft, at=NOON)


def test_broken_settings_are_named_with_their_question() -> None:
    draft = draft_from(make_version())
    draft.questions.filter(key="score").update(show_if={"all": []})
    draft.questions.filter(key="reason").update(details={"rows": ["a"]})
    with pytest.raises(PublishError) as refused:
        publish(draft, at=NOON)
    assert [problem.split(":")[0] for problem in refused.value.problems] == ["“score”", "“reason”"]
