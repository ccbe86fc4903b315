"""What a holdout would cost in answers, and how long it takes to tell something: from the year before."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from django.db.models import Exists, OuterRef

from analytics.estimates import QUANTILE
from analytics.fatigue.randomised import TARGET_MARGIN
from analytics.points import Floats, Whole, points
from contacts.arms import QUIET
from contacts.models.customers import PERSON
from contacts.models.words import Purpose
from surveys.models import Answer, Invitation, Question

YEAR = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class LastYear:
    """A year of asking: `answers` with a score, `kept` the share of the invitations that 90 quiet days would leave.

    `deviation`: of one answer's points from the mean.
    """

    answers: int
    kept: float
    deviation: float


@dataclass(frozen=True, slots=True)
class Cost:
    """What a share costs: answers lost in a year, answers of the held-out in a month, and months to a margin of 6.

    `months` count from the choice, the first 90 days included; None where no answers would come.
    """

    lost_a_year: int
    answers_a_month: float
    months: int | None


def cost(share: float, year: LastYear) -> Cost:
    """What holding out a share of the customers (above 0, below 1) costs, if everything goes on as in the year before.

    The margin of a difference of two means: 1.96 x deviation x sqrt(1/n + 1/m), for n answers of the held-out and m of
    the others, which come at a steady pace. Source: Cochran, "Sampling Techniques", 3rd edition, Wiley 1977, 4.4.
    """
    held, usual = share * year.answers * year.kept / 12, (1 - share) * year.answers / 12
    lost = round(share * year.answers * (1 - year.kept))
    if not held or not year.deviation:
        return Cost(lost, held, None)
    compared = (QUANTILE * year.deviation / TARGET_MARGIN) ** 2 * (1 / held + 1 / usual)
    return Cost(lost, held, math.ceil(round(QUIET / (YEAR / 12) + compared, 9)))


def last_year(at: datetime) -> LastYear:
    """The year before `at`: first invitations that were sent to say a score, and their answers. One statement."""
    asks_score = Question.objects.filter(version=OuterRef("version"), kind=Question.Kind.NPS)
    score = Answer.objects.filter(response__invitation=OuterRef("pk"), question__kind=Question.Kind.NPS)
    sent = Invitation.objects.filter(Exists(asks_score), purpose=Purpose.INVITATION, sent_at__gt=at - YEAR)
    rows = sent.filter(sent_at__lte=at).annotate(score=score.values("number")[:1]).order_by(PERSON, "sent_at")
    told = list(rows.values_list(PERSON, "sent_at", "score"))
    if not told:
        return LastYear(0, 1.0, 0.0)
    customers, instants, scores = zip(*told, strict=True)
    given = points(np.array([score for score in scores if score is not None], dtype=float))
    seconds = np.array([instant.timestamp() for instant in instants])
    kept = left_by_quiet(np.array(customers), seconds, QUIET.total_seconds())
    return LastYear(len(given), kept / len(told), float(given.std()) if len(given) else 0.0)


def left_by_quiet(customers: Whole, instants: Floats, quiet: float) -> int:
    """How many invitations are left if each waits until a customer was not asked for so many seconds.

    Both in order of the customer and then of time.
    """
    return sum(_kept(own.tolist(), quiet) for own in np.split(instants, np.flatnonzero(np.diff(customers)) + 1))


def _kept(instants: Sequence[float], quiet: float) -> int:
    kept, last = 0, -math.inf
    for instant in instants:
        if instant - last >= quiet:
            kept, last = kept + 1, instant
    return kept
