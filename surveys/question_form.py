"""A question as a form, in one language: what can be written for its kind, and nothing else."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from django.http import QueryDict

from surveys.condition_forms import MOST_JUMPS, ConditionForm, JumpForm, goals
from surveys.differences import LABELS, SETTINGS, Described, described
from surveys.drafts import Item, Sheet
from surveys.models import Question
from surveys.question_editing import Edit
from surveys.questions.conditions import Jump
from surveys.questions.details import Details, read_details, write_details
from surveys.questions.keys import key_from
from surveys.questions.kinds import MAKES, Kind
from surveys.texts import OPTION, ROW, QuestionWords

ASPECTS = ("speed", "courtesy", "resolved", "effort", "price", "quality", "information", "reliability")
LISTS = {OPTION: "options", ROW: "rows"}
BOUNDS = {
    Kind.CHOICES: ("The fewest to choose", "The most to choose"),
    Kind.NUMBER: ("The smallest", "The largest"),
    Kind.TEXT: ("", "The most characters"),
    Kind.SHORT_TEXT: ("", "The most characters"),
}
WRITABLE = forms.RegexField(
    r"^(?:(?:customer|touchpoint)\.[\w.-]+)?$",
    label="Not asked where known",
    required=False,
    max_length=120,
    help_text="customer.ATTRIBUTE or touchpoint.ATTRIBUTE: where it is known, it is taken from there.",
    error_messages={"invalid": "Write customer. or touchpoint. and the name of an attribute, such as customer.plan."},
)


class QuestionForm(forms.Form):
    """The form; `then` is what a button in it asks for besides saving, such as `option:speed:up`."""

    key = forms.CharField(label="Key", max_length=60, help_text="Its name in exports and conditions.")
    required = forms.BooleanField(label="Must be answered", required=False)
    aspect = forms.CharField(label="What it is about", required=False, max_length=60)
    compass = forms.ChoiceField(
        label="Compass", required=False, choices=[("", "None of these"), *Question.Compass.choices]
    )
    module = forms.SlugField(
        label="Rotating module",
        required=False,
        max_length=60,
        help_text="Each customer is asked only some of the modules. Questions with the same word here go together.",
    )
    fact = WRITABLE
    jumps_shown = forms.IntegerField(widget=forms.HiddenInput, min_value=0, max_value=MOST_JUMPS)

    def __init__(self, shown: Sheet, item: Item, beside: Item | None = None, data: QueryDict | None = None) -> None:
        """`beside`: the same question in the language that everybody falls back to, as a hint for who translates."""
        self.shown, self.item = shown, item
        row, jumps = item.row, item.jumps
        initial = {"key": item.key, "required": item.required, "module": item.module, "fact": item.fact}
        initial |= {"aspect": row.aspect, "compass": row.compass, "jumps_shown": min(len(jumps) + 1, MOST_JUMPS)}
        ids = f"q{row.pk}-%s"
        super().__init__(data, initial=initial, auto_id=ids, label_suffix="", use_required_attribute=False)
        self.fields["aspect"].widget.attrs["list"] = "aspects"
        self.fields["module"].widget.attrs["list"] = "modules"
        self.worded = self._add(_word_fields(item, beside))
        self.set = self._add(_setting_fields(item))
        if not item.asks:
            for name in ("required", "fact", "compass"):
                del self.fields[name]
        before = self._before()
        self.show_if = ConditionForm(item.show_if, before, "show", data, ids) if before else None
        self.jumps = [
            JumpForm(jump, self._until(), self._goals(), f"jump-{number}", data, ids)
            for number, jump in enumerate(self._jumps(data))
        ]

    @property
    def seen(self) -> str:
        """What the question was when it was shown, for `edit_question` to notice what others did meanwhile."""
        return json.dumps(described(self.item, self.shown.asked))

    @property
    def listed(self) -> Iterator[tuple[str, str, list[tuple[str, BoundField]], BoundField]]:
        """Each list that can be chosen from: its prefix and name, its fields with their keys, and that for more."""
        for prefix, name in LISTS.items():
            if name in MAKES[self.item.kind].settings:
                keys = getattr(self.item.details, name)
                yield prefix, name, [(key, self[f"{prefix}{key}"]) for key in keys], self[f"more_{name}"]

    @property
    def words(self) -> list[BoundField]:
        """The fields of the question's own words."""
        return [self[name] for name in self.worded if name in LABELS]

    @property
    def settings(self) -> list[BoundField]:
        """The fields of its settings."""
        return [self[name] for name in self.set]

    def is_valid(self) -> bool:
        """Whether everything in it can be read."""
        parts = [part for part in (self.show_if, *self.jumps) if part]
        return all([super().is_valid(), *(part.is_valid() for part in parts)])

    def edit(self, then: str = "") -> Edit:
        """Return the question as it was written, after what the button `then` asks for. Raises DetailsError."""
        given = self.cleaned_data
        texts = {name: given[name] for name in self.worded if not name.startswith("more_")}
        settings: dict[str, Any] = {name: value for name in self.set if (value := given[name]) not in (None, "")}
        for prefix, name in LISTS.items():
            if name in MAKES[self.item.kind].settings:
                keys = _rearranged(getattr(self.item.details, name), prefix, then)
                new = _new_keys(given[f"more_{name}"], keys, otherwise=name[:-1])
                settings[name] = [*keys, *new]
                texts |= {f"{prefix}{key}": text for key, text in new.items()}
        return Edit(
            language=self.shown.language,
            texts=texts,
            details=self._details(settings),
            show_if=self.show_if.condition() if self.show_if else None,
            jumps=tuple(jump for form in self.jumps if (jump := form.jump())),
            key=given["key"],
            module=given["module"],
            aspect=given["aspect"],
            required=given.get("required", False),
            fact=given.get("fact", ""),
            compass=given.get("compass", ""),
        )

    def _details(self, settings: Mapping[str, Any]) -> Details:
        return read_details(self.item.kind, settings)

    def _add(self, fields: Mapping[str, forms.Field]) -> list[str]:
        self.fields |= fields
        return list(fields)

    def _jumps(self, data: QueryDict | None) -> list[Jump | None]:
        """Those that there are, and an empty one for the next; of a sent form as many as it showed."""
        sent = data.get("jumps_shown", "") if data else ""
        count = int(sent) if sent.isdecimal() and sent.isascii() else len(self.item.jumps) + 1
        return [*self.item.jumps, *[None] * MOST_JUMPS][: min(count, MOST_JUMPS)]

    def _before(self) -> dict[str, QuestionWords]:
        """What its condition can be about: what is asked before, and what it is about already."""
        keys = [item.key for item in self.shown.items]
        named = {test.question for test in self.item.show_if.tests} if self.item.show_if else set()
        earlier = set(keys[: keys.index(self.item.key)])
        return {item.key: item for item in self.shown.items if item.asks and item.key in earlier | named}

    def _until(self) -> dict[str, QuestionWords]:
        """What its jumps can be about: what is asked until the end of its page, and what they are about already."""
        tests = (test for jump in self.item.jumps if jump.when for test in jump.when.tests)
        named = {test.question for test in tests}
        pages = self.shown.pages
        own = next(number for number, page in enumerate(pages) if self.item in page)
        near = {item.key for page in pages[: own + 1] for item in page}
        return {item.key: item for item in self.shown.items if item.asks and item.key in near | named}

    def _goals(self) -> list[tuple[str, str]]:
        pages = self.shown.pages
        own = next(number for number, page in enumerate(pages) if self.item in page)
        return goals(page[0] for page in pages[own + 1 :])


def read_seen(sent: str) -> Described:
    """Return what a form says that its reader saw; nothing at all where no form of ours wrote it."""
    try:
        seen = json.loads(sent)
    except ValueError:
        return {}
    return {str(label): str(value) for label, value in seen.items()} if isinstance(seen, dict) else {}


def _word_fields(item: Item, beside: Item | None) -> dict[str, forms.Field]:
    """A field for each text in the form's language; what is written in the other stands under it."""
    fields: dict[str, forms.Field] = {}
    for name, text in item.texts.items():
        hint = f"“{beside.texts.get(name, '')}”" if beside and beside.texts.get(name) else ""
        widget = forms.Textarea({"rows": 2}) if name == "text" else forms.TextInput()
        label = LABELS.get(name) or name.capitalize().replace(":", " ").replace("_", " ")
        fields[name] = forms.CharField(label=label, required=False, initial=text, widget=widget, help_text=hint)
        fields[name].widget.attrs |= {"dir": "auto"}
    for name in LISTS.values():
        if name in MAKES[item.kind].settings:
            widget = forms.Textarea({"rows": 2, "dir": "auto"})
            fields[f"more_{name}"] = forms.CharField(
                label=f"More {name}", required=False, widget=widget, help_text="One on each line."
            )
    return fields


def _setting_fields(item: Item) -> dict[str, forms.Field]:
    takes, now = MAKES[item.kind].settings, write_details(item.details)
    fields: dict[str, forms.Field] = {}
    for name in ("other", "none", "shuffle", "faces"):
        if name in takes:
            fields[name] = forms.BooleanField(label=SETTINGS[name], required=False, initial=now.get(name, False))
    for name, label in zip(("least", "most"), BOUNDS.get(item.kind, ("", "")), strict=True):
        if name in takes:
            fields[name] = forms.DecimalField(label=label, required=False, initial=now.get(name))
    if "decimals" in takes:
        fields["decimals"] = forms.IntegerField(label="Decimal places", required=False, initial=now.get("decimals", 0))
    for name in ("earliest", "latest"):
        if name in takes:
            fields[name] = forms.CharField(
                label=SETTINGS[name],
                required=False,
                initial=now.get(name, ""),
                help_text="A day such as 2026-05-31, or “today”.",
            )
    return fields


def _rearranged(keys: tuple[str, ...], prefix: str, then: str) -> list[str]:
    """The keys after a button such as `option:speed:up` (or `down`, `drop`), if it is about these."""
    now, (kind, key, what) = list(keys), (*then.split(":"), "", "", "")[:3]
    if f"{kind}:" != prefix or key not in now:
        return now
    place = now.index(key)
    now.remove(key)
    if what != "drop":
        now.insert(max(place + {"up": -1, "down": 1}.get(what, 0), 0), key)
    return now


def _new_keys(lines: str, taken: list[str], otherwise: str) -> dict[str, str]:
    """A key for each line that is written, and the line."""
    found: dict[str, str] = {}
    for line in filter(None, map(str.strip, lines.splitlines())):
        found[key_from(line, {*taken, *found}, otherwise=otherwise)] = line
    return found
