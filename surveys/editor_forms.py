"""The other forms of the editor: a question to add, the words around them, a new survey, what rewording means."""

import re
from collections.abc import Iterable, Sequence
from typing import Any

from django import forms
from django.http import QueryDict

from contacts.brands import visible_to
from contacts.models import Brand
from contacts.readers import Reader
from surveys.differences import WORDS_AROUND
from surveys.drafts import Sheet
from surveys.models import Survey, SurveyVersion
from surveys.questions.kinds import Kind
from surveys.survey_templates import LANGUAGES, TEMPLATES

LANGUAGE_TAG = r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*"
LONG = ("message", "reminder_message")
GOES_ON, NEW_SERIES = "same", "new"


class LanguageForm(forms.Form):
    """The language in which a page shows and takes words."""

    language = forms.RegexField(
        rf"^(?:{LANGUAGE_TAG})\Z",
        max_length=12,
        error_messages={"invalid": "Write a language tag such as fr or pt-BR."},
    )


class AddForm(forms.Form):
    """A question to add; without a text it gets the customary one of its kind."""

    kind = forms.ChoiceField(label="Kind", choices=Kind.choices)
    question = forms.CharField(
        label="Question",
        required=False,
        max_length=2000,
        widget=forms.TextInput({"dir": "auto"}),
        help_text="Leave it empty for the customary words.",
    )


class KindForm(forms.Form):
    """Another kind for a question."""

    def __init__(self, now: str, data: QueryDict | None = None) -> None:
        """`now`: the kind that it has, which is no other."""
        super().__init__(data, auto_id="kind-%s", label_suffix="")
        choices = [(kind, label) for kind, label in Kind.choices if kind != now]
        self.fields["kind"] = forms.ChoiceField(label="Make it", choices=choices)

    @property
    def kind(self) -> Kind:
        """Return the kind that was chosen."""
        return Kind(self.cleaned_data["kind"])


class WordsForm(forms.Form):
    """The words around the questions in one language."""

    def __init__(self, shown: Sheet, beside: Sheet | None = None, data: QueryDict | None = None) -> None:
        super().__init__(data, auto_id="words-%s", label_suffix="", use_required_attribute=False)
        for name, label in WORDS_AROUND.items():
            hint = f"“{beside.texts[name]}”" if beside and beside.texts[name] else ""
            widget = forms.Textarea({"rows": 5}) if name in LONG else forms.Textarea({"rows": 1})
            widget.attrs["dir"] = "auto"
            self.fields[name] = forms.CharField(
                label=label, required=False, initial=shown.texts[name], widget=widget, help_text=hint
            )


class SettingsForm(forms.Form):
    """What holds for the whole version."""

    modules_asked = forms.IntegerField(label="Rotating modules that each customer is asked", min_value=1, max_value=100)
    kept = forms.CharField(
        label="Kept from the touchpoint with each answer",
        required=False,
        widget=forms.Textarea({"rows": 2}),
        help_text="Names of attributes, one on each line, such as branch.",
    )

    def __init__(self, version: SurveyVersion, data: QueryDict | None = None) -> None:
        initial = {"modules_asked": version.modules_asked, "kept": "\n".join(version.hidden_fields)}
        super().__init__(data, initial=initial, auto_id="settings-%s", label_suffix="")

    def clean_kept(self) -> list[str]:
        """The names, which are those of attributes as they came in."""
        names = [line.strip() for line in self.cleaned_data["kept"].splitlines() if line.strip()]
        if any(len(name) > 60 or not re.fullmatch(r"[\w.-]+", name) for name in names):
            raise forms.ValidationError("A name has letters, digits, dots, - and _, and 60 characters at most.")
        return names


class NewSurveyForm(forms.Form):
    """All that a new survey needs: a template, and for the rest what is usual."""

    template = forms.ChoiceField(choices=[(slug, one.name) for slug, one in TEMPLATES.items()], initial="nps")
    name = forms.CharField(
        label="Name", required=False, max_length=120, help_text="Seen by colleagues only. Empty: that of the template."
    )
    brand = forms.ModelChoiceField(Brand.objects.order_by("pk"), empty_label=None)
    occasion = forms.ChoiceField(
        label="Occasion",
        required=False,
        choices=[("", "As in the template"), *Survey.Occasion.choices],
        help_text="Decides how many seconds it may cost.",
    )
    languages = forms.MultipleChoiceField(
        choices=list(LANGUAGES.items()),
        widget=forms.CheckboxSelectMultiple,
        initial=list(LANGUAGES),
        error_messages={"required": "Choose at least one language."},
    )

    def __init__(self, reader: Reader, data: QueryDict | None = None) -> None:
        """Offer the brands that somebody may read."""
        super().__init__(data, auto_id="new-%s", label_suffix="")
        brands = visible_to(reader, Brand.objects.order_by("pk"))
        self.fields["brand"].queryset = brands  # type: ignore[attr-defined]
        self.initial["brand"] = brands.values_list("pk", flat=True).first()


class MeaningForm(forms.Form):
    """For each question in other words than before: whether it still asks the same, which only a person can say."""

    def __init__(self, reworded: Iterable[tuple[str, str]], data: QueryDict | None = None) -> None:
        """`reworded`: key and title of each."""
        super().__init__(data, auto_id="meaning-%s", label_suffix="")
        for key, named in reworded:
            self.fields[key] = forms.ChoiceField(
                label=named,
                widget=forms.RadioSelect,
                choices=[
                    (GOES_ON, "It means the same: its figures go on"),
                    (NEW_SERIES, "It asks something else: its figures start anew"),
                ],
                error_messages={"required": "Say whether it still means the same."},
            )

    def new_meaning(self) -> Sequence[str]:
        """Return the keys of those that ask something else now."""
        values: dict[str, Any] = self.cleaned_data
        return [key for key, choice in values.items() if choice == NEW_SERIES]
