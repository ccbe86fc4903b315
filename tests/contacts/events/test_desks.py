"""What help desks' webhooks tell: which events of whom, and what never becomes one."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from contacts.events.desks import DESKS
from contacts.events.desks.guide import STEPS, ZENDESK_TEMPLATE, first_meaning, steps
from contacts.events.incoming import Incoming
from contacts.events.meaning import guess
from contacts.events.rows import flat
from contacts.models import EventSource
from tests.contacts.events.desk_webhooks import (
    chat_message,
    conversation,
    status_changed,
    zammad,
    zendesk_event,
    zendesk_trigger,
)

NOON = datetime(2026, 5, 5, 12, tzinfo=UTC)
HALF_PAST_TEN = NOON - timedelta(minutes=90)


def told(desk: str, body: Any, ids_of: str = "") -> list[Incoming]:
    return DESKS[desk].read(body, NOON, ids_of)


def happenings(desk: str, body: Any) -> list[Incoming]:
    return [event for event in told(desk, body) if event.type == "track"]


def names(desk: str, body: Any) -> list[str]:
    return [event.name for event in happenings(desk, body)]


def who(desk: str, body: Any, ids_of: str = "") -> dict[str, Any]:
    [identify] = [event for event in told(desk, body, ids_of) if event.type == "identify"]
    return dict(identify.body)


class TestChatwoot:
    @pytest.mark.parametrize(
        ("body", "expected"),
        [
            (conversation(event="conversation_created", status="open"), ["Conversation Started"]),
            (status_changed(), ["Conversation Resolved"]),
            (status_changed("open", "resolved"), ["Conversation Reopened"]),
            (status_changed("open", "pending"), []),
            (status_changed("snoozed"), []),
            (conversation(event="conversation_updated"), []),
            (chat_message(), ["Customer Message Received"]),
            (chat_message("outgoing"), ["Agent Message Sent"]),
            (chat_message("outgoing", private=True), []),
            (chat_message("outgoing", sender={"id": 1, "name": "Bot", "type": "agent_bot"}), []),
            (chat_message("activity"), []),
            (chat_message("template"), []),
            (chat_message(event="message_updated"), []),
            (conversation(event="webwidget_triggered"), ["webwidget_triggered"]),
            ({"event": "contact_updated", "id": 17, "name": "Emily"}, []),
            ({"event": "agent_added"}, []),
            ({}, []),
        ],
    )
    def test_each_webhook_is_the_events_that_it_tells_of(self, body: Any, expected: list[str]) -> None:
        assert names("chatwoot", body) == expected

    @pytest.mark.parametrize(
        ("channel", "source_id", "name"),
        [
            ("Channel::Email", "", "Agent Email Sent"),
            ("Channel::TwilioSms", "+12125550117", "Agent SMS Sent"),
            ("Channel::TwilioSms", "whatsapp:+12125550117", "Agent Message Sent"),
            ("Channel::Voice", "", "Agent Call Made"),
            ("Channel::Whatsapp", "", "Agent Message Sent"),
        ],
    )
    def test_what_agents_send_is_named_by_the_channel_that_it_counts_for(
        self, channel: str, source_id: str, name: str
    ) -> None:
        about = conversation(channel=channel, contact_inbox={"source_id": source_id})
        assert names("chatwoot", chat_message("outgoing", conversation=about)) == [name]

    def test_a_conversation_tells_agent_team_channel_and_number(self) -> None:
        [event] = happenings("chatwoot", status_changed())
        properties = event.body["properties"]
        kept = {name: properties[name] for name in ("reference", "channel", "agent", "team", "status", "custom")}
        assert kept == {
            "reference": "42", "channel": "chat", "agent": "Kim Lee", "team": "Support", "status": "resolved",
            "custom": {"plan": "pro"},
        }  # fmt: skip
        assert (event.user_id, event.occurred_at) == ("17", datetime.fromtimestamp(1777978800.25, UTC))

    def test_whose_it_is_comes_with_it(self) -> None:
        body = who("chatwoot", chat_message(), ids_of="crm")
        assert body["traits"] == {"name": "Emily Adams", "email": "emily@example.com", "phone": "+12125550117"}
        assert body["context"] == {"externalIds": [{"type": "crm", "id": "c-17", "verified": False}]}
        assert who("chatwoot", chat_message())["context"] == {"externalIds": []}

    def test_only_who_is_signed_in_on_the_site_is_verified(self) -> None:
        meta = conversation()["meta"] | {"hmac_verified": True}
        body = who("chatwoot", conversation(event="conversation_created", meta=meta), ids_of="crm")
        assert body["traits"]["email_verified"] is True
        assert body["context"]["externalIds"][0]["verified"] is True

    def test_a_rating_is_its_outcome(self) -> None:
        answer = {"submitted_values": {"csat_survey_response": {"rating": 4, "feedback_message": "Kind"}}}
        asked = chat_message("template", event="message_updated", content_type="input_csat")
        assert names("chatwoot", asked) == []
        [event] = happenings("chatwoot", asked | {"content_attributes": answer})
        told = event.body["properties"]
        assert (event.name, told["outcome"], told["feedback"]) == ("Satisfaction Rated", "4", "Kind")

    def test_the_words_of_messages_are_not_kept(self) -> None:
        assert not any("order" in str(event.body) for event in told("chatwoot", chat_message()))


class TestZendesk:
    @pytest.mark.parametrize(
        ("body", "expected"),
        [
            (zendesk_event("created", {"meta": {}}), ["Ticket Opened"]),
            (zendesk_event(), ["Ticket Solved"]),
            (zendesk_event(event={"current": "OPEN", "previous": "SOLVED"}), ["Ticket Reopened"]),
            (zendesk_event(event={"current": "PENDING", "previous": "OPEN"}), []),
            (zendesk_event(event={"current": "CLOSED", "previous": "SOLVED"}), []),
            (zendesk_event("priority_changed", {"current": "HIGH"}), ["ticket.priority_changed"]),
            ({"type": "zen:event-type:article.published", "detail": {}}, []),
            (zendesk_trigger(), ["Ticket Solved"]),
            (zendesk_trigger("Ticket Escalated"), ["Ticket Escalated"]),
            (zendesk_trigger(ticket={}), []),
            ({"name": "test webhook"}, []),
        ],
    )
    def test_each_webhook_is_the_events_that_it_tells_of(self, body: Any, expected: list[str]) -> None:
        assert names("zendesk", body) == expected

    @pytest.mark.parametrize(
        ("comment", "expected"),
        [
            ({"is_public": True, "author": {"is_staff": False, "name": "Emily"}}, ["Customer Message Received"]),
            ({"is_public": True, "author": {"is_staff": True, "name": "Kim"}}, ["Agent Email Sent"]),
            ({"is_public": False, "author": {"is_staff": True}}, []),
        ],
    )
    def test_comments_say_who_wrote_and_notes_stay_inside(self, comment: dict[str, Any], expected: list[str]) -> None:
        assert names("zendesk", zendesk_event("comment_added", {"comment": {"id": "1", **comment}})) == expected

    def test_a_trigger_tells_what_the_page_asks_it_to(self) -> None:
        [event] = happenings("zendesk", zendesk_trigger())
        properties = event.body["properties"]
        assert (properties["agent"], properties["team"], properties["reference"]) == ("Kim Lee", "Billing", "35436")
        assert (event.occurred_at, event.user_id, properties["channel"]) == (HALF_PAST_TEN, "20978392", "email")
        body = who("zendesk", zendesk_trigger(), ids_of="crm")
        assert body["context"]["externalIds"] == [{"type": "crm", "id": "c-17", "verified": True}]

    def test_satisfaction_is_the_outcome_of_a_rating_and_of_nothing_else(self) -> None:
        outcomes = [
            happenings("zendesk", zendesk_trigger(name, satisfaction="Good"))[0].body["properties"].get("outcome")
            for name in ("Satisfaction Rated", "Ticket Solved")
        ]
        assert outcomes == ["Good", None]

    def test_customers_come_with_the_events_of_users_and_agents_do_not(self) -> None:
        detail = {"id": "6596848315901", "email": "emily@example.com", "external_id": "c-17", "role": "end-user"}
        body = {"type": "zen:event-type:user.created", "detail": detail, "time": "2026-05-05T10:30:00Z"}
        assert who("zendesk", body)["traits"] == {"email": "emily@example.com"}
        assert told("zendesk", body | {"detail": detail | {"role": "agent"}}) == []


class TestZammad:
    @pytest.mark.parametrize(
        ("body", "expected"),
        [
            (zammad(), ["Ticket Opened", "Customer Message Received"]),
            (zammad({"internal": True}), ["Ticket Opened"]),
            (zammad({"id": 105, "sender": "Agent", "type": "email"}), ["Agent Email Sent"]),
            (zammad({"id": 105, "sender": "Agent", "type": "note"}), ["Agent Message Sent"]),
            (zammad({"id": 105, "sender": "System", "type": "email"}), []),
            (zammad({"id": 105, "sender": {"name": "Customer"}}), ["Customer Message Received"]),
            (
                zammad({"id": 105, "sender": "Agent", "type": "sms"}, state="closed", close_at="2026-05-05T11:00:00Z"),
                ["Ticket Solved", "Agent SMS Sent"],
            ),
            (
                zammad({"id": 106}, state={"name": "open"}, last_close_at="2026-05-05T11:00:00Z"),
                ["Ticket Reopened", "Customer Message Received"],
            ),
            (zammad({"id": 105, "internal": True}, state="merged"), []),
            ({}, []),
            ({"ticket": [], "article": None}, []),
        ],
    )
    def test_what_happened_follows_from_ticket_and_article(self, body: Any, expected: list[str]) -> None:
        assert names("zammad", body) == expected

    def test_a_ticket_tells_agent_team_channel_and_number(self) -> None:
        opened, _ = happenings("zammad", zammad())
        told = opened.body["properties"]
        assert (told["reference"], told["agent"], told["team"]) == ("10081", "Emma Taylor", "Service Desk")
        assert (told["channel"], told["organisation"], opened.user_id) == ("phone", "Awesome Customer Inc.", "8")
        assert opened.occurred_at == datetime(2026, 5, 5, 10, 30, 35, 282000, UTC)

    def test_nobody_is_no_agent(self) -> None:
        [event, _] = happenings("zammad", zammad(owner={"id": 1, "firstname": "-", "lastname": ""}))
        assert "agent" not in event.body["properties"]

    def test_a_verified_customer_is_said_to_be(self) -> None:
        assert "email_verified" not in who("zammad", zammad())["traits"]
        customer = zammad()["ticket"]["customer"] | {"verified": True}
        assert who("zammad", zammad(customer=customer))["traits"]["email_verified"] is True


@pytest.mark.parametrize(
    ("desk", "first", "again"),
    [
        ("zammad", zammad(), zammad(title="Another", updated_at="2026-05-05T11:59:00Z")),
        ("chatwoot", chat_message(), chat_message(conversation=conversation(status="resolved"))),
        ("zendesk", zendesk_event(), zendesk_event(priority="HIGH") | {"id": "another"}),
    ],
)
def test_what_is_told_again_is_the_same_event_however_else_it_is_told(desk: str, first: Any, again: Any) -> None:
    ids = [[(event.message_id, event.digest) for event in happenings(desk, body)] for body in (first, again)]
    assert ids[0] == ids[1] != []


def test_a_customer_who_is_known_like_that_is_told_once_a_day() -> None:
    def ids(body: Any) -> set[str]:
        return {event.message_id for event in told("chatwoot", body) if event.type == "identify"}

    assert ids(status_changed()) == ids(status_changed("open", "resolved"))
    renamed = conversation()["meta"] | {"sender": {"id": 17, "name": "Emily Baker"}}
    assert ids(status_changed()) != ids(status_changed(meta=renamed))


@pytest.mark.parametrize("desk", sorted(DESKS))
@pytest.mark.parametrize("junk", ["0", None, "unknown", True, {"id": 1}, ""])
def test_a_customer_who_is_nobody_is_refused_or_none(desk: str, junk: Any) -> None:
    bodies = {
        "chatwoot": status_changed(meta={"sender": {"id": junk}}),
        "zendesk": zendesk_event(requester_id=junk),
        "zammad": zammad(customer_id=junk, customer={}),
    }
    assert all(event.problem for event in told(desk, bodies[desk]))


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (zendesk_event() | {"time": "soon"}, "expected ISO 8601"),
        (zendesk_event() | {"time": "2096-05-05T10:30:00Z"}, "timestamp: expected a time"),
        (zendesk_event() | {"time": [1]}, "expected ISO 8601"),
        (zendesk_trigger("x" * 201), "name: expected 1 to 200 characters"),
        (zendesk_trigger(ticket={"id": "1", "agent": "\x00"}), "NUL"),
    ],
)
def test_what_cannot_be_used_is_kept_with_the_reason(body: Any, problem: str) -> None:
    [event] = happenings_of_any(body)
    assert problem in event.problem


@pytest.mark.parametrize("name", ["Ticket\x00Solved", "Ticket \ud800", "Ticket " + "\u200b" * 300])
def test_a_key_can_be_stored_whatever_the_desk_wrote(name: str) -> None:
    [event] = happenings_of_any(zendesk_trigger(name))
    assert len(event.message_id) == 64
    assert event.message_id.isalnum()


def happenings_of_any(body: Any) -> list[Incoming]:
    return [event for event in told("zendesk", body) if not event.message_id.startswith("customer")]


@pytest.mark.parametrize("sender", [sender for sender in EventSource.Sender if sender != "events"])
def test_every_desk_is_explained_with_its_own_address(sender: str) -> None:
    source = EventSource(name="support", sender=sender)
    lines = steps(source, "https://ask.example.com/v1/desks/support/k/", "t0ken")
    assert "https://ask.example.com/v1/desks/support/k/" in lines[0]
    assert len(lines) == len(STEPS[sender])
    assert not any(mark in line.replace(ZENDESK_TEMPLATE, "") for line in lines for mark in ("{", "}"))


def test_columns_and_meanings_of_desks_are_guessed_right() -> None:
    [event] = happenings("chatwoot", status_changed())
    columns = guess(list(flat(event.body["properties"])))
    assert {"agent": "agent", "team": "team", "channel": "channel", "reference": "reference"}.items() <= columns.items()
    assert first_meaning("Customer Message Received")["direction"] == "in"
    assert first_meaning("Agent Email Sent") == {"becomes": "message", "channel": "email", "purpose": "other"}
    assert first_meaning("Chat Ended") == {}
