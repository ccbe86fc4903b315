"""What is true in the sample's made-up part: every number of its model, and the formulas that use them.

A report or an estimator that looks at the sample should find these numbers again; docs/sample.md says where each of
them shows. Scores follow an ordered logit: P(score <= j) = logistic(cuts[j] - satisfaction).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from cxsurvey.sample.chat_survey import EASE, SATISFIED
from surveys.scale import DETRACTORS, PROMOTERS

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Placing:
    """Where one kind of made-up touchpoint falls: some days after a visit to the shop, more often before silence.

    Silence is no purchase within `Truth.silence_days` after the touchpoint, as the real purchases have it. Where the
    customer buys on, the chance after one of a customer's n visits is `per_visit + per_customer / n`; where silence
    follows, its odds are `before_silence` times as high. The touchpoint goes wrong with the chance `wrong` where the
    customer buys on; where silence follows, with `wrong_before_silence` times the odds.
    """

    days: tuple[int, int]
    hours: tuple[int, int]
    per_visit: float
    per_customer: float
    before_silence: float
    wrong: float
    wrong_before_silence: float


@dataclass(frozen=True)
class Truth:
    """All numbers of the model, in one place; `TRUTH` is the one that the demo uses."""

    seed: int = 1997

    # Who the customers are: shares of the countries, and of those whose address or time zone is on file.
    countries: Mapping[str, float] = field(default_factory=lambda: {"US": 0.68, "CA": 0.06, "GB": 0.10, "DE": 0.16})
    with_email: float = 0.93
    with_phone: float = 0.62
    with_time_zone: float = 0.90

    # Which touchpoints there are besides the purchases, and how they go with the real silence.
    silence_days: int = 90
    placing: Mapping[str, Placing] = field(
        default_factory=lambda: {
            "delivery": Placing((2, 6), (9, 18), 0.28, 0.0, 1.0, 0.12, 1.5),
            "service_call": Placing((1, 25), (8, 20), 0.04, 0.14, 2.0, 0.20, 3.0),
            "chat": Placing((1, 25), (8, 22), 0.05, 0.03, 0.7, 0.18, 2.0),
            "post": Placing((1, 30), (7, 23), 0.003, 0.03, 1.5, 0.40, 2.5),
        }
    )

    # How satisfied a touchpoint leaves the customer, on the logit scale: what happened, and who it was with.
    cuts: tuple[float, ...] = (-3.6, -3.2, -2.8, -2.4, -2.0, -1.5, -1.1, -0.5, 0.25, 1.1)
    satisfaction: Mapping[tuple[str, str], float] = field(
        default_factory=lambda: {
            ("purchase", ""): 0.30,
            ("delivery", "on time"): 0.20,
            ("delivery", "late"): -1.20,
            ("delivery", "damaged"): -1.80,
            ("service_call", "resolved"): 0.30,
            ("service_call", "unresolved"): -1.80,
            ("chat", "resolved"): 0.80,
            ("chat", "unresolved"): -1.20,
        }
    )
    by_team: Mapping[str, float] = field(
        default_factory=lambda: {
            "Denver": 0.20,
            "Tampa": -0.40,
            "Berlin": 0.10,
            "Night desk": -0.50,
            "Chat Berlin": 0.20,
            "Swift Courier": 0.20,
            "Bike Courier": 0.40,
        }
    )

    # Of those who answer after a chat: satisfaction and ease follow the score (`further_scores`), each with cuts of its
    # own; and how many leave the survey after each page that is not the last.
    chat_cuts: Mapping[str, tuple[float, ...]] = field(
        default_factory=lambda: {
            SATISFIED: (-3.0, -2.3, -1.4, 0.3),
            EASE: (-3.4, -2.9, -2.3, -1.6, -0.7, 0.5),
        }
    )
    leaves_page: float = 0.12
    seconds_a_page: float = 5.0  # after the first

    # Fatigue: what each of our own contacts in the days before (the first three) takes from the score and the answers.
    fatigue_days: int = 90
    fatigue_contacts: int = 3
    fatigue_on_score: float = -0.30
    fatigue_on_answering: float = 0.80
    held_out: float = 0.10

    # Who answers: shares without fatigue, and how often the unhappy answer compared with the others.
    answers_by: Mapping[str, float] = field(default_factory=lambda: {"email": 0.32, "sms": 0.40})
    unhappy_answer: float = 0.60
    answer_hours: Mapping[str, float] = field(default_factory=lambda: {"email": 9.0, "sms": 0.6})  # the median
    answer_spread: float = 1.2  # of the hours' logarithm
    comments: Mapping[str, float] = field(default_factory=lambda: {"unhappy": 0.7, "passive": 0.35, "happy": 0.45})
    asks_for_call: Mapping[str, float] = field(default_factory=lambda: {"unhappy": 0.3, "passive": 0.03, "happy": 0.01})
    opts_out: float = 0.008
    asks_less: float = 0.012
    complains: float = 0.0002  # of those who were asked by email: marks it as spam

    # How long an answer takes by the link, and on what it is given; the rest of the devices does not say what it is.
    seconds_to_read: float = 9.0  # the median, without a comment
    seconds_a_letter: float = 0.3
    seconds_spread: float = 0.45  # of the seconds' logarithm
    devices: Mapping[str, float] = field(default_factory=lambda: {"phone": 0.60, "computer": 0.32, "tablet": 0.06})

    # Who writes back instead of opening the link of an SMS: of those who answer; and what nobody can be sure about.
    by_text: float = 0.35
    unclear_text: float = 0.06

    # Addresses on file at which nobody is.
    nobody_at: Mapping[str, float] = field(default_factory=lambda: {"email": 0.005, "phone": 0.004})

    # How a call ends, and one at a time that the customer named; scores by phone are not thinned by silence.
    call_ends: Mapping[str, float] = field(
        default_factory=lambda: {
            "completed": 0.33,
            "no_answer": 0.34,
            "voicemail": 0.12,
            "busy": 0.06,
            "not_now": 0.09,
            "soft_refusal": 0.03,
            "refused": 0.02,
            "wrong_number": 0.01,
        }
    )
    kept_call_ends: Mapping[str, float] = field(default_factory=lambda: {"completed": 0.8, "no_answer": 0.2})
    names_time: float = 0.6  # of those who cannot talk now

    # What becomes of unhappy answers: how many see nothing done, and how many answer "is it fixed?", and with yes.
    fixed_answers: float = 0.45
    fixed_yes: float = 0.85
    no_action: float = 0.25  # of the follow-ups that nobody asked to be called about


TRUTH = Truth()


def logistic(logit: Floats) -> Floats:
    """Return the probability that belongs to a logit."""
    return np.asarray(1 / (1 + np.exp(-logit)))


def with_odds(chance: Floats | float, ratio: Floats | float) -> Floats:
    """Return the chance whose odds are `ratio` times those of `chance`."""
    odds = np.asarray(chance) / (1 - np.asarray(chance)) * ratio
    return np.asarray(odds / (1 + odds))


def satisfaction(kind: str, outcome: str, team: str, contacts: int, truth: Truth = TRUTH) -> float:
    """Return the satisfaction, on the logit scale, after a touchpoint and `contacts` of ours in the days before."""
    fatigue = truth.fatigue_on_score * min(contacts, truth.fatigue_contacts)
    return truth.satisfaction[kind, outcome] + truth.by_team.get(team, 0.0) + fatigue


def score_chances(satisfied: float, truth: Truth = TRUTH) -> Floats:
    """Return the chances of the scores 0 to 10 at a satisfaction."""
    at_most = logistic(np.array(truth.cuts) - satisfied)
    return np.diff(np.concatenate(([0.0], at_most, [1.0])))


def further_scores(score: int, within: float, satisfied: float, truth: Truth = TRUTH) -> dict[str, int]:
    """Return what somebody who gives `score` says about the chat itself: question -> its lowest answer is 1.

    `within` (0 to 1) is where she stands among those with the same score. Over everybody each answer follows an
    ordered logit of the same satisfaction with its own cuts, so that NPS, CSAT and CES tell one story.
    """
    below, above = np.concatenate(([0.0], np.cumsum(score_chances(satisfied, truth))))[score : score + 2]
    rank = below + within * (above - below)
    felt = satisfied + float(np.log(rank / (1 - rank)))
    return {key: 1 + int(np.searchsorted(cuts, felt)) for key, cuts in truth.chat_cuts.items()}


def answer_chance(channel: str, score: int, contacts: int, truth: Truth = TRUTH) -> float:
    """Return the chance that a customer who would give `score` answers an invitation by `channel`."""
    fatigue = truth.fatigue_on_answering ** min(contacts, truth.fatigue_contacts)
    return truth.answers_by[channel] * fatigue * (truth.unhappy_answer if score in DETRACTORS else 1.0)


def true_nps(satisfied: float, truth: Truth = TRUTH) -> float:
    """Return the NPS, -100 to 100, of customers at a satisfaction if all of them answered."""
    chances = score_chances(satisfied, truth)
    return float(100 * (chances[list(PROMOTERS)].sum() - chances[list(DETRACTORS)].sum()))
