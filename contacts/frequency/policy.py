"""The policy document: what a policy says, read, checked and with its default (docs/frequency.md, section 9)."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from types import MappingProxyType

from contacts.frequency.caps import MEASURES, Cap
from contacts.frequency.facts import CHANNELS, CONTACT_PURPOSES, EVENT_PURPOSES
from contacts.frequency.hours import Hours, Week, read_hours, read_wish
from contacts.frequency.problems import cap_problems, holiday_problems, hours_problems, zone_problems
from contacts.frequency.reading import Node, PolicyError
from contacts.frequency.windows import Elapsed, LocalDays, Window, parse_window
from contacts.frequency.zones import zone

DEFAULT_HOURS = {
    "sms": {"mon-sat": "09:00-20:00", "sun": "12:00-20:00"},
    "phone": {"mon-sat": "09:00-20:00", "sun": "12:00-20:00"},
    "email": "always",
}

DEFAULT_POLICY = {
    "caps": [
        {"name": "invitations", "limit": 1, "measure": "invitations", "window": "30 days"},
        {"name": "call attempts", "limit": 2, "measure": "call_attempts", "window": "30 days"},
        {"name": "contacts", "limit": 3, "measure": "contacts", "window": "30 days"},
    ],
    "hours": DEFAULT_HOURS,
    "holidays": [],
    "zones": [],
}
"""The document of a new installation."""

RETRIES: Mapping[str, Window] = MappingProxyType(
    {
        "no_answer": Elapsed(timedelta(hours=3)),
        "busy": Elapsed(timedelta(minutes=15)),
        "voicemail": LocalDays(1),
        "not_now": LocalDays(7),
    }
)
"""How long the phone rests after each outcome of a call."""

SCOPES = ("channels", "purposes", "surveys", "programs", "sources", "tags")
KNOWN = {"channels": CHANNELS, "purposes": CONTACT_PURPOSES | EVENT_PURPOSES}


@dataclass(frozen=True, slots=True)
class Policy:
    """A policy as the evaluator reads it; `warnings` are the problems for which it would not be saved."""

    caps: tuple[Cap, ...]
    hours: Mapping[str, Hours]
    holidays: frozenset[date] = frozenset()
    zones: tuple[str, ...] = ()
    retries: Mapping[str, Window] = field(default_factory=lambda: RETRIES)
    warnings: tuple[str, ...] = ()


def parse_policy(document: Mapping[str, object]) -> Policy:
    """The policy of a document. Raises PolicyError that names the place: `caps[0].limit: expected ...`."""
    return read_policy(Node(document, "", PolicyError))


def parse_wish(hours: object) -> Week:
    """The weekly hours that a customer prefers. Raises PolicyError that names the place: `hours.mon: expected ...`."""
    return read_wish(Node(hours, "hours", PolicyError))


def read_policy(node: Node) -> Policy:
    """The policy at a place in a larger document."""
    members = node.fields(optional=("caps", "hours", "holidays", "zones"))
    policy = Policy(
        caps=tuple(members.read("caps", lambda caps: [_read_cap(cap) for cap in caps.items()], [])),
        hours=_read_hours(members.get("hours", Node({}, "hours", node.error))),
        holidays=members.read("holidays", lambda days: frozenset(day.day() for day in days.items()), frozenset()),
        zones=tuple(members.read("zones", lambda zones: [read_zone(zone) for zone in zones.items()], [])),
    )
    return replace(policy, warnings=tuple(check_policy(policy)))


def check_policy(policy: Policy) -> list[str]:
    """Why a policy that can be read must not be saved or imported, each with its place and a remedy; none is best."""
    return [
        *cap_problems(policy.caps),
        *hours_problems(policy.hours, policy.caps),
        *holiday_problems(policy.holidays, policy.hours),
        *zone_problems(policy.zones, policy.hours),
    ]


def read_zone(node: Node) -> str:
    """The name of a time zone."""
    name = node.text()
    try:
        zone(name)
    except ValueError as error:
        node.fail(str(error))
    return name


def _read_hours(node: Node) -> dict[str, Hours]:
    given = Node(DEFAULT_HOURS, node.place, node.error).members() | node.fields(optional=CHANNELS)
    return {channel: read_hours(given[channel]) for channel in CHANNELS}


def _read_cap(node: Node) -> Cap:
    members = node.fields(required=("name", "limit", "measure", "window"), optional=(*SCOPES, "per"))
    scope = {name: members[name].words(KNOWN.get(name), name.removesuffix("s")) for name in SCOPES if name in members}
    return Cap(
        name=members["name"].text(),
        limit=members["limit"].whole(0),
        measure=members["measure"].one_of(MEASURES, "measure"),
        window=_read_window(members["window"]),
        per=members.read("per", lambda per: per.one_of(("customer", "account"), "unit"), "customer"),
        **scope,
    )


def _read_window(node: Node) -> Window:
    text = node.text()
    try:
        return parse_window(text)
    except ValueError as error:
        node.fail(str(error))
