"""Reminders under policies, as products and their customers describe them: S046 to S053 of the collected scenarios."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from contacts import gate
from contacts.models import Decision
from surveys.delivery import deliver
from surveys.models import Invitation
from tests.contacts.makers import cap, make_account, put_in_force
from tests.surveys.makers import make_customer
from tests.surveys.reminded import DAY, answer, invited, make_reminding_program, reminded, reminders

pytestmark = pytest.mark.django_db
YEAR = 2026


def at(text: str) -> datetime:
    """Return the instant of `03-05 09:00` in UTC."""
    return datetime.strptime(f"{YEAR}-{text}", "%Y-%m-%d %H:%M").replace(tzinfo=UTC)


def starting(text: str, *caps: dict[str, object], **program: Any) -> Invitation:
    """Return an invitation of a program that reminds, sent at this instant under a policy of these caps."""
    put_in_force(*caps)
    return invited(make_reminding_program(starts_at=at("01-01 00:00"), **program), at(text))


@pytest.mark.parametrize(
    ("window", "invite", "after", "remind"),
    [("14 days", "02-02 09:00", 3, "02-05 09:00"), ("7 days", "06-01 09:00", 3, "06-04 09:00")],
    ids=["S046", "S048"],
)
def test_a_quarantine_of_its_survey_lets_a_reminder_pass(window: str, invite: str, after: int, remind: str) -> None:
    first = starting(invite, cap(1, window, surveys=["nps"]), reminder_after=after * DAY)
    assert reminded(first, at(remind)).first_id == first.pk


def test_s047_a_reminder_counts_in_a_gap_over_all_surveys() -> None:
    first = starting("02-02 09:00", cap(1, "14 days", surveys=["nps", "other"]), reminder_after=3 * DAY)
    reminded(first, at("02-05 09:00"))
    verdict = gate.eligibility(first.customer_id, "email", at=at("02-16 09:00"), survey="other")
    assert (verdict.decision, verdict.at) == ("delay", at("02-19 09:00"))


def test_s049_the_days_between_reminders_are_whole() -> None:
    first = starting("03-02 09:00", reminder_after=3 * DAY)
    reminded(first, at("03-05 09:00"))
    assert reminders(at("03-07 09:00")).due == 0
    assert reminders(at("03-08 08:59")).due == 0
    reminded(first, at("03-08 09:00"))


def test_s050_there_is_no_reminder_above_the_number() -> None:
    first = starting("03-02 09:00", reminder_after=3 * DAY)
    reminded(first, at("03-05 09:00"))
    reminded(first, at("03-08 09:00"))
    report = reminders(at("03-12 09:00"))
    assert (report.due, report.reminded, report.skipped) == (1, 0, {})


def test_s051_an_answer_stops_a_reminder_that_waits() -> None:
    first = starting("06-01 09:00", reminder_after=2 * DAY)
    assert reminders(at("06-03 09:00")).reminded == 1
    answer(first, at("06-03 09:00"))
    assert deliver(at("06-03 09:00")).cancelled == {"answered": 1}
    reminder = first.reminders.get()
    assert (reminder.state, reminder.state_reason, reminder.contact.outcome) == ("cancelled", "answered", "cancelled")


def test_s051_an_answer_before_leaves_nothing_to_remind_of() -> None:
    first = starting("06-01 09:00", reminder_after=2 * DAY)
    answer(first, at("06-03 08:59"))
    assert reminders(at("06-03 09:00")).reminded == 0
    assert not first.reminders.exists()


def test_s052_what_never_arrived_is_not_reminded_of() -> None:
    first = starting("06-01 09:00", reminder_after=3 * DAY, reminder_channel="sms")
    gate.settle(first.contact_id, "bounced", at=at("06-01 09:01"))
    assert reminders(at("06-04 09:00")).reminded == 0
    assert not Decision.objects.filter(purpose="reminder").exists()


def test_s053_invitations_and_reminders_use_one_allowance() -> None:
    account = make_account()
    program = make_reminding_program(starts_at=at("01-01 00:00"))
    put_in_force(cap(2, "24 hours", per="account"))
    for invite in ("06-01 09:00", "06-01 09:00", "06-02 12:00"):
        invited(program, at(invite), make_customer(account=account))
    invited(program, at("06-06 08:00"), make_customer(account=account))
    report = reminders(at("06-06 09:00"))
    assert (report.reminded, report.delayed) == (2, 1)
    moments = Invitation.objects.filter(purpose="reminder").order_by("due_at").values_list("due_at", flat=True)
    assert list(moments) == [at("06-06 09:00"), at("06-07 08:00")]


@pytest.mark.parametrize(
    ("caps", "sent"),
    [
        ([cap(1, "30 days", surveys=["nps"])], 3),
        ([cap(1, "30 days", surveys=["nps"]), cap(1, "30 days", "reminders")], 1),
        ([cap(1, "30 days", surveys=["nps"], purposes=["reminder"])], 1),
        ([cap(2, "30 days", surveys=["nps"])], 1),
        ([cap(1, "30 days")], 0),
        ([cap(0, "30 days", "reminders")], 0),
        ([], 3),
    ],
    ids=["names the survey", "measures reminders", "names reminders", "limit 2", "names nothing", "limit 0", "no cap"],
)
def test_only_a_cap_of_one_that_names_the_survey_is_waived(caps: list[dict[str, object]], sent: int) -> None:
    first = starting("03-02 09:00", *caps, reminders=3, worth=24 * DAY)
    for days in range(1, 25):
        reminders(at("03-02 09:00") + timedelta(days=days))
        deliver(at("03-02 09:00") + timedelta(days=days))
    assert first.reminders.filter(state="sent").count() == sent
