"""A colleague's answer to a test link: stored as a customer's would be, marked as a test, and shown."""

import hashlib

from surveys.keeping import Sitting, Standing
from surveys.models import Response
from surveys.page_words import PageWords
from surveys.questionnaires import drawn
from surveys.questions.answers import Part
from surveys.questions.details import NONE, OTHER
from surveys.questions.kinds import Kind
from surveys.questions.reading import as_given
from surveys.texts import QuestionWords
from surveys.trial_links import WORKS_FOR
from surveys.voices import LinkVoice


def sitting_of_trial(voice: LinkVoice, token: str) -> Sitting:
    """Return the sitting of whoever opened a test link. Only a hash of the link is stored, which opens nothing."""
    invitation = voice.invitation
    name = {"source": "cxsurvey", "external_id": f"test {hashlib.sha256(token.encode()).hexdigest()}"}
    columns = {
        **name,
        "version_id": invitation.version.pk,
        "channel": invitation.channel,
        "language": voice.language,
        "test": True,
    }
    return Sitting(
        sheet=drawn(voice.asked, invitation.version, token),
        version=invitation.version,
        customer=None,
        begun=True,
        columns=lambda: columns,
        found_by=name,
        change_for=2 * WORKS_FOR,
    )


def begin_again(sitting: Sitting) -> None:
    """Forget the test."""
    Response.objects.filter(**sitting.found_by, test=True).delete()


def told(voice: LinkVoice, standing: Standing, response: Response) -> list[tuple[str, list[str]]]:
    """Return what is stored of the test: each question with what was said to it, and columns with what was noted."""
    stored = [
        (question.text, [_said(question, part, voice.words) for part in standing.answers[question.key].values()])
        for question in standing.sheet.questions
        if question.key in standing.answers
    ]
    beside = {
        "seconds": [str(response.seconds)] if response.seconds is not None else [],
        "device": [response.device] if response.device else [],
        "flags": response.attributes.get("flags", []),
    }
    return [*stored, *((name, values) for name, values in beside.items() if values)]


def _said(question: QuestionWords, part: Part, words: PageWords) -> str:
    own = {OTHER: words.other, NONE: words.none}
    label = question.rows.get(part.part) or question.options.get(part.part) or own.get(part.part, "")
    if question.kind in (Kind.CHOICE, Kind.CHOICES):
        return f"{label}: {part.text}" if part.text else label
    if question.kind == Kind.MATRIX:
        return f"{label}: {question.options[question.details.options[(part.number or 1) - 1]]}"
    if question.kind == Kind.RANKING:
        return f"{part.number}. {label}"
    if question.kind in (Kind.YES_NO, Kind.CONTACT_WISH):
        return words.yes if part.number else words.no
    return as_given(question, {part.part: part})[question.key][0]
