"""What a source says of who its customers are: their ids in other systems, and that an address is really theirs."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from django.conf import settings

from contacts.events.incoming import LONGEST_ID
from contacts.events.people import note_ids
from contacts.events.told import external_ids, properties_of
from contacts.events.turns import Turn
from contacts.identity import IdentityError, normalise_email, normalise_phone
from contacts.intake.customers import Known
from contacts.junk import is_junk_id
from contacts.models import Event, EventSource, Identifier
from contacts.models.events import DEVICE
from contacts.verifying import verify

VERIFIED = {
    "email_verified": Identifier.Type.EMAIL,
    "emailVerified": Identifier.Type.EMAIL,
    "phone_number_verified": Identifier.Type.PHONE,
    "phone_verified": Identifier.Type.PHONE,
}
"""Traits that say so (OpenID Connect Core 1.0, 5.1, and what others write) -> of which address."""
LONGEST_ISSUER = 60

Own = tuple[int, str, str, str]
"""Customer record, type, issuer and value of an identifier."""


def note_what_is_said(source: EventSource, told: Iterable[Turn], known: Known, at: datetime) -> None:
    """Keep what identifies tell of who their customers are elsewhere; what they call verified where it is believed."""
    identifies = [event for event in told if event.type == Event.Type.IDENTIFY and event.user_id]
    records = known.among({event.user_id for event in identifies})
    own = [(records[event.user_id].id, event) for event in identifies if event.user_id in records]
    told_ids = {one for customer, event in own for one, _ in _ids(customer, event.body)}
    note_ids({(customer, issuer, value) for customer, _, issuer, value in told_ids if issuer != source.name}, at)
    if source.vouches:
        said = {one for customer, event in own for one in _vouched(customer, event)}
        of_them = Identifier.objects.filter(customer__in={customer for customer, *_ in said}, verified_at=None)
        rows = of_them.values_list("pk", "customer", "type", "issuer", "value")
        verify([pk for pk, *one in rows if tuple(one) in said], by=source.name, at=at)


def _ids(customer: int, body: Mapping[str, Any]) -> Iterator[tuple[Own, bool]]:
    """The customer's ids in other systems, and whether each is called verified; without what can be none."""
    for told in external_ids(body):
        issuer, value = (str(told.get(name) or "").strip() for name in ("type", "id"))
        usable = 0 < len(issuer) <= LONGEST_ISSUER and not issuer.endswith(DEVICE) and 0 < len(value) <= LONGEST_ID
        if usable and not is_junk_id(value):
            yield (customer, Identifier.Type.EXTERNAL.value, issuer, value), told.get("verified") is True


def _vouched(customer: int, event: Turn) -> Iterator[Own]:
    traits = properties_of(event.type, event.body)
    for trait, type_ in VERIFIED.items():
        if traits.get(trait) is True and (value := _address(type_, traits)):
            yield customer, type_.value, "", value
    yield from (one for one, verified in _ids(customer, event.body) if verified)


def _address(type_: str, traits: Mapping[str, Any]) -> str:
    """The address that stands beside, as it is kept; empty where it is none."""
    told, country = str(traits.get(type_) or ""), str(traits.get("country") or "").upper()
    try:
        if type_ == Identifier.Type.EMAIL:
            return normalise_email(told)
        return normalise_phone(told, country or settings.DEFAULT_PHONE_REGION)
    except IdentityError:
        return ""
