"""An invitation as the message that goes out."""

from collections.abc import Sequence
from dataclasses import replace
from email.utils import parseaddr

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.text import normalize_newlines

from contacts.models import Brand
from contacts.models.words import Channel, Purpose
from surveys.channels.base import Message
from surveys.fields import SCALES, filled
from surveys.links import unsubscribe_url, url
from surveys.models import Attempt, Invitation, Question
from surveys.page_words import page_words
from surveys.phrases import phrases
from surveys.questions.spec import paged
from surveys.reply_texts import reply_text
from surveys.sms import fit, gsm
from surveys.speaking import direction
from surveys.texts import Facts, QuestionWords, Words, facts, fill

SMS_SENDER_LENGTH = 11
"""Characters that networks allow in a sender's name in place of a number."""


def compose(invitation: Invitation, words: Words, attempt: Attempt, *, link: str = "") -> Message:
    """Return the invitation as the message of this attempt: an email, or an SMS where its channel is that.

    A reminder has words of its own. `link`: what it leads to in place of the customer's answer. Needs the invitation
    with its customer, touchpoint, address and the version's survey and brand, and then no statement (one for a reply to
    an SMS). Raises ValueError for an invitation without an address.
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
    first = _first(words)
    question, scores = filled(first, known), _scores(first, words.language)
    context = {
        "language": words.language,
        "direction": direction(words.language),
        "phrases": phrases(words.language),
        "brand": brand,
        "paragraphs": fill(normalize_newlines(words.message), known).strip().split("\n\n"),
        "question": question,
        "scores": [(label, f"{link}?{question.key}={value}") for value, label in scores.items()],
        "ends": _ends(question, list(scores.values())),
        "link": link,
    }
    return Message(
        attempt_id=attempt.pk or 0,
        reference=attempt.our_reference,
        channel=invitation.channel,
        sender_name=one_line(brand.name),
        sender=brand.sender_email or parseaddr(settings.DEFAULT_FROM_EMAIL)[1],
        recipient=_recipient(invitation),
        subject=one_line(fill(words.subject, known)),
        text=render_to_string("surveys/mail.txt", context),
        html=render_to_string("surveys/mail.html", context),
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


def one_line(text: str) -> str:
    """Return the text fit for a mail header: without line breaks and other controls."""
    return " ".join("".join(character if character.isprintable() else " " for character in text).split())


def _first(words: Words) -> QuestionWords:
    """The first question that the page asks; where the first page asks nothing, what it tells."""
    page = paged(words.questions)[0]
    return next((question for question in page if question.asks), page[0])


def _scores(question: QuestionWords, language: str) -> dict[str, str]:
    """What can be answered with one tap in the message: value -> what is shown for it.

    Nothing where not every customer is asked it, or where it is no scale.
    """
    if question.fact or question.module:
        return {}
    words = page_words(language)
    if question.kind == Question.Kind.YES_NO:
        return {"1": words.yes, "0": words.no}
    star = " ★" if question.kind == Question.Kind.STARS else ""
    return {str(number): f"{number}{star}" for number in question.scale or ()} if question.kind in SCALES else {}


def _ends(question: QuestionWords, labels: Sequence[str]) -> list[tuple[str, str]]:
    """The first and the last score with what they mean, where that is written."""
    meant = (question.low, question.high)
    return list(zip((labels[0], labels[-1]), meant, strict=True)) if labels and all(meant) else []


def _name_as_sender(brand: Brand) -> str:
    return (gsm(brand.name) or brand.slug)[:SMS_SENDER_LENGTH].strip()


def _recipient(invitation: Invitation) -> str:
    if invitation.address is None:
        raise ValueError(f"Invitation {invitation.pk} has no address to be sent to.")
    return invitation.address.value
