"""Whom no program reminds."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.contrib.auth.models import User

from contacts import consent, gate
from contacts.merging import merge
from contacts.models import Customer, Decision
from contacts.models.words import Via
from surveys.delivery import Delivery, deliver
from surveys.models import CallCase, Invitation, Program, SurveyVersion
from surveys.publishing import draft_from, publish
from surveys.reminding import remind
from tests.contacts.makers import put_in_force
from tests.pristine import Shared
from tests.surveys.answered import make_response
from tests.surveys.makers import NOON, make_customer, make_invitation
from tests.surveys.reminded import DAY, answer, invited, make_reminding_program, reminded, reminders

pytestmark = pytest.mark.django_db
TURN = NOON + 5 * DAY
"""When a reminder of what was sent at NOON is due."""


@pytest.fixture(scope="module")
def sent_once(shared: Shared) -> Invitation:
    """What was sent at NOON by a program that reminds, once for all tests."""
    with shared():
        put_in_force()
        return invited(make_reminding_program())


@pytest.fixture
def first(sent_once: Invitation, db: None) -> Invitation:
    return Invitation.objects.get(pk=sent_once.pk)


def _another_program_answered(first: Invitation) -> None:
    make_response(touchpoint=first.touchpoint, version=first.version)


def _brought_in(first: Invitation) -> None:
    make_response(touchpoint=first.touchpoint, version=first.version, invitation=None, source="other")


def _answered(first: Invitation) -> None:
    answer(first, NOON + DAY)


def _refused_on_the_phone(first: Invitation) -> None:
    about = {"touchpoint": first.touchpoint, "customer": first.customer, "version": first.version, "language": "en"}
    case = CallCase.objects.create(
        program=first.program,
        opened_at=NOON,
        expires_at=TURN,
        next_at=NOON,
        **about,  # type: ignore[misc]
    )
    case.attempts.create(outcome="refused", at=NOON + DAY, by=User.objects.create(username="ina"))


def _declined(first: Invitation, customer: Customer | None = None, survey: str = "nps") -> None:
    gate.clock_event((customer or first.customer).pk, "decline", at=NOON + DAY, survey=survey)


def _declined_on_a_merged_record(first: Invitation) -> None:
    other = make_customer()
    _declined(first, other)
    by = User.objects.create(username="ada")
    merge(other.pk, into=first.customer_id, at=NOON + DAY, by_id=by.pk, why="Same person.")


def _declined_everything(first: Invitation) -> None:
    _declined(first, survey="")


def _closed(first: Invitation) -> None:
    first.version.survey.versions.update(state=SurveyVersion.State.CLOSED)


def _link_closed(first: Invitation) -> None:
    Invitation.objects.filter(pk=first.pk).update(closes_at=TURN)


def _too_old(first: Invitation) -> None:
    Invitation.objects.filter(pk=first.pk).update(expires_at=TURN)


def _unknown(first: Invitation) -> None:
    Invitation.objects.filter(pk=first.pk).update(state="unknown")


def _bounced(first: Invitation) -> None:
    gate.settle(first.contact_id, "bounced", at=NOON + DAY)


@pytest.mark.parametrize(
    "happened",
    [
        _answered, _another_program_answered, _brought_in, _refused_on_the_phone, _declined, _closed, _link_closed,
        _declined_on_a_merged_record, _declined_everything, _too_old, _unknown, _bounced,
    ],
    ids=lambda happened: happened.__name__.strip("_"),
)  # fmt: skip
def test_the_gate_is_not_even_asked(first: Invitation, happened: Callable[[Invitation], None]) -> None:
    happened(first)
    assert reminders(TURN).reminded == 0
    assert not Decision.objects.filter(stage="remind").exists()


@pytest.mark.parametrize("status", ["failed", "bounced", "unsubscribed", "complained"])
@pytest.mark.parametrize("of_a_reminder", [False, True])
def test_what_the_provider_reports_ends_the_thread(first: Invitation, status: str, of_a_reminder: bool) -> None:
    last = reminded(first, TURN) if of_a_reminder else first
    last.attempts.update(delivery=status)
    assert reminders(TURN + 6 * DAY).reminded == 0


@pytest.mark.parametrize("status", ["accepted", "deferred", "delivered", ""])
def test_what_arrived_is_reminded_of(first: Invitation, status: str) -> None:
    first.attempts.update(delivery=status)
    assert reminders(TURN).reminded == 1


@pytest.mark.parametrize(
    ("survey", "at"), [("other", NOON + DAY), ("nps", NOON - DAY)], ids=["of another survey", "before the invitation"]
)
def test_a_no_to_something_else_is_none_to_this(first: Invitation, survey: str, at: datetime) -> None:
    gate.clock_event(first.customer_id, "decline", at=at, survey=survey)
    assert reminders(TURN).reminded == 1


def _stop(first: Invitation) -> None:
    consent.opt_out(first.customer_id, "email", at=NOON + DAY, via=Via.REPLY)


def _pause(first: Invitation) -> None:
    consent.pause(first.customer_id, TURN + 90 * DAY, at=NOON + DAY, via=Via.LINK)


def _less(first: Invitation) -> None:
    consent.ask_less(first.customer_id, 90, at=NOON + DAY, via=Via.LINK)


def _address_closed(first: Invitation) -> None:
    assert first.address_id
    consent.close_address(first.address_id, "bounced", at=NOON + DAY)


@pytest.mark.parametrize(
    ("happened", "rule"),
    [(_stop, "opt-out"), (_pause, "pause"), (_less, "once-in-days"), (_address_closed, "closed-address")],
    ids=["stop", "pause", "less", "closed"],
)
def test_the_gate_refuses_once_and_is_not_asked_again(
    first: Invitation, happened: Callable[[Invitation], None], rule: str
) -> None:
    happened(first)
    assert reminders(TURN).skipped == {rule: 1}
    for minutes in range(1, 4):
        assert reminders(TURN + timedelta(minutes=minutes)).due == 0
    assert Decision.objects.filter(stage="remind", result="skip").count() == 1
    assert not first.reminders.exists()


def test_a_pause_that_ends_in_time_delays_the_reminder(first: Invitation) -> None:
    consent.pause(first.customer_id, TURN + 2 * DAY, at=NOON, via=Via.LINK)
    assert reminders(TURN).delayed == 1
    assert first.reminders.get().due_at == TURN + 2 * DAY


def test_a_reminder_leaves_a_day_to_answer(first: Invitation) -> None:
    Invitation.objects.filter(pk=first.pk).update(closes_at=TURN + timedelta(hours=23))
    assert reminders(TURN).skipped == {"expiry": 1}


def test_a_stopped_program_reminds_nobody(first: Invitation) -> None:
    Program.objects.update(active=False)
    assert remind(TURN).programs == ()
    Program.objects.update(active=True)
    assert reminders(TURN).reminded == 1


def test_a_program_that_is_stopped_before_the_hand_over_sends_none(first: Invitation) -> None:
    reminders(TURN)
    Program.objects.update(active=False)
    assert deliver(TURN).cancelled == {"program stopped": 1}
    Program.objects.update(active=True)
    assert reminders(TURN + 5 * DAY).reminded == 0


def _reminder_bounced(first: Invitation) -> None:
    first.reminders.get().attempts.create(number=1, channel="email", started_at=TURN, delivery="bounced")


def _complained(first: Invitation) -> None:
    first.attempts.update(delivery="complained")


ENDS = [
    (_answered, "answered"),
    (_another_program_answered, "answered"),
    (_brought_in, "answered"),
    (_refused_on_the_phone, "refused on the phone"),
    (_complained, "unsubscribed or complained"),
    (_reminder_bounced, "not arrived"),
    (_bounced, "not arrived"),
    (_declined, "declined"),
    (_declined_on_a_merged_record, "declined"),
    (_declined_everything, "declined"),
]


@pytest.mark.parametrize(("happened", "why"), ENDS)
def test_what_happens_while_a_reminder_waits_stops_it(
    first: Invitation, happened: Callable[[Invitation], None], why: str
) -> None:
    assert reminders(TURN).reminded == 1
    happened(first)
    assert deliver(TURN + timedelta(hours=1)).cancelled == {why: 1}
    reminder = first.reminders.get()
    assert (reminder.state, reminder.state_reason, reminder.contact.outcome) == ("cancelled", why, "cancelled")


@pytest.mark.parametrize("happened", [happened for happened, _ in ENDS])
def test_what_happens_after_the_claim_stops_it_too(first: Invitation, happened: Callable[[Invitation], None]) -> None:
    assert reminders(TURN).reminded == 1
    delivery = Delivery(TURN, "one", lambda: TURN)
    [attempt] = delivery.claim([first.reminders.get().pk], TURN)
    happened(first)
    assert delivery.start(attempt, {first.customer_id}) is None


def test_a_reminder_that_nothing_speaks_against_goes_out_beside_one_that_is_stopped(first: Invitation) -> None:
    assert first.program
    quiet = invited(first.program, NOON + timedelta(minutes=1))
    assert reminders(TURN + timedelta(hours=1)).reminded == 2
    _answered(first)
    report = deliver(TURN + timedelta(hours=2))
    assert (report.sent, report.cancelled) == (1, {"answered": 1})
    assert quiet.reminders.get().state == "sent"


def test_a_newer_version_leaves_the_reminder_with_its_page(first: Invitation) -> None:
    publish(draft_from(first.version), at=NOON + DAY)
    assert reminded(first, TURN).version == first.version


def test_an_invitation_beside_the_programs_is_not_reminded_of(first: Invitation) -> None:
    made = make_invitation(state="sent", sent_at=NOON)
    assert (reminders(TURN).due, first.reminders.count(), made.reminders.count()) == (1, 1, 0)


def test_an_unknown_reminder_is_the_last(first: Invitation) -> None:
    reminders(TURN)
    first.reminders.update(state="unknown")
    assert reminders(TURN + 10 * DAY).reminded == 0
