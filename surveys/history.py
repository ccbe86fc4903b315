"""Answers that another tool collected, by source and external id; the ledger learns when they came.

A survey never heard of is created with a published version, so that its answers have questions to belong to; so is a
customer. A touchpoint that is not there (yet) is kept by its id among the attributes.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from django.utils.text import slugify

from contacts import gate
from contacts.intake import bring_in, fields
from contacts.intake.changes import compare, known_rows, save
from contacts.intake.customers import Record, records_of
from contacts.intake.erased import without_erased
from contacts.intake.rows import Column, Line, Subject, Tally, Values
from contacts.intake.tables import Reject
from contacts.models import ImportRun, Touchpoint
from contacts.models.words import Outcome, Purpose
from surveys.defaults import ensure_brand, ensure_survey_for_history
from surveys.models import Answer, Question, Response, SurveyVersion

#: What a line says about a response that is not in the response's own row.
_APART = ("survey", "score", "comment")
#: Kind of the question -> which column answers it.
_ASKED: dict[str, str] = {Question.Kind.NPS: "score", Question.Kind.TEXT: "comment"}


@dataclass(frozen=True, slots=True)
class _Named:
    """What the names in some lines stand for; a touchpoint is a record too: its id and whose it is."""

    customers: Mapping[str, Record]
    touchpoints: Mapping[str, Record]
    versions: Mapping[str, int]
    questions: Mapping[tuple[int, str], int]

    def problem(self, line: Line) -> Reject | None:
        """Return why the line cannot be kept."""
        customer, survey = line.values["customer"], line.values["survey"]
        touchpoint = line.values.get("touchpoint", "")
        if any((self.versions[slugify(survey)], kind) not in self.questions for kind in _ASKED):
            return Reject(line.number, "survey", survey, "a survey that asks for a score of 0 to 10 and for a reason")
        found = self.touchpoints.get(touchpoint)
        if found and found.person_id != self.customers[customer].person_id:
            return Reject(line.number, "touchpoint", touchpoint, f"a touchpoint of customer {customer}")
        return None

    def resolve(self, line: Line) -> Line:
        """Return the line with ids in place of names."""
        values = {name: value for name, value in line.values.items() if name not in {"customer", "touchpoint"}}
        values |= {"survey": slugify(values["survey"]), "customer_id": self.customers[line.values["customer"]].id}
        if "touchpoint" in line.values:
            name = line.values["touchpoint"]
            found = self.touchpoints.get(name)
            values["touchpoint_id"] = found.id if found else None
            values["attributes"] = values["attributes"] | {"touchpoint": "" if found else name}
        return Line(line.number, values)


def _check(values: Values, at: datetime) -> None:
    fields.happened(values["answered_at"], at, "answered_at")


def _write(lines: Sequence[Line], source: str, at: datetime) -> Tally:
    lines, erased = without_erased(lines, source, "customer")
    named = _look_up(lines, source, at)
    rejects = {line.number: reject for line in lines if (reject := named.problem(line))}
    good = [named.resolve(line) for line in lines if line.number not in rejects]
    known = _known(source, good)
    changes = compare(good, known)
    for key, row in changes.rows.items():
        # An answer stays with the version that asked for it, also when a newer one is published.
        if row["survey"] != known.get(key, {}).get("survey"):
            row["version_id"] = named.versions[row["survey"]]
    ids = save(Response.objects, source, changes.rows, _APART, updated_at=at)
    _write_answers(changes.rows, ids)
    _start_clocks(changes.rows, source, at)
    changes.tally.rejects += [*rejects.values(), *erased]
    return changes.tally


def _look_up(lines: Sequence[Line], source: str, at: datetime) -> _Named:
    versions = _versions({line.values["survey"] for line in lines}, at)
    return _Named(
        customers=records_of(source, {line.values["customer"] for line in lines}, at),
        touchpoints=_touchpoints(source, {line.values.get("touchpoint", "") for line in lines}),
        versions=versions,
        questions=_questions(versions.values()),
    )


def _touchpoints(source: str, external_ids: Collection[str]) -> dict[str, Record]:
    rows = Touchpoint.objects.filter(source=source, external_id__in=external_ids)
    columns = rows.values_list("external_id", "id", "customer_id", "customer__merged_into_id")
    return {key: Record(pk, merged_into or customer) for key, pk, customer, merged_into in columns}


def _versions(names: Collection[str], at: datetime) -> dict[str, int]:
    """Return by survey the version to bring answers into: the published one, else the one that was closed last."""
    slugs = {slugify(name): name for name in sorted(names)}
    stored = SurveyVersion.objects.filter(survey__slug__in=slugs).exclude(state=SurveyVersion.State.DRAFT)
    versions = dict(stored.order_by("published_at").values_list("survey__slug", "id"))
    for slug in slugs.keys() - versions.keys():
        versions[slug] = ensure_survey_for_history(slug, slugs[slug], at, ensure_brand()).pk
    return versions


def _questions(version_ids: Collection[int]) -> dict[tuple[int, str], int]:
    """Return the first question of each kind that answers are brought in for, by version and kind."""
    asked = Question.objects.filter(version__in=version_ids, kind__in=_ASKED).order_by("-position")
    return {(version, kind): pk for version, kind, pk in asked.values_list("version_id", "kind", "id")}


def _known(source: str, lines: Sequence[Line]) -> dict[str, Values]:
    """Return by external id what is kept of the responses, with version, survey and answers."""
    known = known_rows(Response.objects, source, lines, _APART)
    by_id = {row["id"]: row for row in known.values()}
    asked = Response.objects.filter(pk__in=by_id).values_list("id", "version_id", "version__survey__slug")
    for pk, version, survey in asked:
        by_id[pk] |= {"version_id": version, "survey": survey, "comment": ""}
    answers = Answer.objects.filter(response__in=by_id, question__kind__in=_ASKED)
    for pk, kind, number, text in answers.values_list("response_id", "question__kind", "number", "text"):
        by_id[pk][_ASKED[kind]] = text if number is None else number
    return known


def _write_answers(rows: Mapping[str, Values], ids: Mapping[str, int]) -> None:
    changed = [row["id"] for row in rows.values() if "id" in row]
    Answer.objects.filter(response__in=changed, question__kind__in=_ASKED).delete()
    questions = _questions({row["version_id"] for row in rows.values()})
    scores = [
        Answer(response_id=ids[key], question_id=questions[row["version_id"], Question.Kind.NPS], number=row["score"])
        for key, row in rows.items()
    ]
    reasons = [
        Answer(response_id=ids[key], question_id=questions[row["version_id"], Question.Kind.TEXT], text=row["comment"])
        for key, row in rows.items()
        if row.get("comment")
    ]
    Answer.objects.bulk_create(scores + reasons)


def _start_clocks(rows: Mapping[str, Values], source: str, at: datetime) -> None:
    """Let the ledger know when the answers came, under names that no other system gives its messages."""
    entries = [
        gate.Entry(
            customer_id=row["customer_id"],
            at=row["answered_at"],
            purpose=Purpose.RESPONSE,
            outcome=Outcome.COMPLETED,
            source=source,
            external_id=f"response {key}",
            survey=row["survey"],
            touchpoint_id=row.get("touchpoint_id"),
        )
        for key, row in rows.items()
    ]
    gate.record(entries, at=at)


RESPONSES = Subject(
    name=ImportRun.Subject.RESPONSES,
    columns=(
        Column("external_id", fields.key, required=True, also=("id", "response", "responseid", "answerid")),
        Column(
            "customer",
            fields.customer_key,
            required=True,
            also=("customerid", "customerno", "customernumber", "contactid", "userid", "respondent", "respondentid"),
        ),
        Column("survey", fields.survey, required=True, also=("surveyname", "surveyid", "questionnaire")),
        Column("touchpoint", fields.key, also=("touchpointid", "eventid", "ticketid", "orderid", "caseid")),
        Column("channel", fields.text_up_to(60), also=("medium", "via")),
        Column(
            "answered_at",
            fields.instant,
            required=True,
            also=("date", "datetime", "time", "timestamp", "answered", "submittedat", "completedat", "responsedate"),
        ),
        Column("score", fields.score, required=True, also=("nps", "npsscore", "rating", "recommendation")),
        Column("comment", fields.verbatim, also=("reason", "text", "feedback", "verbatim", "answer")),
    ),
    check=_check,
    write=_write,
)

import_responses = partial(bring_in, RESPONSES)
