"""What an interviewer sends: how the call ended, the time that the customer named, and her answers."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django import forms
from django.core import signing
from django.http import QueryDict

from surveys.calls.results import Call
from surveys.models import CallCase, CallOutcome
from surveys.named_times import MaybeTimeForm
from surveys.questions.reading import Given, names
from surveys.questions.spec import Spec

LONGEST_CALL = 4 * 60 * 60
PREFIX = "call."
"""Before the names of the form's own fields. No question can have such a name: a key holds no dot."""
SALT = "surveys.call_forms.offer"


class ResultForm(MaybeTimeForm):
    """How a call ended."""

    outcome = forms.ChoiceField(
        choices=CallOutcome.choices, error_messages={"required": "Say how the call ended: choose one of the outcomes."}
    )
    talk = forms.IntegerField(min_value=0, max_value=LONGEST_CALL, required=False, widget=forms.HiddenInput)
    note = forms.CharField(
        label="Note for whoever calls next",
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    offer = forms.CharField(widget=forms.HiddenInput)

    def __init__(self, case: CallCase, user_id: int, *args: Any, **options: Any) -> None:
        super().__init__(case.customer, *args, auto_id="%s", **options)
        self.case, self.user_id = case, user_id

    def add_prefix(self, field_name: str) -> str:
        return f"{PREFIX}{field_name}"

    @property
    def given(self) -> Given:
        """All that was sent, the answers among it."""
        return dict(self.data.lists()) if isinstance(self.data, QueryDict) else {}

    def clean_offer(self) -> datetime:
        """Return since when she had the case: the proof that she was given it, as the gate allowed the call."""
        try:
            case_id, user_id, since = signing.loads(self.cleaned_data["offer"], salt=SALT)
        except signing.BadSignature as error:
            raise forms.ValidationError("This page is not one of ours. Open the case again.") from error
        if (case_id, user_id) != (self.case.pk, self.user_id):
            raise forms.ValidationError("This case was not given to you. Ask for the next call.")
        return datetime.fromisoformat(since)

    def call(self, answers: Given) -> Call:
        """Return the call of a valid form."""
        given = self.cleaned_data
        return Call(
            outcome=given["outcome"],
            by_id=self.user_id,
            offered_at=given["offer"],
            seconds=given["talk"] or 0,
            note=given["note"].strip(),
            named=self.named,
            answers=answers,
        )


def offer(case: CallCase, user_id: int) -> str:
    """Return the signed proof that the interviewer has the case, and since when."""
    since = case.claimed_at.isoformat() if case.claimed_at else ""
    return signing.dumps((case.pk, user_id, since), salt=SALT)


def answers_of(data: QueryDict, questions: Sequence[Spec]) -> dict[str, str | list[str]]:
    """Return what was given to the questions that are asked, without what was left empty."""
    fields = (name for question in questions for name in names(question))
    return {name: sent for name in fields if (sent := [value for value in data.getlist(name) if value])}
