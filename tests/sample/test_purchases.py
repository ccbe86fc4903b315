import hashlib
from collections import Counter
from decimal import Decimal
from itertools import pairwise

import pytest

from cxsurvey.sample.purchases import FIRST_DAY, LAST_DAY, Purchase, purchases

# Of the file's lines after the header, joined by newlines.
DATA_SHA256 = "190370af2847fc1c083950560ed7f2a1587626040ec95eeada67e45dfec1c4fa"


@pytest.fixture(scope="module")
def bought() -> list[Purchase]:
    return purchases()


def test_all_purchases_are_there(bought: list[Purchase]) -> None:
    assert len(bought) == 69_659
    assert len({row.customer for row in bought}) == 23_570
    assert (min(row.day for row in bought), max(row.day for row in bought)) == (FIRST_DAY, LAST_DAY)


def test_the_values_are_unchanged(bought: list[Purchase]) -> None:
    as_written = "\n".join(f"{row.customer},{row.day},{row.quantity},{row.value}" for row in bought)

    assert bought[2] == Purchase("00002", 2, FIRST_DAY.replace(day=12), 5, Decimal("77.00"))
    assert hashlib.sha256(as_written.encode()).hexdigest() == DATA_SHA256


def test_rows_of_a_customer_are_numbered_in_order_of_time(bought: list[Purchase]) -> None:
    counted = Counter(row.customer for row in bought)

    assert {(row.customer, row.number) for row in bought} == {
        (customer, number) for customer, rows in counted.items() for number in range(1, rows + 1)
    }
    assert all(earlier.day <= later.day for earlier, later in pairwise(bought) if earlier.customer == later.customer)
