"""A feed gives published scores at a secret address: while it lives, not too often, and nothing about anybody."""

import csv
import io
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from analytics.feeds import MOST_AN_HOUR, FeedBusy, FeedClosed, begin, open_feed, revoke
from analytics.models import Feed
from tests.analytics.world import make_responses
from tests.staff import client_of, member_of, program_of
from tests.surveys.makers import NOON, make_touchpoint

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def make_feed(by: User | None = None, days: int = 30, at: Any = None) -> tuple[Feed, str]:
    feed = Feed(name="Board's sheet")
    secret = begin(feed, by or member_of("Analyst"), days, at or timezone.now())
    feed.save()
    return feed, f"/feeds/{secret}/scores.csv"


def secret_of(url: str) -> str:
    return url.split("/")[2]


def test_a_sheet_gets_the_scores_that_the_api_publishes(client: Client) -> None:
    make_responses(7, 2, 1, touchpoint=make_touchpoint(kind="call"))
    make_responses(2, 0, 0, touchpoint=make_touchpoint(kind="visit"))
    answer = client.get(f"{make_feed()[1]}?by=kind")
    rows = list(csv.DictReader(io.StringIO(answer.getvalue().decode())))
    published = program_of("Analyst").get("/api/v1/scores/?by=kind").json()
    shown = [{name: "" if value is None else str(value) for name, value in row.items()} for row in published]
    assert rows == shown
    assert {row["value"]: row["state"] for row in rows}["visit"] == "withheld"


def test_an_address_is_a_secret_that_nobody_indexes_keeps_or_passes_on(client: Client) -> None:
    feed, url = make_feed()
    answer = client.get(url)
    assert answer["Content-Type"].startswith("text/csv")
    assert "noindex" in answer["X-Robots-Tag"]
    assert answer["Referrer-Policy"] == "no-referrer"
    assert "no-store" in answer["Cache-Control"]
    assert secret_of(url) not in str(Feed.objects.values_list().get(pk=feed.pk))


def test_its_last_use_is_kept() -> None:
    feed, url = make_feed(at=NOON)
    open_feed(secret_of(url), NOON + DAY)
    assert Feed.objects.get(pk=feed.pk).used_at == NOON + DAY


@pytest.mark.parametrize("why", ["unknown", "revoked", "ended", "without the right", "gone"])
def test_what_is_closed_gives_nothing_and_says_what_to_do(why: str) -> None:
    feed, url = make_feed(at=NOON)
    at = NOON + (31 * DAY if why == "ended" else DAY)
    if why == "unknown":
        url = f"{url[:-20]}x/scores.csv"
    if why == "revoked":
        assert revoke(Feed.objects.all(), NOON) == 1
        assert revoke(Feed.objects.all(), NOON) == 0
    if why == "without the right":
        member_of("Analyst").groups.clear()
    if why == "gone":
        User.objects.filter(pk=feed.by_id).update(is_active=False)
    with pytest.raises(FeedClosed, match=r"ake a new"):
        open_feed(secret_of(url), at)


def test_a_closed_feed_is_not_found(client: Client) -> None:
    answer = client.get("/feeds/none/scores.csv")
    assert answer.status_code == 404
    assert "There is no feed at this address" in answer.content.decode()
    assert "noindex" in answer["X-Robots-Tag"]


def test_a_feed_that_is_fetched_too_often_says_when_it_opens_again(client: Client) -> None:
    feed, url = make_feed()
    now = timezone.now()
    Feed.objects.filter(pk=feed.pk).update(hour_at=now, fetched=MOST_AN_HOUR - 1)
    assert client.get(url).status_code == 200
    busy = client.get(url)
    assert busy.status_code == 429
    assert 0 < int(busy["Retry-After"]) <= 3600
    for _ in range(MOST_AN_HOUR):
        open_feed(secret_of(url), now + timedelta(hours=1))
    with pytest.raises(FeedBusy):
        open_feed(secret_of(url), now + timedelta(hours=1))


def test_a_bad_query_is_named(client: Client) -> None:
    answer = client.get(f"{make_feed()[1]}?by=colour")
    assert (answer.status_code, answer.content.decode().split(":")[0]) == (400, "by")


def test_the_address_is_shown_once_when_it_is_made() -> None:
    browser = client_of("Analyst")
    page = browser.post("/admin/analytics/feed/add/", {"name": "Board", "days": "30"}, follow=True).content.decode()
    address = page.split("The address of Board is ")[1].split()[0]
    assert Client().get(address.removeprefix("http://testserver")).status_code == 200
    again = browser.get("/admin/analytics/feed/").content.decode()
    assert secret_of(address.removeprefix("http://testserver")) not in again
    feed = Feed.objects.get()
    assert feed.expires_at - feed.made_at == 30 * DAY
    assert feed.by == member_of("Analyst")


def test_a_feed_is_renamed_and_revoked_in_the_admin() -> None:
    feed, url = make_feed()
    browser = client_of("Analyst")
    browser.post(f"/admin/analytics/feed/{feed.pk}/change/", {"name": "Other"})
    assert Feed.objects.get().name == "Other"
    chosen = {"action": "revoke", "_selected_action": feed.pk}
    assert "1 revoked" in browser.post("/admin/analytics/feed/", chosen, follow=True).content.decode()
    assert Client().get(url).status_code == 404


def test_only_who_may_export_makes_feeds() -> None:
    assert client_of("Interviewer").get("/admin/analytics/feed/add/").status_code == 403
