"""Why one customer may be asked now, later or not at all: the gate's answer with everything that it rests on."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from contacts import frequency
from contacts.brands import visible_to
from contacts.explaining import say_what, words_of_rules
from contacts.frequency import Explanation, Finding, Row
from contacts.gate import Ask, Book
from contacts.models import Contact, PolicyVersion
from contacts.models.words import Channel, Purpose
from contacts.persons import Person
from contacts.readers import Reader


class Told(NamedTuple):
    """What a rule says, with the contacts that it counts, the oldest first; `text`: why it holds back, if it does."""

    finding: Finding
    contacts: list[Row]
    text: str


@dataclass(frozen=True, slots=True)
class Why:
    """The answer to an ask by its first channel. `rows`: the ledger's rows that were read, by id."""

    ask: Ask
    person: Person
    version: PolicyVersion | None
    explanation: Explanation
    rows: Mapping[object, Row]

    @property
    def channel(self) -> str:
        """The channel that the answer is about."""
        return self.ask.channels[0]

    @property
    def zone_known(self) -> bool:
        """Whether the customer's zone is known, and not assumed from the number, the country or the organisation."""
        return self.person.facts.timezone is not None

    @property
    def zone(self) -> ZoneInfo:
        """The customer's own clock, where it is known; else UTC."""
        zones = self.explanation.zones
        return ZoneInfo(zones[0] if len(zones) == 1 else "UTC")

    @property
    def rules(self) -> list[Told]:
        """Every rule, also those that pass, in the order in which reasons are given."""
        told = []
        for finding in self.explanation.findings:
            rows = sorted((self.rows[key] for key in finding.counted), key=lambda row: row.at)
            told.append(Told(finding, rows, self._text(finding)))
        return told

    @property
    def words(self) -> Mapping[str, str]:
        """What the rules that are no caps say of this person."""
        return words_of_rules(self.person.unfit, self.channel)

    def _text(self, finding: Finding) -> str:
        held = {"rule": finding.rule, "limit": finding.limit, "used": finding.used}
        return "" if finding.passes else say_what(held, self.words)

    def caps(self) -> dict[str, Mapping[str, Any]]:
        """What the policy writes about each cap, by name."""
        document: Mapping[str, Any] = self.version.document if self.version else frequency.DEFAULT_POLICY
        return {cap["name"]: cap for cap in document.get("caps", [])}


def question(
    customer_id: int, channel: str, at: datetime, *, purpose: str = "", survey: str = "", program: str = ""
) -> Ask:
    """The ask for one channel, for its own purpose where none is given: a call by phone, else an invitation."""
    own = Purpose.CALL if channel == Channel.PHONE else Purpose.INVITATION
    return Ask(customer_id, at, (channel,), purpose or own, survey, program)


def of_other_brands(answer: Why, reader: Reader) -> set[object]:
    """Return the ids of the rows behind an answer that somebody may not read. None and no statement for most."""
    if reader.brands is None:
        return set()
    rows = visible_to(reader, Contact.objects.filter(pk__in=list(answer.rows)))
    return set(answer.rows) - set(rows.values_list("pk", flat=True))


def why(book: Book, ask: Ask) -> Why:
    """The answer to an ask by its first channel, from a book that holds the customer; writes and reads nothing.

    Raises KeyError for a customer whom the book does not hold.
    """
    person = book.persons[ask.customer_id]
    _, _, own, _, account = book.question(ask, person, ask.channels[0], ask.at)
    explanation = book.explanation(ask, person, ask.channels[0], ask.at)
    return Why(ask, person, book.version, explanation, {row.key: row for row in (*own, *account)})
