"""A policy run over experiences of the past: who would have been asked and when, and why the others not.

A person's experiences are asked about in their turn, and what is granted counts for those after it. The first of
everybody are decided at once, then the next of everybody, and so on: by `decide`, and by `evaluate` where it is not
sure.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

import numpy as np

from contacts.frequency.evaluate import evaluate
from contacts.frequency.facts import Request, Row
from contacts.frequency.hours import ALWAYS
from contacts.frequency.many import Masks, People, cap_mask, decide
from contacts.frequency.past import HOLDING, NOTHING, Experiences, Outcomes, Participants
from contacts.frequency.plans import BY_NUMBER, Plan
from contacts.frequency.policy import Policy
from contacts.frequency.population import NO_WAY, Population
from contacts.frequency.zone_arrays import EPOCH, MICROSECOND, NEVER, Bools, Ints, Places, instant, micros

CONSENT = HOLDING.index("consent")
AT_ONCE = 1000
"""To decide about fewer experiences at once hardly takes less time."""


def replay(policy: Policy, participants: Participants, plans: Sequence[Plan], experiences: Experiences) -> Outcomes:
    """What would have become of each experience under the policy."""
    run = _Run(policy, participants, plans, experiences)
    run.decide()
    return run.outcomes


class _Run:
    """One policy over one past; places in the arrays are those of the experiences."""

    def __init__(
        self, policy: Policy, participants: Participants, plans: Sequence[Plan], experiences: Experiences
    ) -> None:
        self.policy, self.participants, self.plans, self.past = policy, participants, plans, experiences
        self.people = Population(policy, participants, plans)
        self.masks = _masks(policy, plans)
        self.due = experiences.occurred_at + np.array([plan.delay // MICROSECOND for plan in plans])[experiences.plan]
        self.expires = (
            experiences.occurred_at + np.array([plan.worth // MICROSECOND for plan in plans])[experiences.plan]
        )
        self.outcomes = _undecided(len(experiences.person))
        self.group, self.shared = _groups(policy, participants)
        priority = np.array([-plan.priority for plan in plans])[experiences.plan]
        keys = (experiences.draw, experiences.occurred_at, priority, self.due, self.group[experiences.person])
        self.order = np.lexsort(keys)
        self.begins = np.searchsorted(keys[-1][self.order], np.arange(len(participants.party) + 1))

    def decide(self) -> None:
        """Let every person, or the members of accounts that share a cap, take turns until all are through.

        Each turn is about the next experience, and where few have any left about more than that: who is not asked
        about one comes to the next as to this one.
        """
        place, end = self.begins[:-1], self.begins[1:]
        while (going := place < end).any():
            place, end = place[going], end[going]
            counts = np.minimum(end - place, max(1, AT_ONCE // len(place)))
            begins = np.cumsum(counts) - counts
            number = np.arange(counts.sum()) - np.repeat(begins, counts)
            place = place + self._turn(self.order[np.repeat(place, counts) + number], number, begins)

    def _turn(self, turn: Places, number: Places, begins: Places) -> Places:
        """Decide about the experiences of a turn, one group's behind the other's; returns how many of each are through.

        Those behind one that is asked about wait for the next turn, as does one that only `evaluate` can answer and
        everything behind it, unless it is the `number` 0 of its group.
        """
        found, sure = self._answers(turn, number == 0)
        stops = np.where(found.asked | ~sure, number, len(turn))
        last = np.minimum.reduceat(stops, begins)
        through = sure & (number <= np.repeat(last, np.diff(begins, append=len(turn))))
        done = turn[through]
        self.outcomes.at[done], self.outcomes.held[done] = found.at[through], found.held[through]
        self.outcomes.way[done] = found.way[through]
        granted = done[found.asked[through]]
        caps = self.masks[self.past.plan[granted], self.outcomes.way[granted]]
        self.people.count(self.past.person[granted], self.outcomes.at[granted], caps)
        return np.add.reduceat(through, begins, dtype=np.intp)

    def _answers(self, turn: Places, first: Bools) -> tuple[Outcomes, Bools]:
        """What becomes of the experiences as things are, and where that is sure."""
        found, sure = _undecided(len(turn)), np.ones(len(turn), np.bool_)
        for number in range(len(self.plans)):
            mine = np.flatnonzero(self.past.plan[turn] == number)
            if mine.size:
                answers, sure[mine] = self._asked(number, turn[mine], first[mine])
                found.at[mine], found.held[mine], found.way[mine] = answers.at, answers.held, answers.way
        return found, sure

    def _asked(self, number: int, mine: Places, first: Bools) -> tuple[Outcomes, Bools]:
        """The same of the experiences of a plan: by the first channel that may send now, else that may soonest.

        A skip is that of the first channel.
        """
        found, sure, left = _undecided(len(mine)), np.ones(len(mine), np.bool_), np.arange(len(mine))
        for k in range(len(self.plans[number].requests)):
            tried = self.people.tries(number, k, self.past.person[mine[left]])
            for way, request in enumerate(self.plans[number].requests):
                asked = left[tried == way]
                if not asked.size:
                    continue
                at, held, certain = self._by(request, mine[asked], first[asked])
                sure[asked] &= certain
                better = (found.way[asked] == NO_WAY) | (at < found.at[asked])
                chosen = asked[better]
                found.at[chosen], found.held[chosen], found.way[chosen] = at[better], held[better], way
            left = left[(tried != NO_WAY) & (found.at[left] != self.due[mine[left]])]
        return found, sure

    def _by(self, request: Request, asked: Places, first: Bools) -> tuple[Ints, Places, Bools]:
        """For each experience the first allowed instant, NEVER for none, and the kind of what held it back at first.

        And where that is sure: `evaluate` is asked only about those that come first.
        """
        at, held, sure = self._decided(request, asked)
        for place in np.flatnonzero(first & ~sure):
            at[place], held[place] = self._evaluated(request, asked[place])
        return at, held, sure | first

    def _decided(self, request: Request, asked: Places) -> tuple[Ints, Places, Bools]:
        """The answers of `decide`, and where they are sure; of several possible zones the strictest holds."""
        population, persons = self.people, self.past.person[asked]
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
        person = int(self.past.person[experience])
        group = int(self.group[person])
        together = np.flatnonzero(self.group == group).tolist() if self.shared[person] else [person]
        rows = {member: self.participants.booked.of(member) for member in together}
        for earlier in self.order[self.begins[group] : self.begins[group + 1]]:
            if earlier == experience:
                break
            if (at := int(self.outcomes.at[earlier])) != NEVER:
                granted = self.plans[int(self.past.plan[earlier])].requests[int(self.outcomes.way[earlier])]
                rows[int(self.past.person[earlier])].append(_reserved(granted, instant(at)))
        own, others = self._histories(person, rows, request.channel)
        verdict = evaluate(
            self.policy,
            self.participants.of(person).facts,
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
        party = self.participants.of(person)
        sharers = party.sharers if channel in BY_NUMBER else ()
        own = [*rows[person], *(row for one in sharers for row in rows[one] if row.channel in BY_NUMBER)]
        others = []
        for fellow in rows.keys() - {person}:
            if party.accounts & self.participants.of(fellow).accounts:
                others += [row for row in rows[fellow] if fellow not in sharers or row.channel not in BY_NUMBER]
        return own, others


def _undecided(count: int) -> Outcomes:
    """What becomes of so many experiences that nobody can be asked about."""
    return Outcomes(np.full(count, NEVER), np.full(count, CONSENT), np.full(count, NO_WAY))


def _masks(policy: Policy, plans: Sequence[Plan]) -> Masks:
    """[plan, way]: the caps in which what is granted counts."""
    masks = np.zeros((len(plans), max(len(plan.requests) for plan in plans)), np.uint64)
    for row, plan in zip(masks, plans, strict=True):
        row[: len(plan.requests)] = [cap_mask(policy, _reserved(request, EPOCH)) for request in plan.requests]
    return masks


def _groups(policy: Policy, participants: Participants) -> tuple[Places, Bools]:
    """For each person the number of the group in which what one gets can count for another; and whether others are in.

    Such are those of one phone number and, where the policy has a cap per account, those of one account.
    """
    per_account = any(cap.per == "account" for cap in policy.caps)
    tied = [bool(party.sharers or (per_account and party.accounts)) for party in participants.parties]
    group = list(range(len(participants.party)))

    def head(person: int) -> int:
        while group[person] != person:
            group[person] = group[group[person]]
            person = group[person]
        return person

    first: dict[int, int] = {}
    for person in np.flatnonzero(np.array(tied, np.bool_)[participants.party]).tolist():
        party = participants.of(person)
        fellows = [first.setdefault(account, person) for account in party.accounts] if per_account else []
        for other in (*fellows, *party.sharers):
            group[head(person)] = head(other)
    heads = np.array(group, np.intp)
    while not np.array_equal(heads, above := heads[heads]):
        heads = above
    return heads, np.bincount(heads)[heads] > 1


def _reserved(request: Request, at: datetime) -> Row:
    about = (request.survey, request.program, request.source, request.tags, request.seconds)
    return Row(at, request.channel, request.purpose, "reserved", *about)
