"""What people are told of a help desk: what to do there, and what to begin with for what its events mean. Pure."""

from typing import Any

from contacts.events.desks.chatwoot import REOPENED as CONVERSATION_REOPENED
from contacts.events.desks.chatwoot import RESOLVED, STARTED
from contacts.events.desks.telling import OPENED, RATED, RECEIVED, REOPENED, SENT, SENT_ELSEWHERE, SOLVED
from contacts.models import EventMeaning, EventSource
from contacts.models.words import Purpose

ADDRESS, TOKEN, TEMPLATE = "{address}", "{token}", "{template}"
"""What stands in steps for the source's own."""
Sender, Direction = EventSource.Sender, EventMeaning.Direction
HAND_OVER = (
    "Give the signing secret that it shows to whoever runs this installation, to be set as "
    "DESK_SECRETS={name}:<secret>. Until then only the address, which nobody can guess, says that the desk calls."
)
STEPS: dict[str, tuple[str, ...]] = {
    Sender.CHATWOOT: (
        "In Chatwoot open Settings, Integrations, Webhooks, and add a webhook with the address {address}",
        (
            "Subscribe it to: conversation created, conversation status changed, message created, message updated, "
            "contact created, contact updated."
        ),
        f"Newer versions show a secret beside the webhook. {HAND_OVER}",
    ),
    Sender.ZENDESK: (
        (
            "In Zendesk's Admin Center open Apps and integrations, Webhooks, and create a webhook for triggers and "
            "automations: method POST, format JSON, with the address {address}"
        ),
        (
            "Under Objects and rules, Triggers, add a trigger for each thing that you want to know of, such as a "
            "ticket that was solved. As its action choose Notify active webhook and paste this, with what happened as "
            "event:\n{template}"
        ),
        f"Reveal the webhook's signing secret. {HAND_OVER}",
    ),
    Sender.ZAMMAD: (
        (
            "In Zammad open Settings, Webhook, and add a webhook with the address {address} as its endpoint and "
            "{token} as its HMAC SHA1 signature token. Leave its payload as it is."
        ),
        (
            "Under Settings, Trigger, add one trigger that runs this webhook for every ticket that is created or "
            "updated. What happened follows from the ticket."
        ),
    ),
}
"""What sends -> what to do there, in its own words."""
ZENDESK_TEMPLATE = """{
  "event": "Ticket Solved",
  "at": "{{ticket.updated_at_with_timestamp}}",
  "ticket": {
    "id": "{{ticket.id}}", "status": "{{ticket.status}}", "priority": "{{ticket.priority}}",
    "channel": "{{ticket.via}}", "tags": "{{ticket.tags}}",
    "agent": "{{ticket.assignee.name}}", "team": "{{ticket.group.name}}"
  },
  "requester": {
    "id": "{{ticket.requester.id}}", "external_id": "{{ticket.requester.external_id}}",
    "name": "{{ticket.requester.name}}", "email": "{{ticket.requester.email}}",
    "phone": "{{ticket.requester.phone}}", "language": "{{ticket.requester.language}}"
  },
  "satisfaction": "{{satisfaction.current_rating}}"
}"""
"""What a trigger of Zendesk is to send; `event` says what the trigger is for."""


def steps(source: EventSource, address: str, token: str) -> list[str]:
    """Return what to do in the help desk, in order; `address` and `token` are those of the source."""
    own = {ADDRESS: address, TOKEN: token, TEMPLATE: ZENDESK_TEMPLATE, "{name}": source.name}
    told = []
    for step in STEPS[source.sender]:
        for mark, text in own.items():
            step = step.replace(mark, text)  # noqa: PLW2901 - the template has braces of its own
        told.append(step)
    return told


def first_meaning(name: str) -> dict[str, Any]:
    """Return what events of a name that help desks' webhooks get most likely mean, to begin with; else nothing.

    Here the direction is known, as the names are ours.
    """
    return dict(_MEANINGS.get(name, {}))


def _touchpoint(kind: str, direction: str) -> dict[str, Any]:
    told = {"kind": kind, "channel": "help desk", "direction": direction}
    return {"becomes": EventMeaning.Becomes.TOUCHPOINT, **told}


def _message(channel: str) -> dict[str, Any]:
    purpose = Purpose.CALL if channel == "phone" else Purpose.OTHER
    return {"becomes": EventMeaning.Becomes.MESSAGE, "channel": channel, "purpose": purpose}


_MEANINGS: dict[str, dict[str, Any]] = {
    OPENED: _touchpoint("ticket opened", Direction.IN),
    SOLVED: _touchpoint("ticket solved", Direction.OUT),
    REOPENED: _touchpoint("ticket reopened", Direction.NONE),
    STARTED: _touchpoint("conversation started", Direction.IN),
    RESOLVED: _touchpoint("conversation resolved", Direction.OUT),
    CONVERSATION_REOPENED: _touchpoint("conversation reopened", Direction.NONE),
    RECEIVED: _touchpoint("message", Direction.IN),
    SENT_ELSEWHERE: _touchpoint("answer", Direction.OUT),
    RATED: _touchpoint("rating in the help desk", Direction.IN),
    **{name: _message(channel) for channel, name in SENT.items()},
}
