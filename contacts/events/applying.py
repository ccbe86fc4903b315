"""Stored events -> customers, their devices, touchpoints, and messages in the ledger.

Events come repeated, late and in any order, so each takes its turn once, who somebody is before what happened to her;
and what cannot be used yet is kept until somebody says what it means, or whose it is.
"""

import logging
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime
from operator import attrgetter

from django.db import transaction
from django.db.models import Max, QuerySet

from contacts.erasing import are_erased
from contacts.events import people
from contacts.events.incoming import Problem, id_in
from contacts.events.rows import Refused, Understood, customer_row, happening_row
from contacts.events.told import properties_of
from contacts.events.turns import READ, WRITTEN, Turn
from contacts.events.vouching import note_what_is_said
from contacts.intake import CONSENTS, CONTACTS, CUSTOMERS, TOUCHPOINTS
from contacts.intake.customers import Known
from contacts.intake.erased import WHY
from contacts.intake.rows import Subject
from contacts.intake.running import take_turn
from contacts.many_rows import change
from contacts.models import Account, Event, EventMeaning, EventSource, Proposal, Touchpoint
from contacts.proposing import Pair, propose

LOT = 1000
"""Events of one transaction: few enough that answers which arrive meanwhile do not wait."""
State, Type, Becomes = Event.State, Event.Type, EventMeaning.Becomes
Why, Held = Proposal.Why, Proposal.Held
IDENTIFY, GROUP, ALIAS = Type.IDENTIFY.value, Type.GROUP.value, Type.ALIAS.value
ABOUT_SOMEBODY = (IDENTIFY, GROUP, ALIAS)
APPLIED, PERSON, NOBODY, WAITING = (one.value for one in (State.APPLIED, State.PERSON, State.NOBODY, State.WAITING))
OF_KNOWN = (Becomes.MESSAGE.value, Becomes.OPT_OUT.value, Becomes.OPT_IN.value)
OLDER = "Older than what is known of this customer."
TWO_RECORDS = "There is a customer with the id {} too. Whether they are one person is asked under Same person?"
NOT_TOLD_OF = "Nobody has told us of this customer yet, so that there is nobody whom it is about."

logger = logging.getLogger(__name__)


def apply_waiting(at: datetime, *, enough: Callable[[], bool] = lambda: False) -> int:
    """Let stored events take effect; return how many took their turn. `enough`: whether the rest has to wait.

    An error of ours about one event is logged and leaves it waiting; the others go on.
    """
    done, behind = 0, 0
    while not enough():
        lot = list(_waiting().filter(pk__gt=behind).values_list("pk", flat=True)[:LOT])
        if not lot:
            break
        try:
            done += _apply(lot[0], lot[-1], at)
        except Exception:
            logger.exception("Could not take in the events %s to %s together; each is tried alone.", lot[0], lot[-1])
            done += sum(_apply_alone(pk, at) for pk in lot)
        behind = lot[-1]
    return done


def _apply_alone(pk: int, at: datetime) -> int:
    try:
        return _apply(pk, pk, at)
    except Exception:
        logger.exception("Could not take in event %s; the others go on.", pk)
        return 0


def _waiting() -> QuerySet[Event]:
    return Event.objects.filter(state=WAITING).order_by("pk")


@transaction.atomic
def _apply(first: int, last: int, at: datetime) -> int:
    """Let the events between these two take their turn; return how many they were."""
    take_turn()
    of_sources: dict[int, list[Turn]] = defaultdict(list)
    for row in _waiting().filter(pk__range=(first, last)).values_list(*READ):
        event = Turn(*row)
        of_sources[event.source_id].append(event)
    for source in EventSource.objects.filter(pk__in=of_sources):
        _take_in(source, sorted(of_sources[source.pk], key=attrgetter("occurred_at", "id")), at)
    return sum(map(len, of_sources.values()))


def _take_in(source: EventSource, events: Sequence[Turn], at: datetime) -> None:
    """Take in events of one source, in the order in which they happened."""
    for event in events:
        event.state, event.detail = APPLIED, ""
    _forget_the_erased(source, events)
    told = [event for event in events if event.type in ABOUT_SOMEBODY]
    _write(source, _customers(source, told, at), at)
    _name_accounts(source, told)
    known = Known(source.name)
    note_what_is_said(source, _usable(told), known, at)
    _join_records(told, known, at)
    linked = _link(source, _seen(events), known, at)
    happened = [event for event in events if event.type not in ABOUT_SOMEBODY]
    _write(source, _happenings(source, happened, known, at), at)
    _note_what_they_became(source, events, known)
    change(Event, [{name: getattr(event, name) for name in WRITTEN} for event in events])
    # Once more for those who are customers only since something happened to them.
    linked |= _link(source, _seen(events) - linked, known, at)
    people.wake(source, users=known.among(_users(events)), devices={device for _, device in linked})


def _forget_the_erased(source: EventSource, events: Iterable[Turn]) -> None:
    erased = are_erased(source.name, _users(events))
    about = [event for event in events if event.user_id in erased]
    for event in about:
        event.user_id, event.anonymous_id, event.body = "", "", {}
        _refuse(event, f"expected {WHY}")
    Event.objects.filter(pk__in=[event.id for event in about]).update(user_id="", anonymous_id="", body={})


def _customers(source: EventSource, told: Sequence[Turn], at: datetime) -> list[tuple[Turn, Understood]]:
    """The customers that events tell of; an identify that is older than the newest one tells nothing more."""
    usable = _usable(told)
    identified = Event.objects.filter(source=source, type=IDENTIFY, state=APPLIED)
    identified = identified.filter(user_id__in=_users(usable))
    newest = dict(identified.values_list("user_id").annotate(Max("occurred_at")))
    whose = _whose(source, usable)
    rows = []
    for event in usable:
        if event.type == IDENTIFY and event.occurred_at < newest.get(event.user_id, event.occurred_at):
            event.detail = OLDER
        elif customer := whose(event):
            rows += _understood(event, customer_row, customer, at)
    return rows


def _happenings(
    source: EventSource, happened: Sequence[Turn], known: Known, at: datetime
) -> list[tuple[Turn, Understood]]:
    """The touchpoints and messages that events are, by what those of their names mean."""
    usable = _usable(happened)
    nothing = Becomes.NOTHING.value
    found = EventMeaning.objects.filter(source=source, name__in={event.name for event in usable})
    meanings = {meaning.name: meaning for meaning in found}
    customers = known.among(_users(usable))
    whose = _whose(source, usable)
    rows = []
    for event in usable:
        meaning = meanings.get(event.name)
        if meaning is None:
            event.state = State.UNMAPPED
        elif meaning.becomes == nothing:
            event.state = State.UNUSED
        elif meaning.becomes in OF_KNOWN and event.user_id and event.user_id not in customers:
            event.state, event.detail = NOBODY, NOT_TOLD_OF
        elif customer := whose(event):
            rows += _understood(event, happening_row, customer, meaning, at)
    return rows


def _whose(source: EventSource, events: Iterable[Turn]) -> Callable[[Turn], str]:
    """Return what says whose an event is; empty, and the event is of nobody, where that cannot be said."""
    users = people.users_of(source, {event.anonymous_id for event in events if not event.user_id})

    def whose(event: Turn) -> str:
        seen = [event.user_id] if event.user_id else users.get(event.anonymous_id, [])
        if len(seen) == 1:
            return seen[0]
        event.state, event.detail = NOBODY, people.SEVERAL if seen else people.NOT_KNOWN
        return ""

    return whose


def _understood(event: Turn, read: Callable[..., Understood], *about: object) -> list[tuple[Turn, Understood]]:
    try:
        return [(event, read(event, *about))]
    except Refused as error:
        _refuse(event, str(error))
        return []


def _write(source: EventSource, rows: Sequence[tuple[Turn, Understood]], at: datetime) -> None:
    of_subjects: dict[str, dict[int, tuple[Turn, Understood]]] = defaultdict(dict)
    for event, understood in rows:
        event.detail = "; ".join(understood.notes)[:300]
        of_subjects[understood.subject.name][event.id] = event, understood
    for subject in (CUSTOMERS, TOUCHPOINTS, CONTACTS, CONSENTS):
        own = of_subjects[subject.name]
        if own:
            _write_rows(subject, source, own, at)


def _write_rows(
    subject: Subject, source: EventSource, own: Mapping[int, tuple[Turn, Understood]], at: datetime
) -> None:
    tally = subject.write([understood.line for _, understood in own.values()], source.name, at)
    for reject in tally.rejects:
        _refuse(own[reject.line][0], f"{reject.column}: expected {reject.expected}")


def _name_accounts(source: EventSource, told: Sequence[Turn]) -> None:
    for event in _usable(told):
        name = properties_of(event.type, event.body).get("name")
        if event.type == GROUP and isinstance(name, str) and name.strip():
            of_group = Account.objects.filter(source=source.name, external_id=str(event.body.get("groupId")).strip())
            of_group.update(name=name.strip()[:200])


def _join_records(told: Sequence[Turn], known: Known, at: datetime) -> None:
    """Leave to a person what an alias says of two ids that both are customers: its word alone merges nobody."""
    aliases = [event for event in _usable(told) if event.type == ALIAS]
    records = known.among({name for event in aliases for name in (event.user_id, previous_id(event))})
    for event in aliases:
        if previous_id(event) in records and event.user_id in records:
            event.state, event.detail = PERSON, TWO_RECORDS.format(previous_id(event))[:300]
    both = [(records[event.user_id], records[previous_id(event)]) for event in aliases if event.state == PERSON]
    propose(
        (Pair(one.id, other.id, Why.ALIAS, Held.TOLD) for one, other in both if one.person_id != other.person_id), at
    )


def previous_id(event: Turn) -> str:
    """Return the id that an alias says was somebody's before; empty for other events, and where it can be nobody's."""
    try:
        return id_in(event.body, "previousId", junk=True) if event.type == ALIAS else ""
    except Problem:
        return ""


def _seen(events: Iterable[Turn]) -> set[tuple[str, str]]:
    """Who was seen on which device: id of the customer, anonymous id."""
    return {
        (event.user_id, device)
        for event in events
        for device in (event.anonymous_id, previous_id(event))
        if event.user_id and device and event.state != PERSON
    }


def _link(source: EventSource, seen: Collection[tuple[str, str]], known: Known, at: datetime) -> set[tuple[str, str]]:
    """Note which customers were seen on which devices; return those of the pairs whose customer is known."""
    records = known.among({user for user, _ in seen})
    linked = {(user, device) for user, device in seen if user in records}
    devices: dict[int, set[str]] = defaultdict(set)
    for user, device in linked:
        devices[records[user].id].add(device)
    if devices:
        people.link(source, devices, at)
    return linked


def _note_what_they_became(source: EventSource, events: Sequence[Turn], known: Known) -> None:
    """Set the customers and touchpoints of the events."""
    ids = [event.message_id for event in events if event.state == APPLIED and event.type not in ABOUT_SOMEBODY]
    made = Touchpoint.objects.filter(source=source.name, external_id__in=ids)
    touchpoints = {key: (pk, customer) for key, pk, customer in made.values_list("external_id", "pk", "customer_id")}
    customers = known.among(_users(events))
    for event in events:
        event.touchpoint_id, customer = touchpoints.get(event.message_id, (None, None))
        event.customer_id = customer or (customers[event.user_id].id if event.user_id in customers else None)


def _users(events: Iterable[Turn]) -> set[str]:
    return {event.user_id for event in events if event.user_id}


def _usable(events: Iterable[Turn]) -> list[Turn]:
    return [event for event in events if event.state == APPLIED]


def _refuse(event: Turn, why: str) -> None:
    event.state, event.detail = State.REFUSED, why[:300]
