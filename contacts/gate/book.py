"""The book that answers are read from: policy, persons and ledger of one moment. Writes nothing."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from django.db import transaction
from django.db.models import Count, Q

from contacts import frequency
from contacts.arms import NOBODY, Arms
from contacts.frequency import Explanation, Finding, Leave, Reason, Request, Row, Verdict
from contacts.gate.asks import Answer, Ask
from contacts.ledger import Ledger, lock_accounts, per_account, read_ledger
from contacts.models import Contact, Decision, PolicyVersion
from contacts.models.words import Outcome, Purpose
from contacts.persons import Person, lock_records, read_persons
from contacts.policies import rules_in_force
from contacts.records import Whom, by_id, by_name, read_household, read_persons_records
from contacts.standing import OVERRIDE

NO_ADDRESS = Reason("no-address", "consent")
ANSWERED = Reason("answered", "answered")
BAD_MOMENTS = 2
"""So many calls at a bad moment end the calls about an experience (contract, section 8)."""
NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Book:
    """What the rules are told: the policy, persons by record id, their ledger, and the touchpoints without calls.

    Calls about them have ended by bad moments (`calls_ended`), or by an answer after one was agreed on (`answered`).
    `taken`: the overrides that contacts which are not saved yet have taken. `arms`: what was drawn for the persons.
    """

    version: PolicyVersion | None
    policy: frequency.Policy
    persons: Mapping[int, Person]
    ledger: Ledger
    calls_ended: Collection[int] = ()
    answered: Collection[int] = ()
    taken: set[int] = field(default_factory=set)
    arms: Arms = NOBODY

    def answer(self, ask: Ask, at: datetime) -> Answer:
        """The answer at `at`: by the first channel that may send now, else by the one that may soonest."""
        asked_at = max(ask.at, at)
        if ask.refusal:
            return Answer("skip", ask.channels[0], asked_at, None, [told(ask.refusal, "")])
        person = self.persons[ask.customer_id]
        verdicts = dict(self._verdicts(ask, person, asked_at))
        channel, best = min(verdicts.items(), key=lambda item: item[1].at or NEVER)
        possible = [verdict.possible_at for verdict in verdicts.values() if verdict.possible_at]
        return Answer(
            best.decision,
            channel,
            asked_at,
            best.at or min(possible, default=None),
            [told(reason, channel) for channel, verdict in verdicts.items() for reason in verdict.reasons],
            dict.fromkeys(key for verdict in verdicts.values() for key in verdict.counted),
            best.leave,
        )

    def add(self, contact: Contact) -> None:
        """Count a contact that is not saved yet, or that has been taken out."""
        self.ledger.add(self.persons[contact.customer_id], contact)
        if contact.override_id:
            self.taken.add(contact.override_id)

    def remove(self, contact: Contact) -> None:
        """Count a contact no more."""
        self.ledger.remove(self.persons[contact.customer_id], contact.pk)

    def without(self, contacts: Collection[Contact]) -> "Book":
        """The book as it would be without these contacts."""
        owners, keys = {self.persons[row.customer_id].id for row in contacts}, {row.pk for row in contacts}
        rows = {owner: [row for row in self.ledger.rows[owner] if row.key not in keys] for owner in owners}
        return replace(self, ledger=replace(self.ledger, rows={**self.ledger.rows, **rows}))

    def verdict(self, ask: Ask, person: Person, channel: str, at: datetime) -> Verdict:
        """The rules' verdict on one channel, and what only the database knows: no address."""
        verdict = frequency.evaluate(*self.question(ask, person, channel, at))
        return verdict if _reachable(person, channel) else _unreachable(verdict)

    def explanation(self, ask: Ask, person: Person, channel: str, at: datetime) -> Explanation:
        """The same verdict with what every rule says, also those that let the ask pass."""
        explained = frequency.explain(*self.question(ask, person, channel, at))
        reachable = _reachable(person, channel)
        finding = Finding(NO_ADDRESS.rule, NO_ADDRESS.kind, reachable, at if reachable else None)
        verdict = explained.verdict if reachable else _unreachable(explained.verdict)
        return replace(explained, verdict=verdict, findings=(finding, *explained.findings))

    def question(
        self, ask: Ask, person: Person, channel: str, at: datetime
    ) -> tuple[frequency.Policy, frequency.Customer, list[Row], Request, list[Row]]:
        """What the rules are told about one channel, in the order of the arguments of frequency.evaluate."""
        call_about = ask.touchpoint_id if ask.purpose == Purpose.CALL else None
        request = Request(
            id="",
            customer=person.facts.id,
            at=at,
            channel=channel,
            purpose=ask.purpose,
            survey=ask.survey,
            program=ask.program,
            source=ask.source,
            expires=ask.expires,
            seconds=ask.seconds,
            calls_ended=call_about in self.calls_ended,
            answered=call_about in self.answered,
            leaves=self._leaves(ask, person, channel),
        )
        own, account = self.ledger.histories(person, channel)
        return self.arms.policy_of(person.arm, self.policy), person.facts, own, request, account

    def _verdicts(self, ask: Ask, person: Person, at: datetime) -> Iterator[tuple[str, Verdict]]:
        for channel in _channels(ask, person):
            verdict = self.verdict(ask, person, channel, at)
            yield channel, verdict
            if verdict.decision == "send":
                return

    def _leaves(self, ask: Ask, person: Person, channel: str) -> tuple[Leave, ...]:
        """What may let the ask through, the appointments first: an override is not spent where one does."""
        leaves = [
            standing.leave
            for standing in person.leaves
            if standing.serves(channel, ask.touchpoint_id, ask.contact_id)
            and not (standing.kind == OVERRIDE and standing.id in self.taken)
        ]
        return tuple(sorted(leaves, key=lambda leave: (leave.kind, leave.end)))


def locked_book(asks: Sequence[Ask], at: datetime) -> Book:
    """The book of the persons asked about, who stay locked until the transaction ends.

    Raises TransactionManagementError outside a transaction.
    """
    if not transaction.get_connection().in_atomic_block:
        raise transaction.TransactionManagementError("Call the gate inside transaction.atomic(): it locks persons.")
    records = lock_records(ask.customer_id for ask in asks)
    version, policy, arms = rules_in_force()
    by_record = read_persons(records, arms)
    persons = _persons(by_record)
    if per_account(policy):
        lock_accounts(persons)
    book = Book(version, policy, by_record, read_ledger(persons, policy, at), arms=arms)
    return _without_calls(book, _called_about(asks))


def eligibility(
    customer_id: int,
    channel: str,
    *,
    at: datetime,
    purpose: str = Purpose.INVITATION,
    survey: str = "",
    program: str = "",
) -> Verdict:
    """Whether the customer may be contacted at `at`, without reserving anything; costs what `eligibilities` does."""
    return eligibilities(customer_id, {channel: purpose}, at=at, survey=survey, program=program)[channel]


def eligibilities(
    customer_id: int, purposes: Mapping[str, str], *, at: datetime, survey: str = "", program: str = ""
) -> dict[str, Verdict]:
    """The verdict by channel, each for its purpose (channel -> purpose), without reserving anything.

    Five statements, all reading, for every customer.
    """
    book = read_book(customer_id, at)
    return {
        channel: book.verdict(
            Ask(customer_id, at, (channel,), purpose, survey, program), book.persons[customer_id], channel, at
        )
        for channel, purpose in purposes.items()
    }


def assess(asks: Sequence[Ask], at: datetime) -> list[Answer]:
    """Answer the asks in their order, each as if it were alone; nothing is reserved or kept, and nobody is locked.

    Five statements, and a sixth where calls about touchpoints are among them, however many there are.
    """
    book = _read_book(by_id([ask.customer_id for ask in asks]), at)
    book = _without_calls(book, _called_about(asks))
    return [book.answer(ask, at) for ask in asks]


def read_book(customer_id: int, at: datetime) -> Book:
    """The book of one person, of what counts at `at` or later; nobody is locked, and there may be no such customer.

    Five statements, whoever it is: the policy, the records with the members of their accounts, the addresses with who
    else has them, what stands about all of these, and the ledger.
    """
    return _read_book(by_id([customer_id]), at)


def read_named_book(source: str, external_id: str, at: datetime) -> Book:
    """The same of the customer with this id in this source."""
    return _read_book(by_name(source, external_id), at)


def _read_book(whom: Whom, at: datetime) -> Book:
    version, policy, arms = rules_in_force()
    records, members = read_household(whom) if per_account(policy) else (read_persons_records(whom), {})
    by_record = read_persons(records, arms)
    return Book(version, policy, by_record, read_ledger(_persons(by_record), policy, at, members), arms=arms)


def _persons(by_record: Mapping[int, Person]) -> list[Person]:
    return list({person.id: person for person in by_record.values()}.values())


def _called_about(asks: Sequence[Ask]) -> set[int]:
    return {ask.touchpoint_id for ask in asks if ask.purpose == Purpose.CALL and ask.touchpoint_id}


def _without_calls(book: Book, touchpoint_ids: Collection[int]) -> Book:
    """The book with those of the touchpoints about which calls have ended, as their decisions tell: one statement."""
    if not touchpoint_ids:
        return book
    decisions = Decision.objects.filter(touchpoint__in=touchpoint_ids).values_list("touchpoint")
    at_a_bad_moment = Q(contact__purpose=Purpose.CALL, contact__outcome=Outcome.NOT_NOW)
    counts = decisions.annotate(
        bad_moments=Count("contact", filter=at_a_bad_moment, distinct=True),
        answers=Count("pk", filter=Q(reasons__0__kind=ANSWERED.kind, stage=Decision.Stage.CALL)),
    )
    calls_ended, answered = set(), set()
    for touchpoint_id, bad_moments, answers in counts:
        if bad_moments >= BAD_MOMENTS:
            calls_ended.add(touchpoint_id)
        if answers:
            answered.add(touchpoint_id)
    return replace(book, calls_ended=calls_ended, answered=answered)


def _reachable(person: Person, channel: str) -> bool:
    """Whether the person has an address for the channel; a closed one is a rule's affair."""
    return channel in person.addresses or channel in person.facts.closed


def _unreachable(verdict: Verdict) -> Verdict:
    return Verdict("skip", None, (*verdict.reasons, NO_ADDRESS), verdict.counted)


def told(reason: Reason, channel: str) -> dict[str, object]:
    """A reason as decisions keep it."""
    return {**reason.as_dict(), "channel": channel}


def _channels(ask: Ask, person: Person) -> tuple[str, ...]:
    """The channels to try: the customer's own preference alone where it is offered and can be used."""
    wish, refused = person.preferred, person.facts.opt_outs
    usable = wish in ask.channels and wish in person.addresses and wish not in refused
    return (wish,) if usable else ask.channels
