"""Addresses that were answered from are their customers'; those that a message only went to are not."""

from datetime import timedelta

import pytest

from contacts.models import Identifier
from surveys.models import Invitation, Response
from surveys.verifying import verify_addresses
from tests.surveys.answered import make_response
from tests.surveys.makers import NOON, make_customer, make_invitation, make_touchpoint, make_version

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def answered(**fields: object) -> Identifier:
    """Return the address that an answer of NOON came from."""
    response = make_response(9)
    Response.objects.filter(pk=response.pk).update(**{"updated_at": NOON} | fields)
    invitation = Invitation.objects.get(response=response)
    address = response.customer.identifiers.get(type="email") if response.customer else None
    assert address
    Invitation.objects.filter(pk=invitation.pk).update(address=address)
    return address


def verified() -> set[str]:
    return set(Identifier.objects.exclude(verified_at=None).values_list("value", flat=True))


def test_an_answer_shows_whose_the_address_is() -> None:
    address = answered()
    make_invitation(make_version(), touchpoint=make_touchpoint(make_customer()))
    assert verify_addresses(NOON - HOUR, NOON + HOUR) == 1
    address.refresh_from_db()
    assert (verified(), address.verified_at) == ({address.value}, NOON + HOUR)
    assert address.verified_by == "an answer to what we sent there"
    assert verify_addresses(NOON - HOUR, NOON + 2 * HOUR) == 0


def test_only_answers_of_the_time_count_and_only_customers_own() -> None:
    answered(updated_at=NOON - 2 * HOUR)
    answered(test=True)
    closed = answered()
    Identifier.objects.filter(pk=closed.pk).update(closed_at=NOON)
    assert verify_addresses(NOON - HOUR, NOON + HOUR) == 0
    assert verified() == set()
