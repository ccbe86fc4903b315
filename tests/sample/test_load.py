from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import IntegrityError, transaction

from contacts.identity import normalise_email, normalise_phone
from contacts.models import Customer, Identifier, PolicyVersion, Touchpoint
from cxsurvey.models import SampleState
from cxsurvey.sample.load import end_of_data, load, weeks_until
from cxsurvey.sample.purchases import LAST_DAY, Purchase
from surveys.models import Program, SurveyVersion
from tests.sample.conftest import NOW, unseen


@pytest.mark.parametrize("hours", range(0, 8 * 24, 3))
def test_the_data_end_last_week_whenever_it_is_loaded(hours: int) -> None:
    at = datetime(2027, 3, 1, 0, 10, tzinfo=UTC) + timedelta(hours=hours)

    ended = at - end_of_data(weeks_until(at))

    assert timedelta(hours=12) <= ended < timedelta(days=7, hours=12)


def test_moving_by_weeks_keeps_the_weekday() -> None:
    assert (LAST_DAY + timedelta(weeks=weeks_until(NOW))).weekday() == LAST_DAY.weekday()


def test_every_purchase_is_there_on_its_day_and_called_real(
    loaded: SampleState, some_purchases: list[Purchase]
) -> None:
    stored = {row.external_id: row for row in Touchpoint.objects.filter(source="cdnow")}

    assert len(stored) == len(some_purchases)
    for bought in some_purchases[::50]:
        row = stored[f"{bought.customer}-{bought.number}"]
        assert (row.kind, row.value, row.simulated) == ("purchase", bought.value, False)
        assert row.attributes == {"quantity": bought.quantity, "time of day": "simulated"}
        local = row.occurred_at.astimezone(ZoneInfo(row.customer.time_zone or "America/Chicago"))
        assert abs(local.date() - (bought.day + timedelta(weeks=loaded.weeks))) <= timedelta(
            days=bool(not row.customer.time_zone)
        )


def test_what_is_made_up_says_so(loaded: SampleState) -> None:
    assert not Touchpoint.objects.filter(source="sample", simulated=False).exists()
    assert set(Touchpoint.objects.filter(simulated=False).values_list("kind", flat=True)) == {"purchase"}
    assert not Customer.objects.filter(simulated=False).exists()
    assert set(Customer.objects.values_list("source", flat=True)) == {"cdnow"}


def test_touchpoints_were_received_when_they_happened_and_none_lies_ahead(loaded: SampleState) -> None:
    for row in Touchpoint.objects.all():
        assert row.received_at == row.occurred_at < NOW


def test_addresses_are_stored_as_identity_writes_them(loaded: SampleState) -> None:
    emails = Identifier.objects.filter(type="email").values_list("value", flat=True)
    phones = Identifier.objects.filter(type="phone").values_list("value", flat=True)

    assert emails
    assert phones
    assert [email for email in emails if normalise_email(email) != email] == []
    assert [phone for phone in phones if normalise_phone(phone) != phone] == []


def test_five_programs_ask_the_published_survey_under_a_policy(loaded: SampleState) -> None:
    programs = {program.slug: program for program in Program.objects.filter(active=True)}

    assert {slug.removeprefix("after-"): program.kinds for slug, program in programs.items()} == {
        "chat": ["chat"],
        "damage": ["delivery"],
        "delivery": ["delivery"],
        "purchase": ["purchase"],
        "service-call": ["service_call"],
    }
    assert [slug for slug, program in programs.items() if program.by_phone] == ["after-damage"]
    asked_about = [programs[slug].filters["outcome"] for slug in ("after-damage", "after-delivery")]
    assert asked_about == [["damaged"], ["on time", "late"]], "no touchpoint is asked about twice"
    assert set(SurveyVersion.objects.filter(state="published").values_list("survey__slug", flat=True)) == {
        "nps",
        "chat",
        "fixed",
    }
    assert PolicyVersion.objects.filter(in_force=True).count() == 1


def test_loading_twice_changes_nothing(loaded: SampleState, some_purchases: list[Purchase]) -> None:
    before = Touchpoint.objects.count()

    with pytest.raises(IntegrityError), transaction.atomic():
        load(some_purchases, NOW + timedelta(weeks=3), unseen)

    assert (Touchpoint.objects.count(), SampleState.objects.get().weeks) == (before, loaded.weeks)
