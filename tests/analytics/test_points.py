"""What an answer is worth, against the groups by which the service treats customers."""

import numpy as np

from analytics.points import points
from surveys.scale import DETRACTORS, PASSIVES, PROMOTERS


def test_every_score_is_worth_what_its_group_is() -> None:
    worth = dict.fromkeys(DETRACTORS, -100) | dict.fromkeys(PASSIVES, 0) | dict.fromkeys(PROMOTERS, 100)
    assert points(np.arange(11.0)).tolist() == [worth[score] for score in range(11)]
