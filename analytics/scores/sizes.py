"""How many answers, and so how many contacts, a margin or a difference takes."""

import math
from dataclasses import dataclass
from statistics import NormalDist

from analytics.scores.intervals import adjusted_wald, quantile

WORST_VARIANCE = 1.0
"""Of one answer on the scale -1..1, where half are promoters and half detractors; 0.6 is usual."""

USUAL_VARIANCE = 0.6


@dataclass(frozen=True, slots=True)
class SampleSize:
    """So many answers, and so many contacts to get them; per group where two are compared.

    `reachable`: false where there are not as many customers as would have to be contacted.
    """

    answers: int
    contacts: int
    reachable: bool


def sample_size(
    margin: float,
    *,
    variance: float = WORST_VARIANCE,
    population: int | None = None,
    response_rate: float = 1.0,
    design_effect: float = 1.0,
    confidence: float = 0.95,
) -> SampleSize:
    """What an interval of the score takes that reaches `margin` points to each side.

    n0 = design_effect * z^2 * variance / (margin / 100)^2; where all customers are `population`,
    n = n0 / (1 + (n0 - 1) / population); contacts = n / response_rate; both rounded up.
    `variance` of one answer on the scale -1..1: promoters + detractors - (promoters - detractors)^2, as shares.
    Source: Cochran, "Sampling Techniques", 3rd edition, Wiley 1977, 4.4 to 4.6. Raises ValueError for what is no
    margin, variance, population, rate or design effect.
    """
    _check("margin", margin, 200)
    _check("variance", variance, 1)
    answers = design_effect * variance * (100 * quantile(confidence) / margin) ** 2
    return _sample(answers, population, response_rate, design_effect)


def sample_size_difference(
    difference: float,
    *,
    variances: tuple[float, float] = (USUAL_VARIANCE, USUAL_VARIANCE),
    power: float = 0.8,
    population: int | None = None,
    response_rate: float = 1.0,
    design_effect: float = 1.0,
    confidence: float = 0.95,
) -> SampleSize:
    """What each of two equal groups takes for a true difference of so many points to be noticed with this `power`.

    n = design_effect * (z + z_power)^2 * (sum of both variances) / (difference / 100)^2, and on as `sample_size`;
    `population` is that of one group. Source: Fleiss, Levin and Paik, "Statistical Methods for Rates and Proportions",
    3rd edition, Wiley 2003, 4.2. Raises ValueError as `sample_size` does.
    """
    _check("difference", difference, 200)
    if not 0 < power < 1:
        raise ValueError(f"power must lie between 0 and 1, not {power}")
    for variance in variances:
        _check("variance", variance, 1)
    z = quantile(confidence) + NormalDist().inv_cdf(power)
    answers = design_effect * sum(variances) * (100 * z / difference) ** 2
    return _sample(answers, population, response_rate, design_effect)


def answers_for_margin(margin: float, mix: tuple[float, float, float], *, confidence: float = 0.95) -> int:
    """With how many answers the adjusted Wald interval reaches at most `margin` points to each side.

    `mix`: the shares of promoters, passives and detractors expected, of any sum. Says how many answers a wide group
    still lacks. Raises ValueError for what is no margin or mix.
    """
    _check("margin", margin, 200)
    if len(mix) != 3 or min(mix) < 0 or not 0 < sum(mix) < math.inf:
        raise ValueError(f"promoters, passives and detractors are shares from 0 on, not {mix}")

    def is_enough(n: int) -> bool:
        low, high = adjusted_wald(*(n * share / sum(mix) for share in mix), confidence=confidence)
        return (high - low) / 2 <= margin

    enough = 1
    while not is_enough(enough):
        enough *= 2
    too_few = enough // 2
    while enough - too_few > 1:
        middle = (enough + too_few) // 2
        too_few, enough = (too_few, middle) if is_enough(middle) else (middle, enough)
    return enough


def _sample(answers: float, population: int | None, response_rate: float, design_effect: float) -> SampleSize:
    _check("response rate", response_rate, 1)
    _check("design effect", design_effect, math.inf)
    if population is not None:
        _check("population", population, math.inf)
        answers = answers / (1 + (answers - 1) / population)
    needed = _up(answers)
    contacts = _up(needed / response_rate)
    return SampleSize(needed, contacts, reachable=population is None or contacts <= population)


def _up(number: float) -> int:
    """Up to the next whole number; what is one but for the last digits of the computer stays."""
    return math.ceil(round(number, 9))


def _check(name: str, value: float, most: float) -> None:
    if not 0 < value <= most or value == math.inf:
        up_to = "" if most == math.inf else f" and up to {most:g}"
        raise ValueError(f"{name}: expected a number above 0{up_to}, not {value}")
