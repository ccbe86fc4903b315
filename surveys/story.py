"""What this room knows of a person's story: what was answered, and what else was written to us."""

from collections.abc import Collection, Iterator

from contacts.brands import visible_to
from contacts.readers import Reader
from contacts.story import Moment
from surveys.models import IncomingSms, Question, Response
from surveys.scale import mood

TOLD_ELSEWHERE = (IncomingSms.Meaning.SCORE, IncomingSms.Meaning.COMMENT, IncomingSms.Meaning.STOP)
"""A response has the former two, an opt-out the last."""


def moments(records: Collection[int], reader: Reader) -> Iterator[Moment]:
    """Yield, in no order, the person's responses with their answers, and the SMS that are no answer and no opt-out."""
    responses = visible_to(reader, Response.objects.filter(customer__in=records)).select_related("version__survey")
    yield from map(told, responses.prefetch_related("answers__question"))
    written = visible_to(reader, IncomingSms.objects.filter(customer__in=records))
    for sms in written.exclude(meaning__in=TOLD_ELSEWHERE, for_person=""):
        yield Moment(sms.at, "reply", "Wrote to us by SMS", sms.text, personal=True)


def told(response: Response) -> Moment:
    """Return what was answered as a moment of the story: the score in its title, the customer's words as text."""
    answers = list(response.answers.all())
    score = next((answer.number for answer in answers if answer.question.kind == Question.Kind.NPS), None)
    title = f"Answered “{response.version.survey}”" + (f": {score}" if score is not None else "")
    texts = (answer.text for answer in answers if answer.text)
    text = " / ".join(texts)
    return Moment(response.answered_at, "response", title, text, mood(score), response.simulated, personal=True)
