"""What is missing to learn who may leave is kept with the run."""

import pytest

from tests.analytics.buyers import bought, make_buyers, make_touched
from tests.analytics.test_churn_runs import learn
from tests.surveys.makers import make_customer

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("stay", "leave", "message"),
    [
        (60, 5, "5 of .* rows end with leaving"),
        (60, 0, "0 of .* rows end with leaving"),
        (1, 0, "0 of 3 rows end with leaving"),
    ],
)
def test_what_is_missing_is_kept_as_the_refusal(stay: int, leave: int, message: str) -> None:
    make_buyers(stay=stay, leave=leave)
    run = learn()
    assert run.numbers == {}
    assert not run.risks.exists()
    with pytest.raises(ValueError, match=message):
        raise ValueError(run.refusal)


def test_without_customers_there_is_a_refusal_too() -> None:
    assert learn().refusal == "there are no purchases yet, and no touchpoints that say that a customer has left"


def test_one_purchase_alone_tells_nothing() -> None:
    make_touched(bought(make_customer().pk, 0))
    assert learn().refusal == "what the model learns from is empty: there is nobody to learn from"


def test_everybody_left_is_a_refusal() -> None:
    made = [make_customer() for _ in range(12)]
    make_touched([row for customer in made for row in bought(customer.pk, 280)] + bought(make_customer().pk, 0))
    assert "0 do not" in learn().refusal
