"""What customers wrote by SMS becomes their response: one for an invitation, whatever the order of arrival.

Everything is worked out anew from all that was written about the invitation, by the messages' own times. The last
score before the link closes counts; the first words are the comment, unless one was written on the web; the others
wait for a person. All messages are kept.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from contacts import gate
from contacts.models.words import Outcome, Purpose
from surveys.answering import INVITATIONS, AlreadyAnsweredError, amend, submit
from surveys.models import Answer, IncomingSms, Invitation, Question, Response, SurveyVersion
from surveys.questions.details import TEXT_LIMIT
from surveys.questions.reading import AnswerError
from surveys.replies import Said, read

NO_SCORE = "No score came with it yet. If one comes, this becomes its comment."
FURTHER = "There is a comment already; this came besides."
TOO_LONG = f"It is longer than the {TEXT_LIMIT} characters that a comment may have."
PHONE_NUMBER = "There seems to be a phone number in it. It is kept as the comment."
ASKS_MORE = "The survey has other questions that must be answered, so a reply alone cannot be taken."

Meaning = IncomingSms.Meaning


@dataclass(frozen=True, slots=True)
class Settled:
    """The response, if there is one; whether it is `new`, and whether it still lacks the words."""

    response: Response | None
    new: bool = False
    wants_comment: bool = False


def question_of(version: SurveyVersion) -> Question | None:
    """Return the question that a number or a yes answers: the first for a score, else the first of yes or no."""
    asked = {question.kind: question for question in reversed(version.questions.all())}
    return asked.get(Question.Kind.NPS) or asked.get(Question.Kind.YES_NO)


def text_question_of(version: SurveyVersion) -> Question | None:
    """Return the question that a comment answers: the first open one."""
    return next((question for question in version.questions.all() if question.kind == Question.Kind.TEXT), None)


def settle(invitation_id: int, at: datetime) -> Settled:
    """Bring the response to an invitation in line with what was written about it. Call it in a transaction.

    The invitation is locked first, so that two messages at once are two turns.
    """
    invitation = INVITATIONS.select_for_update(of=("self",), no_key=True).get(pk=invitation_id)
    told = list(
        IncomingSms.objects.filter(
            invitation=invitation, at__lte=invitation.closes_at, meaning__in=[Meaning.SCORE, Meaning.COMMENT]
        ).order_by("at", "gateway", "key")
    )
    settled = _settle_score(invitation, [sms for sms in told if sms.meaning == Meaning.SCORE], at)
    question = text_question_of(invitation.version)
    if question is None:
        return settled
    words = [sms for sms in told if _has_words(sms)]
    if settled.response is None:
        _explain(words, NO_SCORE)
        return settled
    wants_comment = _settle_comment(settled.response, question, words, at)
    if not wants_comment:
        _ask_for_no_comment(invitation, at)
    return Settled(settled.response, settled.new, wants_comment)


def _settle_score(invitation: Invitation, scores: Sequence[IncomingSms], at: datetime) -> Settled:
    response = Response.objects.select_related("version__survey__brand").filter(invitation=invitation).first()
    question = question_of(invitation.version)
    if question is None or not scores:
        return Settled(response)
    counts = scores[-1]
    given = {question.key: str(counts.number)}
    try:
        if response is None:
            return Settled(submit(invitation, given, at=at, said_at=counts.at), new=True)
    except AnswerError:
        _explain([counts], ASKS_MORE)
        return Settled(None)
    except AlreadyAnsweredError:
        response = Response.objects.select_related("version__survey__brand").get(invitation=invitation)
    # On the web it was answered later: then that counts.
    if counts.at >= response.answered_at:
        amend(response, given, at=at, said_at=counts.at)
    return Settled(response)


def _settle_comment(response: Response, question: Question, words: Sequence[IncomingSms], at: datetime) -> bool:
    """Put the first words into the response; return whether it has none."""
    written = Answer.objects.filter(response=response, question=question).values_list("text", flat=True).first()
    fitting = [sms for sms in words if len(sms.text) <= TEXT_LIMIT]
    _explain([sms for sms in words if sms not in fitting], TOO_LONG)
    ours = written is None or written in {sms.text.strip() for sms in fitting}
    if not (fitting and ours):
        _explain(fitting, FURTHER)
        return written is None
    comment, *others = fitting
    if written != comment.text.strip():
        amend(response, {question.key: comment.text}, at=at)
    _explain([comment], PHONE_NUMBER if read(comment.text).phone else "")
    _explain(others, FURTHER)
    return False


def _ask_for_no_comment(invitation: Invitation, at: datetime) -> None:
    """Take back the thank-you that asks for what has come."""
    IncomingSms.objects.filter(invitation=invitation, meaning=Meaning.SCORE, reply_due=True).update(reply_due=False)
    waiting = Invitation.objects.filter(
        replies_to__invitation=invitation, purpose=Purpose.THANK_YOU, state=Invitation.State.PLANNED
    )
    for thanks in waiting.select_for_update(of=("self",), skip_locked=True):
        gate.settle(thanks.contact_id, Outcome.CANCELLED, at=at)
        thanks.state, thanks.state_reason = Invitation.State.CANCELLED, "answered"
        thanks.save(update_fields=["state", "state_reason"])


def _has_words(sms: IncomingSms) -> bool:
    """Whether the message says something besides a score."""
    reading = read(sms.text)
    return sms.meaning == Meaning.COMMENT or reading.comment or reading.said == Said.WORDS


def _explain(messages: Sequence[IncomingSms], why: str) -> None:
    """Note why a person has to see to the messages; empty where nobody has to."""
    changed = [sms for sms in messages if sms.for_person != why]
    for sms in changed:
        sms.for_person = why
    if changed:
        IncomingSms.objects.filter(pk__in=[sms.pk for sms in changed]).update(for_person=why)
