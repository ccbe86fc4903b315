"""The form of a program: touchpoint kinds and channels are chosen from those that came in, not typed."""

from datetime import timedelta
from typing import Any

from django import forms
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelectWidget,
)

from contacts.came_in import came_in
from contacts.readers import EVERYTHING, Reader
from surveys.models import Program
from surveys.reminding import problem

#: Words -> channels in order of preference.
WAYS = {
    "email,sms": "Email, else SMS",
    "sms,email": "SMS, else email",
    "email": "Email only",
    "sms": "SMS only",
    "phone": "Phone: interviewers call",
}

#: Times -> words.
TIMES = {0: "Never", 1: "Once", 2: "Up to twice", 3: "Up to 3 times"}
REMINDER_FIELDS = ("reminders", "reminder_after", "reminder_channel")


DAY, HOUR = timedelta(days=1), timedelta(hours=1)


class SpanField(forms.FloatField):
    """A span of time as a number of days or hours; kept to the second, so that 20 minutes come back as they went."""

    widget = UnfoldAdminIntegerFieldWidget

    def __init__(self, unit: timedelta, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.unit = unit

    def prepare_value(self, value: Any) -> Any:
        return f"{value / self.unit:g}" if isinstance(value, timedelta) else value

    def clean(self, value: Any) -> Any:
        return timedelta(seconds=round(super().clean(value) * self.unit.total_seconds()))

    def has_changed(self, initial: Any, data: Any) -> bool:
        return super().has_changed(self.prepare_value(initial), data)


def default_of(field: str) -> Any:
    """Return what a new program has in a field of its model."""
    return getattr(Program(), field)


def choices_of(field: str, reader: Reader) -> list[tuple[str, str]]:
    """Return every kind or channel of the touchpoints so far that somebody may read as a choice."""
    return [(value, value.replace("_", " ").capitalize()) for value in came_in(field, reader)]


class ProgramForm(forms.ModelForm):  # type: ignore[type-arg]  # cannot be subscripted when it runs
    """A program as a manager thinks of it; `reader` is the manager."""

    reader = EVERYTHING

    kinds = forms.MultipleChoiceField(
        label="Kinds of touchpoints",
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
        help_text="Those that have come in so far. Import touchpoints to see more.",
    )
    channels = forms.MultipleChoiceField(
        label="Only at these places",
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
        required=False,
        help_text="None chosen means everywhere.",
    )
    contact_channels = forms.ChoiceField(label="Ask by", widget=UnfoldAdminSelectWidget, choices=list(WAYS.items()))
    delay = SpanField(
        HOUR,
        label="Ask after so many hours",
        initial=default_of("delay"),
        min_value=0,
        max_value=24 * 90,
        help_text="From the touchpoint to the invitation, at the earliest: contact hours and caps may make it later.",
    )
    worth = SpanField(
        DAY,
        label="Worth asking for so many days",
        initial=default_of("worth"),
        min_value=0,
        max_value=365,
        help_text="After the touchpoint. Who may not be asked until then is not asked about it at all.",
    )
    reminders = forms.TypedChoiceField(
        label="Remind",
        coerce=int,
        widget=UnfoldAdminSelectWidget,
        choices=list(TIMES.items()),
        help_text="Who has answered, declined or said no is never reminded. A reminder the customer asked for counts.",
    )
    reminder_after = SpanField(
        DAY,
        label="After so many days",
        initial=default_of("reminder_after"),
        min_value=1,
        max_value=90,
        help_text="Without an answer: from the invitation to its reminder, and from one reminder to the next.",
    )
    reminder_channel = forms.ChoiceField(
        label="Remind by",
        required=False,
        widget=UnfoldAdminSelectWidget,
        choices=[("", "The way the customer was asked"), ("email", "Email"), ("sms", "SMS")],
        help_text="Who has no address for this channel is not reminded.",
    )

    class Meta:
        model = Program
        fields = (
            *("name", "slug", "survey", "active", "starts_at", "kinds", "channels", "filters", "share"),
            *("delay", "worth", "contact_channels", "priority", "link_days", *REMINDER_FIELDS),
        )
        labels = {
            "filters": "Only where",
            "share": "Share of them",
            "link_days": "The link stays open for so many days",
        }
        help_texts = {
            "filters": "A field or attribute of the touchpoint with the values that count, all of which must match: "
            '{"outcome": ["damaged"], "team": ["Berlin", "Leeds"]}. {} means all.',
            "share": "1 asks about each, 0.2 about one in five, drawn by lot. For a target its plan decides instead.",
            "priority": "Where two programs want the same customer, the larger is served first.",
            "link_days": "From the day it is sent.",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in (("kinds", "kind"), ("channels", "channel")):
            self.fields[name].choices = choices_of(field, self.reader)  # type: ignore[attr-defined]
        self.initial["contact_channels"] = ",".join(self.instance.contact_channels)

    def clean_contact_channels(self) -> list[str]:
        return str(self.cleaned_data["contact_channels"]).split(",")

    def clean_reminder_channel(self) -> str:
        channel = str(self.cleaned_data["reminder_channel"])
        if wrong := problem(Program(reminder_channel=channel)):
            raise forms.ValidationError(wrong)
        return channel

    def clean(self) -> dict[str, Any] | None:
        """Refuse reminders that could not come in time; what the policy holds back is only warned of."""
        cleaned = super().clean()
        given = self.cleaned_data
        if given.get("reminders") and {"reminder_after", "delay", "worth", "link_days"} <= given.keys():
            after = given["reminder_after"]
            if given["delay"] + after >= given["worth"]:
                self.add_error("reminder_after", "By then it is no longer worth asking. Remind earlier or ask longer.")
            elif after >= timedelta(days=given["link_days"] - 1):
                self.add_error("reminder_after", "By then the link is about to close. Remind earlier or keep it open.")
        return cleaned
