"""The asks behind contacts that have their place already, to be asked once more."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from contacts.gate.asks import Ask
from contacts.models import Contact, Decision


def asks_again(contacts: Sequence[Contact], expiries: Mapping[int, datetime | None]) -> dict[int, Ask]:
    """The asks that led to these contacts, by contact id, as the ledger and their first decisions hold them.

    Contacts that the gate was never asked for, such as what another system has planned, have none.
    """
    decisions = Decision.objects.filter(contact__in=contacts).order_by("-pk")
    about = decisions.values_list("contact", "touchpoint", "probability")
    first = {contact_id: (touchpoint_id, probability) for contact_id, touchpoint_id, probability in about}
    return {
        contact.pk: Ask(
            customer_id=contact.customer_id,
            at=contact.at,
            channels=(contact.channel,),
            purpose=contact.purpose,
            survey=contact.survey,
            program=contact.program,
            touchpoint_id=first[contact.pk][0],
            expires=expiries[contact.pk],
            priority=contact.priority,
            seconds=contact.seconds,
            probability=first[contact.pk][1],
            source=contact.source,
            contact_id=contact.pk,
        )
        for contact in contacts
        if contact.pk in first
    }
