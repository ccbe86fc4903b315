"""Places for a whole range of customers at once: what `reserve` does, decided in arrays and written in columns.

Whoever is not plain, or about whom the arrays are not sure, is left to `reserve` in the same transaction, so that there
is one answer to every question. `bench/` measures it beside SQL that does nothing else.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

import numpy as np
from numpy import ma

from contacts.columns import Column, write_columns
from contacts.copying import next_ids
from contacts.frequency.zone_arrays import NEVER, Bools, Ints, Places, instant, micros
from contacts.gate.asks import Ask, Grant
from contacts.gate.crowd import deepened, read_crowd
from contacts.gate.customers import Customers
from contacts.gate.priority import takeable
from contacts.gate.reserving import decided, reserve
from contacts.gate.rounds import Answers, Rounds, Terms, Told, Turns
from contacts.models import Contact, Decision, PolicyVersion
from contacts.models.words import OURS, Outcome
from contacts.newest import push
from contacts.policies import rules_in_force
from contacts.texts import Texts

RESULTS = (Decision.Result.SKIP.value, Decision.Result.SEND.value, Decision.Result.DELAY.value)


class Served(NamedTuple):
    """Turns that were decided about, with their places in the ledger: `contacts` has ids, 0 for those without one."""

    answers: Answers
    contacts: Ints


@dataclass(slots=True)
class Service:
    """What came of serving turns; `gave_way` as in `Grant`."""

    served: list[Served] = field(default_factory=list)
    gave_way: list[Decision] = field(default_factory=list)


def serve(turns: Turns, customers: Customers, *, at: datetime) -> Service:
    """Answer the turns and reserve a place for each that is allowed now or later, as `reserve` does at stage `plan`.

    `customers` are those of the turns, locked. Each customer's turns are served in the order given: the highest
    priority and the oldest experience first. Turns about which a program has decided already are left out of the
    result. Call it once in a transaction.
    """
    fresh = _undecided(turns)
    asking = np.flatnonzero(fresh & ~turns.refused)
    version, policy, arms = rules_in_force()
    channels = {channel for terms in turns.terms for channel in terms.channels}
    # A place that a turn might take is nothing that the arrays know of.
    losing = takeable(turns.customer[asking].tolist(), max((terms.priority for terms in turns.terms), default=0))
    others = losing.union(arms.apart(customers.ids.tolist()))
    crowd = read_crowd(customers, channels, policy, at, others)
    service = Service()
    for answers in _refusals(turns, np.flatnonzero(fresh & turns.refused), at):
        service.served.append(_write(turns, answers, version, at))
    rounds = Rounds(policy, crowd, turns, asking, at)
    left = rounds.outside.tolist()
    service.served += [_write(turns, answers, version, at) for answers in rounds.answers()]
    if rounds.unsure:
        unsure = np.array(sorted(rounds.unsure), np.intp)
        rounds = Rounds(policy, deepened(crowd, turns.customer[unsure], policy, at), turns, unsure, at)
        service.served += [_write(turns, answers, version, at) for answers in rounds.answers()]
    if left := sorted([*left, *rounds.unsure]):
        _reserve(service, turns, left, at)
    return service


def _undecided(turns: Turns) -> Bools:
    """Those about which their program has not decided yet."""
    fresh = np.ones(len(turns), np.bool_)
    for program, touchpoint in decided(turns.touchpoint.tolist()):
        of_program = [terms.program == program for terms in turns.terms]
        fresh &= (turns.touchpoint != touchpoint) | ~np.array(of_program)[turns.term]
    return fresh


def _refusals(turns: Turns, refused: Places, at: datetime) -> Iterator[Answers]:
    """The answers to the turns that come with a refusal, those under the same terms together."""
    reason = turns.refusal
    for n, terms in enumerate(turns.terms):
        those = refused[turns.term[refused] == n]
        if those.size:
            reasons = Texts.same(json.dumps([{**reason.as_dict(), "channel": ""}]))
            none, never = np.zeros(len(those), np.int64), np.full(len(those), NEVER)
            told = [(Told(reason.rule, reason.kind, ""),)]
            yield Answers(terms, micros(at), those, none, never, never, none, none, told, reasons)


def _write(turns: Turns, answers: Answers, version: PolicyVersion | None, at: datetime) -> Served:
    """Write the places and the decisions of answers."""
    contacts = np.zeros(len(answers), np.int64)
    contacts[answers.asked] = next_ids(Contact, int(answers.asked.sum()))
    terms = answers.terms
    same = {"purpose": terms.purpose, "survey": terms.survey, "program": terms.program}
    _write_contacts(turns, answers, contacts, same, at)
    _write_decisions(turns, answers, contacts, same, version, at)
    for c, channel in enumerate(terms.channels):
        those = answers.asked & (answers.channel == c)
        customers = turns.customer[answers.turns[those]]
        push(customers.tolist(), answers.allowed[those].tolist(), channel=channel, source=OURS, **same)
    return Served(answers, contacts)


def _write_contacts(turns: Turns, answers: Answers, contacts: Ints, same: dict[str, str], at: datetime) -> None:
    asked, terms = answers.asked, answers.terms
    those = answers.turns[asked]
    if those.size:
        columns: dict[str, Column] = {
            "id": contacts[asked],
            "customer_id": turns.customer[those],
            "at": answers.allowed[asked],
            "channel": Texts.chosen(terms.channels, answers.channel[asked]),
            "address_id": answers.address[asked],
            "expires_at": turns.expires[those],
            "simulated": turns.simulated[those],
        }
        times = {"recorded_at": at, "updated_at": at}
        about = {"outcome": Outcome.RESERVED.value, "source": OURS, "seconds": terms.seconds}
        write_columns(Contact, columns, priority=terms.priority, **times, **about, **same)


def _write_decisions(
    turns: Turns, answers: Answers, contacts: Ints, same: dict[str, str], version: PolicyVersion | None, at: datetime
) -> None:
    terms = answers.terms
    columns: dict[str, Column] = {
        "customer_id": turns.customer[answers.turns],
        "touchpoint_id": turns.touchpoint[answers.turns],
        "contact_id": ma.masked_equal(contacts, 0),
        "channel": Texts.chosen(terms.channels, answers.channel),
        "result": Texts.chosen(RESULTS, answers.asked.astype(np.intp) + answers.delayed),
        "allowed_at": ma.masked_equal(answers.first, NEVER),
        "reasons": answers.reasons,
        "probability": turns.probability[answers.turns],
    }
    about = {"stage": Decision.Stage.PLAN.value, "policy_version_id": version and version.pk}
    write_columns(Decision, columns, at=at, decided_at=at, **about, **same)


def _reserve(service: Service, turns: Turns, left: Sequence[int], at: datetime) -> None:
    """Ask one by one what the arrays cannot tell."""
    asks = [_ask(turns, n, at) for n in left]
    turn_of = dict(zip(asks, left, strict=True))
    grants = reserve(asks, at=at)
    for terms in turns.terms:
        own = [grant for grant in grants if grant.ask.program == terms.program]
        if own:
            service.served.append(_served(terms, [turn_of[grant.ask] for grant in own], own, at))
    service.gave_way += [decision for grant in grants for decision in grant.gave_way]


def _ask(turns: Turns, n: int, at: datetime) -> Ask:
    terms = turns.terms[turns.term[n]]
    return Ask(
        customer_id=int(turns.customer[n]),
        at=at,
        channels=terms.channels,
        purpose=terms.purpose,
        survey=terms.survey,
        program=terms.program,
        touchpoint_id=int(turns.touchpoint[n]),
        expires=instant(int(turns.expires[n])),
        priority=terms.priority,
        seconds=terms.seconds,
        probability=float(turns.probability[n]),
        simulated=bool(turns.simulated[n]),
    )


def _served(terms: Terms, places: Sequence[int], grants: Sequence[Grant], at: datetime) -> Served:
    contacts = [grant.contact for grant in grants]
    firsts = [grant.decision.allowed_at for grant in grants]
    told = [tuple(Told(one["rule"], one["kind"], one["channel"]) for one in grant.decision.reasons) for grant in grants]
    allowed = np.array([micros(first) if first else NEVER for first in firsts], np.int64)
    ids = np.array([contact.pk if contact else 0 for contact in contacts], np.int64)
    answers = Answers(
        terms=terms,
        at=micros(at),
        turns=np.array(places, np.intp),
        channel=np.array([terms.channels.index(grant.decision.channel) for grant in grants], np.intp),
        allowed=np.where(ids != 0, allowed, NEVER),
        first=allowed,
        address=np.array([(contact and contact.address_id) or 0 for contact in contacts], np.int64),
        what=np.arange(len(grants)),
        told=told,
        reasons=Texts.same(""),
    )
    return Served(answers, ids)
