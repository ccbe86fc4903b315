"""Whether two people who have something in common are one person: by itself, by asking somebody, or not at all. Pure.

By itself only where nothing speaks against it: a wrong merge asks somebody about a visit of another person, and counts
the contacts of two as those of one. Where a merge is not certain a person decides; where all that two have in common is
an address that nobody showed to be theirs, and they have nothing of a name in common, they are two who share it.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from contacts.models import Proposal

Held = Proposal.Held
RECORDS_AT_MOST = 5
"""Records of a person that was merged by itself: whoever has more has something that many share."""
PERSONS_AT_MOST = 3
"""Who share an address; behind one that more have is a household, a company or a typist, and nobody is asked."""


@dataclass(frozen=True, slots=True)
class Side:
    """One of two people, over all records.

    `refused`: channels of open opt-outs, empty text for all. `accounts` and `brands`: ids, without those not known.
    """

    records: int
    sources: Collection[str]
    names: Collection[str]
    brands: Collection[int]
    accounts: Collection[int]
    refused: Collection[str]
    simulated: bool
    erased: bool


def held_by(one: Side, other: Side, *, verified: bool, further: int) -> list[Held]:
    """Return what keeps two people from being merged by themselves, the most telling first; nothing: merge them.

    `verified`: whether what they share was shown to be theirs, of both; `further`: how many others have it.
    """
    reasons = {
        Held.SHARED: further > 0,
        Held.NAME: _known(one.names, other.names) and not _one_name(one.names, other.names),
        Held.SOURCE: not set(one.sources).isdisjoint(other.sources),
        Held.BRAND: _known(one.brands, other.brands) and set(one.brands) != set(other.brands),
        Held.ACCOUNT: _known(one.accounts, other.accounts) and set(one.accounts) != set(other.accounts),
        Held.OPT_OUT: set(one.refused) != set(other.refused),
        Held.RECORDS: one.records + other.records > RECORDS_AT_MOST,
        Held.UNVERIFIED: not verified,
    }
    return [reason for reason, holds in reasons.items() if holds]


def worth_asking(one: Side, other: Side, held: Sequence[Held]) -> bool:
    """Whether a person should look at two people whom something keeps from being merged by themselves."""
    strangers = Held.NAME in held and Held.UNVERIFIED in held and not _a_word_alike(one.names, other.names)
    return not strangers and comparable(one, other)


def comparable(one: Side, other: Side) -> bool:
    """Whether two can be one at all: who had everything erased is nobody, and made up customers are no real ones."""
    return not (one.erased or other.erased) and one.simulated == other.simulated


def _known(own: Collection[object], others: Collection[object]) -> bool:
    return bool(own) and bool(others)


def _one_name(names: Collection[str], others: Collection[str]) -> bool:
    """Whether one of the names says nothing that one of the others does not: Ada and A. Lo, Lo Ada and Ada Lo."""
    return any(_within(_words(one), _words(other)) for one in names for other in others)


def _within(one: set[str], other: set[str]) -> bool:
    fewer, more = sorted((one, other), key=len)
    return all(any(_same_word(word, another) for another in more) for word in fewer)


def _same_word(one: str, other: str) -> bool:
    """Whether two words of names are the same, or one is the other's initial."""
    return one == other or (1 in (len(one), len(other)) and one[0] == other[0])


def _a_word_alike(names: Collection[str], others: Collection[str]) -> bool:
    own = set().union(*(_words(name) for name in names))
    return not own.isdisjoint(set().union(*(_words(name) for name in others)))


def _words(name: str) -> set[str]:
    plain = "".join(character if character.isalnum() else " " for character in name.casefold())
    return set(plain.split())
