"""Conditions and jumps as forms: each test is a sentence of a question, a comparison and a value."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, cast

from django import forms
from django.forms import BaseFormSet, formset_factory
from django.http import QueryDict

from surveys.questions.conditions import END, Condition, Jump, Operator, Test
from surveys.sentences import OPERATORS, Asked, parts, read_value, title, values
from surveys.texts import QuestionWords

MOST_TESTS, MOST_JUMPS = 50, 10
ALL, ANY = "all", "any"


class TestForm(forms.Form):
    """One test; without a question it is none."""

    about = forms.ChoiceField(label="Question", required=False)
    operator = forms.ChoiceField(label="How", choices=list(OPERATORS.items()))
    value = forms.CharField(label="Answer", required=False, max_length=200)
    joined = forms.BooleanField(label="Belongs with the one above", required=False)

    def __init__(self, *args: Any, asked: Asked, **options: Any) -> None:
        super().__init__(*args, **options)
        self.asked = asked
        self.fields["about"] = forms.ChoiceField(
            label="Question", required=False, choices=[("", "Choose a question"), *_abouts(asked.values())]
        )
        about = str(self["about"].value() or "").partition("|")[0]
        self.fields["value"].widget.attrs |= {"list": f"values-{about}", "data-answers": ""}

    def clean(self) -> dict[str, Any]:
        """A comparison has its value, in the words of the question or as it is stored; the others have none."""
        given = super().clean() or {}
        operator = Operator(given["operator"]) if given.get("operator") in OPERATORS else None
        if not given.get("about") or operator is None:
            return given
        key, _, part = given["about"].partition("|")
        value = given.get("value", "") if operator.takes_value else ""
        if operator.takes_value and not value:
            self.add_error("value", "Write the answer that it is compared with.")
        given["test"] = Test(key, operator, read_value(self.asked[key], value), part)
        return given


class TestForms(BaseFormSet):  # type: ignore[type-arg]  # it has no type arguments when it runs
    """Several tests, and an empty one for the next."""

    def groups(self) -> list[list[Test]]:
        """Return those that name a question, each with those below that belong with it.

        What belonged with one that is taken out belongs with none above that.
        """
        groups: list[list[Test]] = []
        above = False
        for given in (form.cleaned_data for form in self.forms):
            joined = above and bool(given.get("joined"))
            if test := given.get("test"):
                groups += [] if joined else [[]]
                groups[-1].append(test)
            above = bool(test) or joined
        return groups


_TEST_FORMS = cast(
    "type[TestForms]",
    formset_factory(
        TestForm, formset=TestForms, extra=1, max_num=MOST_TESTS, absolute_max=MOST_TESTS, validate_max=True
    ),
)


class ConditionForm(forms.Form):
    """Whether all tests must hold or one of them, and the tests; none make no condition."""

    mode = forms.ChoiceField(label="When", choices=[(ALL, "all of these hold"), (ANY, "at least one of these holds")])

    def __init__(
        self, condition: Condition | None, asked: Asked, prefix: str, data: QueryDict | None, auto_id: str
    ) -> None:
        mode = ANY if condition and condition.any else ALL
        super().__init__(data, prefix=prefix, initial={"mode": mode}, auto_id=auto_id, label_suffix="")
        self.tests = _TEST_FORMS(
            data,
            prefix=f"{prefix}-tests",
            initial=list(_initials(condition, asked)) if condition else [],
            form_kwargs={"asked": asked, "label_suffix": ""},
            auto_id=auto_id,
        )

    def is_valid(self) -> bool:
        """Whether it and its tests can be read."""
        return super().is_valid() & self.tests.is_valid()

    def condition(self) -> Condition | None:
        """Return what was written."""
        groups, either = self.tests.groups(), self.cleaned_data["mode"] == ANY
        if len(groups) == 1 and len(groups[0]) > 1:
            return Condition(tuple(groups[0]), any=not either)  # nothing but tests that belong together
        parts = tuple(tests[0] if len(tests) == 1 else Condition(tuple(tests), any=not either) for tests in groups)
        return Condition(parts, any=either) if parts else None


class JumpForm(ConditionForm):
    """Where the page leads, and when; without a goal it is no jump."""

    to = forms.ChoiceField(label="Go on with", required=False)

    def __init__(
        self,
        jump: Jump | None,
        asked: Asked,
        goals: Sequence[tuple[str, str]],
        prefix: str,
        data: QueryDict | None,
        auto_id: str,
    ) -> None:
        super().__init__(jump.when if jump else None, asked, prefix, data, auto_id)
        named = [(jump.to, jump.to)] if jump and jump.to not in dict(goals) else []
        self.fields["to"] = forms.ChoiceField(
            label="Go on with",
            required=False,
            choices=[("", "the next page, as always"), *goals, *named],
            initial=jump.to if jump else "",
        )

    def jump(self) -> Jump | None:
        """Return what was written."""
        to = self.cleaned_data["to"]
        return Jump(to, self.condition()) if to else None


def goals(later: Iterable[QuestionWords]) -> list[tuple[str, str]]:
    """Return where a jump may lead: to the first question of a later page, or to the end."""
    return [*((question.key, f"“{title(question)}”") for question in later), (END, "the end: no more questions")]


def _abouts(questions: Iterable[QuestionWords]) -> list[tuple[str, str]]:
    """What a test can be about, with the name of its choice: a question, a row of a table, an option of a ranking."""
    found = []
    for question in questions:
        found.append((question.key, title(question)))
        found += [(f"{question.key}|{key}", f"{title(question)}: {words}") for key, words in parts(question).items()]
    return found


def _initials(condition: Condition, asked: Asked) -> Iterator[dict[str, Any]]:
    for part in condition.parts:
        for number, test in enumerate((part,) if isinstance(part, Test) else part.tests):
            yield _initial(test, asked) | {"joined": number > 0}


def _initial(test: Test, asked: Asked) -> dict[str, Any]:
    about = f"{test.question}|{test.part}" if test.part else test.question
    value = values(asked[test.question]).get(test.value, test.value) if test.question in asked else test.value
    return {"about": about, "operator": test.operator.value, "value": value}
