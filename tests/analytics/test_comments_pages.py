"""The pages about comments: filters, shares, corrections, words; and the codebook in the admin."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client

from analytics import comments
from analytics.models import CommentTheme, Theme, ThemeCorrection
from surveys.models import Response
from tests.pristine import Shared
from tests.staff import as_after
from tests.surveys.answered import make_response
from tests.surveys.makers import NOON, make_program, make_touchpoint, make_version

pytestmark = pytest.mark.django_db
LATER = NOON + timedelta(minutes=1)


@pytest.fixture(scope="module")
def login(shared: Shared) -> Client:
    with shared():
        return logged_in(Client(), "CX manager")


@pytest.fixture
def manager(login: Client) -> Client:
    return as_after(login)


def logged_in(client: Client, role: str) -> Client:
    user = User.objects.create(username=role, is_staff=True)
    user.groups.add(Group.objects.get(name=role))
    client.force_login(user)
    return client


@pytest.fixture(scope="module")
def responses(shared: Shared) -> list[Response]:
    """Twelve late parcels of unhappy customers, twelve friendly people of happy ones after a visit."""
    with shared():
        return make_comments()


def make_comments() -> list[Response]:
    version, parcel, visit = make_version(), make_touchpoint(kind="delivery"), make_touchpoint(kind="visit")
    make_program(version, kinds=["delivery", "visit"])
    given: dict[str, Any] = {"version": version, "invitation": None, "source": "test"}
    made = [make_response(2, f"parcel late {'x' * n}", touchpoint=parcel, **given) for n in range(1, 13)]
    made += [make_response(9, f"friendly staff {'y' * n}", touchpoint=visit, **given) for n in range(1, 13)]
    comments.hear(LATER)
    comments.find_themes()
    return made


def page(client: Client, query: str = "") -> str:
    return client.get(f"/admin/comments/{query}").content.decode()


def test_a_comment_says_in_words_what_it_is_about(manager: Client) -> None:
    make_response(2, "All late.", touchpoint=make_touchpoint(kind="service_call"))
    comments.hear(LATER)
    shown = page(manager)
    assert "about: service call" in shown
    assert "about: service_call" not in shown


def test_the_page_shows_what_comments_are_about(manager: Client, responses: list[Response]) -> None:
    shown = page(manager)
    assert "What 24 comments are about" in shown
    assert '<a href="?theme=delivery">Delivery</a>' in shown
    assert "50.0%" in shown
    assert "page 1 of 2" in shown


@pytest.mark.parametrize(
    ("query", "has", "has_not"),
    [
        ("?theme=delivery", "parcel late", "friendly staff"),
        ("?mood=happy", "friendly staff", "parcel late"),
        ("?kind=visit", "friendly staff", "parcel late"),
        ("?theme=people&mood=unhappy", "No comment is like that", "parcel late"),
        ("?theme=without", "No comment is like that", "parcel late"),
        ("?theme=no-more", "No comment is like that", "friendly staff"),
    ],
)
def test_filters_show_these_comments(
    manager: Client, responses: list[Response], query: str, has: str, has_not: str
) -> None:
    shown = page(manager, query)
    assert has in shown
    assert has_not not in shown


def test_a_wider_theme_shows_the_comments_of_the_narrower(manager: Client, responses: list[Response]) -> None:
    wider = Theme.objects.create(key="logistics", name="Logistics")
    Theme.objects.filter(key="delivery").update(parent=wider)
    assert "parcel late" in page(manager, "?theme=logistics&mood=unhappy")
    assert '<a href="?theme=logistics&amp;mood=unhappy">Logistics</a>' in page(manager, "?mood=unhappy")


@pytest.mark.parametrize(
    ("query", "has", "has_not"),
    [
        ("?since=2026-05-05&until=2026-05-05", "What 24 comments are about", "There are no comments yet"),
        ("?since=2026-05-06", "No comment is like that", "parcel late"),
        ("?kind=delivery&theme=delivery", "parcel late", "friendly staff"),
        ("?team=Nobody", "No comment is like that", "friendly staff"),
        ("?program=others", "No comment is like that", "friendly staff"),
    ],
)
def test_comments_have_the_scope_of_every_report(
    manager: Client, responses: list[Response], query: str, has: str, has_not: str
) -> None:
    make_program(slug="others")
    shown = page(manager, query)
    assert has in shown
    assert has_not not in shown


def test_the_scope_stays_on_the_way_to_a_theme_and_to_the_report(manager: Client, responses: list[Response]) -> None:
    shown = page(manager, "?since=2026-05-05&kind=delivery")
    assert '<a href="?since=2026-05-05&amp;theme=delivery&amp;kind=delivery">Delivery</a>' in shown
    assert 'href="/admin/report/comments/?since=2026-05-05&amp;kind=delivery"' in shown


def test_a_period_that_ends_before_it_begins_is_refused_on_the_page(manager: Client) -> None:
    answer = manager.get("/admin/comments/?since=2026-05-06&until=2026-05-05")
    assert answer.status_code == 400
    assert "exchange the two dates" in answer.content.decode()


def test_refusals_are_a_theme(manager: Client, responses: list[Response]) -> None:
    make_response(9, "Please stop texting me")
    comments.hear(LATER)
    shown = page(manager, "?theme=no-more")
    assert "Wants no more surveys" in shown
    assert "Please stop texting me" in shown


def test_a_choice_that_is_not_offered_is_refused_on_the_page(manager: Client) -> None:
    answer = manager.get("/admin/comments/?mood=furious")
    assert answer.status_code == 400
    assert "errorlist" in answer.content.decode()


def test_a_correction_is_kept_and_leads_back(manager: Client, responses: list[Response]) -> None:
    people, one = Theme.objects.get(key="people"), responses[0]
    query = {"query": "mood=unhappy&page=1&next=//elsewhere.example", "themes": [people.pk, "x", 999999]}
    answer = manager.post(f"/admin/comments/{one.pk}/themes/", query)
    assert answer.headers["Location"] == f"/admin/comments/?mood=unhappy&page=1#comment-{one.pk}"
    assert [found.theme for found in CommentTheme.objects.filter(response=one)] == [people]
    assert ThemeCorrection.objects.filter(response=one, belongs=True).count() == 1
    assert "Checked by a person" in page(manager, "?theme=people&mood=unhappy")


def test_an_analyst_reads_no_words_and_corrects_nothing(client: Client, responses: list[Response]) -> None:
    analyst = logged_in(client, "Analyst")
    shown = page(analyst)
    assert "friendly staff" not in shown
    assert "hidden</blockquote>" in shown
    assert "Correct the themes" not in shown
    assert "Ada Example" not in shown
    assert analyst.post(f"/admin/comments/{responses[0].pk}/themes/").status_code == 403


def test_a_comment_cannot_bring_its_own_html(manager: Client) -> None:
    make_response(9, "<script>alert(1)</script> \" onclick='x'")
    comments.hear(LATER)
    assert "<script>alert" not in page(manager)


def test_the_page_takes_few_statements(
    manager: Client, responses: list[Response], django_assert_max_num_queries: pytest.FixtureRequest
) -> None:
    page(manager)
    with django_assert_max_num_queries(15):  # type: ignore[operator]
        page(manager)


def test_the_words_of_the_unhappy_and_groups_without_a_theme(manager: Client, responses: list[Response]) -> None:
    given: dict[str, Any] = {"version": responses[0].version, "touchpoint": responses[0].touchpoint, "invitation": None}
    for text in ("quarterly zebra parade", "purple umbrella stand", "loud music upstairs") * 12:
        make_response(8, text, **given, source="test")
    comments.hear(LATER)
    comments.find_themes()
    shown = manager.get("/admin/comments/words/").content.decode()
    assert '<th scope="row" dir="auto">parcel</th>' in shown
    assert '<th scope="row" dir="auto">friendly</th>' not in shown
    assert all(word in shown for word in ("zebra", "umbrella", "upstairs"))


def form(**values: str) -> dict[str, str]:
    counts = {"words-TOTAL_FORMS": "1", "words-INITIAL_FORMS": "0"}
    return (
        counts | {"name": "Parking", "key": "parking", "words-0-language": "en", "words-0-words": "parking*"} | values
    )


def test_a_manager_adds_a_theme_and_sees_comments_with_its_words(manager: Client, responses: list[Response]) -> None:
    answer = manager.post("/admin/analytics/theme/add/", form(**{"words-0-words": "staff, car park"}))
    assert answer.status_code == 302
    theme = Theme.objects.get(key="parking")
    shown = manager.get(f"/admin/analytics/theme/{theme.pk}/change/").content.decode()
    assert "12 of the newest comments" in shown
    assert "<strong>staff</strong>: friendly staff" in shown
    assert "Parking" in manager.get("/admin/analytics/theme/").content.decode()


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"words-0-words": "parking, **"}, "has no letters"),
        ({"words-0-words": ",, ,"}, "Give at least one word"),
        ({"words-0-language": "e n"}, "tag of a language"),
        ({"key": "people"}, "already exists"),
    ],
)
def test_a_wrong_theme_is_refused_with_what_to_do(manager: Client, values: dict[str, str], says: str) -> None:
    assert says in manager.post("/admin/analytics/theme/add/", form(**values)).content.decode()
    assert not Theme.objects.filter(name="Parking").exists()


def test_a_theme_cannot_belong_to_itself(manager: Client) -> None:
    people, price = (Theme.objects.get(key=key) for key in ("people", "price"))
    Theme.objects.filter(pk=price.pk).update(parent=people)
    counts = {"words-TOTAL_FORMS": "0", "words-INITIAL_FORMS": "0"}
    values = counts | {"name": "People", "key": "people", "parent": str(price.pk)}
    answer = manager.post(f"/admin/analytics/theme/{people.pk}/change/", values)
    assert "It would belong to itself" in answer.content.decode()
