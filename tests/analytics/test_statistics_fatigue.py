"""The worked examples of docs/statistics.md on fatigue and drivers."""

import re

import numpy as np
import pytest
from django.conf import settings
from scipy.special import expit

from analytics import drivers, fatigue, scores
from analytics.drivers import shapley
from analytics.drivers.shapley import lmg
from analytics.drivers.weights import RANKED_FROM
from analytics.fatigue import chances, invited
from analytics.points import points
from tests.analytics.worlds import CUTS, TIRED, tired_customers

TEXT = (settings.BASE_DIR / "docs" / "statistics.md").read_text(encoding="utf-8")
FATIGUE, DRIVERS = re.findall(r"^## (?:Fatigue|Drivers)\n.*?(?=^## |\Z)", TEXT, flags=re.MULTILINE | re.DOTALL)
FOUND = fatigue.standardise(tired_customers())


@pytest.mark.parametrize(
    "figure",
    [FOUND.measured.estimate, *FOUND.standardised, *FOUND.fatigue, FOUND.nonresponse.estimate, FOUND.weighted.estimate],
)
def test_figures_of_the_example_are_right(figure: float) -> None:
    assert f"**{figure:.1f}**" in FATIGUE


@pytest.mark.parametrize(("problem", "prior", "asked", "happy", "fine", "unhappy"), TIRED)
def test_rows_of_the_example_are_those_of_the_test(
    problem: int, prior: int, asked: int, happy: int, fine: int, unhappy: int
) -> None:
    answered = happy + fine + unhappy
    score = 100 * (happy - unhappy) / answered
    row = (
        f"| {'yes' if problem else 'no'} | {prior} | {asked} | {answered} | {happy}, {fine}, {unhappy} | {score:.0f} |"
    )
    assert row in FATIGUE


def test_the_uncontacted_alone_are_quoted() -> None:
    [row, _] = fatigue.by_contacts(tired_customers())
    assert f"**{row['score']['nps']}**" in FATIGUE


def test_shares_of_the_example_are_right() -> None:
    shares = lmg(np.array([[[1, 0.3, 0.5], [0.3, 1, 0.4], [0.5, 0.4, 1]]]))[0]
    assert [f"**{share:.4f}**".replace("0.", ".") in DRIVERS for share in shares] == [True, True]
    assert f"**{100 * shares[0] / shares.sum() - 30:.1f}**" in DRIVERS


def test_points_of_the_example_are_right() -> None:
    """By a small step of a customer between the levels of the world's odds."""

    def nps(liking: float) -> float:
        up_to = expit(np.array(CUTS) - liking)
        return float(np.diff([0, *up_to, 1]) @ points(np.arange(11.0)))

    assert f"**{0.9 * (nps(1e-6) - nps(-1e-6)) / 2e-6:.1f}**" in DRIVERS


def test_numbers_that_the_text_names_are_those_of_the_code() -> None:
    assert (chances.SMALLEST, invited.ENOUGH, invited.ANSWERS_PER_TERM) == (0.02, 30, 5)
    assert (scores.SHOWN_FROM, scores.WIDEST_MARGIN) == (10, 20)
    assert (shapley.DRAWS, shapley.MOST, RANKED_FROM) == (2000, 15, 3)
    assert drivers.exposure.NEEDED == 30
