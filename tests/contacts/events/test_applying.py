"""Stored events take effect: as customers, their devices, touchpoints, messages; what cannot yet is kept."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from contacts.events import applying
from contacts.events.applying import apply_waiting
from contacts.events.meaning import put_in_force
from contacts.events.people import NOT_KNOWN, SEVERAL
from contacts.events.rows import happening_row
from contacts.events.turns import Turn
from contacts.merging import merge
from contacts.models import Account, Contact, Customer, Event, Identifier, Proposal, Touchpoint
from cxsurvey.erasing import erase
from tests.contacts.events.senders import NOON, identify, make_source, mean, send, take_in, track
from tests.contacts.makers import put_in_force as put_policy_in_force

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
ADA = {"email": "Ada@Example.com", "firstName": "Ada", "lastName": "Lo", "address": {"country": "de"}, "shoe": 38}


def states(events: list[Event]) -> list[str]:
    return [event.state for event in events]


def test_an_identify_is_a_customer() -> None:
    source, _ = make_source()
    [event] = take_in(source, identify(traits=ADA, context={"locale": "de-DE", "timezone": "Europe/Berlin"}))
    ada = Customer.objects.get(source="shop", external_id="u1")
    assert (ada.name, ada.language, ada.time_zone, ada.country) == ("Ada Lo", "de-DE", "Europe/Berlin", "DE")
    assert ada.attributes == {"firstName": "Ada", "lastName": "Lo", "shoe": "38"}
    assert list(ada.identifiers.values_list("type", "value")) == [("email", "ada@example.com")]
    assert (event.state, event.customer, event.detail) == ("applied", ada, "")


def test_a_trait_that_cannot_be_used_is_kept_beside_and_said() -> None:
    source, _ = make_source()
    [event] = take_in(source, identify(traits={"email": "none", "phone": "+49 30 1234567", "name": "Ada"}))
    ada = Customer.objects.get()
    assert (ada.name, ada.attributes) == ("Ada", {"email": "none"})
    assert list(ada.identifiers.values_list("type", "value")) == [("phone", "+49301234567")]
    assert event.detail == 'email: expected one email address like "ana@example.com"'


def test_of_two_identifies_the_later_one_holds_in_whichever_order_they_come() -> None:
    source, _ = make_source()
    newer = identify("new", traits={"name": "Ada Lo"}, timestamp="2026-05-05T11:00:00Z")
    older = identify("old", traits={"name": "Ada Li"}, timestamp="2026-05-05T10:00:00Z")
    take_in(source, newer, older)
    assert Customer.objects.get().name == "Ada Lo"
    take_in(source, identify("older", traits={"name": "A."}, timestamp="2026-05-05T09:00:00Z"))
    assert Customer.objects.get().name == "Ada Lo"
    assert Event.objects.get(message_id="older").detail == applying.OLDER


def test_an_event_is_the_touchpoint_that_its_name_means() -> None:
    source, _ = make_source()
    mean(source, columns={"agent.name": "agent", "resolved": "outcome", "price": "value", "room": "channel"})
    told = {"agent": {"name": "Kim", "id": 7}, "resolved": True, "price": 12.5, "room": "chat 2", "wait": None}
    [event] = take_in(source, track(properties=told))
    chat = Touchpoint.objects.get(source="shop", external_id="m1")
    assert (chat.kind, chat.channel, chat.direction, chat.agent) == ("chat", "chat 2", "in", "Kim")
    assert (chat.outcome, chat.value, chat.occurred_at) == ("true", Decimal("12.50"), NOON - HOUR)
    assert chat.attributes == {"agent.id": "7"}
    assert (event.state, event.touchpoint, event.customer) == ("applied", chat, chat.customer)
    assert chat.customer.external_id == "u1"


def test_a_property_that_cannot_be_used_does_not_cost_the_touchpoint() -> None:
    source, _ = make_source()
    mean(source, columns={"price": "value", "room": "channel"})
    [event] = take_in(source, track(properties={"price": "cheap", "room": "x" * 70}))
    chat = Touchpoint.objects.get()
    assert (chat.value, chat.channel, chat.attributes["price"]) == (None, "app", "cheap")
    assert "price: expected a number" in event.detail
    assert "room: expected at most 60 characters" in event.detail


def test_an_unknown_name_is_kept_and_used_once_somebody_says_what_it_means() -> None:
    source, _ = make_source()
    [event] = take_in(source, track())
    assert (event.state, Touchpoint.objects.exists()) == ("unmapped", False)
    meaning = mean(source)
    assert (put_in_force(meaning), apply_waiting(NOON)) == (1, 1)
    assert Touchpoint.objects.get().kind == "chat"
    assert put_in_force(meaning) == 0


def test_what_means_nothing_is_not_used() -> None:
    source, _ = make_source()
    mean(source, "Viewed Page", becomes="nothing", kind="", channel="")
    [event] = take_in(source, track(type="page", name=None))
    assert (event.state, Touchpoint.objects.exists()) == ("unused", False)


def test_meanings_are_those_of_the_source() -> None:
    shop, desk = make_source("shop")[0], make_source("desk")[0]
    mean(desk)
    assert states(take_in(shop, track())) == ["unmapped"]
    assert states(take_in(desk, track())) == ["applied"]


def test_messages_that_another_system_sent_count_in_the_ledger() -> None:
    source, _ = make_source()
    put_policy_in_force()
    mean(source, "Newsletter Sent", becomes="message", kind="", channel="email", direction="", purpose="other")
    early, late = track("n0", event="Newsletter Sent"), track("n1", event="Newsletter Sent")
    assert states(take_in(source, early)) == ["nobody"]
    assert states(take_in(source, identify())) == ["applied"]
    take_in(source, late)
    rows = Contact.objects.order_by("external_id").values_list("customer__external_id", "source", "external_id")
    assert list(rows) == [("u1", "shop", "n0"), ("u1", "shop", "n1")]
    contact = Contact.objects.get(external_id="n1")
    assert (contact.channel, contact.purpose, contact.at) == ("email", "other", NOON - HOUR)
    assert set(states(list(Event.objects.all()))) == {"applied"}


class TestDevices:
    """Events that come before anybody said who it is."""

    def test_what_happened_on_a_device_is_its_customers_once_that_is_known(self) -> None:
        source, _ = make_source()
        mean(source)
        [event] = take_in(source, track(userId=None, anonymousId="a1"))
        assert (event.state, event.detail) == ("nobody", NOT_KNOWN)
        take_in(source, identify(anonymousId="a1"))
        assert apply_waiting(NOON) == 1
        assert Touchpoint.objects.get().customer.external_id == "u1"

    def test_in_one_batch_who_comes_before_what(self) -> None:
        source, _ = make_source()
        mean(source)
        events = take_in(source, track(userId=None, anonymousId="a1"), identify(anonymousId="a1"))
        assert states(events) == ["applied", "applied"]

    def test_an_alias_before_the_identify_says_it_too(self) -> None:
        source, _ = make_source()
        mean(source)
        alias = {"type": "alias", "messageId": "al", "previousId": "a1", "userId": "u1"}
        take_in(source, track(userId=None, anonymousId="a1"), alias)
        take_in(source, identify(traits={"name": "Ada"}))
        assert Touchpoint.objects.get().customer == Customer.objects.get(name="Ada")

    def test_on_a_shared_device_nobody_is_guessed(self) -> None:
        source, _ = make_source()
        mean(source)
        take_in(source, identify("i1", anonymousId="a1"), identify("i2", userId="u2", anonymousId="a1"))
        take_in(source, track("m1", userId=None, anonymousId="a1"), track("m2", userId="u2", anonymousId="a1"))
        unclear = Event.objects.get(message_id="m1")
        assert (unclear.state, unclear.detail) == ("nobody", SEVERAL)
        assert Touchpoint.objects.get().customer.external_id == "u2"

    def test_two_records_of_one_person_are_one_user_of_a_device(self, admin_user: Any) -> None:
        source, _ = make_source()
        mean(source)
        take_in(source, identify("i1", anonymousId="a1"), identify("i2", userId="u2", anonymousId="a1"))
        first, second = Customer.objects.order_by("external_id")
        merge(second.pk, into=first.pk, at=NOON, by_id=admin_user.pk, why="One person.")
        take_in(source, track(userId=None, anonymousId="a1"))
        assert Touchpoint.objects.get().customer.person_id == first.pk

    def test_traits_of_nobody_are_kept_until_it_is_known_whose_they_are(self) -> None:
        source, _ = make_source()
        signed_up = identify("i0", userId=None, anonymousId="a1", traits={"email": "ada@example.com"})
        assert states(take_in(source, signed_up)) == ["nobody"]
        take_in(source, identify("i1", anonymousId="a1"))
        apply_waiting(NOON)
        assert Identifier.objects.get(type="email").customer.external_id == "u1"

    def test_a_device_of_one_source_is_none_of_another(self) -> None:
        shop, desk = make_source("shop")[0], make_source("desk")[0]
        mean(desk)
        take_in(shop, identify(anonymousId="a1"))
        assert states(take_in(desk, track(userId=None, anonymousId="a1"))) == ["nobody"]


def test_an_alias_of_two_customers_is_for_a_person() -> None:
    source, _ = make_source()
    alias = {"type": "alias", "messageId": "al", "previousId": "u2", "userId": "u1"}
    *_, event = take_in(source, identify("i1"), identify("i2", userId="u2"), alias)
    assert (event.state, event.detail) == ("person", applying.TWO_RECORDS.format("u2"))
    assert not Customer.objects.exclude(merged_into=None).exists()
    assert not Identifier.objects.filter(type="external").exists()
    asked = Proposal.objects.get()
    assert ({asked.first, asked.second}, asked.why, asked.state) == ({*Customer.objects.all()}, "alias", "open")


@pytest.mark.parametrize("junk", ["0", "unknown", " ", 7.5, True, "x" * 181, "two\nlines"])
def test_an_alias_of_an_id_that_is_nobodys_says_only_who_it_is(junk: Any) -> None:
    source, _ = make_source()
    alias = {"type": "alias", "messageId": "al", "previousId": junk, "userId": "u1"}
    assert states(take_in(source, alias)) == ["applied"]
    assert not Identifier.objects.exists()


def test_ids_in_other_systems_are_kept_and_verified_by_no_client_that_anybody_can_be() -> None:
    source, _ = make_source()
    ids = [{"type": "crm", "id": "c-17", "verified": True}, {"type": "crm", "id": "0"}, {"type": "", "id": "x"}, 7]
    ids += [{"type": "shop", "id": "u1"}, {"type": "other device", "id": "a1"}]
    told = {"email": "ada@example.com", "email_verified": True}
    take_in(source, identify(traits=told, context={"externalIds": ids}))
    assert set(Identifier.objects.values_list("issuer", "value", "verified_at")) == {
        ("", "ada@example.com", None),
        ("crm", "c-17", None),
    }


def test_what_a_source_calls_verified_is_believed_where_somebody_said_so() -> None:
    source, _ = make_source(vouches=True)
    take_in(source, identify("i1", traits={"email": "ada@example.com", "email_verified": "true"}))
    take_in(source, identify("i2", traits={"phone": "030 1234567", "country": "de", "phone_number_verified": True}))
    take_in(source, identify("i3", userId="u2", traits={"email": "Ben@Example.com", "email_verified": True}))
    verified = Identifier.objects.exclude(verified_at=None).values_list("value", "verified_by")
    assert set(verified) == {("+49301234567", "shop"), ("ben@example.com", "shop")}


def test_a_group_is_the_account_of_the_customer() -> None:
    source, _ = make_source()
    group = {"type": "group", "messageId": "g", "userId": "u1", "groupId": "acme", "traits": {"name": "Acme Ltd"}}
    take_in(source, identify(traits={"name": "Ada"}), group)
    assert Customer.objects.get().account == Account.objects.get(source="shop", external_id="acme", name="Acme Ltd")
    assert Customer.objects.get().name == "Ada"


def test_events_of_who_had_everything_erased_are_not_kept() -> None:
    source, _ = make_source()
    mean(source)
    take_in(source, identify(traits=ADA, anonymousId="a1"), track("m0", event="Unknown"))
    send(source, track("m9", userId=None, anonymousId="a1"), track("other", userId="u2"))
    erase(Customer.objects.get().pk, at=NOON, via="link")
    assert [event.message_id for event in Event.objects.all()] == ["other"]
    take_in(source, track(properties={"note": "ada"}))
    event = Event.objects.get(message_id="m1")
    assert (event.state, event.user_id, event.body) == ("refused", "", {})
    assert "everything erased" in event.detail
    assert not Touchpoint.objects.filter(external_id="m1").exists()


def test_an_error_of_ours_about_one_event_lets_the_others_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    source, _ = make_source()
    mean(source)
    real = happening_row

    def broken(event: Turn, *about: Any) -> Any:
        if event.message_id == "bad":
            raise RuntimeError
        return real(event, *about)

    monkeypatch.setattr("contacts.events.applying.happening_row", broken)
    assert states(take_in(source, track("m1"), track("bad"), track("m2"))) == ["applied", "waiting", "applied"]
    monkeypatch.undo()
    assert apply_waiting(NOON) == 1
    assert Touchpoint.objects.count() == 3


def test_batches_in_any_order_and_twice_come_to_the_same() -> None:
    ends = set()
    for name, order in (("a", (0, 1, 2)), ("b", (2, 1, 0)), ("c", (1, 2, 0, 0, 1, 2))):
        source, _ = make_source(name)
        mean(source)
        batches = [
            [track("m1", userId=None, anonymousId="d"), track("m2")],
            [identify("i1", anonymousId="d", traits={"name": "Ada"})],
            [identify("i2", traits={"name": "Ada Lo"}, timestamp="2026-05-05T11:30:00Z")],
        ]
        for place in order:
            send(source, *batches[place])
            apply_waiting(NOON + HOUR)
        apply_waiting(NOON + HOUR)
        people = Customer.objects.filter(source=name).values_list("external_id", "name")
        happened = Touchpoint.objects.filter(source=name).order_by("external_id")
        ends.add((*people, *happened.values_list("external_id", "customer__external_id")))
    assert ends == {(("u1", "Ada Lo"), ("m1", "u1"), ("m2", "u1"))}


def test_it_stops_when_it_has_to(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(applying, "LOT", 1)
    source, _ = make_source()
    mean(source)
    send(source, track("m1"), track("m2"))
    rest = iter([False, True])
    assert apply_waiting(NOON, enough=lambda: next(rest)) == 1
    assert apply_waiting(NOON) == 1
