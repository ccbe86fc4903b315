from datetime import datetime, timedelta

import pytest

from contacts.models import Identifier, OptOut
from cxsurvey.models import SampleState
from cxsurvey.sample.provider import bounce, complain, empty_addresses
from cxsurvey.sample.truth import TRUTH
from surveys.models import Invitation, ProviderEvent


def test_nobody_is_at_the_share_of_addresses_that_the_truth_says(loaded: SampleState) -> None:
    empty = empty_addresses()

    for type_, share in TRUTH.nobody_at.items():
        known = Identifier.objects.filter(type=type_)
        assert known.filter(pk__in=empty).count() / known.count() == pytest.approx(share, abs=0.006)
    assert empty == empty_addresses()


def test_a_message_to_nobody_bounces_once_and_closes_the_address(sent: Invitation, sent_at: datetime) -> None:
    for _ in range(2):
        bounce(sent_at, {sent.address_id or 0})

    sent.refresh_from_db()
    assert (sent.state, sent.contact.outcome) == ("failed", "bounced")
    assert Identifier.objects.filter(pk__in=[sent.address_id or 0], closed_at=sent_at).exists()
    event = ProviderEvent.objects.get()
    assert (event.gateway, event.applied_at) == ("sample", sent_at)
    assert "simulated" in event.detail


def test_who_complains_hears_no_more_by_that_channel(sent: Invitation, sent_at: datetime) -> None:
    complain(sent.pk, sent_at + timedelta(hours=1))

    assert OptOut.objects.get().channel == sent.channel
    assert sent.attempts.get().delivery == "complained"
