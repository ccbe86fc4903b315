"""Turns of a crowd, decided in arrays: the first turn of everybody, then the second of who has one, and so on."""

import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import zip_longest
from typing import NamedTuple

import numpy as np

from contacts.frequency import Policy, Reason, Request, Row
from contacts.frequency.many import People, Reasons, Verdicts, cap_mask, decide, since
from contacts.frequency.zone_arrays import NEVER, Ints, Places, instant, micros
from contacts.gate.book import NO_ADDRESS
from contacts.gate.crowd import Crowd
from contacts.ledger import count_since
from contacts.models.words import OURS


class Terms(NamedTuple):
    """What all turns of a program have in common."""

    program: str
    survey: str
    channels: tuple[str, ...]
    purpose: str
    seconds: int
    priority: int
    probability: float


class Turn(NamedTuple):
    """A customer to ask about a touchpoint under the terms of a program; `refusal` as in `Ask`."""

    terms: Terms
    customer_id: int
    touchpoint_id: int
    expires: datetime
    simulated: bool
    refusal: Reason | None


class Told(NamedTuple):
    """One reason, as far as it is the same for many."""

    rule: str
    kind: str
    channel: str


class Answered(NamedTuple):
    """What became of a turn: `Answer` in short, with `reasons` as JSON text and `told` what they are about."""

    turn: Turn
    result: str
    channel: str
    allowed_at: datetime | None
    address_id: int | None
    reasons: str
    told: tuple[Told, ...]


class Rounds:
    """The turns of a crowd at one instant, each customer's in the order given.

    When the answers have been read, `left` holds the turns that have none: of those outside the crowd, and of those
    about whom the arrays are not sure.
    """

    def __init__(self, policy: Policy, crowd: Crowd, turns: Sequence[Turn], at: datetime) -> None:
        self.policy, self.crowd, self.at = policy, crowd, at
        self.left = [turn for turn in turns if turn.customer_id not in crowd.places]
        self._served: set[int] = set()
        self._unsure: set[int] = set()
        self._queues: dict[int, list[Turn]] = defaultdict(list)
        for turn in turns:
            if turn.customer_id in crowd.places:
                self._queues[turn.customer_id].append(turn)

    def answers(self) -> Iterator[list[Answered]]:
        """Yield the answers under the same terms of each round: in none of these lists is a customer twice."""
        for turns in zip_longest(*self._queues.values()):
            by_terms: dict[Terms, list[Turn]] = defaultdict(list)
            for turn in turns:
                if turn and turn.customer_id in self._unsure:
                    self.left.append(turn)
                elif turn:
                    by_terms[turn.terms].append(turn)
            for terms, equal in by_terms.items():
                yield self._answer(terms, equal)

    def _answer(self, terms: Terms, turns: list[Turn]) -> list[Answered]:
        sitting = Sitting(self, terms, turns)
        for channel in terms.channels:
            sitting.ask_by(channel)
        answers = []
        for turn, answer in zip(turns, sitting.answers(), strict=True):
            if answer:
                answers.append(answer)
            else:
                self.left.append(turn)
                self._unsure.add(turn.customer_id)
        self._count(terms, [answer for answer in answers if answer.result != "skip"])
        return answers

    def _count(self, terms: Terms, asked: Sequence[Answered]) -> None:
        """Count what was just granted, for the rounds that follow."""
        self._served.update(answer.turn.customer_id for answer in asked)
        for channel in terms.channels:
            granted = [answer for answer in asked if answer.channel == channel]
            places = np.array([self.crowd.places[answer.turn.customer_id] for answer in granted], np.intp)
            instants = np.array([micros(answer.allowed_at) for answer in granted if answer.allowed_at], np.int64)
            row = Row(self.at, channel, terms.purpose, "reserved", terms.survey, terms.program, OURS)
            self.crowd.add(places, instants, cap_mask(self.policy, row))

    def is_served(self, customer_id: int) -> bool:
        """Whether the customer was granted a place that the database does not know of yet."""
        return customer_id in self._served


class Sitting:
    """Turns under the same terms, of as many customers, asked by one channel after the other until one may send."""

    def __init__(self, rounds: Rounds, terms: Terms, turns: Sequence[Turn]) -> None:
        self.rounds, self.terms, self.turns = rounds, terms, turns
        crowd, count = rounds.crowd, len(turns)
        self.places = np.array([crowd.places[turn.customer_id] for turn in turns], np.intp)
        expiries = {turn.expires: micros(turn.expires) for turn in turns}
        self.expires = np.array([expiries[turn.expires] for turn in turns], np.int64)
        self.at = micros(rounds.at)
        self.allowed = np.full(count, NEVER)
        self.possible = np.full(count, NEVER)
        self.channel = np.zeros(count, np.intp)
        self.sure = np.ones(count, np.bool_)
        self.reasons: list[list[str]] = [[] for _ in turns]
        self.told: list[list[Told]] = [[] for _ in turns]

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
        reachable = crowd.addresses[channel][self.places[asked]] != 0
        for reasons in verdicts.reasons:
            self._tell(asked, channel, reasons, self._used(asked, reasons, verdicts, people))
        self._tell_unreachable(asked[~reachable], channel)
        allowed = np.where(reachable, verdicts.at, NEVER)
        sooner = allowed < self.allowed[asked]
        self.channel[asked[sooner]] = terms.channels.index(channel)
        self.allowed[asked] = np.minimum(self.allowed[asked], allowed)
        self.possible[asked] = np.minimum(self.possible[asked], np.where(reachable, verdicts.possible, NEVER))

    def answers(self) -> Iterator[Answered | None]:
        """Yield the answer of each turn; None where the arrays are not sure."""
        channels, addresses = self.terms.channels, self.rounds.crowd.addresses
        instants: dict[int, datetime] = {}
        whats: dict[tuple[Told, ...], tuple[Told, ...]] = {}
        rows = zip(
            self.turns,
            self.sure.tolist(),
            self.channel.tolist(),
            self.places.tolist(),
            self.allowed.tolist(),
            self.possible.tolist(),
            self.reasons,
            self.told,
            strict=True,
        )
        for turn, sure, c, place, allowed, possible, reasons, told in rows:
            if not sure:
                yield None
                continue
            first = allowed if allowed != NEVER else possible
            if first != NEVER and first not in instants:
                instants[first] = instant(first)
            channel = channels[c]
            what = tuple(told)
            yield Answered(
                turn,
                "skip" if allowed == NEVER else "send" if allowed == self.at else "delay",
                channel,
                instants.get(first),
                int(addresses[channel][place]) or None,
                f"[{', '.join(reasons)}]",
                whats.setdefault(what, what),
            )

    def _used(self, asked: Places, reasons: Reasons, verdicts: Verdicts, people: People) -> Ints:
        """What a cap held; counted in the ledger where the newest contacts do not tell, and unsure where that fails."""
        short = np.flatnonzero(reasons.short & verdicts.sure)
        if reasons.cap is None or not short.size:
            return reasons.used
        begin, certain = since(self.rounds.policy.caps[reasons.cap], self.rounds.crowd.zones, people)
        self.sure[asked[short[~certain[short]]]] = False
        customers = [self.turns[n].customer_id for n in asked[short].tolist()]
        self.sure[asked[short]] &= [not self.rounds.is_served(customer) for customer in customers]
        counted = count_since(
            self.rounds.policy.caps[reasons.cap],
            {customer: instant(at) for customer, at in zip(customers, begin[short].tolist(), strict=True)},
            self.rounds.at,
        )
        used = reasons.used.copy()
        used[short] = [counted.get(customer, 0) for customer in customers]
        return used

    def _tell(self, asked: Places, channel: str, reasons: Reasons, used: Ints) -> None:
        held = np.flatnonzero(reasons.held)
        told = Told(reasons.rule, reasons.kind, channel)
        head = f'{{"rule": {json.dumps(reasons.rule)}, "kind": "{reasons.kind}"'
        tail = f', "channel": "{channel}"}}'
        counts = [""] * held.size
        if reasons.limit is not None:
            counts = [f', "used": {n}, "limit": {reasons.limit}' for n in used[held].tolist()]
        untils = [""] * held.size
        if reasons.kind not in ("consent", "expiry"):
            untils = [f', "until": {until}' for until in _texts(reasons.until[held])]
        for n, count, until in zip(asked[held].tolist(), counts, untils, strict=True):
            self.reasons[n].append(f"{head}{count}{until}{tail}")
            self.told[n].append(told)

    def _tell_unreachable(self, those: Places, channel: str) -> None:
        text = json.dumps({**NO_ADDRESS.as_dict(), "channel": channel})
        told = Told(NO_ADDRESS.rule, NO_ADDRESS.kind, channel)
        for n in those.tolist():
            self.reasons[n].append(text)
            self.told[n].append(told)


def _texts(instants: Ints) -> list[str]:
    """Instants as JSON texts of the file format; NEVER is null."""
    texts = np.datetime_as_string(instants.astype("datetime64[us]"))
    return [
        "null" if at == NEVER else f'"{text.removesuffix(".000000")}Z"'
        for at, text in zip(instants.tolist(), texts.tolist(), strict=True)
    ]
