"""The answer to a why in a manager's words: one sentence, and a line for every rule."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from contacts.arms import QUIET
from contacts.explaining import ANOTHER_BRAND, say_answer, say_cap, say_soon
from contacts.frequency import Row
from contacts.models.words import Channel, Outcome, Purpose
from contacts.why import Told, Why


@dataclass(frozen=True, slots=True)
class Counted:
    """A contact that a rule counts: its id in the ledger, its instant, and what it was; of other brands none of it."""

    id: object
    at: datetime | None
    words: str


@dataclass(frozen=True, slots=True)
class RuleLine:
    """What one rule says: whether it passes, in `text` until when it does not, and what is `used`, as `1 of 3`."""

    name: str
    meaning: str
    passes: bool
    text: str
    used: str
    contacts: Sequence[Counted]


def say_why(why: Why, now: datetime) -> str:
    """Return the answer in one sentence, as seen from `now`, by the customer's clock."""
    verdict = why.explanation.verdict
    when = say_then(why, verdict.at, now) if verdict.at and verdict.at > now else "now"
    return say_answer(verdict.decision, when, [reason.as_dict() for reason in verdict.reasons], why.words)


def say_then(why: Why, instant: datetime, now: datetime) -> str:
    """Return an instant by the customer's clock, or in UTC where that is not known."""
    return say_soon(instant, now, why.zone, known=len(why.explanation.zones) == 1)


def rule_lines(why: Why, now: datetime, hidden: Collection[object] = ()) -> list[RuleLine]:
    """Return a line for every rule that the question meets, first those that hold it back.

    `hidden`: the ids of contacts that another brand made: that there are some is said, once a rule, and no more.
    """
    caps = why.caps()
    met = (told for told in why.rules if told.finding.applies)
    return [
        _line(why, told, _meaning(told, caps), now, hidden)
        for told in sorted(met, key=lambda told: told.finding.passes)
    ]


def idle_rules(why: Why) -> list[str]:
    """Return the names of the rules that have nothing to test in the question."""
    return [told.finding.rule for told in why.rules if not told.finding.applies]


def _meaning(told: Told, caps: Mapping[str, Mapping[str, Any]]) -> str:
    """What a rule of the policy, or of the holdout, says; empty where its name is enough."""
    finding = told.finding
    if finding.rule == "holdout":
        return f"Drawn by lot to be asked only after {QUIET.days} days without a contact about surveys."
    cap = caps.get(finding.rule)
    if not cap:
        return ""
    if finding.limit in (None, cap["limit"]):
        return say_cap(cap)
    return f"{say_cap({**cap, 'limit': finding.limit})} Drawn by lot for another limit: the policy says {cap['limit']}."


def _line(why: Why, told: Told, meaning: str, now: datetime, hidden: Collection[object]) -> RuleLine:
    finding = told.finding
    shown = [row for row in told.contacts if row.key not in hidden]
    others = [Counted(None, None, ANOTHER_BRAND)] if len(shown) < len(told.contacts) else []
    return RuleLine(
        name=finding.rule,
        meaning=meaning,
        passes=finding.passes,
        text="" if finding.passes else _held(why, told, now),
        used=f"{finding.used} of {finding.limit}" if finding.used is not None else "",
        contacts=[*(Counted(row.key, row.at, say_contact(row)) for row in shown), *others],
    )


def _held(why: Why, told: Told, now: datetime) -> str:
    finding = told.finding
    what = why.words.get(finding.rule, "")
    ends = f"passes {say_then(why, finding.until, now)}" if finding.until else "no waiting helps"
    told_first = f"{what}; {ends}" if what else ends
    return f"{told_first[0].upper()}{told_first[1:]}."


def say_contact(row: Row) -> str:
    """Return what a row of the ledger was: `Invitation by Email (delivered, survey nps)`."""
    purpose, by = Purpose(row.purpose).label, f" by {Channel(row.channel).label}" if row.channel else ""
    about = f"survey {row.survey}" if row.survey else row.source
    return f"{purpose}{by} ({Outcome(row.outcome).label.lower()}, {about})"
