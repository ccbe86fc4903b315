"""Every rule explained, and the lanes of a year: both from the rules that decide, so that they never disagree."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings

from contacts.frequency import (
    Customer,
    Document,
    Finding,
    Lane,
    Request,
    Row,
    Step,
    Stretch,
    evaluate,
    explain,
    free_places,
    lanes,
    parse_document,
    parse_policy,
)
from contacts.frequency.explain import AFTER_CAPS, BEFORE_CAPS
from tests.contacts.test_frequency_promise import documents

CASES = sorted(Path(__file__).with_name("frequency_cases").glob("*.json"))
NOON = datetime(2026, 5, 5, 12, tzinfo=UTC)
DAY = timedelta(days=1)
END = NOON + 90 * DAY
OSLO = Customer("c1", timezone="Europe/Oslo")


def ask(at: datetime = NOON, **fields: Any) -> Request:
    values: dict[str, Any] = {"id": "r1", "customer": "c1", "at": at, "channel": "email", "purpose": "invitation"}
    return Request(**values | fields)


def sent(days: float, key: object = None, **fields: Any) -> Row:
    """A contact so many days before NOON; after it where negative."""
    values: dict[str, Any] = {"at": NOON - days * DAY, "channel": "email", "purpose": "invitation", "key": key}
    return Row(**values | fields)


def policy(*caps: tuple[int, str, str], **document: Any) -> Any:
    """A policy of caps (limit, measure, window), named after measure and window."""
    written = [
        {"name": f"{measure} in {window}", "limit": limit, "measure": measure, "window": window}
        for limit, measure, window in caps
    ]
    return parse_policy({"caps": written, "hours": {"sms": "always", "phone": "always"}} | document)


def questions(document: Document) -> Iterator[tuple[Any, ...]]:
    """The arguments of `evaluate` for each request of a document, on its history alone."""
    for request in document.requests:
        yield document.policy, document.customers[request.customer], document.history[request.customer], request


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_an_explanation_never_disagrees_with_the_decision(path: Path) -> None:
    for question in questions(parse_document(json.loads(path.read_text(encoding="utf-8"))["input"])):
        verdict, explanation = evaluate(*question), explain(*question)
        assert explanation.verdict == verdict
        assert {(f.rule, f.until) for f in explanation.findings if not f.passes} == {
            (reason.rule, reason.until) for reason in verdict.reasons
        }
        assert {key for f in explanation.findings for key in f.counted} == set(verdict.counted)


def test_every_rule_is_told_in_the_order_of_reasons() -> None:
    found = explain(policy((1, "contacts", "30 days"), (2, "call_attempts", "week")), OSLO, [], ask())
    names = [*BEFORE_CAPS, "contacts in 30 days", "call_attempts in week", *AFTER_CAPS]
    assert [finding.rule for finding in found.findings] == names
    assert [finding.rule for finding in found.findings if finding.applies] == ["contacts in 30 days"]
    assert found.zones == ("Europe/Oslo",)


def test_a_full_cap_says_what_counts_and_when_it_passes_alone() -> None:
    found = explain(policy((1, "contacts", "30 days")), OSLO, [sent(10, "a"), sent(31, "old")], ask())
    assert found.findings[4] == Finding("contacts in 30 days", "cap", False, NOON + 20 * DAY, 1, 1, ("a",))


def test_each_rule_counts_its_own_contacts() -> None:
    rules = policy((3, "contacts", "30 days"), (1, "invitations", "7 days"))
    rows = [sent(2, "call", channel="phone", purpose="call", outcome="completed"), sent(20, "mail")]
    counted = {finding.rule: finding.counted for finding in explain(rules, OSLO, rows, ask()).findings}
    assert counted["contacts in 30 days"] == ("call", "mail")
    assert counted["invitations in 7 days"] == ()


@pytest.mark.parametrize(("expires", "passes"), [(NOON + 20 * DAY, True), (NOON + 19 * DAY, False)])
def test_expiry_is_a_rule_of_its_own(expires: datetime, passes: bool) -> None:
    found = explain(policy((1, "contacts", "30 days")), OSLO, [sent(10)], ask(expires=expires))
    expiry = found.findings[-1]
    assert (expiry.rule, expiry.applies, expiry.passes, expiry.until is None) == ("expiry", True, passes, not passes)


def year(rules: Any, rows: list[Row], customer: Customer = OSLO, **fields: Any) -> list[Lane]:
    return lanes(rules, customer, rows, ask(**fields), since=NOON - 365 * DAY, until=END)


def test_a_lane_fills_with_each_contact_until_its_own_expiry() -> None:
    [lane] = year(policy((2, "contacts", "30 days")), [sent(100), sent(90)])
    assert lane == Lane(
        "contacts in 30 days",
        2,
        1,
        (
            Step(NOON - 365 * DAY, NOON - 100 * DAY, 0),
            Step(NOON - 100 * DAY, NOON - 90 * DAY, 1),
            Step(NOON - 90 * DAY, NOON - 70 * DAY, 2),
            Step(NOON - 70 * DAY, NOON - 60 * DAY, 1),
            Step(NOON - 60 * DAY, END, 0),
        ),
    )


def test_a_contact_before_the_year_still_fills_its_beginning() -> None:
    [lane] = year(policy((1, "contacts", "30 days")), [sent(370)])
    assert lane.steps[0] == Step(NOON - 365 * DAY, NOON - 340 * DAY, 1)


def test_a_booked_contact_fills_the_windows_that_reach_it_but_not_the_past() -> None:
    [lane] = year(policy((1, "contacts", "10 days")), [sent(-15, outcome="reserved")])
    assert [step.used for step in lane.steps] == [0, 1, 0]
    assert abs(lane.steps[1].start - (NOON + 5 * DAY)) <= timedelta(seconds=1)
    assert lane.steps[1].end == NOON + 25 * DAY
    near = year(policy((1, "contacts", "30 days")), [sent(-15, outcome="reserved")])[0]
    assert near.steps[0] == Step(NOON - 365 * DAY, NOON, 0)


def test_a_calendar_month_is_reached_from_its_first_day() -> None:
    [lane] = year(policy((1, "contacts", "month")), [sent(-40, outcome="reserved")])
    june = datetime(2026, 5, 31, 22, tzinfo=UTC)
    assert abs(lane.steps[1].start - june) <= timedelta(seconds=1)
    assert lane.steps[1].end == datetime(2026, 6, 30, 22, tzinfo=UTC)


def test_only_the_rules_that_count_against_the_request_have_lanes() -> None:
    rules = policy((1, "contacts", "30 days"), (1, "call_attempts", "30 days"))
    wishing = Customer("c1", timezone="Europe/Oslo", once_in_days=90)
    assert [lane.rule for lane in year(rules, [], wishing)] == ["contacts in 30 days", "once-in-days"]


def test_places_are_free_where_every_lane_has_room() -> None:
    found = year(policy((1, "contacts", "30 days"), (2, "contacts", "60 days")), [sent(35), sent(10)])
    assert free_places(found, NOON, END) == [Stretch(NOON + 25 * DAY, END)]
    assert free_places(year(policy((1, "contacts", "30 days")), []), NOON, END) == [Stretch(NOON, END)]
    assert free_places([], NOON, END) == [Stretch(NOON, END)]
    assert free_places([], END, NOON) == []
    assert free_places(year(policy((0, "contacts", "30 days")), []), NOON, END) == []


@settings(max_examples=60)
@given(document=documents)
def test_the_first_free_place_is_the_instant_that_the_caps_allow(document: dict[str, Any]) -> None:
    """Hours apart, which no lane shows: there the picture and the decision are the same to the second."""
    document["policy"]["hours"] = {"sms": "always", "phone": "always"}
    first, *rest = parse_document(document).requests
    rules, customer = parse_document(document).policy, parse_document(document).customers[first.customer]
    rows = [
        Row(at=r.at, channel=r.channel, purpose=r.purpose, survey=r.survey, seconds=r.seconds, outcome="reserved")
        for r in rest
    ]
    if any(cap.limit < first.seconds for cap in rules.caps):
        return
    allowed = evaluate(rules, customer, rows, first).at
    found = lanes(rules, customer, rows, first, since=first.at - 40 * DAY, until=first.at + 120 * DAY)
    assert allowed is not None
    free = free_places(found, first.at, first.at + 120 * DAY)
    assert abs(free[0].start - allowed) <= timedelta(hours=1)
