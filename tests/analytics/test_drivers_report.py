"""The report Drivers: what customers rate, what they had, and what the organisation gives on it."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from analytics import frames, reports
from analytics.drivers.experienced import patterns
from analytics.driving import driver_rows
from analytics.models import DriverWeight
from analytics.period import Period
from analytics.reports import REPORTS
from analytics.scope import Scope
from surveys.models import Answer, Question, SurveyVersion
from tests.analytics.worlds import scores_for
from tests.staff import client_of
from tests.surveys.answered import make_response
from tests.surveys.makers import NOON, make_customer, make_touchpoint, make_version

EVERYTHING = Scope(Period(None, None, NOON))
COLUMNS = ["customer", "score", "kind", "outcome", "team", "waiting_minutes", "repeated_contacts"]


def world(answers: int = 400, seed: int = 1) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Draw answers after calls: half of them unresolved, which is worse by 2 log odds; the team does nothing."""
    random = np.random.default_rng(seed)
    bad, south = random.random(answers) < 0.5, random.random(answers) < 0.3
    courtesy = random.integers(0, 5, answers) / 4
    frame = pd.DataFrame({"customer": np.arange(answers), "score": scores_for(2.0 * ~bad + courtesy - 1.0, random)})
    frame = frame.assign(
        kind="call",
        outcome=np.where(bad, "unresolved", "resolved"),
        team=np.where(south, "South", "North"),
        waiting_minutes=np.nan,
        repeated_contacts=np.nan,
    )
    return frame, pd.DataFrame({"courtesy": courtesy})


def empty_ratings() -> pd.DataFrame:
    return pd.DataFrame(index=pd.Index([], dtype="int64"))


def test_what_moves_the_score_is_told_with_its_size_and_direction() -> None:
    found = driver_rows(*world(), {})
    [pattern] = found["driver_patterns"]
    assert (pattern["value"], pattern["known"], pattern["n"]) == ("call", ["courtesy"], 400)
    assert (pattern["missing"], pattern["why"]) == (0, "")
    rows = {row["value"]: row for row in found["drivers"]}
    usual = "resolved" if "unresolved" in rows else "unresolved"
    outcome = rows["unresolved" if usual == "resolved" else "resolved"]
    assert (outcome["against"], outcome["rated"]) == (usual, False)
    assert (outcome["points_high"] < -30) is (usual == "resolved")
    assert (rows["courtesy"]["rated"], rows["courtesy"]["points_low"] > 0) == (True, True)
    assert rows["South"]["points_low"] < 0 < rows["South"]["points_high"]
    assert sum(row["share"] for row in rows.values()) == pytest.approx(pattern["r2"], abs=0.2)
    assert outcome["share"] == max(row["share"] for row in rows.values())


def test_customers_who_had_something_else_are_told_apart() -> None:
    experiences, ratings = world()
    half = experiences["customer"] % 2 == 0
    experiences["kind"] = np.where(half, "call", "chat")
    rated = ratings[experiences["customer"] % 4 < 2]
    found = [(one.kind, one.known, len(one.score)) for one in patterns(experiences, rated)]
    assert sorted(found) == [(kind, known, 100) for kind in ("call", "chat") for known in ((), ("courtesy",))]


def test_rare_outcomes_and_teams_count_with_the_most_frequent() -> None:
    experiences, _ = world()
    experiences.loc[:9, "team"] = "Night desk"
    [pattern] = patterns(experiences, empty_ratings())
    assert set(pattern.aspects) & {"North", "South", "Night desk", "other"} == {"South"}
    assert pattern.against["South"] == "North"


def test_what_is_not_stated_is_no_outcome() -> None:
    experiences, _ = world()
    [pattern] = patterns(experiences.assign(outcome="", team=""), empty_ratings())
    assert list(pattern.aspects) == ["customer"]


def test_a_team_named_like_an_outcome_is_told_apart() -> None:
    experiences, _ = world()
    experiences["team"] = np.where(experiences["team"] == "South", "unresolved", "North")
    experiences["outcome"] = np.where(experiences["customer"] % 3 == 0, "unresolved", "resolved")
    [pattern] = patterns(experiences, empty_ratings())
    assert set(pattern.aspects) == {"customer", "unresolved", "team unresolved"}


@pytest.mark.parametrize(
    ("answers", "change", "missing", "why"),
    [
        (20, {}, 10, "nothing that is known of these experiences differs between them"),
        (400, {"outcome": "resolved", "team": "North"}, 0, "nothing that is known of these experiences differs"),
        (400, {"score": 9.0}, 0, "the outcome is the same in all rows"),
    ],
)
def test_what_cannot_be_told_says_why(answers: int, change: dict[str, Any], missing: int, why: str) -> None:
    experiences, _ = world(answers)
    found = driver_rows(experiences.assign(**change), empty_ratings(), {})
    [pattern] = found["driver_patterns"]
    assert pattern["why"].startswith(why)
    assert (pattern["n"], pattern["missing"], pattern["r2"]) == (answers, missing, None)
    assert found["drivers"] == []


def test_few_answers_with_a_rating_say_how_many_are_missing() -> None:
    found = driver_rows(*world(20), {})
    assert found["driver_patterns"][0]["why"] == "20 answers, and 30 are needed"
    assert found["driver_patterns"][0]["missing"] == 10


def test_weights_are_compared_among_the_drivers_that_have_one() -> None:
    experiences, ratings = world()
    drivers = [row["value"] for row in driver_rows(experiences, ratings, {})["drivers"]]
    outcome = next(name for name in drivers if name in ("resolved", "unresolved"))
    found = driver_rows(experiences, ratings, {outcome: 10, "courtesy": 90})
    rows = {row["value"]: row for row in found["driver_weights"]}
    assert rows[outcome]["finding"] == "underrated"
    assert rows["courtesy"]["finding"] == "overrated"
    assert sum(row["importance"] for row in rows.values()) == pytest.approx(100, abs=0.2)
    assert rows[outcome]["low"] <= rows[outcome]["importance"] <= rows[outcome]["high"]
    assert found["driver_orders"][0]["why"] == "an order needs three weights that differ"


def test_all_weights_give_a_correlation_of_the_orders_with_its_interval() -> None:
    experiences, ratings = world()
    weights = dict.fromkeys(("resolved", "unresolved", "courtesy", "South", "North"), 0.0)
    weights |= {"resolved": 80, "unresolved": 80, "courtesy": 15, "South": 5, "North": 5}
    [order] = driver_rows(experiences, ratings, weights)["driver_orders"]
    assert order["estimate"] == 1
    assert order["low"] <= 1 == order["high"]
    assert order["why"] == ""


@pytest.mark.parametrize("weights", [{}, {"courtesy": 10}, {"courtesy": 0, "South": 0, "North": 0}])
def test_too_few_weights_name_the_drivers_without(weights: dict[str, float]) -> None:
    found = driver_rows(*world(), weights)
    assert found["driver_weights"] == []
    assert found["driver_orders"][0]["why"].startswith("give weights to: ")


@pytest.fixture
def version(db: None) -> SurveyVersion:
    made = make_version()
    aspects = (
        ("ease", "ces", "effort"),
        ("stars", "stars", "speed"),
        ("fixed", "yes_no", "speed"),
        ("why", "csat", ""),
    )
    for place, (key, kind, aspect) in enumerate(aspects, start=50):
        Question.objects.create(version=made, key=key, kind=kind, position=place, aspect=aspect)
    return made


def answer(version: SurveyVersion, score: int | None, ratings: dict[str, int], **touchpoint: Any) -> int:
    response = make_response(score, version=version, touchpoint=make_touchpoint(**touchpoint))
    for key, number in ratings.items():
        Answer.objects.create(response=response, question=version.questions.get(key=key), number=number)
    return response.pk


def test_ratings_go_from_worst_to_best_and_several_of_an_aspect_are_their_mean(version: SurveyVersion) -> None:
    best = answer(version, 9, {"ease": 7, "stars": 5, "fixed": 1, "why": 1})
    mixed = answer(version, 3, {"ease": 1, "stars": 2, "fixed": 1})
    answer(version, 8, {})
    frame = frames.ratings(EVERYTHING)
    assert sorted(map(str, frame)) == ["effort", "speed"]
    assert frame.loc[best].to_dict() == {"effort": 1, "speed": 1}
    assert frame.loc[mixed].to_dict() == {"effort": 0, "speed": 0.625}
    assert len(frame) == 2


def test_experiences_say_what_was_had(version: SurveyVersion) -> None:
    person = make_customer()
    attributes = {"waiting_minutes": "12.5", "repeated_contacts": "many"}
    record = make_customer(merged_into=person)
    pk = answer(version, 4, {}, customer=record, kind="call", outcome="late", team="North", attributes=attributes)
    answer(version, None, {"stars": 3})
    frame = frames.experiences(EVERYTHING)
    assert list(frame) == COLUMNS
    assert frame.index.tolist() == [pk]
    row = frame.loc[pk].to_dict()
    assert (row["customer"], row["score"], row["kind"], row["outcome"]) == (person.pk, 4, "call", "late")
    assert row["waiting_minutes"] == 12.5
    assert np.isnan(row["repeated_contacts"])


@pytest.mark.django_db
def test_frames_without_rows_have_their_columns() -> None:
    assert list(frames.experiences(EVERYTHING)) == COLUMNS
    assert frames.ratings(EVERYTHING).empty


def test_the_page_shows_pictures_of_what_moves_the_score(version: SurveyVersion) -> None:
    for place in range(90):
        bad = place % 3 == 0
        answer(version, place % 8 if bad else 5 + place % 6, {}, kind="call", outcome="late" if bad else "on time")
    DriverWeight.objects.create(driver="late", weight=30)
    page = client_of("Analyst").get("/admin/report/drivers/").content.decode()
    assert "What moves the score? Call" in page
    assert "instead of on time" in page
    assert page.count('class="chart-data"') == 2
    numbers = reports.build(EVERYTHING, [REPORTS["drivers"]])
    assert REPORTS["drivers"].context(numbers)["headline"].text.startswith("Call: Late (instead of on time)")


@pytest.mark.django_db
def test_without_answers_the_page_says_so() -> None:
    page = client_of("Analyst").get("/admin/report/drivers/").content.decode()
    assert "No drivers yet" in page
    assert "0 answers with a score" in page
