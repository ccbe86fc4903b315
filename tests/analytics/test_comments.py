"""Comments are read once, again where they change, and nothing of their words is kept; a person's word stands."""

from datetime import timedelta

import pytest
from django.apps import apps
from django.contrib.auth.models import User
from django.db import models

from analytics import comments
from analytics.models import CommentReading, CommentTheme, Theme, ThemeCorrection
from analytics.starter_themes import STARTER_THEMES
from analytics.tasks import find_themes
from analytics.themes import Refusal
from cxsurvey.erasing import erase
from surveys.models import Answer, Response
from tests.surveys.answered import make_response, question
from tests.surveys.makers import NOON, make_customer, make_open_link, make_touchpoint, make_version

pytestmark = pytest.mark.django_db
LATER = NOON + timedelta(minutes=1)
MOODS = ("the parcel came late", "friendly staff at the desk", "nothing to say")


@pytest.fixture
def ada() -> User:
    return User.objects.create(username="ada")


def make_comments(each: int = 6) -> list[Response]:
    version, touchpoint = make_version(), make_touchpoint()
    return [
        make_response(9, f"{text} {n * 'x'}", version=version, touchpoint=touchpoint, invitation=None, source="test")
        for n in range(each)
        for text in MOODS
    ]


def themes_of(response: Response) -> dict[str, float]:
    return dict(CommentTheme.objects.filter(response=response).values_list("theme__key", "probability"))


def say(response: Response, text: str, minutes: int = 2) -> None:
    """Let the customer put other words in the place of her comment, or none."""
    Answer.objects.filter(response=response, question__kind="text").delete()
    if text:
        Answer.objects.create(response=response, question=question(response.version, "text"), text=text)
    Response.objects.filter(pk=response.pk).update(updated_at=NOON + timedelta(minutes=minutes))


def test_a_comment_is_read_once() -> None:
    response = make_response(3, "Please stop texting me")
    assert comments.hear(LATER) == 1
    assert comments.hear(LATER) == 0
    assert CommentReading.objects.get().refusal == Refusal.CHANNEL
    assert CommentReading.objects.get().pk == response.pk


def test_only_comments_of_customers_whom_we_asked_are_read() -> None:
    make_response(3)
    make_response(3, "just trying", test=True)
    make_response(3, "from a counter", open_link=make_open_link(), invitation=None)
    assert comments.hear(LATER) == 0


def test_a_comment_that_changed_is_read_again_and_what_was_found_goes(ada: User) -> None:
    response = make_response(3, "unsubscribe")
    comments.hear(LATER)
    comments.correct(response.pk, [Theme.objects.get(key="people").pk], by_id=ada.pk, at=LATER)
    say(response, "all fine now")
    assert comments.hear(NOON + timedelta(minutes=3)) == 1
    assert CommentReading.objects.get().refusal == Refusal.NONE
    assert (CommentTheme.objects.count(), ThemeCorrection.objects.count()) == (0, 0)


def test_a_comment_that_was_taken_back_leaves_nothing() -> None:
    response = make_response(3, "unsubscribe")
    comments.hear(LATER)
    say(response, "")
    assert comments.hear(NOON + timedelta(minutes=3)) == 0
    assert not CommentReading.objects.exists()


def test_an_answer_that_arrives_late_is_read_too() -> None:
    make_response(3, "now", updated_at=NOON)
    comments.hear(LATER)
    make_response(3, "an hour before", updated_at=NOON - timedelta(hours=1))
    assert comments.hear(LATER) == 1


def test_the_starter_themes_are_found_and_found_once() -> None:
    responses = make_comments()
    comments.hear(LATER)
    find_themes()
    assert CommentReading.objects.exclude(codebook="").count() == len(responses)
    assert comments.find_themes() == 0
    assert [list(themes_of(response)) for response in responses[:3]] == [["delivery"], ["people"], []]
    assert all(0.5 <= found <= 1 for found in CommentTheme.objects.values_list("probability", flat=True))


def test_every_starter_theme_has_words_in_english_and_german_that_are_its_own() -> None:
    book = comments.codebook()
    assert {theme.key for theme in book.themes} == set(STARTER_THEMES)
    for theme in book.themes:
        assert set(theme.words) == {"en", "de"}
        for word in theme.words["en"]:
            assert theme.key in book.seeded(word.rstrip("*")), word


def test_a_theme_that_is_added_is_found_in_old_comments() -> None:
    responses = make_comments()
    comments.hear(LATER)
    comments.find_themes()
    Theme.objects.create(key="quiet", name="Quiet").words.create(language="en", words="nothing to say")
    assert comments.find_themes() == len(responses)
    assert list(themes_of(responses[2])) == ["quiet"]


def test_what_a_person_says_stands_and_teaches(ada: User) -> None:
    responses = make_comments()
    comments.hear(LATER)
    comments.find_themes()
    people = Theme.objects.get(key="people")
    comments.correct(responses[0].pk, [people.pk], by_id=ada.pk, at=LATER)
    assert themes_of(responses[0]) == {"people": 1.0}
    assert comments.find_themes() == len(responses)
    assert themes_of(responses[0]) == {"people": 1.0}
    [learned] = comments.corrections()
    assert {key for key, belongs in learned.themes.items() if belongs} == {"people"}
    assert len(learned.themes) == Theme.objects.count()


def test_a_second_thought_replaces_the_first(ada: User) -> None:
    [response, *_] = make_comments(1)
    comments.hear(LATER)
    people, price = (Theme.objects.get(key=key).pk for key in ("people", "price"))
    for chosen in ([people, price], [price], []):
        comments.correct(response.pk, chosen, by_id=ada.pk, at=LATER)
    assert themes_of(response) == {}
    assert ThemeCorrection.objects.count() == Theme.objects.count()


def test_a_response_without_words_cannot_be_corrected(ada: User) -> None:
    with pytest.raises(CommentReading.DoesNotExist):
        comments.correct(make_response(3).pk, [], by_id=ada.pk, at=LATER)


def test_what_is_learned_from_names_nobody() -> None:
    customer = make_customer(name="Zerlina Quux", country="US")
    text = "Zerlina here, 212 555 0123 or z@home.example"
    make_response(3, text, touchpoint=make_touchpoint(customer))
    assert [comment.masked for comment in comments.newest_comments()] == ["[name] here, [phone] or [email]"]


def test_no_column_of_this_room_holds_what_a_customer_wrote(ada: User) -> None:
    response = make_response(3, "zebra crossing, please stop texting me")
    comments.hear(LATER)
    comments.find_themes()
    comments.correct(response.pk, [Theme.objects.get(key="people").pk], by_id=ada.pk, at=LATER)
    for model in apps.get_app_config("analytics").get_models():
        columns = [one.name for one in model._meta.fields if isinstance(one, models.CharField | models.TextField)]
        for row in model._default_manager.values_list(*columns):
            assert "zebra" not in str(row), model


def test_erasing_a_customer_takes_all_of_it_along(ada: User) -> None:
    gone, stays = make_response(3, "unsubscribe"), make_response(3, "unsubscribe")
    comments.hear(LATER)
    for response in (gone, stays):
        comments.correct(response.pk, [Theme.objects.get(key="people").pk], by_id=ada.pk, at=LATER)
    assert gone.customer_id
    erase(gone.customer_id, at=LATER, via="link")
    for model in (CommentReading, CommentTheme, ThemeCorrection):
        assert set(model._default_manager.values_list("response", flat=True)) == {stays.pk}
    assert comments.hear(LATER + timedelta(minutes=5)) == 0


def test_no_comments_and_no_themes_are_no_error() -> None:
    assert comments.find_themes() == 0
    Theme.objects.all().delete()
    make_comments(1)
    comments.hear(LATER)
    assert comments.find_themes() == len(MOODS)
    assert not CommentTheme.objects.exists()
