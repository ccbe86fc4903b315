"""An invitation as the message that goes out."""

from dataclasses import replace
from email.utils import parseaddr
from functools import lru_cache

from django.conf import settings

from contacts.models import Brand
from contacts.models.words import Channel, Purpose
from surveys.channels.base import Message
from surveys.links import unsubscribe_url, url
from surveys.models import Attempt, Invitation
from surveys.molds import body
from surveys.reply_texts import reply_text
from surveys.sms import fit, gsm
from surveys.texts import Facts, Words, facts, fill

SMS_SENDER_LENGTH = 11
"""Characters that networks allow in a sender's name in place of a number."""


def compose(invitation: Invitation, words: Words, attempt: Attempt, *, link: str = "") -> Message:
    """Return the invitation as the message of this attempt: an email, or an SMS where its channel is that.

    A reminder has words of its own. `link`: what it leads to in place of the customer's answer. Needs the invitation
    with its customer, touchpoint, address and the version's survey, brand and look, and then no statement (one for a
    reply to an SMS). Raises ValueError for an invitation without an address.
    """
    write = _sms if invitation.channel == Channel.SMS else _email
    spoken = _reminding(words) if invitation.purpose == Purpose.REMINDER else words
    return write(invitation, spoken, attempt, link or url(invitation))


def _reminding(words: Words) -> Words:
    """The words with those of a reminder in the place of an invitation's."""
    return replace(words, subject=words.reminder_subject, message=words.reminder_message, sms=words.reminder_sms)


def _email(invitation: Invitation, words: Words, attempt: Attempt, link: str) -> Message:
    known = facts(invitation, words, link=link)
    brand = invitation.version.survey.brand
    written = body(words, brand, known)
    return Message(
        attempt_id=attempt.pk or 0,
        reference=attempt.our_reference,
        channel=invitation.channel,
        sender_name=one_line(brand.name),
        sender=brand.sender_email or _address_in(settings.DEFAULT_FROM_EMAIL),
        recipient=_recipient(invitation),
        subject=one_line(fill(words.subject, known)),
        text=written.text,
        html=written.html,
        unsubscribe=unsubscribe_url(link),
        at=attempt.started_at,
        key=attempt.key,
    )


def _sms(invitation: Invitation, words: Words, attempt: Attempt, link: str) -> Message:
    brand = invitation.version.survey.brand
    known = facts(invitation, words, link=link, short=True)
    return Message(
        attempt_id=attempt.pk or 0,
        reference=attempt.our_reference,
        channel=invitation.channel,
        sender_name="",
        sender=brand.sender_phone or settings.SMS_SENDER or _name_as_sender(brand),
        recipient=_recipient(invitation),
        text=_sms_text(invitation, words, known),
        at=attempt.started_at,
        key=attempt.key,
    )


def _sms_text(invitation: Invitation, words: Words, known: Facts) -> str:
    if invitation.replies_to:
        return reply_text(invitation.replies_to, words, known, invitation.version.survey.brand)
    return fit(words.sms, known, brand_slug=invitation.version.survey.brand.slug)


@lru_cache(maxsize=4)
def _address_in(sender: str) -> str:
    """The address in a sender that may have a name."""
    return parseaddr(sender)[1]


def one_line(text: str) -> str:
    """Return the text fit for a mail header: without line breaks and other controls."""
    return " ".join("".join(character if character.isprintable() else " " for character in text).split())


def _name_as_sender(brand: Brand) -> str:
    return (gsm(brand.name) or brand.slug)[:SMS_SENDER_LENGTH].strip()


def _recipient(invitation: Invitation) -> str:
    if invitation.address is None:
        raise ValueError(f"Invitation {invitation.pk} has no address to be sent to.")
    return invitation.address.value
