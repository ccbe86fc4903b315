"""Whether a case that an interviewer has on the screen is still hers to call. Reads only."""

from dataclasses import dataclass
from datetime import datetime

from contacts.explaining import named as name_of
from contacts.explaining import say_decision
from contacts.models import Decision
from contacts.models.customers import PERSON
from surveys.calls.cases import ANSWERED, CASES, OPTED_OUT
from surveys.calls.closing import assess
from surveys.models import CallCase


@dataclass(frozen=True, slots=True)
class Watch:
    """What became of the case: `state` is yours, answered, refused, closed, taken, over or wait; `text` says it."""

    state: str
    text: str


YOURS = Watch("yours", "")
ANSWERED_ON_THE_WEB = Watch("answered", "The customer has just answered on the web. Do not call about this any more.")
OPTED_OUT_NOW = Watch("refused", "The customer has just opted out. Do not call any more.")
CLOSED = Watch("closed", "This case is closed.")
OVER = Watch("over", "Your time with this case is over. Take it again to go on.")


def watch(case_id: int, user_id: int, at: datetime, *, dialled: bool) -> Watch:
    """Return what became of a case; until she has `dialled`, also whether the rules still allow the call.

    Raises CallCase.DoesNotExist where the customer was erased.
    """
    case = CASES.get(pk=case_id)
    known = CallCase.objects.annotate(person=PERSON).filter(pk=case_id)
    if known.filter(ANSWERED).exists() and case.response_id is None:
        return ANSWERED_ON_THE_WEB
    if known.filter(OPTED_OUT).exists():
        return OPTED_OUT_NOW
    if case.state == CallCase.State.CLOSED:
        return CLOSED
    if case.claimed_by_id != user_id or not case.claimed_until or case.claimed_until <= at:
        return _not_hers(case, user_id, at)
    return YOURS if dialled else _allowed(case, at)


def _not_hers(case: CallCase, user_id: int, at: datetime) -> Watch:
    held = case.claimed_until and case.claimed_until > at
    if held and case.claimed_by and case.claimed_by_id != user_id:
        return Watch("taken", f"{name_of(case.claimed_by)} has this case now. Do not call.")
    return OVER


def _allowed(case: CallCase, at: datetime) -> Watch:
    [answer] = assess([case], at)
    if answer.result == Decision.Result.SEND:
        return YOURS
    text = say_decision(answer.result, answer.allowed_at, answer.reasons, case.customer.time_zone)
    return Watch("wait", f"The rules do not allow the call any more. {text}")
