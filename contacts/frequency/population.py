"""The persons of a replay as arrays: what `decide` has to know of each, and the contacts that count so far."""

from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import numpy as np

from contacts.frequency.facts import CHANNELS, RELEASED, Customer
from contacts.frequency.many import Masks, cap_mask
from contacts.frequency.past import Booked, Participants
from contacts.frequency.plans import Party, Plan
from contacts.frequency.policy import Policy
from contacts.frequency.zone_arrays import ABSENT, Bools, Ints, Places
from contacts.frequency.zones import possible_zones

DEEPEST = 32
"""So many contacts of a person are looked at at once; where an older one may count too, `evaluate` looks at all."""
NO_WAY = -1


@dataclass(frozen=True, slots=True)
class Profile:
    """What many persons have in common. `tries`: for each plan the places of the requests to try, in order."""

    facts: Customer
    zones: tuple[ZoneInfo, ...]
    tries: tuple[tuple[int, ...], ...]

    @property
    def plain(self) -> bool:
        """Whether `decide` can know everything that matters."""
        return not self.facts.closed and self.facts.once_in_days is None and self.facts.pause_until is None


class Population:
    """n persons under a policy; `zones` are all that are possible for any of them."""

    def __init__(self, policy: Policy, participants: Participants, plans: Sequence[Plan]) -> None:
        self.profiles: list[Profile] = []
        self.profile = self._sort(policy, participants.parties, plans)[participants.party]
        self.plain = np.array([profile.plain for profile in self.profiles], np.bool_)[self.profile]
        self._tries = [self._tries_of(number, plan) for number, plan in enumerate(plans)]
        self._refusing = {channel: self._refusing_of(channel) for channel in CHANNELS}
        self.zones = sorted({zone for profile in self.profiles for zone in profile.zones}, key=str)
        places = {zone: place for place, zone in enumerate(self.zones)}
        self._spread = np.array([places[zone] for profile in self.profiles for zone in profile.zones])
        self._lengths = np.array([len(profile.zones) for profile in self.profiles])
        self._begins = np.cumsum(self._lengths) - self._lengths
        count, depth = len(participants.party), min(DEEPEST, 2 + max((cap.limit for cap in policy.caps), default=0))
        self.contacts: Ints = np.full((count, depth), ABSENT)
        self.caps: Masks = np.zeros((count, depth), np.uint64)
        self.older = np.zeros(count, np.bool_)
        self._enter(policy, participants.booked)

    def tries(self, plan: int, k: int, persons: Places) -> Places:
        """The k-th request of a plan to try with each of the persons, NO_WAY where there is none."""
        tries: Places = self._tries[plan][self.profile[persons], k]
        return tries

    def refusing(self, channel: str, persons: Places) -> Bools:
        """Who opted out of the channel or of everything."""
        refusing: Bools = self._refusing[channel][self.profile[persons]]
        return refusing

    def spread(self, persons: Places) -> tuple[Places, Places, Places]:
        """One line for each zone in which each person can be: place in `persons`, zone; and where each one's begin."""
        profile = self.profile[persons]
        lengths = self._lengths[profile]
        begins = np.cumsum(lengths) - lengths
        line = np.repeat(np.arange(len(persons)), lengths)
        zone = self._spread[np.arange(len(line)) + np.repeat(self._begins[profile] - begins, lengths)]
        return line, zone, begins

    def count(self, persons: Places, at: Ints, caps: Masks) -> None:
        """Let a contact of each of the persons count, at its instant, in the caps of its mask."""
        self.older[persons] |= self.contacts[persons, -1] != ABSENT
        self.contacts[persons, 1:] = self.contacts[persons, :-1]
        self.caps[persons, 1:] = self.caps[persons, :-1]
        self.contacts[persons, 0], self.caps[persons, 0] = at, caps
        behind = persons[self.contacts[persons, 0] < self.contacts[persons, 1]]
        if behind.size:
            order = np.argsort(self.contacts[behind], axis=1)[:, ::-1]
            self.contacts[behind] = np.take_along_axis(self.contacts[behind], order, axis=1)
            self.caps[behind] = np.take_along_axis(self.caps[behind], order, axis=1)

    def _tries_of(self, number: int, plan: Plan) -> Places:
        """[profile, k]: the k-th request of a plan to try."""
        tries = np.full((len(self.profiles), len(plan.requests)), NO_WAY)
        for row, profile in zip(tries, self.profiles, strict=True):
            row[: len(profile.tries[number])] = profile.tries[number]
        return tries

    def _refusing_of(self, channel: str) -> Bools:
        refused = [not profile.facts.opt_outs.isdisjoint((channel, "all")) for profile in self.profiles]
        return np.array(refused, np.bool_)

    def _sort(self, policy: Policy, parties: Sequence[Party], plans: Sequence[Plan]) -> Places:
        """The profile of each party."""
        known: dict[tuple[Customer, frozenset[str], str], int] = {}
        found = np.empty(len(parties), np.intp)
        for place, party in enumerate(parties):
            key = (party.facts, party.reachable, party.preferred)
            if key not in known:
                known[key] = len(self.profiles)
                zones = possible_zones(party.facts, policy.zones)
                self.profiles.append(Profile(party.facts, zones, tuple(_tries(party, plan) for plan in plans)))
            found[place] = known[key]
        return found

    def _enter(self, policy: Policy, booked: Booked) -> None:
        """The newest rows of everybody as they were before the replay."""
        counts = np.array([row.outcome not in RELEASED for row in booked.kinds], np.bool_)[booked.kind]
        person, at, kind = booked.person[counts], booked.at[counts], booked.kind[counts]
        caps = np.array([cap_mask(policy, row) for row in booked.kinds], np.uint64)[kind]
        number = np.arange(len(person)) - np.searchsorted(person, person)
        depth = self.contacts.shape[1]
        newest = number < depth
        self.contacts[person[newest], number[newest]] = at[newest]
        self.caps[person[newest], number[newest]] = caps[newest]
        self.older[person[~newest]] = True


def _tries(party: Party, plan: Plan) -> tuple[int, ...]:
    """The requests to try: only that of the channel the customer prefers, where it is offered and can be used."""
    usable = {
        request.channel: place
        for place, request in enumerate(plan.requests)
        if not plan.addressed or request.channel in party.reachable
    }
    if party.preferred in usable and party.preferred not in party.facts.opt_outs:
        return (usable[party.preferred],)
    return tuple(usable.values())
