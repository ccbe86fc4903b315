"""The file format: what is refused with its place, and what the evaluator tells beside the answer."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from contacts.frequency import (
    DEFAULT_POLICY,
    Customer,
    DocumentError,
    Request,
    Row,
    evaluate,
    parse_policy,
    pressure,
    preview,
    read_json,
)

AT = datetime(2026, 6, 10, 9, tzinfo=UTC)
ROW = {"customer": "c1", "at": "2026-06-01T09:00:00Z", "channel": "email", "purpose": "invitation"}
REQUEST = {"id": "r1", **ROW}


def document(**parts: Any) -> dict[str, Any]:
    return {"policy": {}, "customers": [{"id": "c1"}], "history": [ROW], "requests": [REQUEST]} | parts


@pytest.mark.parametrize(
    ("parts", "complaint"),
    [
        ({"caps": []}, "caps: unknown key; expected policy, customers, history, requests"),
        ({"policy": {"caps": [{"name": "x"}]}}, 'policy.caps[0]: "limit" is missing'),
        ({"policy": {"hours": {"sms": {"mon": "x"}}}}, "policy.hours.sms.mon: expected periods"),
        ({"policy": []}, "policy: expected an object, not a list"),
        ({"customers": "c1"}, 'customers: expected a list, not "c1"'),
        ({"customers": [{"timezone": "UTC"}]}, 'customers[0]: "id" is missing'),
        ({"customers": [{"id": "c1"}, {"id": "c1"}]}, 'customers[1]: the id "c1" is there twice'),
        ({"customers": [{"id": 1}]}, "customers[0].id: expected a text, not 1"),
        ({"customers": [{"id": "c1", "timezone": "CET+1"}]}, 'customers[0].timezone: unknown time zone "CET+1"'),
        ({"customers": [{"id": "c1", "country": "XX"}]}, 'customers[0].country: unknown country "XX"'),
        ({"customers": [{"id": "c1", "phone": "030 123"}]}, "customers[0].phone: expected a number like +12025550123"),
        ({"customers": [{"id": "c1", "opt_outs": ["fax"]}]}, 'customers[0].opt_outs[0]: unknown channel "fax"'),
        ({"customers": [{"id": "c1", "opt_outs": None}]}, "customers[0].opt_outs: expected a list, not null"),
        (
            {"customers": [{"id": "c1", "pause_until": "2026-07-01"}]},
            'customers[0].pause_until: "2026-07-01" has no off',
        ),
        ({"customers": [{"id": "c1", "once_in_days": 0}]}, "customers[0].once_in_days: expected a whole number from 1"),
        ({"history": [ROW, ROW | {"channel": "fax"}]}, 'history[1].channel: unknown channel "fax"; expected email, ph'),
        ({"history": [ROW | {"customer": "c9"}]}, 'history[0].customer: unknown customer "c9"'),
        ({"history": [ROW | {"outcome": "lost"}]}, 'history[0].outcome: unknown outcome "lost"'),
        ({"history": [ROW | {"seconds": -1}]}, "history[0].seconds: expected a whole number at least 0, not -1"),
        ({"history": [{"customer": "c1"}]}, 'history[0]: "at" is missing'),
        ({"history": [{**ROW, "at": "yesterday"}]}, "history[0].at: expected an instant with offset"),
        ({"history": [{**ROW, "at": "2026-02-30T09:00:00Z"}]}, "history[0].at: expected an instant with offset"),
        ({"history": [{**ROW, "at": 1780000000}]}, "history[0].at: expected a text, not 1780000000"),
        ({"history": [{k: v for k, v in ROW.items() if k != "channel"}]}, 'history[0]: "channel" is missing'),
        ({"requests": [REQUEST, REQUEST]}, 'requests[1]: the id "r1" is there twice'),
        (
            {"requests": [REQUEST | {"at": "2026-06-01T09:00:00"}]},
            'requests[0].at: "2026-06-01T09:00:00" has no offset',
        ),
        ({"requests": [REQUEST | {"at": "9999-06-01T09:00:00Z"}]}, 'requests[0].at: "9999-06-01T09:00:00Z" is out of'),
        ({"requests": [REQUEST | {"purpose": "response"}]}, "requests[0].purpose: unknown purpose of a contact"),
        ({"requests": [REQUEST | {"priority": "high"}]}, 'requests[0].priority: expected a whole number, not "high"'),
        ({"requests": [REQUEST | {"outcome": "sent"}]}, "requests[0].outcome: unknown key"),
        (
            {"requests": [REQUEST | {"survey": "x" * 100, "tags": "x" * 100}]},
            'requests[0].tags: expected a list, not "xx',
        ),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_place(parts: dict[str, Any], complaint: str) -> None:
    with pytest.raises(DocumentError) as refused:
        preview(document(**parts))
    assert str(refused.value).startswith(complaint)
    assert len(str(refused.value)) < 250


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "null",
        '{"policy": NaN}',
        '{"policy": {}, "policy": {}}',
        "[" * 100_000,
        '{"a": 1' + "0" * 5000 + "}",
    ],
)
def test_what_is_no_json_object_is_refused(text: str) -> None:
    with pytest.raises(DocumentError, match="document: "):
        read_json(text)


def test_the_example_in_the_documentation_is_answered_as_it_says() -> None:
    text = (Path(settings.BASE_DIR) / "docs" / "frequency.md").read_text(encoding="utf-8")
    question, answer = (block.split("```")[0] for block in text.split("```json\n")[1:])
    assert preview(read_json(question)) == [read_json(answer)]


def test_all_parts_of_a_document_may_be_left_out() -> None:
    assert preview(read_json("{}")) == []


def test_answers_can_be_written_as_json() -> None:
    assert json.dumps(preview(document(policy=DEFAULT_POLICY)))


def test_a_verdict_names_the_rows_that_counted_also_when_it_says_send() -> None:
    history = [Row(AT - timedelta(days=n), "email", "other", key=n) for n in (40, 20, 10)]
    history.append(Row(AT - timedelta(days=1), "email", "other", "bounced", key="bounced"))
    verdict = evaluate(parse_policy(DEFAULT_POLICY), Customer("c"), history, Request("r", "c", AT, "email", "other"))
    assert (verdict.decision, verdict.counted) == ("send", (20, 10))


def test_a_closed_address_is_told_by_the_customer_and_not_by_an_old_bounce() -> None:
    bounced = [Row(AT - timedelta(days=1), "email", "other", "bounced")]
    request = Request("r", "c", AT, "email", "other")
    assert evaluate(parse_policy({}), Customer("c"), bounced, request).decision == "send"
    verdict = evaluate(parse_policy({}), Customer("c", closed=frozenset({"email"})), [], request)
    assert [reason.rule for reason in verdict.reasons] == ["closed-address"]


def test_the_zone_of_the_instants_given_does_not_matter() -> None:
    far = datetime.fromisoformat("2026-06-10T18:00:00+09:00")
    history = [Row(far - timedelta(days=29), "email", "invitation")]
    request = Request("r", "c", far, "email", "invitation", expires=far + timedelta(days=2))
    verdict = evaluate(parse_policy(DEFAULT_POLICY), Customer("c"), history, request)
    assert verdict.at == AT + timedelta(days=1)
    assert verdict.at.tzinfo is UTC


def test_pressure_says_how_full_each_cap_is() -> None:
    house = {"name": "house", "limit": 4, "measure": "contacts", "window": "30 days", "per": "account"}
    policy = parse_policy({"caps": [*DEFAULT_POLICY["caps"], house]})
    rows = [
        Row(AT - timedelta(days=31), "email", "invitation"),
        Row(AT - timedelta(days=30), "email", "invitation"),
        Row(AT - timedelta(days=3), "phone", "call", "no_answer"),
        Row(AT + timedelta(days=3), "email", "invitation", "reserved"),
    ]
    others = [Row(AT - timedelta(days=1), "sms", "other")]
    used = pressure(policy, rows, AT, account_rows=others)
    assert used == [("invitations", 1, 1), ("call attempts", 1, 2), ("contacts", 2, 3), ("house", 3, 4)]
