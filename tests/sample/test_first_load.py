"""Into what the sample is loaded: a database without customers, and as a whole."""

import pytest
from django.core.management import CommandError

from contacts.models import Customer
from cxsurvey.models import SampleState
from cxsurvey.sample.load import load
from cxsurvey.sample.purchases import Purchase
from tests.sample.conftest import NOW
from tests.sample.test_demo import demo


def test_a_database_with_other_customers_is_refused(db: None) -> None:
    Customer.objects.create(source="shop", external_id="1", created_at=NOW, updated_at=NOW)

    with pytest.raises(CommandError, match=r"holds customers already.*DATABASE_URL"):
        demo()

    assert Customer.objects.count() == 1


def test_a_load_that_is_interrupted_leaves_nothing(db: None, some_purchases: list[Purchase]) -> None:
    def pulls_the_plug(items: list[object], what: str) -> list[object]:
        if what == "Loading touchpoints":
            raise KeyboardInterrupt
        return items

    with pytest.raises(KeyboardInterrupt):
        load(some_purchases, NOW, pulls_the_plug)  # type: ignore[arg-type]

    assert not Customer.objects.exists()
    assert not SampleState.objects.exists()
