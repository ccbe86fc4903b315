"""Places for a whole range of customers at once: what `reserve` does, decided in arrays and written in sets.

Whoever is not plain, or about whom the arrays are not sure, is left to `reserve` in the same transaction, so that there
is one answer to every question. `bench/` measures it beside SQL that does nothing else.
"""

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from itertools import chain
from typing import NamedTuple

from contacts.copying import copy_rows, next_ids, stored
from contacts.frequency import Reason
from contacts.frequency.zone_arrays import micros
from contacts.gate.asks import Ask, Grant
from contacts.gate.crowd import read_crowd
from contacts.gate.priority import takeable
from contacts.gate.reserving import decided, reserve
from contacts.gate.rounds import Answered, Rounds, Terms, Told, Turn
from contacts.models import Contact, Decision, Override, PolicyVersion
from contacts.models.words import OURS, Outcome
from contacts.newest import push
from contacts.persons import lock_records
from contacts.policies import policy_in_force
from contacts.records import among


class Served(NamedTuple):
    """A turn that was decided about; `contact_id` is its place in the ledger, if any; `gave_way` as in `Grant`."""

    answer: Answered
    contact_id: int | None
    gave_way: Sequence[Decision] = ()


def serve(turns: Sequence[Turn], *, at: datetime) -> list[Served]:
    """Answer the turns and reserve a place for each that is allowed now or later, as `reserve` does at stage `plan`.

    Each customer's turns are served in the order given: the highest priority and the oldest experience first. Turns
    about which a program has decided already are left out of the result. Call it once in a transaction.
    """
    records = lock_records({turn.customer_id for turn in turns})
    known = decided([turn.touchpoint_id for turn in turns])
    turns = [turn for turn in turns if (turn.terms.program, turn.touchpoint_id) not in known]
    version, policy = policy_in_force()
    asking = [turn for turn in turns if not turn.refusal]
    channels = {channel for turn in asking for channel in turn.terms.channels}
    crowd = read_crowd(records, channels, policy, _for_one_by_one(asking, at))
    rounds = Rounds(policy, crowd, asking, at)
    served: list[Served] = []
    for answers in chain(_refusals(turns), rounds.answers()):
        served += _write(answers, version, at)
    return served + _reserve(rounds.left, at) if rounds.left else served


def _for_one_by_one(turns: Sequence[Turn], at: datetime) -> set[int]:
    """Customers with a place that a turn might take, or with an override, which the arrays know nothing of."""
    ids = {turn.customer_id for turn in turns}
    overridden = Override.objects.filter(among("customer", ids), ends_at__gt=at).values_list("customer", flat=True)
    return takeable(ids, max((turn.terms.priority for turn in turns), default=0)).union(overridden)


def _refusals(turns: Sequence[Turn]) -> Iterable[list[Answered]]:
    """The answers to the turns that carry a refusal, those under the same terms together."""
    by_terms: dict[Terms, list[Answered]] = defaultdict(list)
    for turn in turns:
        if turn.refusal:
            by_terms[turn.terms].append(_refused(turn, turn.refusal))
    return by_terms.values()


def _refused(turn: Turn, refusal: Reason) -> Answered:
    told = Told(refusal.rule, refusal.kind, "")
    reasons = json.dumps([{**refusal.as_dict(), "channel": ""}])
    return Answered(turn, Decision.Result.SKIP, turn.terms.channels[0], None, None, reasons, (told,))


def _write(answers: Sequence[Answered], version: PolicyVersion | None, at: datetime) -> list[Served]:
    """Write the places and the decisions of answers under the same terms, in which no customer is twice."""
    asked = [answer for answer in answers if answer.result != Decision.Result.SKIP]
    ids = iter(next_ids(Contact, len(asked)))
    served = [Served(answer, None if answer.result == Decision.Result.SKIP else next(ids)) for answer in answers]
    if served:
        terms = answers[0].turn.terms
        same = {"purpose": terms.purpose, "survey": terms.survey, "program": terms.program}
        _write_contacts(served, terms, same, stored(at))
        _write_decisions(served, terms, same, version, stored(at))
        _push(asked, terms, same)
    return served


def _write_contacts(served: Sequence[Served], terms: Terms, same: Mapping[str, str], at: str) -> None:
    rows = (
        (
            place,
            answer.turn.customer_id,
            answer.allowed_at and stored(answer.allowed_at),
            answer.channel,
            answer.address_id,
            stored(answer.turn.expires),
            answer.turn.simulated,
        )
        for answer, place, _ in served
        if place
    )
    copy_rows(
        Contact,
        ("id", "customer_id", "at", "channel", "address_id", "expires_at", "simulated"),
        rows,
        outcome=Outcome.RESERVED,
        source=OURS,
        seconds=terms.seconds,
        priority=terms.priority,
        recorded_at=at,
        updated_at=at,
        **same,
    )


def _write_decisions(
    served: Sequence[Served], terms: Terms, same: Mapping[str, str], version: PolicyVersion | None, at: str
) -> None:
    rows = (
        (
            answer.turn.customer_id,
            answer.turn.touchpoint_id,
            place,
            answer.channel,
            answer.result,
            answer.allowed_at and stored(answer.allowed_at),
            answer.reasons,
        )
        for answer, place, _ in served
    )
    copy_rows(
        Decision,
        ("customer_id", "touchpoint_id", "contact_id", "channel", "result", "allowed_at", "reasons"),
        rows,
        stage=Decision.Stage.PLAN,
        at=at,
        policy_version_id=version and version.pk,
        probability=terms.probability,
        decided_at=at,
        **same,
    )


def _push(asked: Sequence[Answered], terms: Terms, same: Mapping[str, str]) -> None:
    for channel in terms.channels:
        granted = [answer for answer in asked if answer.channel == channel]
        push(
            [answer.turn.customer_id for answer in granted],
            [micros(answer.allowed_at) for answer in granted if answer.allowed_at],
            channel=channel,
            source=OURS,
            **same,
        )


def _reserve(turns: Collection[Turn], at: datetime) -> list[Served]:
    """Ask one by one what the arrays cannot tell."""
    asks = [_ask(turn, at) for turn in turns]
    by_ask = dict(zip(asks, turns, strict=True))
    return [_served(by_ask[grant.ask], grant) for grant in reserve(asks, at=at)]


def _ask(turn: Turn, at: datetime) -> Ask:
    terms = turn.terms
    return Ask(
        customer_id=turn.customer_id,
        at=at,
        channels=terms.channels,
        purpose=terms.purpose,
        survey=terms.survey,
        program=terms.program,
        touchpoint_id=turn.touchpoint_id,
        expires=turn.expires,
        priority=terms.priority,
        seconds=terms.seconds,
        probability=terms.probability,
        simulated=turn.simulated,
    )


def _served(turn: Turn, grant: Grant) -> Served:
    decision, contact = grant.decision, grant.contact
    told = tuple(Told(reason["rule"], reason["kind"], reason["channel"]) for reason in decision.reasons)
    address_id = contact.address_id if contact else None
    answer = Answered(turn, decision.result, decision.channel, decision.allowed_at, address_id, "", told)
    return Served(answer, contact.pk if contact else None, grant.gave_way)
