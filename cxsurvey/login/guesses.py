"""What keeps guessing away: so many wrong tries at a place are free, then each costs a longer wait.

A guess is counted before it is looked at, and taken back when it was right: however many come at once, no more of them
are looked at than are free. Places of four kinds are counted, so that neither one address nor many get far, and yet
nobody can lock somebody else out: a browser that its user has logged in with before is counted by itself alone
(OWASP, "Slow down online guessing attacks with device cookies").
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_address, ip_network
from math import floor

from django.db import transaction
from django.utils.crypto import salted_hmac

from cxsurvey.login.tables import Guesses

FIRST_WAIT, LONGEST_WAIT = timedelta(minutes=1), timedelta(minutes=30)
FORGOTTEN = timedelta(days=2)
"""After it no place can have anything left that was not forgiven."""
_PREFIX = {4: 32, 6: 64}
"""Bits of an address that tell one customer of a provider from another."""


@dataclass(frozen=True, slots=True)
class Kind:
    """So many wrong tries are free, and each is forgiven after so long."""

    free: int
    forgiven: timedelta
    all_forgiven: bool = True
    """Whether one right try forgives everything; else only itself, or a guesser's own login would cover others."""


KINDS = {
    "name from address": Kind(5, timedelta(hours=1)),
    "name in browser": Kind(5, timedelta(hours=1)),
    "second factor": Kind(5, timedelta(hours=1)),
    "second factor in browser": Kind(5, timedelta(hours=1)),
    "name": Kind(50, timedelta(minutes=15), all_forgiven=False),
    "address": Kind(50, timedelta(minutes=5), all_forgiven=False),
    "forgotten passwords": Kind(5, timedelta(hours=1), all_forgiven=False),
}


@dataclass(frozen=True, slots=True)
class Place:
    """Where wrong tries are counted: a kind of `KINDS`, what tells it from others, and whose login it is about."""

    kind: str
    what: str
    name: str = ""

    @property
    def key(self) -> str:
        return _hash(f"{self.kind}\0{self.what}")


def password_places(name: str, address: str, browser: str) -> list[Place]:
    """Return where a password for a user name counts; `browser` is empty for one that its user is not known by."""
    name = name.casefold()
    if browser:
        return [Place("name in browser", browser, name)]
    near = _network(address)
    return [Place("name from address", f"{name}\0{near}", name), Place("name", name, name), Place("address", near)]


def second_factor_places(name: str, browser: str) -> list[Place]:
    """Return where a code counts that somebody typed who has got the password right."""
    name = name.casefold()
    if browser:
        return [Place("second factor in browser", browser, name)]
    return [Place("second factor", name, name)]


def forgotten_places(email: str, address: str) -> list[Place]:
    """Return where it counts that somebody asked for a mail by which a password is set anew."""
    return [Place("forgotten passwords", email.casefold()), Place("forgotten passwords", _network(address))]


def wait_after(wrong: float, free: int) -> timedelta:
    """Return how long the next try has to wait after so many wrong ones; halves come from what was forgiven."""
    beyond = floor(wrong + 0.5) - free
    return timedelta(0) if beyond < 0 else min(FIRST_WAIT * 2 ** min(beyond, 10), LONGEST_WAIT)


@transaction.atomic
def take(places: Collection[Place], at: datetime) -> datetime | None:
    """Count a try at all the places; return None where it may be looked at, else until when none is.

    A try that is refused counts nowhere: who keeps trying waits no longer for it.
    """
    of = {place.key: place for place in places}
    Guesses.objects.bulk_create(
        (Guesses(key=key, whom=_whom(place), at=at) for key, place in of.items()), ignore_conflicts=True
    )
    rows = list(Guesses.objects.select_for_update().filter(key__in=of).order_by("key"))
    if closed := [row.closed_until for row in rows if row.closed_until and row.closed_until > at]:
        return max(closed)
    for row in rows:
        kind = KINDS[of[row.key].kind]
        row.wrong = max(0.0, row.wrong - (at - row.at) / kind.forgiven) + 1
        row.at, row.closed_until = max(at, row.at), at + wait_after(row.wrong, kind.free)
    Guesses.objects.bulk_update(rows, ["wrong", "at", "closed_until"])
    return None


@transaction.atomic
def take_back(places: Collection[Place]) -> None:
    """Take back a try that was right."""
    of = {place.key: place for place in places}
    rows = list(Guesses.objects.select_for_update().filter(key__in=of).order_by("key"))
    Guesses.objects.filter(key__in=[row.key for row in rows if KINDS[of[row.key].kind].all_forgiven]).delete()
    shared = [row for row in rows if not KINDS[of[row.key].kind].all_forgiven]
    for row in shared:
        row.wrong, row.closed_until = max(0.0, row.wrong - 1), None
    Guesses.objects.bulk_update(shared, ["wrong", "closed_until"])


def is_closed(places: Collection[Place], at: datetime) -> bool:
    """Whether no try at one of the places is looked at now."""
    return Guesses.objects.filter(key__in=[place.key for place in places], closed_until__gt=at).exists()


def unlock(name: str) -> None:
    """Let somebody try again at once, from wherever."""
    Guesses.objects.filter(whom=_whom(Place("name", name, name.casefold()))).delete()


def closed_until(name: str, at: datetime) -> datetime | None:
    """Return until when somebody cannot log in at one of the places at least; None where nothing is closed."""
    closed = Guesses.objects.filter(whom=_whom(Place("name", name, name.casefold())), closed_until__gt=at)
    return closed.order_by("-closed_until").values_list("closed_until", flat=True).first()


def forget(at: datetime) -> None:
    """Delete what is forgiven anyway."""
    Guesses.objects.filter(at__lt=at - FORGOTTEN).delete()


def _whom(place: Place) -> str:
    return _hash(f"whom\0{place.name}") if place.name else ""


def _hash(text: str) -> str:
    return salted_hmac("cxsurvey.login.guesses", text, algorithm="sha256").hexdigest()


def _network(address: str) -> str:
    try:
        found = ip_address(address)
    except ValueError:
        return address
    return str(ip_network((found, _PREFIX[found.version]), strict=False))
