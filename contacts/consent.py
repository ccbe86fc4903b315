"""What customers asked of us: no contact, less contact, another channel. It can only tighten the policy."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path

from django.db import transaction
from django.db.models import Q, QuerySet

from contacts import refusals
from contacts.frequency import PolicyError, parse_wish
from contacts.models import ConsentEvent, Erased, ErasureDue, Identifier, OptOut, Wish
from contacts.models.words import Channel, Via
from contacts.persons import lock_records
from contacts.proof import NOTED, UNPROVEN, Proof, keep

OWN_WORD = (Via.LINK, Via.REPLY, Via.COMPLAINT, Via.CALL)
"""Where the customer spoke, not the staff on somebody's behalf."""
Said = ConsentEvent.Said
VALUES = {
    Wish.Kind.PAUSE: "pause_until",
    Wish.Kind.ONCE_IN_DAYS: "once_in_days",
    Wish.Kind.CHANNEL: "channel",
    Wish.Kind.HOURS: "hours",
}
"""Where the value of a wish of each kind stands."""


class ConsentError(ValueError):
    """A change of consent that is not ours to make; the text says who can."""


@transaction.atomic
def opt_out(customer_id: int, channel: str, *, at: datetime, via: str, proof: Proof = UNPROVEN) -> OptOut:
    """Record a customer's no to one channel, or to everything where `channel` is empty.

    Takes effect with the commit: nothing is handed over after it. A no that stands already is kept; the customer's own
    word replaces how the staff came to know it.
    """
    lock_records([customer_id])
    said = {"at": at, "via": via, "wording": proof.wording}
    standing, made = OptOut.objects.get_or_create(
        customer_id=customer_id, channel=channel, reopened_at=None, defaults=said
    )
    in_person = not made and via in OWN_WORD and standing.via not in OWN_WORD
    if in_person:
        standing.via, standing.wording = via, proof.wording
        standing.save(update_fields=["via", "wording"])
    if made or in_person:
        keep(customer_id, Said.OPT_OUT, channel, proof, at=at, via=via)
    if made:
        refusals.note(customer_id, refusals.NO, channel, at=at, via=via)
    return standing


@transaction.atomic
def reopen(customer_id: int, channel: str, *, at: datetime, via: str, proof: Proof = UNPROVEN) -> None:
    """Record a customer's yes to a channel, or to everything where it is empty: opt-outs from it are taken back.

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
    keep(customer_id, Said.OPT_IN, channel, proof, at=at, via=via)
    _note_taken_back(customer_id, channel, at, via)


@transaction.atomic
def pause(customer_id: int, until: datetime, *, at: datetime, via: str, proof: Proof = UNPROVEN) -> Wish:
    """No contact before `until`. Raises ConsentError for an instant that has passed."""
    if until <= at:
        raise ConsentError("The pause would end before it begins: give a later date.")
    return _wish(customer_id, Wish(kind=Wish.Kind.PAUSE, pause_until=until, at=at, via=via), proof)


@transaction.atomic
def ask_less(customer_id: int, days: int, *, at: datetime, via: str, proof: Proof = UNPROVEN) -> Wish:
    """At most one contact in so many days. Raises ConsentError for fewer than 1 day."""
    if days < 1:
        raise ConsentError("Give the number of days between two contacts, 1 or more.")
    return _wish(customer_id, Wish(kind=Wish.Kind.ONCE_IN_DAYS, once_in_days=days, at=at, via=via), proof)


@transaction.atomic
def prefer(customer_id: int, channel: str, *, at: datetime, via: str, proof: Proof = UNPROVEN) -> Wish:
    """Use only this channel wherever a program offers it. Raises ConsentError for an unknown channel."""
    if channel not in Channel.values:
        raise ConsentError(f"Give one of the channels {', '.join(Channel.values)}.")
    return _wish(customer_id, Wish(kind=Wish.Kind.CHANNEL, channel=channel, at=at, via=via), proof)


@transaction.atomic
def prefer_hours(
    customer_id: int, hours: Mapping[str, str], *, at: datetime, via: str, proof: Proof = UNPROVEN
) -> Wish:
    """Contact only in these weekly hours of the customer's clock that are contact hours too: `{"sat": "10:00-12:00"}`.

    Raises ConsentError that names the place of hours that cannot be read, or that are never or always.
    """
    try:
        parse_wish(hours)
    except PolicyError as error:
        raise ConsentError(str(error)) from error
    return _wish(customer_id, Wish(kind=Wish.Kind.HOURS, hours=dict(hours), at=at, via=via), proof)


@transaction.atomic
def take_all_back(customer_id: int, *, at: datetime, via: str, proof: Proof = UNPROVEN) -> None:
    """Take back every opt-out and wish of the person. Raises ConsentError unless it is the customer's own word."""
    if via not in OWN_WORD:
        raise ConsentError("Only the customer can take this back, by link, reply or call.")
    if _standing(customer_id).exists():
        reopen(customer_id, "", at=at, via=via, proof=proof)
    records = [known.id for known in lock_records([customer_id])]
    if Wish.objects.filter(customer__in=records, withdrawn_at=None).update(withdrawn_at=at):
        keep(customer_id, Said.WITHDRAWN, "", proof, at=at, via=via)
    _note_taken_back(customer_id, "", at, via)


def bring_back(path: Path) -> int:
    """Let what customers refused after the database's own time hold again, from a journal; return of how many records.

    Said again are only the words that are later than the last one that the database has of a record. Who was erased is
    known again by the hashes, and waits to be erased again (`ErasureDue`) where the backup brought her back.
    """
    changed, words = 0, list(refusals.noted(path))
    _remember_again([word for word in words if word.said == refusals.ERASED])
    for record, of_record in refusals.by_record(words).items():
        known = [at for pair in OptOut.objects.filter(customer=record).values_list("at", "reopened_at") for at in pair]
        last = max((at for at in known if at), default=None)
        later = [word for word in of_record if last is None or word.at > last or word.said == refusals.ERASED]
        for word in later:
            _say_again(record, word)
        changed += bool(later)
    return changed


def _say_again(record: int, word: refusals.Word) -> None:
    if word.said == refusals.ERASED:
        ErasureDue.objects.get_or_create(customer_id=record, defaults={"at": word.at, "via": word.via})
        return
    again = opt_out if word.said == refusals.NO else reopen
    again(record, "" if word.channel == refusals.ALL else word.channel, at=word.at, via=word.via, proof=NOTED)


def _remember_again(erasures: Iterable[refusals.Word]) -> None:
    Erased.objects.bulk_create(
        [
            Erased(hash=one, at=word.at, via=word.via)
            for word in erasures
            for one in sorted({word.who, *word.addresses})
        ],
        ignore_conflicts=True,
    )


def close_address(identifier_id: int, reason: str, *, at: datetime) -> None:
    """Never use this address again: it bounced or does not exist. No opt-out: other addresses stay in use."""
    Identifier.objects.filter(pk=identifier_id, closed_at=None).update(closed_at=at, closed_reason=reason)


def _note_taken_back(customer_id: int, channel: str, at: datetime, via: str) -> None:
    """Note it once it is committed, and only the customer's own word: what the staff took back may stay a no."""
    if via in OWN_WORD:
        transaction.on_commit(lambda: refusals.note(customer_id, refusals.YES, channel, at=at, via=via))


def _standing(customer_id: int) -> QuerySet[OptOut]:
    """The open opt-outs on any record of the person, whom this locks."""
    records = [known.id for known in lock_records([customer_id])]
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


def _wish(customer_id: int, wish: Wish, proof: Proof) -> Wish:
    """Save the wish. The customer's own word replaces earlier ones of its kind; the staff's only adds to them."""
    records = [known.id for known in lock_records([customer_id])]
    if wish.via in OWN_WORD:
        earlier = Wish.objects.filter(Q(customer_id__in=records), kind=wish.kind, withdrawn_at=None)
        earlier.update(withdrawn_at=wish.at)
    wish.customer_id = customer_id
    wish.save()
    value = getattr(wish, VALUES[Wish.Kind(wish.kind)])
    asked = {VALUES[Wish.Kind(wish.kind)]: value.isoformat() if isinstance(value, datetime) else value}
    keep(customer_id, Said.WISH, wish.channel, proof, at=wish.at, via=wish.via, asked=asked)
    return wish
