"""What customers asked of us: no contact, less contact, another channel. It can only tighten the policy."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import datetime

from django.db import connection, transaction
from django.db.models import Q, QuerySet

from contacts.copying import among_ids
from contacts.frequency import PolicyError, parse_wish
from contacts.models import Identifier, OptOut, Wish
from contacts.models.words import Channel, Via
from contacts.persons import lock_records
from contacts.records import owners_of
from contacts.sharing import holders_elsewhere, on_another_record

OWN_WORD = (Via.LINK, Via.REPLY, Via.COMPLAINT, Via.CALL)
"""Where the customer spoke, not the staff on somebody's behalf."""


class ConsentError(ValueError):
    """A change of consent that is not ours to make; the text says who can."""


@transaction.atomic
def opt_out(customer_id: int, channel: str, *, at: datetime, via: str, wording: str = "") -> OptOut:
    """Record a customer's no to one channel, or to everything where `channel` is empty.

    Takes effect with the commit: nothing is handed over after it. A no that stands already is kept; the customer's own
    word replaces how the staff came to know it.
    """
    lock_records([customer_id])
    standing, made = OptOut.objects.get_or_create(
        customer_id=customer_id, channel=channel, reopened_at=None, defaults={"at": at, "via": via, "wording": wording}
    )
    if not made and via in OWN_WORD and standing.via not in OWN_WORD:
        standing.via, standing.wording = via, wording
        standing.save(update_fields=["via", "wording"])
    return standing


@transaction.atomic
def reopen(customer_id: int, channel: str, *, at: datetime, via: str) -> None:
    """Take back the opt-outs from one channel, or all of them where `channel` is empty; the others stay.

    Raises ConsentError where the staff would undo the customer's own word.
    """
    standing = _standing(customer_id)
    concerned = standing.filter(channel__in=["", channel]) if channel else standing
    if via not in OWN_WORD and concerned.filter(via__in=OWN_WORD).exists():
        raise ConsentError(
            "The customer said no in person: only the customer can take it back, by link, reply or call."
        )
    for refusal in concerned.filter(channel="") if channel else ():
        _keep_other_channels(refusal, channel)
    concerned.update(reopened_at=at, reopened_via=via)


@transaction.atomic
def pause(customer_id: int, until: datetime, *, at: datetime, via: str) -> Wish:
    """No contact before `until`. Raises ConsentError for an instant that has passed."""
    if until <= at:
        raise ConsentError("The pause would end before it begins: give a later date.")
    return _wish(customer_id, Wish(kind=Wish.Kind.PAUSE, pause_until=until, at=at, via=via))


@transaction.atomic
def ask_less(customer_id: int, days: int, *, at: datetime, via: str) -> Wish:
    """At most one contact in so many days. Raises ConsentError for fewer than 1 day."""
    if days < 1:
        raise ConsentError("Give the number of days between two contacts, 1 or more.")
    return _wish(customer_id, Wish(kind=Wish.Kind.ONCE_IN_DAYS, once_in_days=days, at=at, via=via))


@transaction.atomic
def prefer(customer_id: int, channel: str, *, at: datetime, via: str) -> Wish:
    """Use only this channel wherever a program offers it. Raises ConsentError for an unknown channel."""
    if channel not in Channel.values:
        raise ConsentError(f"Give one of the channels {', '.join(Channel.values)}.")
    return _wish(customer_id, Wish(kind=Wish.Kind.CHANNEL, channel=channel, at=at, via=via))


@transaction.atomic
def prefer_hours(customer_id: int, hours: Mapping[str, str], *, at: datetime, via: str) -> Wish:
    """Contact only in these weekly hours of the customer's clock that are contact hours too: `{"sat": "10:00-12:00"}`.

    Raises ConsentError that names the place of hours that cannot be read, or that are never or always.
    """
    try:
        parse_wish(hours)
    except PolicyError as error:
        raise ConsentError(str(error)) from error
    return _wish(customer_id, Wish(kind=Wish.Kind.HOURS, hours=dict(hours), at=at, via=via))


@transaction.atomic
def take_all_back(customer_id: int, *, at: datetime, via: str) -> None:
    """Take back every opt-out and wish of the person. Raises ConsentError unless it is the customer's own word."""
    if via not in OWN_WORD:
        raise ConsentError("Only the customer can take this back, by link, reply or call.")
    _standing(customer_id).update(reopened_at=at, reopened_via=via)
    records = [record.id for record in lock_records([customer_id])]
    Wish.objects.filter(customer__in=records, withdrawn_at=None).update(withdrawn_at=at)


def whose_no_counts(messages: Mapping[int, tuple[int, int | None]]) -> dict[int, set[int]]:
    """Message -> (customer, address) in, message -> ids of the records whose opt-outs close its channel out.

    Those of the person, and of whoever has the address too. Two statements, unless an address is shared.
    """
    addresses = {address for _, address in messages.values() if address}
    shared = Identifier.objects.filter(pk__in=addresses).filter(on_another_record())
    holders = {pk: set(persons) for pk, persons in shared.values_list("pk", holders_elsewhere())}
    customers = {customer for customer, _ in messages.values()}
    owners = owners_of(customers.union(*holders.values()))
    records: dict[int, set[int]] = defaultdict(set)
    for record, person in owners.items():
        records[person].add(record)
    return {
        message: records[owners[customer]].union(*(records[person] for person in holders.get(address or 0, ())))
        for message, (customer, address) in messages.items()
    }


def hold_open(records: Collection[int], channel: str) -> bool:
    """Whether none of these customer records has said no to the channel: what is true stays so until the commit.

    As SQL, because it is asked for each message.
    """
    among, ids = among_ids("id", records)
    of_them, _ = among_ids("customer_id", records)
    with connection.cursor() as cursor:
        if connection.features.has_select_for_update:
            cursor.execute(f"SELECT id FROM contacts_customer WHERE {among} ORDER BY id FOR NO KEY UPDATE", ids)
        standing = f"{of_them} AND channel IN ('', %s) AND reopened_at IS NULL"
        cursor.execute(f"SELECT 1 FROM contacts_optout WHERE {standing} LIMIT 1", [*ids, channel])
        return cursor.fetchone() is None


def close_address(identifier_id: int, reason: str, *, at: datetime) -> None:
    """Never use this address again: it bounced or does not exist. No opt-out: other addresses stay in use."""
    Identifier.objects.filter(pk=identifier_id, closed_at=None).update(closed_at=at, closed_reason=reason)


def _standing(customer_id: int) -> QuerySet[OptOut]:
    """The open opt-outs on any record of the person, whom this locks."""
    records = [record.id for record in lock_records([customer_id])]
    return OptOut.objects.filter(customer_id__in=records, reopened_at=None)


def _keep_other_channels(refusal: OptOut, reopened: str) -> None:
    """A no to everything, taken back for one channel, stays a no to each of the others."""
    for channel in Channel.values:
        if channel != reopened:
            OptOut.objects.get_or_create(
                customer_id=refusal.customer_id,
                channel=channel,
                reopened_at=None,
                defaults={"at": refusal.at, "via": refusal.via, "wording": refusal.wording},
            )


def _wish(customer_id: int, wish: Wish) -> Wish:
    """Save the wish. The customer's own word replaces earlier ones of its kind; the staff's only adds to them."""
    records = [record.id for record in lock_records([customer_id])]
    if wish.via in OWN_WORD:
        earlier = Wish.objects.filter(Q(customer_id__in=records), kind=wish.kind, withdrawn_at=None)
        earlier.update(withdrawn_at=wish.at)
    wish.customer_id = customer_id
    wish.save()
    return wish
