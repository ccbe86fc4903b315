"""Feeds: who may make one, how its address opens, and how often."""

import secrets
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import QuerySet

from analytics.models import Feed
from analytics.reports import RIGHT
from contacts.events.keys import hashed
from contacts.readers import Reader, brands_of, reader_of

NEEDED = ("contacts.export", RIGHT)
"""Rights of who makes a feed; it ends with them."""
MOST_AN_HOUR = 60
HOUR = timedelta(hours=1)


class FeedClosed(Exception):  # noqa: N818 - it is what happened to the feed
    """Nothing is given at this address; the message says what to do."""


class FeedBusy(Exception):  # noqa: N818 - it is what happened to the feed
    """It was fetched too often; `seconds` says after how long it opens again."""

    def __init__(self, seconds: int) -> None:
        super().__init__(f"This feed was fetched {MOST_AN_HOUR} times within an hour. Fetch it again in {seconds} s.")
        self.seconds = seconds


def begin(feed: Feed, by: User, days: int, at: datetime) -> str:
    """Make a new feed one of `by` for so many days; return the secret part of its address, of which it keeps a hash.

    The feed still has to be saved.
    """
    secret = secrets.token_urlsafe(32)
    feed.by, feed.made_at, feed.expires_at = by, at, at + timedelta(days=days)
    brands = brands_of(by)
    feed.brands = None if brands is None else sorted(brands)
    feed.address_hash = hashed(secret)
    return secret


def revoke(feeds: QuerySet[Feed], at: datetime) -> int:
    """Close feeds for good; return how many were open."""
    return feeds.filter(revoked_at=None).update(revoked_at=at)


def ended(feed: Feed, at: datetime) -> str:
    """Why a feed gives nothing at `at`, in words; empty where it does."""
    if feed.revoked_at:
        return f"It was revoked on {feed.revoked_at:%Y-%m-%d}"
    if feed.expires_at <= at:
        return f"It ended on {feed.expires_at:%Y-%m-%d}"
    user: Any = feed.by
    if not (user.is_active and user.has_perms(NEEDED)):
        return "Who made it may not download exports any more"
    if not reader_of(user).reads(feed.brands):
        return "Who made it does not read all of its brands any more"
    return ""


def reader_of_feed(feed: Feed) -> Reader:
    """Return as whom a feed reads: no single customers, and the brands of who made it."""
    return Reader(personal=False, brands=None if feed.brands is None else frozenset(feed.brands))


@transaction.atomic
def open_feed(secret: str, at: datetime) -> Feed:
    """Return the feed behind an address and note that it was used. Raises FeedClosed, FeedBusy."""
    feed = Feed.objects.select_for_update(of=("self",)).select_related("by").filter(address_hash=hashed(secret)).first()
    if feed is None:
        raise FeedClosed("There is no feed at this address. Copy it again, whole, or make a new feed in the admin.")
    if why := ended(feed, at):
        raise FeedClosed(
            f"This feed gives nothing any more. {why}. Make a new one in the admin, under Feeds for sheets."
        )
    if feed.hour_at is None or feed.hour_at + HOUR <= at:
        feed.hour_at, feed.fetched = at, 0
    if feed.fetched >= MOST_AN_HOUR:
        raise FeedBusy(int((feed.hour_at + HOUR - at).total_seconds()) + 1)
    feed.fetched += 1
    feed.used_at = at
    feed.save(update_fields=["hour_at", "fetched", "used_at"])
    return feed
