"""What a customer is told after an answer: the step in which surveys and recovery meet."""

from recovery.followups import due_time
from recovery.improvements import said_and_done
from surveys.models import Question, Response
from surveys.pages import Aftercare
from surveys.scale import is_unhappy


def aftercare(response: Response) -> Aftercare:
    """Return what recovery will do about this answer, before its job has even seen it, and what it did about others."""
    given = set(response.answers.exclude(number=None).values_list("question__kind", "number"))
    unhappy = any(is_unhappy(kind, number) for kind, number in given)
    call = (Question.Kind.CONTACT_WISH, 1) in given
    due = due_time(response.answered_at)
    about = response.touchpoint or response.open_link
    kind = about.kind if about else ""
    return Aftercare(
        said_and_done=said_and_done(kind, response.language),
        read_by=due if unhappy and not call else None,
        call_by=due if call else None,
    )
