"""Answers that another tool collected: what becomes of each row, and what the rules learn from it."""

from datetime import UTC, datetime, timedelta

import pytest

from contacts.intake import ImportResult
from contacts.models import Brand, Contact, Customer
from surveys.defaults import ensure_fixed_survey, ensure_nps_survey
from surveys.history import RESPONSES
from surveys.models import Answer, Response, Survey, SurveyVersion
from surveys.publishing import draft_from, publish
from tests.contacts.files import NOON, TOUCHPOINT, bring, counts, touchpoints

LATER = NOON + timedelta(days=1)
ANSWERS = (
    "external_id,customer,survey,touchpoint,channel,answered_at,score,comment,shop\n"
    'r1,a,Old Survey,t1,email,2026-05-04T10:00:00+02:00,9,"kind,\nfast",north\n'
    "r2,b,Old Survey,,,2026-05-04T11:00:00Z,0,,\n"
)
TOUCHPOINTS = TOUCHPOINT + "t1,a,call,hotline,2026-05-03T10:00:00Z\nt2,b,call,hotline,2026-05-03T10:00:00Z\n"


def responses(text: str = ANSWERS, at: datetime = NOON) -> ImportResult:
    return bring(RESPONSES, text, at=at)


def answers(external_id: str) -> dict[str, object]:
    """Return the answers of a response by the key of the question."""
    found = Answer.objects.filter(response__external_id=external_id)
    return {
        key: text if number is None else number
        for key, number, text in found.values_list("question__key", "number", "text")
    }


def test_an_answer_is_kept_with_everything_in_the_file(db: None) -> None:
    touchpoints(TOUCHPOINTS)
    assert counts(responses()) == (2, 0, 0, 0)
    first = Response.objects.select_related("customer", "touchpoint").get(external_id="r1")
    assert first.customer is not None
    assert (first.source, first.customer.external_id, first.channel) == ("csv", "a", "email")
    assert (first.answered_at, first.attributes) == (datetime(2026, 5, 4, 8, tzinfo=UTC), {"shop": "north"})
    assert first.touchpoint is not None
    assert first.touchpoint.external_id == "t1"
    assert (answers("r1"), answers("r2")) == ({"score": 9, "reason": "kind,\nfast"}, {"score": 0})


def test_a_survey_never_heard_of_is_created_published(db: None) -> None:
    responses()
    version = SurveyVersion.objects.select_related("survey").get()
    assert (version.survey.slug, version.survey.name) == ("old-survey", "Old Survey")
    assert (version.number, version.state, version.published_at) == (1, "published", NOON)
    assert list(version.questions.values_list("key", "kind")) == [("score", "nps"), ("reason", "text")]


def test_a_new_survey_belongs_to_the_brand_there_is(db: None) -> None:
    brand = Brand.objects.create(slug="north", name="North")
    responses()
    assert Survey.objects.get().brand == brand


def test_answers_to_a_survey_we_ask_belong_to_the_published_version(db: None) -> None:
    version = ensure_nps_survey(NOON, Brand.objects.create(slug="north", name="North"))
    responses(ANSWERS.replace("Old Survey", "NPS"))
    assert set(Response.objects.values_list("version", flat=True)) == {version.pk}


def test_a_survey_without_a_score_is_rejected(db: None) -> None:
    ensure_fixed_survey(NOON, Brand.objects.create(slug="north", name="North"))
    result = responses(ANSWERS.replace("Old Survey", "fixed", 1))
    assert counts(result) == (1, 0, 0, 1)
    assert (result.rejects[0].line, result.rejects[0].column, result.rejects[0].value) == (2, "survey", "fixed")


def test_the_same_file_twice_changes_nothing(db: None) -> None:
    responses()
    before = list(Response.objects.order_by("pk").values()), list(Answer.objects.order_by("pk").values())
    assert counts(responses(at=LATER)) == (0, 0, 2, 0)
    assert (list(Response.objects.order_by("pk").values()), list(Answer.objects.order_by("pk").values())) == before
    assert Contact.objects.count() == 2


def test_what_was_answered_stays_with_the_version_that_asked(db: None) -> None:
    responses()
    first = SurveyVersion.objects.get()
    publish(draft_from(first), at=LATER)
    assert counts(responses(at=LATER)) == (0, 0, 2, 0)
    responses(ANSWERS.replace(",9,", ",8,"), at=LATER)
    assert set(Response.objects.values_list("version", flat=True)) == {first.pk}


def test_a_corrected_answer_replaces_the_old_one(db: None) -> None:
    responses()
    corrected = ANSWERS.replace(',9,"kind,\nfast"', ",2,")
    assert counts(responses(corrected, at=LATER)) == (0, 1, 1, 0)
    assert answers("r1") == {"score": 2}
    assert Response.objects.get(external_id="r1").updated_at == LATER


def test_a_file_without_comments_keeps_them(db: None) -> None:
    responses()
    header = "external_id,customer,survey,answered_at,score"
    assert counts(responses(f"{header}\nr1,a,Old Survey,2026-05-04T08:00:00Z,3\n")) == (0, 1, 0, 0)
    assert answers("r1") == {"score": 3, "reason": "kind,\nfast"}


def test_a_touchpoint_that_comes_later_is_found_by_the_second_run(db: None) -> None:
    responses()
    assert Response.objects.get(external_id="r1").attributes == {"shop": "north", "touchpoint": "t1"}
    touchpoints(TOUCHPOINTS)
    assert counts(responses(at=LATER)) == (0, 1, 1, 0)
    found = Response.objects.get(external_id="r1")
    assert (found.touchpoint is None, found.attributes) == (False, {"shop": "north"})


def test_a_touchpoint_of_somebody_else_is_rejected(db: None) -> None:
    touchpoints(TOUCHPOINTS)
    result = responses(ANSWERS.replace("t1", "t2"))
    assert counts(result) == (1, 0, 0, 1)
    assert (result.rejects[0].column, result.rejects[0].expected) == ("touchpoint", "a touchpoint of customer a")


def test_a_touchpoint_of_the_same_person_is_theirs(db: None) -> None:
    touchpoints(TOUCHPOINTS)
    Customer.objects.filter(external_id="b").update(merged_into=Customer.objects.get(external_id="a"))
    assert counts(responses(ANSWERS.replace("t1", "t2"))) == (2, 0, 0, 0)


def test_the_ledger_learns_when_customers_answered(db: None) -> None:
    responses()
    events = Contact.objects.filter(customer__external_id="a")
    assert list(events.values_list("purpose", "at", "survey", "channel", "source")) == [
        ("response", datetime(2026, 5, 4, 8, tzinfo=UTC), "old-survey", "", "csv")
    ]


@pytest.mark.parametrize("survey", ["", "調査", "x" * 61])
def test_a_survey_has_a_name_that_can_be_a_key(db: None, survey: str) -> None:
    result = responses(ANSWERS.replace("Old Survey", survey, 1))
    assert [(reject.line, reject.column) for reject in result.rejects] == [(2, "survey")]
