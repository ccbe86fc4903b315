from datetime import datetime, timedelta

import pytest

from contacts import consent, gate
from contacts.consent import ConsentError
from contacts.models import Customer, OptOut, Wish
from contacts.proof import Proof
from tests.contacts.makers import NOON, add_address, invite, make_customer, put_in_force, reserve

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def rules_against(customer: Customer, channel: str = "email", at: datetime = NOON) -> list[str]:
    """Return the names of the rules that hold an invitation back."""
    purpose = "call" if channel == "phone" else "invitation"
    return [reason.rule for reason in gate.eligibility(customer.pk, channel, at=at, purpose=purpose).reasons]


def closed_channels(customer: Customer) -> set[str]:
    return {channel for channel in ("email", "sms", "phone") if "opt-out" in rules_against(customer, channel)}


@pytest.mark.parametrize(
    ("channel", "closed"), [("", {"email", "sms", "phone"}), ("sms", {"sms"}), ("phone", {"phone"})]
)
def test_a_no_closes_the_channel_or_everything(channel: str, closed: set[str]):
    customer = make_customer()

    consent.opt_out(customer.pk, channel, at=NOON, via="reply", proof=Proof(wording="please stop texting me"))

    assert closed_channels(customer) == closed


def test_the_same_no_twice_is_one():
    customer = make_customer()

    first = consent.opt_out(customer.pk, "sms", at=NOON, via="reply", proof=Proof(wording="STOP"))
    again = consent.opt_out(customer.pk, "sms", at=NOON + DAY, via="link")

    assert again == first
    assert (again.at, again.via, again.wording) == (NOON, "reply", "STOP")


def test_start_reopens_only_the_channel_it_came_by():
    customer = make_customer()
    for channel in ("email", "sms"):
        consent.opt_out(customer.pk, channel, at=NOON, via="reply")

    consent.reopen(customer.pk, "sms", at=NOON + DAY, via="reply")

    assert closed_channels(customer) == {"email"}
    kept = OptOut.objects.get(channel="sms")
    assert (kept.at, kept.reopened_at, kept.reopened_via) == (NOON, NOON + DAY, "reply")


def test_start_after_a_no_to_everything_leaves_the_other_channels_closed():
    customer = make_customer()
    consent.opt_out(customer.pk, "", at=NOON, via="link")

    consent.reopen(customer.pk, "sms", at=NOON + DAY, via="reply")

    assert closed_channels(customer) == {"email", "phone"}


def test_a_yes_to_everything_takes_all_back():
    customer = make_customer()
    consent.opt_out(customer.pk, "", at=NOON, via="link")
    consent.opt_out(customer.pk, "sms", at=NOON, via="reply")

    consent.reopen(customer.pk, "", at=NOON + DAY, via="link")

    assert closed_channels(customer) == set()


@pytest.mark.parametrize("via", ["link", "reply", "complaint", "call"])
def test_the_staff_cannot_undo_the_customer_s_own_no(via: str):
    customer = make_customer()
    consent.opt_out(customer.pk, "", at=NOON, via=via)

    for channel in ("", "email"):
        with pytest.raises(ConsentError, match="only the customer can take it back"):
            consent.reopen(customer.pk, channel, at=NOON + DAY, via="staff")

    assert closed_channels(customer) == {"email", "sms", "phone"}


def test_the_staff_can_undo_its_own_no_until_the_customer_says_so_too():
    customer = make_customer()
    consent.opt_out(customer.pk, "email", at=NOON, via="staff")
    consent.reopen(customer.pk, "email", at=NOON, via="staff")
    assert closed_channels(customer) == set()

    consent.opt_out(customer.pk, "email", at=NOON, via="import")
    consent.opt_out(customer.pk, "email", at=NOON + DAY, via="complaint", proof=Proof(wording="Enough"))

    with pytest.raises(ConsentError):
        consent.reopen(customer.pk, "email", at=NOON + DAY, via="staff")


def test_a_no_holds_for_the_whole_person():
    person = make_customer()
    other_record = make_customer(merged_into=person)
    consent.opt_out(other_record.pk, "email", at=NOON, via="link")
    assert closed_channels(person) == closed_channels(other_record) == {"email"}

    consent.reopen(person.pk, "email", at=NOON + DAY, via="link")

    assert closed_channels(person) == closed_channels(other_record) == set()


def test_a_pause_ends_on_its_date():
    customer = make_customer()

    consent.pause(customer.pk, NOON + 10 * DAY, at=NOON, via="link")

    assert rules_against(customer, at=NOON + 10 * DAY - timedelta(seconds=1)) == ["pause"]
    assert rules_against(customer, at=NOON + 10 * DAY) == []


def test_at_most_once_in_so_many_days():
    put_in_force()
    customer = make_customer()
    consent.ask_less(customer.pk, 90, at=NOON, via="link")
    reserve(invite(customer))

    assert rules_against(customer, at=NOON + 89 * DAY) == ["once-in-days"]
    assert rules_against(customer, at=NOON + 90 * DAY) == []


def test_the_customer_s_newer_word_replaces_the_older_one():
    customer = make_customer()
    consent.pause(customer.pk, NOON + 30 * DAY, at=NOON, via="link")

    consent.pause(customer.pk, NOON + 2 * DAY, at=NOON + DAY, via="link")

    assert rules_against(customer, at=NOON + 2 * DAY) == []
    assert Wish.objects.get(withdrawn_at=NOON + DAY).pause_until == NOON + 30 * DAY


def test_the_staff_s_word_only_adds_to_the_customer_s():
    customer = make_customer()
    consent.pause(customer.pk, NOON + 30 * DAY, at=NOON, via="link")

    consent.pause(customer.pk, NOON + 2 * DAY, at=NOON, via="staff")

    assert rules_against(customer, at=NOON + 29 * DAY) == ["pause"]


def test_of_two_records_of_a_person_the_stricter_wish_holds():
    put_in_force()
    person = make_customer()
    other_record = make_customer(merged_into=person)
    consent.ask_less(person.pk, 10, at=NOON, via="link")
    consent.ask_less(other_record.pk, 60, at=NOON, via="staff")
    reserve(invite(person))

    assert rules_against(person, at=NOON + 59 * DAY) == rules_against(other_record, at=NOON + 59 * DAY)
    assert rules_against(person, at=NOON + 59 * DAY) == ["once-in-days"]


def test_wishes_that_mean_nothing_are_refused():
    customer = make_customer()

    with pytest.raises(ConsentError, match="later date"):
        consent.pause(customer.pk, NOON, at=NOON, via="link")
    with pytest.raises(ConsentError, match="1 or more"):
        consent.ask_less(customer.pk, 0, at=NOON, via="link")
    with pytest.raises(ConsentError, match="email, sms, phone"):
        consent.prefer(customer.pk, "fax", at=NOON, via="link")
    assert not Wish.objects.exists()


@pytest.mark.parametrize(
    ("wish", "offered", "taken"),
    [("sms", ("email", "sms"), "sms"), ("sms", ("email",), "email"), ("phone", ("email", "sms"), "email")],
)
def test_the_preferred_channel_is_taken_where_it_is_offered(wish: str, offered: tuple[str, ...], taken: str):
    put_in_force()
    customer = make_customer()
    consent.prefer(customer.pk, wish, at=NOON, via="link")

    [grant] = reserve(invite(customer, channels=offered))

    assert grant.decision.channel == taken


def test_outside_the_hours_of_the_preferred_channel_no_other_is_taken():
    put_in_force(hours={"sms": {"mon-sun": "18:00-20:00"}})
    customer = make_customer()
    consent.prefer(customer.pk, "sms", at=NOON, via="link")

    [grant] = reserve(invite(customer, channels=("email", "sms")))

    assert (grant.decision.result, grant.decision.allowed_at) == ("delay", NOON + timedelta(hours=6))


def test_a_preferred_channel_that_is_closed_is_no_wish():
    put_in_force()
    customer = make_customer()
    consent.prefer(customer.pk, "sms", at=NOON, via="link")
    consent.opt_out(customer.pk, "sms", at=NOON, via="reply")

    [grant] = reserve(invite(customer, channels=("email", "sms")))

    assert (grant.decision.result, grant.decision.channel) == ("send", "email")


def test_a_closed_address_closes_nothing_else():
    customer = make_customer(email=False)
    broken = add_address(customer, "email", "old@example.com")
    consent.close_address(broken.pk, "bounced", at=NOON)
    assert rules_against(customer) == ["closed-address"]
    assert rules_against(customer, "sms") == []

    add_address(customer, "email", "new@example.com")

    assert rules_against(customer) == []


def test_why_an_address_was_closed_first_is_kept():
    address = add_address(make_customer(), "email", "old@example.com")

    consent.close_address(address.pk, "bounced", at=NOON)
    consent.close_address(address.pk, "rejected", at=NOON + DAY)

    address.refresh_from_db()
    assert (address.closed_at, address.closed_reason) == (NOON, "bounced")


def test_a_wish_for_hours_holds_and_the_customer_s_own_word_replaces_it():
    customer = make_customer()
    consent.prefer_hours(customer.pk, {"mon-fri": "17:00-20:00"}, at=NOON, via="link")
    assert gate.eligibility(customer.pk, "email", at=NOON).at == NOON + timedelta(hours=5)

    consent.prefer_hours(customer.pk, {"mon-fri": "15:00-20:00"}, at=NOON, via="link")
    assert gate.eligibility(customer.pk, "email", at=NOON).at == NOON + timedelta(hours=3)

    consent.prefer_hours(customer.pk, {"mon-fri": "16:00-18:00"}, at=NOON, via="staff")
    assert gate.eligibility(customer.pk, "email", at=NOON).at == NOON + timedelta(hours=4), "both hold"
    assert Wish.objects.filter(withdrawn_at=None).count() == 2


def test_hours_that_cannot_be_read_are_refused_with_their_place():
    with pytest.raises(ConsentError, match=r"hours\.mon: expected periods"):
        consent.prefer_hours(make_customer().pk, {"mon": "evenings"}, at=NOON, via="staff")

    assert not Wish.objects.exists()


def test_only_the_customer_takes_everything_back():
    customer = make_customer()
    consent.opt_out(customer.pk, "sms", at=NOON, via="link")
    consent.pause(customer.pk, NOON + 10 * DAY, at=NOON, via="staff")
    with pytest.raises(ConsentError, match="Only the customer"):
        consent.take_all_back(customer.pk, at=NOON, via="staff")
    assert rules_against(customer) == ["pause"]

    consent.take_all_back(customer.pk, at=NOON + DAY, via="link")

    assert rules_against(customer, at=NOON + DAY) == []
    assert closed_channels(customer) == set()
