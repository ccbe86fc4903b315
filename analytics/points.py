"""What one answer on the 0 to 10 scale is worth, so that the mean over answers is the Net Promoter Score in points.

The groups are those of `surveys.scale`, which formulas do not import; a test holds the two together.
"""

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Whole = npt.NDArray[np.intp]

HAPPY_FROM = 9
UNHAPPY_UP_TO = 6


def points(scores: Floats) -> Floats:
    """100 for a promoter, 0 for a passive, -100 for a detractor; `scores` holds whole numbers from 0 to 10."""
    return 100.0 * (scores >= HAPPY_FROM) - 100.0 * (scores <= UNHAPPY_UP_TO)
