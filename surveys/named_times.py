"""A time that a customer named for a call, read off her own clock."""

from datetime import UTC, date, datetime, time
from typing import Any

from django import forms

from contacts.gate import NamedTime
from contacts.models import Customer
from surveys.texts import zone

CLOCK = "By the customer's clock ({})."


class DayInput(forms.DateInput):
    input_type = "date"


class ClockInput(forms.TimeInput):
    input_type = "time"


class TimeForm(forms.Form):
    """A time that the customer named, in her own zone."""

    day = forms.DateField(label="Day", widget=DayInput(format="%Y-%m-%d"))
    starts_at = forms.TimeField(label="From", widget=ClockInput(format="%H:%M"))
    ends_at = forms.TimeField(label="Until", widget=ClockInput(format="%H:%M"))
    any_hour = forms.BooleanField(
        label="The customer asked for this time although it is outside the contact hours", required=False
    )

    def __init__(self, customer: Customer, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.zone = zone(customer)
        self.fields["day"].help_text = CLOCK.format(self.zone.key)

    @property
    def named(self) -> NamedTime | None:
        """The time that was named; none where it was left out."""
        day = self.cleaned_data.get("day")
        if day is None:
            return None
        start, end = (self._instant(day, self.cleaned_data[name]) for name in ("starts_at", "ends_at"))
        return NamedTime(start, end, any_hour=self.cleaned_data["any_hour"])

    def _instant(self, day: date, reading: time) -> datetime:
        return datetime.combine(day, reading, self.zone).astimezone(UTC)


class MaybeTimeForm(TimeForm):
    """A call after which the customer may have named another time: the whole of it, or nothing."""

    NAMED = ("day", "starts_at", "ends_at", "any_hour")

    def __init__(self, customer: Customer, *args: Any, **options: Any) -> None:
        super().__init__(customer, *args, **options)
        for name in self.NAMED:
            self.fields[name].required = False

    @property
    def about_another_time(self) -> list[forms.BoundField]:
        """The fields for a customer at a bad moment who named another time."""
        return [self[name] for name in self.NAMED]

    @property
    def names_a_time(self) -> bool:
        """Whether anything of another time is filled in, or wrong."""
        return any(field.errors or field.value() for field in self.about_another_time)

    def clean(self) -> dict[str, Any]:
        """Ask for the whole time where a part of one is given."""
        given = [name for name in self.NAMED if self.cleaned_data.get(name)]
        for name in ("day", "starts_at", "ends_at"):
            if given and name not in given and name not in self.errors:
                self.add_error(name, "Give day, from and until, or none of them.")
        return self.cleaned_data
