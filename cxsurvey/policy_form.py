"""The form of a policy: its caps row by row, the rest as it is written in the file format."""

import json
from collections.abc import Mapping
from typing import Any

from django import forms

from contacts import frequency
from contacts.frequency.caps import MEASURES
from contacts.models.words import CLOCK_EVENTS, Channel, Purpose

CALENDAR = ("day", "week", "month", "quarter", "year")
UNITS = [("days", "days"), ("hours", "hours"), *((unit, f"a calendar {unit}") for unit in CALENDAR)]
NAMED = ("surveys", "programs", "sources", "tags")
#: Words of the file format that a person does not say like that.
MEASURED = {"seconds": "seconds of attention"}


class Indented(json.JSONEncoder):
    """Writes a document as a person reads it."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options | {"indent": 2})


class DocumentField(forms.JSONField):
    """A document as it is read from a file: a key given twice is refused, and not left out."""

    def to_python(self, value: Any) -> Any:
        if value in self.empty_values:
            return None
        try:
            return frequency.read_json(value)
        except frequency.DocumentError as error:
            raise forms.ValidationError(str(error)) from error


class CapForm(forms.Form):
    """One cap; rows that are left empty are no caps."""

    name = forms.CharField(label="Name", max_length=60)
    limit = forms.IntegerField(label="At most", min_value=0, help_text="0 blocks on purpose.")
    measure = forms.ChoiceField(
        label="of",
        initial="contacts",
        choices=[(word, MEASURED.get(word, word.replace("_", " "))) for word in MEASURES],
    )
    length = forms.IntegerField(label="in", min_value=1, required=False, help_text="Empty for a calendar unit.")
    unit = forms.ChoiceField(label="Unit", choices=UNITS, initial="days")
    per = forms.ChoiceField(
        label="for each", initial="customer", choices=[("customer", "customer"), ("account", "account (household)")]
    )
    channels = forms.MultipleChoiceField(
        label="Only by", choices=Channel.choices, required=False, widget=forms.CheckboxSelectMultiple
    )
    purposes = forms.MultipleChoiceField(
        label="Only for",
        choices=[choice for choice in Purpose.choices if choice[0] not in CLOCK_EVENTS],
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    surveys = forms.CharField(label="Only for these surveys", required=False, help_text="Keys, with commas between.")
    programs = forms.CharField(label="Only for these programs", required=False)
    sources = forms.CharField(label="Only from these sources", required=False)
    tags = forms.CharField(label="Only with these tags", required=False)

    def narrowed(self) -> bool:
        """Whether the cap is not about everything."""
        return any(self[name].value() for name in ("channels", "purposes", *NAMED))

    def clean(self) -> dict[str, Any]:
        """A rolling window needs its length, a calendar one has none."""
        values = super().clean() or {}
        if values.get("unit") in ("days", "hours") and not values.get("length") and "length" not in self.errors:
            self.add_error("length", "How many? For example 30.")
        return values

    def cap(self) -> dict[str, object]:
        """The cap in the file format."""
        values = self.cleaned_data
        unit = values["unit"]
        found = {name: values[name] for name in ("name", "limit", "measure")}
        found["window"] = unit if unit in CALENDAR else f"{values['length']} {unit}"
        scope = {name: values[name] for name in ("channels", "purposes")}
        scope |= {name: [word.strip() for word in values[name].split(",") if word.strip()] for name in NAMED}
        account = {"per": "account"} if values["per"] == "account" else {}
        return found | {name: words for name, words in scope.items() if words} | account


CapFormSet = forms.formset_factory(CapForm, extra=0, can_delete=True, max_num=30)


def cap_rows(document: Mapping[str, Any]) -> list[dict[str, object]]:
    """The caps of a document as the rows of the form have them."""
    rows = []
    for cap in document.get("caps", []):
        length, _, unit = str(cap["window"]).rpartition(" ")
        window = {"length": length or None, "unit": f"{unit}s" if length and not unit.endswith("s") else unit}
        rows.append({**cap, **window} | {name: ", ".join(cap.get(name, [])) for name in NAMED})
    return rows


class PolicyForm:
    """A whole policy: the rows of its caps, and hours, holidays and zones as they are written."""

    def __init__(self, document: Mapping[str, Any] | None = None, data: Any = None) -> None:
        self.caps = CapFormSet(data, prefix="caps", initial=cap_rows(document or {}))
        rest = {name: value for name, value in (document or {}).items() if name != "caps"}
        self.rest = RestForm(data, initial={"rest": rest})

    def is_valid(self) -> bool:
        """Whether the policy can be read; whether it makes sense is for `policies.problems`."""
        return all([self.caps.is_valid(), self.rest.is_valid()])

    def document(self) -> dict[str, object]:
        """The policy in the file format; the form is valid."""
        rows = [row for row in self.caps.forms if row.has_changed() or row.initial]
        kept = [row.cap() for row in rows if not row.cleaned_data.get("DELETE")]
        return {"caps": kept, **self.rest.cleaned_data["rest"]}


class RestForm(forms.Form):
    """What is not caps."""

    rest = DocumentField(
        label="Contact hours, holidays and time zones",
        encoder=Indented,
        required=False,
        widget=forms.Textarea({"rows": 14, "spellcheck": "false"}),
        help_text="As docs/frequency.md describes them.",
    )

    def clean_rest(self) -> dict[str, Any]:
        """An object without caps: those are above."""
        rest = dict(self.cleaned_data["rest"] or {})
        if "caps" in rest:
            raise forms.ValidationError("Write hours, holidays and zones here; the caps are above.")
        return rest
