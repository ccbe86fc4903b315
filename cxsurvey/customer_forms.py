"""What is filled in on the customer's page: a call and how it ended, an appointment, an override, a no."""

from typing import Any

from django import forms

from contacts.brands import records_read
from contacts.gate import LeaveError
from contacts.models import Customer, Touchpoint
from contacts.models.words import CALL_OUTCOMES, Channel, Via
from contacts.readers import Reader
from surveys.named_times import MaybeTimeForm, TimeForm


class MomentInput(forms.DateTimeInput):
    input_type = "datetime-local"


class AboutForm(TimeForm):
    """A time that the customer named, and the experience that it is about."""

    def __init__(self, customer: Customer, *args: Any, reader: Reader, **options: Any) -> None:
        super().__init__(customer, *args, **options)
        newest = Touchpoint.objects.filter(customer__in=records_read(customer.pk, reader)).order_by("-occurred_at")
        self.fields["touchpoint"] = forms.ModelChoiceField(
            newest, label="About", required=False, empty_label="Nothing in particular", initial=newest.first()
        )
        self.order_fields(self.field_order)

    @property
    def touchpoint_id(self) -> int | None:
        """The experience that was chosen."""
        touchpoint = self.cleaned_data["touchpoint"]
        return touchpoint.pk if touchpoint else None


class AppointmentForm(AboutForm):
    """A time at which the customer asked to be called."""

    field_order = ("touchpoint", "day", "starts_at", "ends_at", "any_hour")


class CallForm(MaybeTimeForm, AboutForm):
    """A call that was dialled: how it ended, about which experience it was, and which other time the customer named."""

    outcome = forms.ChoiceField(
        label="How did it end", choices=[(outcome.value, outcome.label) for outcome in CALL_OUTCOMES]
    )
    minutes = forms.IntegerField(label="Talk time in minutes", min_value=0, max_value=600, initial=0)
    field_order = ("outcome", "minutes", "touchpoint", "day", "starts_at", "ends_at", "any_hour")

    @property
    def about_the_call(self) -> list[forms.BoundField]:
        """The fields that every call has."""
        return [field for field in self if field.name not in self.NAMED]


class OverrideForm(forms.Form):
    """A person's leave for one contact although the policy says no."""

    channel = forms.ChoiceField(label="By", choices=Channel.choices, initial=Channel.PHONE)
    reason = forms.CharField(
        label="Why this customer may be contacted all the same",
        widget=forms.Textarea(attrs={"rows": 2}),
        max_length=1000,
        error_messages={"required": "Say why this customer may be contacted although the policy says no."},
    )
    ends_at = forms.DateTimeField(
        label="Until",
        help_text="By your own clock. For one contact; opt-outs, wishes and contact hours hold all the same.",
        widget=MomentInput(format="%Y-%m-%dT%H:%M"),
    )


class OptOutForm(forms.Form):
    """A customer's no that reached us by other means than a link."""

    channel = forms.ChoiceField(label="Stop", choices=[("", "Everything"), *Channel.choices], required=False)
    via = forms.ChoiceField(
        label="How we know", choices=[(via.value, via.label) for via in (Via.CALL, Via.COMPLAINT, Via.STAFF)]
    )
    wording = forms.CharField(label="In the customer's words", required=False, max_length=1000)


def focus_on_error(form: forms.Form) -> None:
    """Bring the reader to the first field that is wrong, wherever on the page it is."""
    wrong = [field for field in form if field.errors]
    if wrong:
        wrong[0].field.widget.attrs["autofocus"] = True


def add_leave_error(form: forms.Form, error: LeaveError) -> None:
    """Show the error beside the field that it is about."""
    form.add_error(error.place if error.place in form.fields else None, f"{error.text[0].upper()}{error.text[1:]}")
