"""A question as a form shows it: what can be chosen, what was given, what is wrong with that."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache

from django.template.loader import get_template

from surveys.limits import hint, told
from surveys.page_words import BOUNDED, PageWords, page_words
from surveys.questions.details import NONE, OTHER, TODAY
from surveys.questions.draw import shuffled
from surveys.questions.kinds import Kind
from surveys.questions.reading import Given, Problem, bound_day
from surveys.texts import PLACEHOLDER, Facts, QuestionWords, fill

SCALES = (Kind.NPS, Kind.CSAT, Kind.CES, Kind.STARS, Kind.YES_NO)
MOUTHS = ("M8 17.5q4-5 8 0", "M8.5 16.5q3.5-2.5 7 0", "M8.5 16h7", "M8.5 15.5q3.5 2.5 7 0", "M7.5 14.5q4.5 5 9 0")
"""Of the five faces, as paths in a square of 24; the words beside them say the same."""
MOST_COLUMNS = 7
"""A table with more columns is shown row by row on every width."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer that can be chosen; `mouth` is that of its face, if it has one."""

    value: str
    label: str
    chosen: bool
    mouth: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table or an option of a ranking: the name of its field, and what can be chosen."""

    name: str
    label: str
    choices: tuple[Choice, ...]


@dataclass(frozen=True, slots=True)
class Field:
    """A question as the form shows it, its placeholders filled; `given`: by the names of the form's fields."""

    question: QuestionWords
    words: PageWords
    order: Sequence[str]
    given: Mapping[str, Sequence[str]]
    hint: str = ""
    problem: str = ""
    earliest: str = ""
    latest: str = ""

    @property
    def value(self) -> str:
        """Return what was written or chosen, where that is one thing."""
        return next(iter(self.given.get(self.question.key, ())), "")

    @property
    def other_value(self) -> str:
        """Return what was written beside “other”."""
        return next(iter(self.given.get(f"{self.question.key}.{OTHER}", ())), "")

    @property
    def choices(self) -> tuple[Choice, ...]:
        """Return what can be chosen, in this customer's order."""
        chosen = self.given.get(self.question.key, ())
        mouths = MOUTHS if self.has_faces else ()
        labels = self._labels().items()
        return tuple(
            Choice(value, label, value in chosen, mouths[place] if mouths else "")
            for place, (value, label) in enumerate(labels)
        )

    @property
    def rows(self) -> tuple[Row, ...]:
        """Return the rows of a table, or the options of a ranking, with what can be chosen in each."""
        question = self.question
        if question.kind == Kind.MATRIX:
            labels = {str(place): question.options[key] for place, key in enumerate(question.details.options, start=1)}
            names = question.rows
        else:
            labels = {str(place): str(place) for place in range(1, len(self.order) + 1)}
            names = question.options
        return tuple(self._row(f"{question.key}.{key}", names[key], labels) for key in self.order)

    @property
    def has_faces(self) -> bool:
        """Whether faces are shown in place of numbers."""
        return self.question.details.faces

    @property
    def layout(self) -> str:
        """Return the class by which the style arranges what can be chosen."""
        return "faces" if self.has_faces else self.question.kind

    @property
    def is_wide(self) -> bool:
        """Whether a table has few enough columns to stand side by side where there is room."""
        return len(self.question.details.options) <= MOST_COLUMNS

    @property
    def columns(self) -> list[str]:
        """Return the words of a table's columns."""
        return [self.question.options[key] for key in self.question.details.options]

    @property
    def ends(self) -> tuple[str, str]:
        """What the first and the last choice mean; with their names, as a narrow page breaks the row of choices."""
        first, last = self.choices[0].label, self.choices[-1].label
        if self.question.kind == Kind.STARS or self.has_faces:
            return self.question.low, self.question.high
        return f"{first} · {self.question.low}", f"{last} · {self.question.high}"

    @property
    def keyboard(self) -> str:
        """Return the on-screen keyboard for a number; those of digits have no sign."""
        details = self.question.details
        if details.least is not None and details.least < 0:
            return "text"
        return "decimal" if details.decimals else "numeric"

    @property
    def described_by(self) -> str:
        """Ids of the notes that a screen reader reads with the question."""
        question = self.question
        notes = {
            "problem": self.problem,
            "help": question.help,
            "hint": self.hint,
            "unit": question.unit,
            "ends": question.low,
        }
        return " ".join(f"{question.key}-{note}" for note, text in notes.items() if text)

    def _row(self, name: str, label: str, labels: Mapping[str, str]) -> Row:
        chosen = self.given.get(name, ())
        return Row(name, label, tuple(Choice(value, text, value in chosen) for value, text in labels.items()))

    def _labels(self) -> dict[str, str]:
        question, words = self.question, self.words
        match question.kind:
            case Kind.YES_NO:
                return {"1": words.yes, "0": words.no}
            case Kind.CONTACT_WISH:
                return {"1": words.call_me}
            case Kind.CHOICE | Kind.CHOICES:
                own = {OTHER: words.other, NONE: words.none}
                return {key: own.get(key) or question.options[key] for key in self.order}
        scale = question.scale or range(0)
        if self.has_faces:
            return {str(number): face for number, face in zip(scale, words.faces, strict=True)}
        if question.kind == Kind.STARS:
            return {str(number): words.of.format(number=number, most=scale[-1]) for number in scale}
        return {str(number): str(number) for number in scale}


@dataclass(frozen=True, slots=True)
class Showing:
    """For whom and when fields are shown: her language, what is drawn for her by `seed`, and her day."""

    language: str
    facts: Facts
    seed: str
    today: date

    def fields(self, questions: Iterable[QuestionWords], given: Given, problems: Mapping[str, Problem]) -> list[str]:
        """Return questions as the form shows them, with what was given and what is wrong with that."""
        return [self._field(question, given, problems.get(question.key)) for question in questions]

    def _field(self, question: QuestionWords, given: Given, problem: Problem | None) -> str:
        asked, chosen = filled(question, self.facts), None if problem else _chosen(question, given)
        if chosen is None:
            own = {name: sent for name, sent in given.items() if name.partition(".")[0] == question.key}
            return _render(asked, self.language, self.seed, self.today, own, problem)
        return _render_untouched(asked, chosen, self.language)


def untouched(questions: Iterable[QuestionWords], given: Given) -> tuple[tuple[str, str], ...] | None:
    """Return the key of each question and what is chosen in advance, where nothing else makes them look so; else None.

    Then they look alike for all who get the same words.
    """
    found = [(question.key, _chosen(question, given)) for question in questions]
    alike = tuple((key, chosen) for key, chosen in found if chosen is not None)
    return alike if len(alike) == len(found) else None


def _chosen(question: QuestionWords, given: Given) -> str | None:
    """What is chosen of a scale, nothing where nothing is given; None where a question looks as for nobody else."""
    details = question.details
    if details.shuffle or TODAY in (details.earliest, details.latest):  # differs from customer to customer, day to day
        return None
    if not given:
        return ""
    own = [(name, sent) for name, sent in given.items() if name.partition(".")[0] == question.key]
    if not own:
        return ""
    [(name, value), *more] = own
    plain = isinstance(value, str) and not more and (not value or question.kind in SCALES)
    return value if isinstance(value, str) and plain and name == question.key else None


def filled(question: QuestionWords, facts: Facts) -> QuestionWords:
    """Return the question with the facts in the place of its placeholders."""
    if not _has_placeholders(question):
        return question
    return replace(
        question,
        text=fill(question.text, facts),
        help=fill(question.help, facts),
        low=fill(question.low, facts),
        high=fill(question.high, facts),
        unit=fill(question.unit, facts),
        options={key: fill(text, facts) for key, text in question.options.items()},
        rows={key: fill(text, facts) for key, text in question.rows.items()},
    )


@lru_cache(maxsize=1024)
def _has_placeholders(question: QuestionWords) -> bool:
    own = (question.text, question.help, question.low, question.high, question.unit)
    return any(PLACEHOLDER.search(text) for text in (*own, *question.options.values(), *question.rows.values()))


@lru_cache(maxsize=1024)
def _render_untouched(question: QuestionWords, chosen: str, language: str) -> str:
    """Render a question before it is answered: alike for all who get the same words, and half the page's cost."""
    return _render(question, language, "", date.min, {question.key: chosen} if chosen else {}, None)


def _render(
    question: QuestionWords, language: str, seed: str, today: date, given: Given, problem: Problem | None
) -> str:
    details, words = question.details, page_words(language)
    keys = details.rows if question.kind == Kind.MATRIX else details.offered
    days = (bound_day(bound, today) for bound in (details.earliest, details.latest))
    earliest, latest = (day.isoformat() if day else "" for day in days)
    field = Field(
        question=question,
        words=words,
        order=shuffled(question, keys, seed),
        given={name: [sent] if isinstance(sent, str) else sent for name, sent in given.items()},
        hint="" if problem in BOUNDED else hint(question, words, today),
        problem=told(problem, question, words, today) if problem else "",
        earliest=earliest,
        latest=latest,
    )
    name = "scale" if question.kind in SCALES else "choice" if question.kind in (Kind.CHOICE, Kind.CHOICES) else None
    return get_template(f"surveys/questions/{name or question.kind}.html").render({"field": field, "words": words})
