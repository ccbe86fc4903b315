"""A policy run over experiences of the past: who would have been asked and when, and why the others not.

A person's experiences are asked about in their turn, and what is granted counts for those after it. The first of
everybody are decided at once, then the second of everybody, and so on: by `decide`, and by `evaluate` where it is not
sure.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

import numpy as np

from contacts.frequency.evaluate import evaluate
from contacts.frequency.facts import Request, Row
from contacts.frequency.hours import ALWAYS
from contacts.frequency.many import People, cap_mask, decide
from contacts.frequency.past import HOLDING, NOTHING, Experiences, Outcomes
from contacts.frequency.plans import BY_NUMBER, Party, Plan
from contacts.frequency.policy import Policy
from contacts.frequency.population import NO_WAY, Population
from contacts.frequency.zone_arrays import EPOCH, MICROSECOND, NEVER, Bools, Ints, Places, instant, micros

CONSENT = HOLDING.index("consent")


def replay(policy: Policy, parties: Sequence[Party], plans: Sequence[Plan], experiences: Experiences) -> Outcomes:
    """What would have become of each experience under the policy.

    `parties`: everybody with an experience, and the other members of their accounts.
    """
    run = _Run(policy, parties, plans, experiences)
    for turn in run.turns():
        for number in range(len(plans)):
            mine = turn[experiences.plan[turn] == number]
            if mine.size:
                run.ask(number, mine)
    return Outcomes(run.at, run.held, run.way)


class _Run:
    """One policy over one past; places in the arrays are those of the experiences."""

    def __init__(
        self, policy: Policy, parties: Sequence[Party], plans: Sequence[Plan], experiences: Experiences
    ) -> None:
        self.policy, self.parties, self.plans, self.past = policy, parties, plans, experiences
        self.people = Population(policy, parties, plans)
        count = len(experiences.party)
        self.due = experiences.occurred_at + np.array([plan.delay // MICROSECOND for plan in plans])[experiences.plan]
        self.expires = (
            experiences.occurred_at + np.array([plan.worth // MICROSECOND for plan in plans])[experiences.plan]
        )
        self.at: Ints = np.full(count, NEVER)
        self.held: Places = np.full(count, CONSENT)
        self.way: Places = np.full(count, NO_WAY)
        self.group, self.shared = _groups(policy, parties)
        priority = np.array([-plan.priority for plan in plans])[experiences.plan]
        keys = (experiences.draw, experiences.occurred_at, priority, self.due, self.group[experiences.party])
        self.order = np.lexsort(keys)
        self.begins = np.searchsorted(keys[-1][self.order], np.arange(len(parties) + 1))

    def turns(self) -> Iterator[Places]:
        """The first experience of every person (or account that shares a cap), then the second, and so on."""
        groups = self.group[self.past.party[self.order]]
        number = np.arange(len(groups)) - self.begins[groups]
        counts = np.bincount(number)
        yield from np.split(self.order[np.argsort(number, kind="stable")], np.cumsum(counts)[:-1])

    def ask(self, number: int, mine: Places) -> None:
        """Ask about some experiences of a plan: by the first channel that may send now, else that may soonest.

        A skip is that of the first channel.
        """
        left = mine
        for k in range(len(self.plans[number].requests)):
            tried = self.people.tries(number, k, self.past.party[left])
            for way in np.unique(tried[tried != NO_WAY]):
                asked = left[tried == way]
                at, held = self._answers(self.plans[number].requests[way], asked)
                better = (self.way[asked] == NO_WAY) | (at < self.at[asked])
                chosen = asked[better]
                self.at[chosen], self.held[chosen], self.way[chosen] = at[better], held[better], way
            left = left[(tried != NO_WAY) & (self.at[left] != self.due[left])]
        granted = mine[self.at[mine] != NEVER]
        for way in np.unique(self.way[granted]):
            counted = granted[self.way[granted] == way]
            mask = cap_mask(self.policy, _reserved(self.plans[number].requests[way], EPOCH))
            self.people.count(self.past.party[counted], self.at[counted], mask)

    def _answers(self, request: Request, asked: Places) -> tuple[Ints, Places]:
        """For each experience the first allowed instant, NEVER for none, and the kind of what held it back at first."""
        at, held, sure = self._decided(request, asked)
        for place in np.flatnonzero(~sure):
            at[place], held[place] = self._evaluated(request, asked[place])
        return at, held

    def _decided(self, request: Request, asked: Places) -> tuple[Ints, Places, Bools]:
        """The answers of `decide`, and where they are sure; of several possible zones the strictest holds."""
        population, persons = self.people, self.past.party[asked]
        line, zone, begins = population.spread(persons)
        someone = persons[line]
        people = People(
            at=self.due[asked][line],
            expires=self.expires[asked][line],
            zone=zone,
            opted_out=population.refusing(request.channel, someone),
            contacts=population.contacts[someone],
            caps=population.caps[someone],
            older=population.older[someone],
        )
        verdicts = decide(self.policy, request, population.zones, people)
        sure = np.logical_and.reduceat(verdicts.sure, begins) & population.plain[persons] & ~self.shared[persons]
        if self.policy.hours[request.channel] != ALWAYS:
            # What is open in one zone can be closed again when it opens in the other.
            possible = verdicts.possible
            sure &= np.maximum.reduceat(possible, begins) == np.minimum.reduceat(possible, begins)
        held = np.full(len(asked), NOTHING)
        for reason in reversed(verdicts.reasons):
            held[np.logical_or.reduceat(reason.held, begins)] = HOLDING.index(reason.kind)
        return np.maximum.reduceat(verdicts.at, begins), held, sure

    def _evaluated(self, request: Request, experience: int) -> tuple[int, int]:
        """The answer of `evaluate`, which sees everything that counts so far of the person and the account."""
        person = int(self.past.party[experience])
        group = int(self.group[person])
        together = np.flatnonzero(self.group == group).tolist() if self.shared[person] else [person]
        rows = {member: [*self.parties[member].rows] for member in together}
        for earlier in self.order[self.begins[group] : self.begins[group + 1]]:
            if earlier == experience:
                break
            if self.at[earlier] != NEVER:
                granted = self.plans[int(self.past.plan[earlier])].requests[int(self.way[earlier])]
                rows[int(self.past.party[earlier])].append(_reserved(granted, instant(int(self.at[earlier]))))
        own, others = self._histories(person, rows, request.channel)
        verdict = evaluate(
            self.policy,
            self.parties[person].facts,
            own,
            replace(request, at=instant(int(self.due[experience])), expires=instant(int(self.expires[experience]))),
            others,
        )
        held = HOLDING.index(verdict.reasons[0].kind) if verdict.reasons else NOTHING
        return micros(verdict.at) if verdict.at else NEVER, held

    def _histories(self, person: int, rows: Mapping[int, list[Row]], channel: str) -> tuple[list[Row], list[Row]]:
        """What counts as the person's own for a request by the channel, and as the accounts' other members'.

        What others got at the same number counts as the person's own.
        """
        party = self.parties[person]
        sharers = party.sharers if channel in BY_NUMBER else ()
        own = [*rows[person], *(row for one in sharers for row in rows[one] if row.channel in BY_NUMBER)]
        others = []
        for fellow in rows.keys() - {person}:
            if party.accounts & self.parties[fellow].accounts:
                others += [row for row in rows[fellow] if fellow not in sharers or row.channel not in BY_NUMBER]
        return own, others


def _groups(policy: Policy, parties: Sequence[Party]) -> tuple[Places, Bools]:
    """For each person the number of the group in which what one gets can count for another; and whether others are in.

    Such are those of one phone number and, where the policy has a cap per account, those of one account.
    """
    group = list(range(len(parties)))

    def head(person: int) -> int:
        while group[person] != person:
            group[person] = group[group[person]]
            person = group[person]
        return person

    per_account = any(cap.per == "account" for cap in policy.caps)
    first: dict[int, int] = {}
    for person, party in enumerate(parties):
        fellows = [first.setdefault(account, person) for account in party.accounts] if per_account else []
        for other in (*fellows, *party.sharers):
            group[head(person)] = head(other)
    heads = np.array([head(person) for person in range(len(parties))], np.intp)
    return heads, np.bincount(heads)[heads] > 1 if len(parties) else heads.astype(np.bool_)


def _reserved(request: Request, at: datetime) -> Row:
    about = (request.survey, request.program, request.source, request.tags, request.seconds)
    return Row(at, request.channel, request.purpose, "reserved", *about)
