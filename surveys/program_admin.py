"""The form of a program: touchpoint kinds and channels are chosen from those that came in, not typed."""

from typing import Any

from django import forms
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget, UnfoldAdminSelectWidget

from contacts.models import Touchpoint
from surveys.models import Program

#: Words -> channels in order of preference.
WAYS = {
    "email,sms": "Email, else SMS",
    "sms,email": "SMS, else email",
    "email": "Email only",
    "sms": "SMS only",
    "phone": "Phone: interviewers call",
}


def came_in(field: str) -> list[tuple[str, str]]:
    """Return every kind or channel of the touchpoints so far as a choice."""
    values = Touchpoint.objects.order_by(field).values_list(field, flat=True).distinct()
    return [(value, value.replace("_", " ").capitalize()) for value in values]


class ProgramForm(forms.ModelForm):  # type: ignore[type-arg]  # cannot be subscripted when it runs
    """A program as a manager thinks of it."""

    kinds = forms.MultipleChoiceField(
        label="Kinds of touchpoints",
        choices=lambda: came_in("kind"),
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
        help_text="Those that have come in so far. Import touchpoints to see more.",
    )
    channels = forms.MultipleChoiceField(
        label="Only at these places",
        choices=lambda: came_in("channel"),
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
        required=False,
        help_text="None chosen means everywhere.",
    )
    contact_channels = forms.ChoiceField(label="Ask by", widget=UnfoldAdminSelectWidget, choices=list(WAYS.items()))

    class Meta:
        model = Program
        fields = (
            *("name", "slug", "survey", "active", "starts_at", "kinds", "channels", "filters", "share"),
            *("delay", "worth", "contact_channels", "priority", "link_days"),
        )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["contact_channels"] = ",".join(self.instance.contact_channels)

    def clean_contact_channels(self) -> list[str]:
        return str(self.cleaned_data["contact_channels"]).split(",")
