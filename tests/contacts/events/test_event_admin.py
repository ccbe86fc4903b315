"""Event sources and what their events mean, in the admin, as a CX manager works with them."""

import re
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client
from django.urls import reverse

from contacts.events.keys import source_of
from contacts.models import Event, EventMeaning, EventSource
from tests.contacts.events.senders import identify, make_source, mean, take_in, track

pytestmark = pytest.mark.django_db
SOURCES = "admin:contacts_eventsource"
MEANINGS = "admin:contacts_eventmeaning"


@pytest.fixture
def manager() -> Client:
    user = User.objects.create_user("manager", password="x", is_staff=True)
    user.groups.add(Group.objects.get(name="CX manager"))
    client = Client()
    client.force_login(user)
    return client


def page(client: Client, address: str, /, *args: object, **query: str | int) -> str:
    response = client.get(reverse(address, args=args), query)
    assert response.status_code == 200
    return response.content.decode()


def save(client: Client, address: str, /, *args: object, **fields: object) -> str:
    response = client.post(reverse(address, args=args), fields, follow=True)
    assert response.status_code == 200
    return response.content.decode()


def key_in(text: str) -> str:
    [key] = re.findall(r"write key of [a-z]+ is (\S+)", text)
    return str(key)


def test_a_new_source_shows_its_key_once(manager: Client) -> None:
    key = key_in(save(manager, f"{SOURCES}_add", name="shop", sender="events"))
    source = EventSource.objects.get()
    assert source_of(key) == source
    for address in (f"{SOURCES}_changelist", f"{SOURCES}_change"):
        assert key not in page(manager, address, *((source.pk,) if address.endswith("change") else ()))


def test_a_new_key_takes_the_place_of_the_old_one(manager: Client) -> None:
    source, old = make_source()
    new = key_in(save(manager, f"{SOURCES}_changelist", action="make_key", _selected_action=source.pk))
    assert (source_of(old), source_of(new)) == (None, source)


def test_a_source_is_closed_and_keeps_its_name(manager: Client) -> None:
    source, key = make_source()
    save(manager, f"{SOURCES}_changelist", action="close", _selected_action=source.pk)
    assert source_of(key) is None
    assert "Closed since" in page(manager, f"{SOURCES}_change", source.pk)
    save(manager, f"{SOURCES}_change", source.pk, name="other", strict="on")
    source.refresh_from_db()
    assert (source.name, source.strict) == ("shop", True)


def test_names_that_nobody_understands_stand_first_with_the_way_to_say_it(manager: Client) -> None:
    source, _ = make_source()
    meaning = mean(source)
    take_in(source, track("m1"), track("m2"), track("m3", event="Ticket <b>Solved</b>"), identify())
    text = page(manager, f"{SOURCES}_change", source.pk)
    first, second = re.findall(r'<li><a href="([^"]+)">([^<]+)</a></li>', text)
    assert first[1] == "Ticket &lt;b&gt;Solved&lt;/b&gt;: 1, 1 not understood: say what they mean"
    assert second == (reverse(f"{MEANINGS}_change", args=[meaning.pk]), "Chat Ended: 2")
    assert "The newest event of this name" in manager.get(first[0].replace("&amp;", "&")).content.decode()


def test_a_meaning_is_said_beside_the_newest_events(manager: Client) -> None:
    source, _ = make_source()
    take_in(source, track(properties={"agent": "Kim", "wait": 7}))
    text = page(manager, f"{MEANINGS}_add", source=source.pk, name="Chat Ended")
    assert "Such as Kim" in text
    assert "&quot;wait&quot;: 7" in text
    fields: dict[str, Any] = {"source": source.pk, "name": "Chat Ended", "becomes": "touchpoint", "kind": "chat"}
    columns = {"column-0": "agent", "column-1": ""}
    saved = save(manager, f"{MEANINGS}_add", **fields, channel="app", direction="in", purpose="", **columns)
    assert "1 that waited for this" in saved
    assert EventMeaning.objects.get().columns == {"agent": "agent"}
    assert Event.objects.get().state == "waiting"


def test_what_a_property_is_called_is_a_guess_to_begin_with(manager: Client) -> None:
    source, _ = make_source()
    take_in(source, track(properties={"agentName": "Kim", "shoe": 38}))
    text = page(manager, f"{MEANINGS}_add", source=source.pk, name="Chat Ended")
    assert '<option value="agent" selected>' in text


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"becomes": "touchpoint", "channel": "app"}, "This is needed for what these events become."),
        ({"becomes": "message", "channel": "pigeon", "purpose": "other"}, "Say by which channel the message went"),
        ({"becomes": "message", "channel": "sms", "purpose": ""}, "This is needed for what these events become."),
        (
            {"becomes": "touchpoint", "kind": "a", "channel": "b", "column-0": "agent", "column-1": "agent"},
            "agent is filled by another property already",
        ),
        (
            {"becomes": "message", "channel": "sms", "purpose": "other", "column-0": "agent"},
            "agent is none of what these events become has",
        ),
    ],
)
def test_what_does_not_fit_is_said_where_it_belongs(manager: Client, fields: dict[str, str], told: str) -> None:
    source, _ = make_source()
    take_in(source, track(properties={"agent": "Kim", "owner": "Kim"}))
    text = save(manager, f"{MEANINGS}_add", source=source.pk, name="Chat Ended", direction="", **fields)
    assert told in text
    assert not EventMeaning.objects.exists()


def test_a_meaning_keeps_its_source_and_name_and_may_be_changed(manager: Client) -> None:
    source, _ = make_source()
    meaning = mean(source, columns={"agent": "agent"})
    take_in(source, track(properties={"agent": "Kim"}))
    text = page(manager, f"{MEANINGS}_change", meaning.pk)
    assert '<option value="agent" selected>' in text
    save(manager, f"{MEANINGS}_change", meaning.pk, becomes="nothing", name="Other")
    meaning.refresh_from_db()
    assert (meaning.name, meaning.becomes, meaning.columns) == ("Chat Ended", "nothing", {})


def test_events_are_looked_at_and_never_changed(manager: Client) -> None:
    source, _ = make_source()
    [event] = take_in(source, track())
    assert "Nobody has said what it means" in page(manager, "admin:contacts_event_changelist")
    assert manager.post(reverse("admin:contacts_event_change", args=[event.pk]), {"name": "x"}).status_code == 403
    assert manager.get(reverse("admin:contacts_event_add")).status_code == 403
