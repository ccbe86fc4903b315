"""The questions of a survey as columns of its responses: one for each thing that can be said in answer.

Names are stable, the same over all versions of the survey: the question's key; behind a dot the option or row where
several things are said; behind a colon what is not the answer itself: words for “something else” (`:other`), answers
from before the question became one of another kind (`:choice` ...), a key that another column of a response has
(`:answer`). Keys hold neither dots nor colons.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from django.core.exceptions import ValidationError
from django.db.models import Case, IntegerField, Max, OuterRef, QuerySet, Subquery, Value, When
from django.db.models.expressions import Combinable

from contacts.brands import visible_to
from contacts.exporting import DAY, INTEGER, NUMBER, TEXT, Column, Type
from contacts.readers import Reader
from surveys.models import Answer, Question, Survey, SurveyVersion
from surveys.questions.details import OTHER, read_details
from surveys.questions.kinds import Kind

MOST = 1_200
"""Columns of questions; PostgreSQL gives no more than 1,664 in all."""
KEPT_IN: Mapping[str, tuple[str, Type]] = {
    Kind.CHOICE: ("part", TEXT),
    Kind.SHORT_TEXT: ("text", TEXT),
    Kind.TEXT: ("text", TEXT),
    Kind.NUMBER: ("amount", NUMBER),
    Kind.DATE: ("date", DAY),
}
"""Where a kind keeps what is said once, and what that is; all others in `number`."""
MEANINGS: Mapping[str, str] = {
    Kind.NPS: "0 to 10, how likely to recommend",
    Kind.CSAT: "1 to 5, how satisfied",
    Kind.CES: "1 to 7, how easy",
    Kind.STARS: "1 to 5 stars",
    Kind.YES_NO: "1 for yes, 0 for no",
    Kind.CONTACT_WISH: "1 where the customer asked to be called",
    Kind.CHOICE: "key of the option that was chosen",
    Kind.CHOICES: "1 where it was chosen, 0 where another was",
    Kind.MATRIX: "column of the table that was chosen in this row, from 1",
    Kind.RANKING: "rank, from 1",
}
"""What stands in the column; of other kinds it is what was written."""


@dataclass(slots=True)
class Series:
    """A question, as the newest version asks it, with all of its versions and all that could ever be chosen."""

    newest: Question
    ids: list[int] = field(default_factory=list)
    parts: dict[str, None] = field(default_factory=dict)
    other: bool = False


def question_columns(survey: str, taken: Collection[str], reader: Reader) -> Sequence[Column]:
    """Return the columns of a survey's questions, in the order of its newest version; those it dropped come last.

    `taken`: names of the other columns. Raises ValidationError, also for a survey that the reader may not read.
    """
    slugs = visible_to(reader, Survey.objects.order_by("slug")).values_list("slug", flat=True)
    if survey not in slugs:
        raise ValidationError(
            {"survey": [f"Say whose questions are to be columns. There are: {', '.join(slugs) or 'none yet'}."]}
        )
    columns = [column for name, series in _named(survey, taken) for column in _columns(name, series)]
    if len(columns) > MOST:
        said = f"Its questions make {len(columns):,} columns, and {MOST:,} are possible. Take the table answers."
        raise ValidationError({"shape": [said]})
    return columns


def _named(survey: str, taken: Collection[str]) -> Iterator[tuple[str, Series]]:
    """Each series with the name of its columns: that of the newest kind is called as its question."""
    seen: set[str] = set()
    for (key, kind), series in _series(survey).items():
        name = f"{key}:answer" if key in taken else key
        yield (f"{name}:{kind}" if key in seen else name), series
        seen.add(key)


def _series(survey: str) -> Mapping[tuple[str, str], Series]:
    asked = Question.objects.filter(version__survey__slug=survey).exclude(kind=Kind.STATEMENT)
    found: dict[tuple[str, str], Series] = {}
    published = asked.exclude(version__state=SurveyVersion.State.DRAFT)
    for question in published.order_by("-version__number", "position"):
        details = read_details(question.kind, question.details)
        series = found.setdefault((question.key, question.kind), Series(question))
        series.ids.append(question.pk)
        apart = {Kind.MATRIX: details.rows, Kind.CHOICES: details.offered, Kind.RANKING: details.options}
        series.parts |= dict.fromkeys(apart.get(Kind(question.kind), ()))
        series.other |= details.other
    return found


def _columns(name: str, series: Series) -> Iterator[Column]:
    kind = series.newest.kind
    source, type_ = KEPT_IN.get(kind, ("number", INTEGER))
    meaning = MEANINGS.get(kind, "what was written")
    personal = source == "text"
    for part in series.parts:
        value = _chosen(series.ids, part) if kind == Kind.CHOICES else _value(series.ids, source, part)
        yield Column(f"{name}.{part}", value, f"{series.newest.key}, {part}: {meaning}", type_, empty=True)
    if not series.parts:
        value = _value(series.ids, source)
        yield Column(name, value, f"{series.newest.key}: {meaning}", type_, empty=True, personal=personal)
    if series.other:
        words = _value(series.ids, "text", OTHER)
        yield Column(f"{name}:other", words, f"{series.newest.key}: what else, in words", empty=True, personal=True)


def _given(ids: Sequence[int]) -> QuerySet[Answer]:
    return Answer.objects.filter(response=OuterRef("pk"), question__in=ids).order_by()


def _value(ids: Sequence[int], source: str, part: str | None = None) -> Combinable:
    given = _given(ids) if part is None else _given(ids).filter(part=part)
    return Subquery(given.values(source)[:1])


def _chosen(ids: Sequence[int], part: str) -> Combinable:
    """1 where the option was chosen, 0 where only others were, null where the question was not answered."""
    one = Case(When(part=part, then=Value(1)), default=Value(0), output_field=IntegerField())
    return Subquery(_given(ids).values("response").annotate(chosen=Max(one)).values("chosen"))
