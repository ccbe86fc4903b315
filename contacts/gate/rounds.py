"""Turns of a crowd, decided in arrays: the first turn of everybody, then the second of who has one, and so on."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

import numpy as np

from contacts.frequency import Policy, Reason, Request, Row
from contacts.frequency.many import People, Reasons, Verdicts, cap_mask, decide, since
from contacts.frequency.zone_arrays import NEVER, Bools, Floats, Ints, Places, micros
from contacts.gate.book import NO_ADDRESS
from contacts.gate.counting import count_since
from contacts.gate.crowd import Crowd
from contacts.gate.reason_texts import listed, texts
from contacts.models.words import OURS
from contacts.texts import Texts


class Terms(NamedTuple):
    """What all turns of a program have in common."""

    program: str
    survey: str
    channels: tuple[str, ...]
    purpose: str
    seconds: int
    priority: int


@dataclass(frozen=True, slots=True, eq=False)
class Turns:
    """Customers to ask about a touchpoint each: arrays of one length, in the order in which they are served.

    `term` is the place of the turn's terms in `terms`, `expires` the last instant that is worth it, `probability` with
    which it could have been drawn. `refused` says who is not asked, for a reason that was found elsewhere (a program's
    sampling): `refusal`.
    """

    terms: Sequence[Terms]
    term: Places
    customer: Ints
    touchpoint: Ints
    expires: Ints
    simulated: Bools
    probability: Floats
    refused: Bools
    refusal: Reason

    def __len__(self) -> int:
        return len(self.customer)


class Told(NamedTuple):
    """One reason, as far as it is the same for many."""

    rule: str
    kind: str
    channel: str


@dataclass(frozen=True, slots=True, eq=False)
class Answers:
    """What became of turns under the same terms, in which no customer is twice: arrays of one length.

    `turns`: the places of the turns. `at`: the instant of the question, in microseconds. `channel`: the place of the
    channel in the terms. `allowed`: the first allowed instant, NEVER for a skip; `first` the same without expiry.
    `address`: 0 for none. `what`: the place in `told` of what the answer is about. `reasons`: as JSON, in the file
    format with the channel of each; empty where they are written already.
    """

    terms: Terms
    at: int
    turns: Places
    channel: Places
    allowed: Ints
    first: Ints
    address: Ints
    what: Places
    told: Sequence[tuple[Told, ...]]
    reasons: Texts

    def __len__(self) -> int:
        return len(self.turns)

    @property
    def asked(self) -> Bools:
        """Who is asked, now or later."""
        asked: Bools = self.allowed != NEVER
        return asked

    @property
    def delayed(self) -> Bools:
        """Who is asked later."""
        return self.asked & (self.allowed > self.at)


class Rounds:
    """The turns of a crowd at one instant, each customer's in the order given.

    `outside`: the places of the turns of customers who are not in the crowd. When the answers have been read, `unsure`
    holds those of the turns about which the arrays do not tell.
    """

    def __init__(self, policy: Policy, crowd: Crowd, turns: Turns, chosen: Places, at: datetime) -> None:
        self.policy, self.crowd, self.turns, self.at = policy, crowd, turns, at
        places, known = crowd.customers.find(turns.customer[chosen])
        self.outside: Places = chosen[~known]
        self.unsure: list[int] = []
        self._turns, self._places = chosen[known], places[known]
        self._served = np.zeros(len(crowd), np.bool_)
        self._unsure = np.zeros(len(crowd), np.bool_)

    def answers(self) -> Iterator[Answers]:
        """Yield the answers of each round, one set after the other for each of the terms."""
        nth, term = _nth(self._places), self.turns.term[self._turns]
        for n in range(int(nth.max(initial=-1)) + 1):
            unsure = self._unsure[self._places]
            self.unsure += self._turns[(nth == n) & unsure].tolist()
            for m in np.unique(term[(nth == n) & ~unsure]).tolist():
                equal = (nth == n) & ~unsure & (term == m)
                answers = self._answer(self.turns.terms[m], self._turns[equal], self._places[equal])
                if len(answers):
                    yield answers

    def is_served(self, places: Places) -> Bools:
        """Whether these customers were granted a place that the database does not know of yet."""
        return self._served[places]

    def _answer(self, terms: Terms, turns: Places, places: Places) -> Answers:
        sitting = Sitting(self, terms, turns, places)
        for channel in terms.channels:
            sitting.ask_by(channel)
        self._unsure[places[~sitting.sure]] = True
        self.unsure += turns[~sitting.sure].tolist()
        answers = sitting.answers()
        asked = answers.asked
        self._count(terms, places[sitting.sure][asked], answers.channel[asked], answers.allowed[asked])
        return answers

    def _count(self, terms: Terms, places: Places, channels: Places, instants: Ints) -> None:
        """Count what was just granted, for the rounds that follow."""
        self._served[places] = True
        for c, channel in enumerate(terms.channels):
            row = Row(self.at, channel, terms.purpose, "reserved", terms.survey, terms.program, OURS)
            self.crowd.add(places[channels == c], instants[channels == c], cap_mask(self.policy, row))


def _nth(places: Places) -> Places:
    """How many of the places before it are the same as each."""
    order = np.argsort(places, kind="stable")
    ordered = places[order]
    nth = np.empty(len(places), np.intp)
    nth[order] = np.arange(len(places)) - np.searchsorted(ordered, ordered)
    return nth


def _alike(held: Bools) -> tuple[Places, Places]:
    """Of columns [k, n] that are alike the place of one, and for each column which of these it is like."""
    what = np.zeros(held.shape[1], np.intp)
    for row in held:
        what = np.unique(2 * what + row, return_inverse=True)[1]
    return np.unique(what, return_index=True)[1], what


class Sitting:
    """Turns under the same terms, of as many customers, asked by one channel after the other until one may send."""

    def __init__(self, rounds: Rounds, terms: Terms, turns: Places, places: Places) -> None:
        self.rounds, self.terms, self.turns, self.places = rounds, terms, turns, places
        self.expires = rounds.turns.expires[turns]
        self.at = micros(rounds.at)
        self.allowed = np.full(len(turns), NEVER)
        self.possible = np.full(len(turns), NEVER)
        self.channel = np.zeros(len(turns), np.intp)
        self.sure = np.ones(len(turns), np.bool_)
        self.told: list[Told] = []
        self.held: list[Bools] = []
        self.reasons: list[Texts] = []

    def ask_by(self, channel: str) -> None:
        """Ask those whom no channel may reach at once so far by one more."""
        asked = np.flatnonzero(self.sure & (self.allowed != self.at))
        if not asked.size:
            return
        rounds, terms = self.rounds, self.terms
        crowd = rounds.crowd
        people = crowd.people(self.places[asked], channel, self.at, self.expires[asked])
        request = Request("", "", rounds.at, channel, terms.purpose, terms.survey, terms.program, OURS)
        verdicts = decide(rounds.policy, request, crowd.zones, people)
        self.sure[asked] &= verdicts.sure
        for reasons in verdicts.reasons:
            used = self._used(asked, reasons, verdicts, people)
            held = np.flatnonzero(reasons.held)
            self._tell(Told(reasons.rule, reasons.kind, channel), asked[held], texts(reasons, used, held, channel))
        reachable = crowd.addresses[channel][self.places[asked]] != 0
        self._tell_unreachable(channel, asked[~reachable])
        allowed = np.where(reachable, verdicts.at, NEVER)
        sooner = allowed < self.allowed[asked]
        self.channel[asked[sooner]] = terms.channels.index(channel)
        self.allowed[asked] = np.minimum(self.allowed[asked], allowed)
        self.possible[asked] = np.minimum(self.possible[asked], np.where(reachable, verdicts.possible, NEVER))

    def answers(self) -> Answers:
        """The answers to the turns about which the arrays are sure."""
        sure = self.sure
        addresses = [self.rounds.crowd.addresses[channel] for channel in self.terms.channels]
        held = np.array(self.held, np.bool_).reshape(len(self.told), len(sure))[:, sure]
        firsts, what = _alike(held)
        told = [tuple(one for one, is_held in zip(self.told, held[:, n], strict=True) if is_held) for n in firsts]
        return Answers(
            self.terms,
            self.at,
            self.turns[sure],
            self.channel[sure],
            self.allowed[sure],
            np.where(self.allowed != NEVER, self.allowed, self.possible)[sure],
            np.choose(self.channel[sure], [address[self.places[sure]] for address in addresses]),
            what,
            told,
            listed(self.reasons if sure.all() else [reasons.take(sure) for reasons in self.reasons], held),
        )

    def _used(self, asked: Places, reasons: Reasons, verdicts: Verdicts, people: People) -> Ints:
        """What a cap held; counted in the ledger where the newest contacts do not tell, and unsure where that fails."""
        short = np.flatnonzero(reasons.short & verdicts.sure)
        if reasons.cap is None or not short.size:
            return reasons.used
        rounds = self.rounds
        cap = rounds.policy.caps[reasons.cap]
        begin, certain = since(cap, rounds.crowd.zones, people)
        self.sure[asked[short]] &= certain[short] & ~rounds.is_served(self.places[asked[short]])
        used = reasons.used.copy()
        customers = rounds.turns.customer[self.turns[asked[short]]]
        used[short] = count_since(cap, customers, begin[short], rounds.at)
        return used

    def _tell(self, told: Told, those: Places, reasons: Texts) -> None:
        held = np.zeros(len(self.turns), np.bool_)
        held[those] = True
        self.told.append(told)
        self.held.append(held)
        self.reasons.append(reasons.spread(those, len(self.turns)))

    def _tell_unreachable(self, channel: str, those: Places) -> None:
        if those.size:
            told = Told(NO_ADDRESS.rule, NO_ADDRESS.kind, channel)
            text = json.dumps({**NO_ADDRESS.as_dict(), "channel": channel})
            self._tell(told, those, Texts.same(text))
