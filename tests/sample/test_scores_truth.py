"""What is planted in the sample is found by the report: asked and answered as its model says, in the real tables."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import numpy as np
import pytest

from analytics.scores import nps_difference
from analytics.touchpoint_scores import score_numbers
from contacts.models import Contact, Touchpoint
from cxsurvey.sample.truth import TRUTH, answer_chance, satisfaction, score_chances, true_nps
from surveys.models import Answer, Invitation, Response
from tests.analytics.test_silence import LATER
from tests.analytics.world import make_customers
from tests.pristine import Shared
from tests.surveys.answered import question
from tests.surveys.makers import NOON, make_version

ASKED = {
    ("service_call", "resolved", "Denver"): 900,
    ("service_call", "unresolved", "Denver"): 300,
    ("service_call", "resolved", "Tampa"): 900,
    ("service_call", "unresolved", "Tampa"): 300,
    ("chat", "resolved", "Chat Leeds"): 1200,
    ("delivery", "late", "Parcel Post"): 900,
}
Group = tuple[str, str, str]


def make_world(seed: int) -> None:
    """Ask by email about so many touchpoints, each of another customer, who answer as those of the sample do."""
    random, version = np.random.default_rng(seed), make_version()
    scores, told = [], []
    for (kind, outcome, team), asked in ASKED.items():
        drawn = random.choice(11, asked, p=score_chances(satisfaction(kind, outcome, team, 0))).tolist()
        scores += [score if random.random() < answer_chance("email", score, 0) else None for score in drawn]
        told += [{"kind": kind, "outcome": outcome, "team": team}] * asked
    store(version, told, scores)


def store(version: Any, told: Sequence[dict[str, str]], scores: Sequence[int | None]) -> None:
    now = {"recorded_at": NOON, "updated_at": NOON}
    people = make_customers(len(told))
    about = Touchpoint.objects.bulk_create(
        Touchpoint(
            customer=one, source="s", external_id=str(n), occurred_at=NOON, received_at=NOON, updated_at=NOON, **of
        )
        for n, (one, of) in enumerate(zip(people, told, strict=True))
    )
    way = {"channel": "email", "purpose": "invitation"}
    places = Contact.objects.bulk_create(
        Contact(customer=one, at=NOON, outcome="delivered", source="s", **way, **now) for one in people
    )
    times = {"due_at": NOON, "sent_at": NOON, "created_at": NOON, "expires_at": NOON}
    sent = Invitation.objects.bulk_create(
        Invitation(
            version=version,
            customer=one,
            touchpoint=of,
            contact=place,
            state="sent",
            language="en",
            **way,
            **times,
            closes_at=NOON + timedelta(days=30),
            link_key="1",
        )
        for one, of, place in zip(people, about, places, strict=True)
    )
    said = [(one, score) for one, score in zip(sent, scores, strict=True) if score is not None]
    given = Response.objects.bulk_create(
        Response(
            invitation=one,
            customer=one.customer,
            touchpoint=one.touchpoint,
            version=version,
            source="s",
            channel="email",
            answered_at=NOON,
            updated_at=NOON,
        )
        for one, _ in said
    )
    asked = question(version, "nps")
    Answer.objects.bulk_create(
        Answer(response=response, question=asked, number=score)
        for response, (_, score) in zip(given, said, strict=True)
    )


def of_answers(chances: "np.ndarray[Any, Any]") -> tuple[float, float]:
    """NPS and share of the unhappy (percent) among answers, where the unhappy answer so much less often."""
    thinned = np.concatenate([chances[:7] * TRUTH.unhappy_answer, chances[7:]])
    thinned /= thinned.sum()
    return float(100 * (thinned[9:].sum() - thinned[:7].sum())), float(100 * thinned[:7].sum())


def mixed(*groups: Group) -> "np.ndarray[Any, Any]":
    """The chances of the scores of all who were asked in these groups."""
    sizes = np.array([ASKED[group] for group in groups], dtype=float)
    chances = np.array([score_chances(satisfaction(*group, 0)) for group in groups])
    return np.asarray(sizes @ chances / sizes.sum())


@pytest.fixture(scope="module")
def numbers(shared: Shared) -> dict[str, Any]:
    with shared():
        make_world(1997)
        return score_numbers(LATER)


def row(numbers: dict[str, Any], table: str, by: str, value: str) -> dict[str, Any]:
    found: dict[str, Any] = next(
        row for row in numbers[table] if (row.get("metric", "nps"), row["by"], row["value"]) == ("nps", by, value)
    )
    return found


def test_effects_of_service_and_teams_are_found_within_their_intervals(numbers: dict[str, Any]) -> None:
    teams: dict[str, Any] = {}
    for team in ("Denver", "Tampa", "Chat Leeds", "Parcel Post"):
        truth, _ = of_answers(mixed(*(group for group in ASKED if group[2] == team)))
        found = row(numbers, "nps", "team", team)
        assert found["low"] <= truth <= found["high"], team
        teams[team] = (found["promoters"], found["passives"], found["detractors"]), truth
    difference = nps_difference(teams["Denver"][0], teams["Tampa"][0])
    assert difference.low <= teams["Denver"][1] - teams["Tampa"][1] <= difference.high
    assert difference.low > 0
    ranked = [one["value"] for one in numbers["ranks"] if one["by"] == "team"]
    assert (ranked[0], ranked[-1]) == ("Chat Leeds", "Parcel Post")


@pytest.mark.one_database
def test_unhappy_who_are_silent_for_no_recorded_reason_are_for_the_bounds_and_no_weight(
    numbers: dict[str, Any],
) -> None:
    everybody = mixed(*ASKED)
    truth, unhappy = float(100 * (everybody[9:].sum() - everybody[:7].sum())), float(100 * everybody[:7].sum())
    measured = row(numbers, "nps", "overall", "all")
    weighted = row(numbers, "weighted", "overall", "all")
    assert abs(weighted["estimate"] - truth) < abs(measured["nps"] - truth), "recorded causes are made good"
    assert weighted["low"] > truth, "the others are not"
    shares = {one["who"]: one for one in numbers["unhappy"]}
    _, thinned = of_answers(everybody)
    assert shares["answers"]["low"] <= thinned <= shares["answers"]["high"]
    odds = shares["answers"]["share"] / (100 - shares["answers"]["share"]) / TRUTH.unhappy_answer
    assert 100 * odds / (1 + odds) == pytest.approx(unhappy, abs=3), "as docs/sample.md says"
    assert shares["answers"]["share"] < shares["asked"]["share"] < unhappy
    least = min(numbers["silent"], key=lambda one: one["nps"])
    assert least["low"] <= truth <= weighted["high"]


def test_truth_of_the_page_is_that_of_the_sample() -> None:
    chances = score_chances(satisfaction("chat", "resolved", "Chat Leeds", 0))
    assert float(100 * (chances[9:].sum() - chances[:7].sum())) == pytest.approx(true_nps(0.8))
