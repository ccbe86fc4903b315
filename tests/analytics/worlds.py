"""Worlds whose truth is known: customers who are contacted, tire, answer or do not; and touchpoints that move a score.

Surveys: reference/fatigue.json. In world A everything that matters is recorded; in world B something that nobody
recorded brings contacts and bad scores.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import expit

CUTS = (-3.6, -3.2, -2.8, -2.4, -2, -1.5, -1.1, -0.5, 0.25, 1.1)
"""Log odds of a score of at most 0, 1, ... 9 for a customer without a reason to be happy or unhappy."""
GAMMA = 0.3
"""By how much each contact lowers the log odds of a better score."""

Floats = npt.NDArray[np.float64]


def fatigue_world(
    seed: int | Sequence[int], invited: int, *, gamma: float = GAMMA, hidden: bool = False, holdout: float = 0.0
) -> pd.DataFrame:
    """Draw an invited frame of world A, or of B with `hidden`; with a share of `holdout`, whom nobody contacted."""
    random = np.random.default_rng(seed)
    segment = random.choice(3, invited, p=[0.65, 0.25, 0.10])
    problem = random.random(invited) < 0.25
    digital = random.random(invited) < 0.55
    cap = np.where(random.random(invited) < 0.5, 1, 3)
    cause = random.normal(size=invited) if hidden else np.zeros(invited)
    rate = (0.6 + 0.9 * problem - 0.2 * digital + 0.3 * (segment == 2)) * np.exp(0.35 * cause)
    held = random.random(invited) < holdout
    prior = np.where(held, 0, np.minimum(random.poisson(rate), cap))
    eager = -0.75 + 0.25 * (segment == 1) + 0.5 * (segment == 2) + 0.2 * digital - 0.1 * problem - 0.4 * prior
    responded = random.random(invited) < expit(eager)
    happy = 0.9 * (segment == 2) + 0.35 * (segment == 1) - 1.3 * problem + 0.15 * digital - 0.6 * cause - gamma * prior
    score = scores_for(happy, random)
    frame = pd.DataFrame({"segment": segment, "problem": problem, "digital": digital, "cap1": cap == 1}).astype(int)
    frame = frame.assign(prior=prior, responded=responded.astype(int), score=np.where(responded, score, np.nan))
    return frame.assign(holdout=held) if holdout else frame


def scores_for(happy: Floats, random: np.random.Generator) -> Floats:
    """Draw a score from 0 to 10 for each log odds, by proportional odds."""
    noisy = happy + random.logistic(size=len(happy))
    return np.asarray((noisy[:, None] > np.array(CUTS)).sum(axis=1), dtype=float)


TIRED = (
    (0, 0, 300, 66, 36, 18),
    (0, 1, 100, 10, 10, 5),
    (1, 0, 100, 10, 12, 18),
    (1, 1, 300, 15, 15, 45),
)
"""The example of docs/statistics.md: problem, prior contacts, invited, and promoters, passives, detractors of them."""


def tired_customers() -> pd.DataFrame:
    """Make the invited frame of the example, a row per invitation."""
    frames = []
    for problem, prior, invited, *kinds in TIRED:
        scores = np.repeat([10.0, 8.0, 2.0], kinds)
        silent = np.full(invited - len(scores), np.nan)
        frames.append(pd.DataFrame({"problem": problem, "prior": prior, "score": [*scores, *silent]}))
    frame = pd.concat(frames, ignore_index=True)
    return frame.assign(responded=frame["score"].notna().astype(int))


LOGITS = {"wait": 0.25, "courtesy": 0.15, "solved": 0.9, "ease": 0.35, "repeat": -0.7}
"""Log odds of a better score per unit of each aspect; `solved` and `repeat` are 0 or 1."""


def touchpoint_world(seed: int | Sequence[int], answers: int) -> tuple[pd.DataFrame, pd.Series]:
    """Draw ratings of aspects that go with each other, and the scores that they make."""
    random = np.random.default_rng(seed)
    luck = random.normal(size=answers)
    noise = {name: random.normal(size=answers) for name in LOGITS}
    aspects = pd.DataFrame({name: 0.5 * luck + 0.75**0.5 * own for name, own in noise.items()})
    aspects = aspects.assign(solved=1.0 * (aspects["solved"] > -0.5), repeat=1.0 * (aspects["repeat"] < -0.8))
    happy = sum(aspects[name] * logit for name, logit in LOGITS.items()) - 0.5
    return aspects, pd.Series(scores_for(np.asarray(happy), random))


def points_per_unit() -> dict[str, float]:
    """Work out what a unit of each aspect is worth in the world, in NPS points, from the odds themselves."""
    aspects, _ = touchpoint_world(0, 200_000)
    happy = np.asarray(sum(aspects[name] * logit for name, logit in LOGITS.items()) - 0.5)

    def nps(liking: Floats) -> float:
        return float(100 * (1 - expit(CUTS[8] - liking) - expit(CUTS[6] - liking)).mean())

    steps = {"wait": 1e-4, "courtesy": 1e-4, "ease": 1e-4}
    found = {name: (nps(happy + step * LOGITS[name]) - nps(happy)) / step for name, step in steps.items()}
    for name in ("solved", "repeat"):
        without = happy - aspects[name].to_numpy() * LOGITS[name]
        found[name] = nps(without + LOGITS[name]) - nps(without)
    return found
