"""What customers refused, noted outside the database too: a restored backup must not forget who said no since.

Nor bring back who was erased since. Lines are only added, one for each word: instant, `no`, `yes` or `erased`, channel
(`all` for every one), by which way it came, and keyed hashes of the record's id and of its addresses
(`contacts.erasing.hashed`): it tells nobody who it was.
"""

import os
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.conf import settings

from contacts.erasing import hashed
from contacts.models import Customer

NO, YES, ERASED, ALL = "no", "yes", "erased", "all"


@dataclass(frozen=True, slots=True)
class Word:
    """A customer's word about a channel, or `ALL`; `who` and `addresses`: hashes of the record's id and addresses."""

    at: datetime
    said: str
    channel: str
    via: str
    who: str
    addresses: frozenset[str]


def journal() -> Path:
    """Return where the words are noted: beside the mark of how far sending has come, which outlives a restore too."""
    return Path(settings.HIGH_WATER_MARK).with_name("refusals")


def note(customer_id: int, said: str, channel: str, *, at: datetime, via: str) -> None:
    """Note a word for good before its transaction commits: a no too many, of one that does not, is the kinder mistake.

    One statement.
    """
    [(who, addresses)] = _hashes([customer_id]).values()
    line = "\t".join([at.isoformat(), said, channel or ALL, via, who, *sorted(addresses)]) + "\n"
    journal().parent.mkdir(parents=True, exist_ok=True)
    file = os.open(journal(), os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(file, line.encode())
        os.fsync(file)
    finally:
        os.close(file)


def noted(path: Path) -> Iterator[Word]:
    """Return the words of a journal in the order in which they were said; none where there is no such file.

    A line that was cut off as the machine went down is passed over: its transaction never committed.
    """
    lines = path.read_text().splitlines(keepends=True) if path.exists() else []
    return iter(sorted((_word(line) for line in lines if line.endswith("\n")), key=lambda word: word.at))


def by_record(words: Iterable[Word]) -> Mapping[int, list[Word]]:
    """Return the words by the customer records that they hold for now, in their order.

    A no holds for whoever has the address, a yes and an erasure for the record alone. One statement, and a hash for
    each address.
    """
    found: dict[str, list[Word]] = defaultdict(list)
    for word in words:
        for own in (word.who, *(word.addresses if word.said == NO else ())):
            found[own].append(word)
    said: dict[int, list[Word]] = {}
    for record, (who, addresses) in _hashes(None).items() if found else ():
        own_words = {word for own in (who, *addresses) for word in found.get(own, ())}
        if own_words:
            said[record] = sorted(own_words, key=lambda word: word.at)
    return said


def _word(line: str) -> Word:
    at, said, channel, via, who, *addresses = line.rstrip("\n").split("\t")
    return Word(datetime.fromisoformat(at), said, channel, via, who, frozenset(addresses))


def _hashes(records: Collection[int] | None) -> dict[int, tuple[str, set[str]]]:
    """Hashes of these records' ids and addresses; None: of all."""
    people = Customer.objects.all() if records is None else Customer.objects.filter(pk__in=records)
    columns = ("pk", "source", "external_id", "identifiers__issuer", "identifiers__type", "identifiers__value")
    found: dict[int, tuple[str, set[str]]] = {}
    for pk, source, key, issuer, type_, value in people.values_list(*columns).iterator():
        _, addresses = found.setdefault(pk, (hashed("customer", source, key), set()))
        if issuer == "":
            addresses.add(hashed(type_, value))
    return found
