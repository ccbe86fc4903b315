"""Weights for whom the rules left out: the arithmetic, and that they remove the bias which a cap makes."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pytest
from django.contrib.auth.models import User
from django.test import Client

from analytics import frames
from analytics.inclusion import with_inclusion
from analytics.period import Period
from analytics.scope import Scope
from contacts.frequency import Customer, Request, Row, evaluate, parse_policy
from contacts.models import Contact, Decision
from tests.surveys.makers import NOON, make_customer, make_touchpoint

START = datetime(2026, 1, 1, tzinfo=UTC)
COLUMNS = ["customer", "program", "kind", "design", "sampled", "eligible", "asked"]


def planned(customers: Iterable[int], asked: bool, **values: Any) -> list[tuple[Any, ...]]:
    """A touchpoint of each customer, in a whole sample and eligible unless told otherwise."""
    row: dict[str, Any] = {"program": "p", "kind": "call", "design": 1.0, "sampled": True, "eligible": True}
    return [(customer, *(row | values).values(), asked) for customer in customers]


def weighed(*rows: list[tuple[Any, ...]]) -> pd.DataFrame:
    return with_inclusion(pd.DataFrame([row for some in rows for row in some], columns=COLUMNS))


def test_a_cell_is_weighted_by_the_share_of_it_that_was_asked() -> None:
    found = weighed(planned(range(5), True), planned(range(5, 20), False))
    assert set(found["room"]) == {0.25}
    assert set(found["inclusion"]) == {0.25}
    assert found["weight"].tolist()[:5] == [4.0] * 5
    assert found["weight"][5:].isna().all()


def test_the_weights_of_those_asked_add_up_to_all_touchpoints() -> None:
    found = weighed(planned(range(40), True), planned(range(20), False), planned(range(30), True, kind="visit"))
    assert found["weight"].sum() == pytest.approx(90)


def test_the_design_and_the_room_multiply() -> None:
    drawn = {"design": 0.5}
    found = weighed(planned(range(10), True, **drawn), planned(range(10, 20), False, **drawn))
    assert set(found["inclusion"]) == {0.25}


def test_what_the_sample_left_out_keeps_its_probability_and_counts_in_no_cell() -> None:
    out = planned(range(20, 40), False, design=0.5, sampled=False)
    found = weighed(planned(range(20), True, design=0.5), out)
    assert set(found["cell"]) == {20}
    assert set(found["inclusion"]) == {0.5}
    assert found["weight"].count() == 20


def test_who_refused_could_not_be_asked_and_counts_in_no_cell() -> None:
    found = weighed(planned(range(20), True), planned(range(20, 30), False, eligible=False))
    assert found["inclusion"].tolist() == [1.0] * 20 + [0.0] * 10


@pytest.mark.parametrize(
    ("touchpoints", "often"), [(1, 1), (2, 2), (3, 3), (4, 4), (5, 4), (7, 6), (8, 8), (21, 16), (22, 22), (40, 22)]
)
def test_customers_are_classed_by_how_often_they_were_wanted(touchpoints: int, often: int) -> None:
    found = weighed(planned([1] * touchpoints, True), planned([1] * 3, False, sampled=False))
    assert set(found["often"]) == {often}


def test_the_touchpoints_of_all_programs_make_the_class() -> None:
    assert set(weighed(planned([1], True), planned([1], False, program="q"))["often"]) == {2}


def test_a_small_cell_takes_the_larger_one() -> None:
    found = weighed(planned(range(90), True), planned([*range(100, 104)] * 2, False))
    assert set(found["cell"][found["often"] == 1]) == {90}
    assert set(found["cell"][found["often"] == 2]) == {98}


def test_where_nobody_was_asked_there_is_no_probability_to_weight_by() -> None:
    found = weighed(planned(range(30), False))
    assert found["room"].isna().all()
    assert set(found["inclusion"]) == {0.0}
    assert found["weight"].isna().all()


def test_no_rows_make_no_rows() -> None:
    assert weighed().empty


def simulate(seed: int) -> tuple[pd.DataFrame, pd.Series]:
    """Half a year of touchpoints, planned by the product's own rules under one contact in 30 days, and their scores.

    Who comes often is happier; the cap lets through a smaller part of what they live through.
    """
    random = np.random.default_rng(seed)
    policy = parse_policy({"caps": [{"name": "c", "limit": 1, "measure": "contacts", "window": "30 days"}]})
    rows, scores = [], []
    for number in range(700):
        rate = random.gamma(1.2, 3.0)
        someone, history = Customer(str(number), timezone="UTC"), list[Row]()
        for day in np.sort(random.uniform(0, 182, random.poisson(rate) or 1)):
            kind, drawn = str(random.choice(["call", "visit"])), bool(random.random() < 0.8)
            at = START + timedelta(days=float(day))
            request = Request("r", "c", at, "email", "invitation", expires=at + timedelta(days=5))
            allowed = evaluate(policy, someone, history, request).at if drawn else None
            if allowed:
                history.append(Row(allowed, "email", "invitation"))
            rows.append((number, "p", kind, 0.8, drawn, True, allowed is not None))
            scores.append(random.normal(4.5 + min(rate, 12) * 0.45 - (kind == "call"), 2))
    return pd.DataFrame(rows, columns=COLUMNS), pd.Series(scores).round().clip(0, 10)


def nps(scores: pd.Series, weights: pd.Series) -> float:
    category = (scores >= 9).astype(float) - (scores <= 6).astype(float)
    return float(100 * (category * weights).sum() / weights.sum())


def test_weighting_removes_the_bias_that_a_cap_makes() -> None:
    raw, weighted = [], []
    for seed in range(5):
        rows, scores = simulate(seed)
        found = with_inclusion(rows)
        truth = nps(scores, pd.Series(1.0, rows.index))
        raw.append(nps(scores, rows["asked"].astype(float)) - truth)
        weighted.append(nps(scores, found["weight"].fillna(0)) - truth)
    assert np.mean(raw) < -5
    assert abs(np.mean(weighted)) < 1.2


def decide(result: str = "skip", outcome: str = "", **fields: Any) -> Decision:
    """A planning decision about a touchpoint of NOON; with a place in the ledger where an outcome is given."""
    touchpoint = fields.pop("touchpoint", None) or make_touchpoint(kind="call")
    way = {"channel": "email", "purpose": "invitation"}
    times = {"at": NOON, "recorded_at": NOON, "updated_at": NOON}
    customer = touchpoint.customer
    contact = outcome and Contact.objects.create(customer=customer, outcome=outcome, source="cxsurvey", **way, **times)
    values = {"program": "p", "stage": "plan", "at": NOON, "decided_at": NOON, "probability": 0.5} | way | fields
    return Decision.objects.create(
        customer=customer, touchpoint=touchpoint, result=result, contact=contact or None, **values
    )


def reason(kind: str, channel: str = "email") -> dict[str, str]:
    return {"rule": kind, "kind": kind, "channel": channel}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("fields", "fate"),
    [
        ({"result": "send", "outcome": "delivered"}, (True, True, True)),
        ({"result": "delay", "outcome": "reserved", "reasons": [reason("cap")]}, (True, True, True)),
        ({"result": "delay", "outcome": "cancelled", "reasons": [reason("cap")]}, (True, True, False)),
        ({"reasons": [reason("sampling", "")]}, (False, True, False)),
        ({"reasons": [reason("cap")]}, (True, True, False)),
        ({"reasons": [reason("consent")]}, (True, False, False)),
        ({"reasons": [reason("consent"), reason("cap")]}, (True, False, False)),
        ({"reasons": [reason("consent"), reason("cap", "sms")]}, (True, True, False)),
    ],
)
def test_the_fate_of_a_touchpoint_is_read_from_its_decision(fields: dict[str, Any], fate: tuple[bool, ...]) -> None:
    decision = decide(**fields)
    [row] = frames.planned(Scope(Period(None, None, NOON))).to_dict("records")
    assert (row["sampled"], row["eligible"], row["asked"]) == fate
    assert (row["decision"], row["touchpoint"], row["design"]) == (decision.pk, decision.touchpoint_id, 0.5)


@pytest.mark.django_db
def test_only_planning_in_the_period_counts_and_a_person_is_one_customer() -> None:
    customer = make_customer()
    decide(touchpoint=make_touchpoint(make_customer(merged_into=customer)))
    decide(stage="hand_over")
    decide(decided_at=NOON - timedelta(days=9))
    found = frames.planned(Scope(Period(NOON - timedelta(days=1), None, NOON)))
    assert found["customer"].tolist() == [customer.pk]


@pytest.fixture
def client() -> Client:
    """A client that may see everything; which roles may is in tests/routes.txt."""
    browser = Client()
    browser.force_login(User.objects.create(username="ada", is_superuser=True))
    return browser


@pytest.mark.django_db
def test_the_export_has_a_row_for_every_touchpoint(client: Client) -> None:
    asked = [decide("send", "delivered", reasons=[]) for _ in range(10)]
    decide("skip", reasons=[reason("cap")])
    lines = client.get("/api/v1/exports/inclusion.csv").getvalue().decode().splitlines()
    assert lines[0] == (
        "decision_id,touchpoint_id,customer,program,touchpoint_kind,decided_at,design,sampled,eligible,asked,"
        "often,cell,room,inclusion,weight"
    )
    assert len(lines) == 12
    customer = asked[0].customer.external_id
    at = NOON.isoformat(timespec="microseconds")
    start = f"{asked[0].pk},{asked[0].touchpoint_id},{customer},p,call,{at},0.5,True,True,True,1,11,0.9"
    assert lines[1].startswith(start)
    assert lines[-1].endswith(",")
    assert len(client.get("/api/v1/exports/inclusion.ndjson").getvalue().splitlines()) == 11


@pytest.mark.django_db
@pytest.mark.parametrize("query", ["", "since=2026-05-05&until=2026-05-05", "until=2026-05-01"])
def test_an_export_of_nothing_has_its_header(client: Client, query: str) -> None:
    assert client.get(f"/api/v1/exports/inclusion.csv?{query}").getvalue().startswith(b"decision_id,")


@pytest.mark.django_db
def test_a_bad_period_or_format_is_refused(client: Client) -> None:
    assert client.get("/api/v1/exports/inclusion.csv?since=yesterday").status_code == 400
    assert client.get("/api/v1/exports/inclusion.csv?since=2026-05-02&until=2026-05-01").status_code == 400
    assert client.get("/api/v1/exports/inclusion.pdf").status_code == 404
