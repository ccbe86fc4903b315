"""The answer to an ask: the rules put to every channel that it names. Reads no clock and writes nothing."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from contacts import frequency
from contacts.frequency import Reason, Request, Verdict
from contacts.ledger import Ledger
from contacts.models import PolicyVersion
from contacts.models.words import Purpose
from contacts.persons import Person

NO_ADDRESS = Reason("no-address", "consent")
APPOINTMENT_ONLY = Reason("appointment-only", "cap")
NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Ask:
    """A question: may this customer be contacted at `at`, by one of `channels`, for this purpose.

    An instant that has passed means now. `channels`: at least one, the preferred first. `seconds`: attention asked for.
    `probability`: with which the touchpoint could have been asked about. `refusal`: a reason found elsewhere (a
    program's sampling), kept as a decision without asking the rules.
    """

    customer_id: int
    at: datetime
    channels: tuple[str, ...]
    purpose: str
    survey: str = ""
    program: str = ""
    touchpoint_id: int | None = None
    expires: datetime | None = None
    priority: int = 0
    seconds: int = 0
    probability: float = 1.0
    refusal: Reason | None = None
    source: str = "cxsurvey"
    simulated: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """What becomes of an ask: `send`, `delay` or `skip`, by which channel, and the first instant that all rules allow.

    `reasons` are in the file format with the channel of each; `counted` the keys of the ledger rows that counted.
    """

    result: str
    channel: str
    asked_at: datetime
    allowed_at: datetime | None
    reasons: list[dict[str, object]]
    counted: Collection[object] = ()


@dataclass(frozen=True, slots=True)
class Book:
    """What the rules are told: the policy, persons by record id, their ledger, and the touchpoints without calls."""

    version: PolicyVersion | None
    policy: frequency.Policy
    persons: Mapping[int, Person]
    ledger: Ledger
    calls_ended: Collection[int] = ()

    def answer(self, ask: Ask, at: datetime) -> Answer:
        """The answer at `at`: by the first channel that may send now, else by the one that may soonest."""
        asked_at = max(ask.at, at)
        if ask.refusal:
            return Answer("skip", ask.channels[0], asked_at, None, [told(ask.refusal, "")])
        person = self.persons[ask.customer_id]
        verdicts = dict(self._verdicts(ask, person, asked_at))
        channel, best = min(verdicts.items(), key=lambda item: item[1].at or NEVER)
        return Answer(
            best.decision,
            channel,
            asked_at,
            min((verdict.possible_at for verdict in verdicts.values() if verdict.possible_at), default=None),
            [told(reason, channel) for channel, verdict in verdicts.items() for reason in verdict.reasons],
            dict.fromkeys(key for verdict in verdicts.values() for key in verdict.counted),
        )

    def verdict(self, ask: Ask, person: Person, channel: str, at: datetime) -> Verdict:
        """The rules' verdict on one channel, and what only the database knows: no address, no more calls."""
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
        )
        verdict = frequency.evaluate(
            self.policy, person.facts, self.ledger.of(person), request, self.ledger.of_account(person)
        )
        extra = tuple(self._obstacles(ask, person, channel))
        return Verdict("skip", None, (*verdict.reasons, *extra), verdict.counted) if extra else verdict

    def _verdicts(self, ask: Ask, person: Person, at: datetime) -> Iterator[tuple[str, Verdict]]:
        for channel in _channels(ask, person):
            verdict = self.verdict(ask, person, channel, at)
            yield channel, verdict
            if verdict.decision == "send":
                return

    def _obstacles(self, ask: Ask, person: Person, channel: str) -> Iterator[Reason]:
        if channel not in person.addresses and channel not in person.facts.closed:
            yield NO_ADDRESS
        if ask.purpose == Purpose.CALL and ask.touchpoint_id in self.calls_ended:
            yield APPOINTMENT_ONLY


def told(reason: Reason, channel: str) -> dict[str, object]:
    """A reason as decisions keep it."""
    return {**reason.as_dict(), "channel": channel}


def _channels(ask: Ask, person: Person) -> tuple[str, ...]:
    """The channels to try: the customer's own preference alone where it is offered and can be used."""
    wish, refused = person.preferred, person.facts.opt_outs
    usable = wish in ask.channels and wish in person.addresses and wish not in refused
    return (wish,) if usable else ask.channels
