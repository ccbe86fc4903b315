"""What the gate decided, in words that a CX manager can read to a customer. Pure."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib.auth.models import AbstractUser

#: What each rule that is no cap means; caps are told with their figures.
RULES = {
    "hours": "outside the contact hours of this channel",
    "holiday": "a public holiday",
    "expiry": "by then the experience is too old to be asked about",
    "opt-out": "the customer opted out",
    "closed-address": "the address does not work any more",
    "no-address": "there is no working address for this channel",
    "refused": "the customer refused to be called",
    "pause": "the customer asked us to pause",
    "once-in-days": "the customer asked to be contacted less often",
    "retry": "the last call asks for a longer wait",
    "holdout": "held out to measure what surveys do",
    "sampling": "not drawn in the program's sample",
    "preferred-hours": "outside the hours that the customer prefers",
    "appointment-only": "it was a bad moment twice: only an appointment made by the customer allows another call",
    "answered": "the customer has answered since this call was agreed on: only a new appointment allows one",
    "answered-before": "the customer has answered about this experience already",
    "appointment": "at the time for which the customer asked",
    "override": "by an override, although the policy says no",
    "priority": "a more important survey took the place",
}

UNFIT = {"sms": "which takes no SMS", "phone": "which costs whoever calls it"}
"""By channel, why a kind of line takes nothing by it."""

ANOTHER_BRAND = "Another brand of ours asked"
"""All that is said of a contact to who does not read its brand."""

#: What a policy holds beside its caps.
PARTS = {"hours": "Contact hours", "holidays": "Holidays", "zones": "Zones for customers whose zone is unknown"}


def say_unfit(line: str, channel: str) -> str:
    """Return why a number takes nothing by a channel, such as `this number is a landline, which takes no SMS`."""
    return f"this number is {line}, {UNFIT[channel]}"


def words_of_rules(unfit: Mapping[str, str], channel: str) -> Mapping[str, str]:
    """Return RULES as they are said of a person by a channel; `unfit`: channel -> what the number is instead."""
    return {**RULES, "no-address": say_unfit(unfit[channel], channel)} if channel in unfit else RULES


def named(user: AbstractUser) -> str:
    """Return a colleague's name as people say it."""
    return user.get_full_name() or user.get_username()


def say_when(instant: datetime, zone: str) -> str:
    """Return the instant in the zone, e.g. `Tuesday 3 June 2026, 09:00 (Europe/Oslo)`; UTC where no zone is given."""
    local = instant.astimezone(ZoneInfo(zone or "UTC"))
    return f"{local:%A} {local.day} {local:%B %Y, %H:%M} ({zone or 'UTC'})"


def say_soon(instant: datetime, at: datetime, zone: ZoneInfo, *, known: bool = True) -> str:
    """Return when it is, seen from `at`, by the customer's clock: `tomorrow at 09:00, their time`.

    Up to the end of next week by the day's name (`this Friday`, `next Tuesday`), then by its date; in UTC where the
    customer's zone is not `known`.
    """
    local, today = instant.astimezone(zone), at.astimezone(zone).date()
    weeks = (local.date() - today + timedelta(days=today.weekday())).days // 7
    near = {0: "today", 1: "tomorrow"}.get((local.date() - today).days)
    named = {0: f"this {local:%A}", 1: f"next {local:%A}"}.get(weeks)
    day = near or named if local.date() >= today else None
    clock = f"{local:%H:%M}, their time" if known else f"{local:%H:%M} {zone.key}"
    return f"{day or f'on {local:%A} {local.day} {local:%B %Y}'} at {clock}"


def say_answer(decision: str, when: str, reasons: Sequence[Mapping[str, Any]], words: Mapping[str, str] = RULES) -> str:
    """Return the decision in one sentence, with why; `when`: the first allowed instant in words, or `now`.

    `words`: those of the rules.
    """
    heads = {"send": f"Yes, {when}", "delay": f"Not now, but {when}", "skip": "No"}
    because = "; ".join(say_what(reason, words) for reason in reasons)
    return f"{heads[decision]}: {because}." if because else f"{heads[decision]}."


def say_reason(reason: Mapping[str, Any], zone: str, words: Mapping[str, str] = RULES) -> str:
    """Return one stored reason as a sentence; `reason` is the object of the file format."""
    what, until = say_what(reason, words), reason.get("until")
    ends = f"; free again on {say_when(datetime.fromisoformat(str(until)), zone)}" if until else ""
    return f"{what[0].upper()}{what[1:]}{ends}."


def say_what(reason: Mapping[str, Any], words: Mapping[str, str]) -> str:
    """Return what a rule says that does not pass, as a part of a sentence."""
    rule = str(reason["rule"])
    if reason.get("limit") is not None:
        return f"the rule “{rule}” allows {reason['limit']}, and {reason['used']} are used"
    return words.get(rule, rule.replace("-", " "))


def say_decision(
    result: str,
    allowed_at: datetime | None,
    reasons: Sequence[Mapping[str, Any]],
    zone: str,
    words: Mapping[str, str] = RULES,
) -> str:
    """Return the decision in one sentence, its reasons after it; what several channels share is said once."""
    heads = {
        "send": "Yes, now.",
        "delay": f"Not before {say_when(allowed_at, zone)}." if allowed_at else "Later.",
        "skip": "No.",
    }
    told = dict.fromkeys(say_reason(reason, zone, words) for reason in reasons)
    return " ".join([heads[result], *told])


def say_changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """Return what differs between two policy documents, a sentence each; empty where nothing does."""
    old = {cap["name"]: cap for cap in before.get("caps", [])}
    new = {cap["name"]: cap for cap in after.get("caps", [])}
    changes = [f"New rule “{name}”: {say_cap(cap)}" for name, cap in new.items() if name not in old]
    for name, cap in old.items():
        if name not in new:
            changes.append(f"Rule “{name}” is dropped: {say_cap(cap)}")
        elif say_cap(cap) != say_cap(new[name]):
            changes.append(f"Rule “{name}”: {say_cap(new[name])} It was: {say_cap(cap)}")
    for part, words in PARTS.items():
        was, becomes = before.get(part) or None, after.get(part) or None
        if was != becomes:
            changes.append(f"{words}: {json.dumps(becomes) if becomes else 'the default'}.")
    return changes


def say_cap(cap: Mapping[str, Any]) -> str:
    """Return a cap of a policy document as a sentence, such as `At most 3 invitations in 30 days`."""
    window = str(cap["window"])
    span = f"in {window}" if window[0].isdigit() else f"in a calendar {window}"
    scopes = ("channels", "purposes", "surveys", "programs", "sources", "tags")
    within = [f"{scope} {', '.join(cap[scope])}" for scope in scopes if cap.get(scope)]
    per = ["for a whole account together"] if cap.get("per") == "account" else []
    measures = str(cap["measure"]).replace("_", " ")
    measure = measures.removesuffix("s") if cap["limit"] == 1 else measures
    return ", ".join([f"At most {cap['limit']} {measure} {span}", *within, *per]) + "."
