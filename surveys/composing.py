"""An invitation as the message that goes out."""

from dataclasses import replace
from email.utils import parseaddr

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.text import normalize_newlines

from contacts.models import Brand
from contacts.models.words import Channel
from surveys.channels.base import Message
from surveys.links import unsubscribe_url, url
from surveys.models import Attempt, Invitation, Question
from surveys.phrases import phrases
from surveys.sms import fit, gsm
from surveys.texts import Facts, QuestionWords, Words, facts, fill

SCORES = range(11)
SMS_SENDER_LENGTH = 11
"""Characters that networks allow in a sender's name in place of a number."""


def compose(invitation: Invitation, words: Words, attempt: Attempt) -> Message:
    """Return the invitation as the message of this attempt: an email, or an SMS where its channel is that.

    Needs the invitation with its customer, touchpoint, address and the version's survey and brand, and then no
    statement. Raises ValueError for an invitation without an address.
    """
    return (_sms if invitation.channel == Channel.SMS else _email)(invitation, words, attempt)


def _email(invitation: Invitation, words: Words, attempt: Attempt) -> Message:
    link = url(invitation)
    known = facts(invitation, words, link=link)
    brand = invitation.version.survey.brand
    question = _filled(words.questions[0], known)
    context = {
        "language": words.language,
        "phrases": phrases(words.language),
        "brand": brand,
        "paragraphs": fill(normalize_newlines(words.message), known).strip().split("\n\n"),
        "question": question,
        "scores": [(score, f"{link}?score={score}") for score in SCORES] if question.kind == Question.Kind.NPS else [],
        "link": link,
    }
    return Message(
        attempt_id=attempt.pk,
        reference=attempt.our_reference,
        channel=invitation.channel,
        sender_name=one_line(brand.name),
        sender=brand.sender_email or parseaddr(settings.DEFAULT_FROM_EMAIL)[1],
        recipient=_recipient(invitation),
        subject=one_line(fill(words.subject, known)),
        text=render_to_string("surveys/mail.txt", context),
        html=render_to_string("surveys/mail.html", context),
        unsubscribe=unsubscribe_url(invitation),
        at=attempt.started_at,
        key=attempt.key,
    )


def _sms(invitation: Invitation, words: Words, attempt: Attempt) -> Message:
    brand = invitation.version.survey.brand
    known = facts(invitation, words, link=url(invitation), short=True)
    return Message(
        attempt_id=attempt.pk,
        reference=attempt.our_reference,
        channel=invitation.channel,
        sender_name="",
        sender=brand.sender_phone or settings.SMS_SENDER or _name_as_sender(brand),
        recipient=_recipient(invitation),
        text=fit(words.sms, known, brand_slug=brand.slug),
        at=attempt.started_at,
        key=attempt.key,
    )


def one_line(text: str) -> str:
    """Return the text fit for a mail header: without line breaks and other controls."""
    return " ".join("".join(character if character.isprintable() else " " for character in text).split())


def _filled(question: QuestionWords, known: Facts) -> QuestionWords:
    low, high = (fill(text, known) for text in (question.low, question.high))
    return replace(question, text=fill(question.text, known), low=low, high=high)


def _name_as_sender(brand: Brand) -> str:
    return (gsm(brand.name) or brand.slug)[:SMS_SENDER_LENGTH].strip()


def _recipient(invitation: Invitation) -> str:
    if invitation.address is None:
        raise ValueError(f"Invitation {invitation.pk} has no address to be sent to.")
    return invitation.address.value
