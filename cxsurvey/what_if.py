"""A policy tried on what has happened, beside the one in force: whom it would have asked, and what that would bring."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypedDict

import numpy as np

from analytics.expected import ExpectedRow, Observed, expected, observed
from analytics.period import Period
from analytics.scope import Scope
from contacts import frequency
from contacts.frequency.past import HOLDING, NOTHING, Experiences, Outcomes
from contacts.frequency.replay import replay
from contacts.frequency.zone_arrays import Bools, Places
from contacts.replaying import read_participants
from surveys.lived import lived
from surveys.replaying import Inquiry

CAP = HOLDING.index("cap")
SAMPLING = "sampling"
"""The kind of skip of what a program did not draw: it comes before all rules."""


class DistributionRow(TypedDict):
    """So many customers were asked so often."""

    contacts: int
    customers: int


class KindRow(ExpectedRow):
    """What became of the touchpoints of one kind."""

    touchpoints: int


@dataclass(frozen=True, slots=True)
class Figures:
    """What a policy would have done. `delayed` is part of `asked`; `asked` and all `skipped` are the touchpoints.

    `customers` had a touchpoint; of them `customers_at_cap` were held back by a cap at least once.
    `contacts_per_customer` counts what was asked, from none on. `attention_hours`: None where no survey says how long
    it takes. `expected_answers`: of the kinds with an answer rate; None where none has one.
    """

    touchpoints: int
    asked: int
    delayed: int
    skipped: dict[str, int]
    customers: int
    customers_at_cap: int
    contacts_per_customer: list[DistributionRow]
    attention_hours: float | None
    expected_answers: float | None
    kinds: list[KindRow]

    @property
    def unserved(self) -> int:
        """How many touchpoints are not asked about."""
        return self.touchpoints - self.asked


def what_if(
    policies: Sequence[frequency.Policy], inquiries: Sequence[Inquiry], since: datetime, until: datetime, at: datetime
) -> list[Figures]:
    """What each of the policies would have done with the touchpoints from `since` on and before `until`.

    Answer rates and scores are those known `at` the moment. A touchpoint that two programs ask about counts for each.
    Writes nothing.
    """
    past, so_far = Past(policies, inquiries, since, until), observed(Scope(Period(None, None, at)))
    return [past.figures(policy, so_far) for policy in policies]


def shortened(inquiries: Sequence[Inquiry], since: datetime, until: datetime, most: int) -> datetime:
    """A later beginning of the period, where it holds more than `most` touchpoints: half as long, until it does not."""
    while sum(inquiry.count(since, until) for inquiry in inquiries) > most:
        since += (until - since) / 2
    return since


class Past:
    """The touchpoints of a period as columns, and the persons who went through them."""

    def __init__(
        self, policies: Sequence[frequency.Policy], inquiries: Sequence[Inquiry], since: datetime, until: datetime
    ) -> None:
        self.inquiries = inquiries
        parts = [lived(inquiry, since, until) for inquiry in inquiries]
        self.participants, person = read_participants(
            np.concatenate([part.customer for part in parts]), policies, since
        )
        self.kinds = sorted({kind for part in parts for kind in part.kinds})
        self.kind = np.concatenate([self._places(part.kinds)[part.kind] for part in parts])
        self.all = Experiences(
            person,
            occurred_at=np.concatenate([part.at for part in parts]),
            plan=np.repeat(np.arange(len(parts)), [len(part.customer) for part in parts]),
            draw=np.concatenate([part.draw for part in parts]),
        )
        share = np.array([inquiry.share for inquiry in inquiries])
        self.drawn = np.flatnonzero(self.all.draw < share[self.all.plan])

    def replayed(self, policy: frequency.Policy) -> Outcomes:
        """What becomes of the drawn ones under the policy."""
        return replay(policy, self.participants, [one.plan for one in self.inquiries], self.all.take(self.drawn))

    def figures(self, policy: frequency.Policy, so_far: Observed) -> Figures:
        """What the policy would have done."""
        drawn, outcomes = self.all.take(self.drawn), self.replayed(policy)
        asked = outcomes.asked
        there = self._each(self.all.person) > 0
        rows = self._rows(asked, so_far)
        answers = [row["expected_answers"] for row in rows if row["expected_answers"] is not None]
        return Figures(
            touchpoints=len(self.kind),
            asked=int(asked.sum()),
            delayed=int((asked & (outcomes.held != NOTHING)).sum()),
            skipped=self._skipped(outcomes),
            customers=int(there.sum()),
            customers_at_cap=int((self._each(drawn.person[outcomes.held == CAP]) > 0).sum()),
            contacts_per_customer=[
                DistributionRow(contacts=contacts, customers=int(n))
                for contacts, n in enumerate(np.bincount(self._each(drawn.person[asked])[there]))
            ],
            attention_hours=self._attention_hours(drawn, outcomes),
            expected_answers=round(sum(answers), 1) if answers else None,
            kinds=rows,
        )

    def _places(self, kinds: Sequence[str]) -> Places:
        return np.array([self.kinds.index(kind) for kind in kinds], np.intp)

    def _each(self, persons: Places) -> Places:
        """How often each of the participants is among the persons."""
        return np.bincount(persons, minlength=len(self.participants.party))

    def _skipped(self, outcomes: Outcomes) -> dict[str, int]:
        counts = np.bincount(outcomes.held[~outcomes.asked], minlength=len(HOLDING))
        skipped: dict[str, int] = {kind: int(n) for kind, n in zip(HOLDING, counts, strict=False)}
        if any(inquiry.share < 1 for inquiry in self.inquiries):
            skipped[SAMPLING] = len(self.kind) - len(self.drawn)
        return skipped

    def _attention_hours(self, drawn: Experiences, outcomes: Outcomes) -> float | None:
        seconds = {
            (plan, way): request.seconds
            for plan, inquiry in enumerate(self.inquiries)
            for way, request in enumerate(inquiry.plan.requests)
        }
        if not any(seconds.values()):
            return None
        asked = outcomes.asked
        granted = Counter(zip(drawn.plan[asked].tolist(), outcomes.way[asked].tolist(), strict=True))
        return round(sum(n * seconds[key] for key, n in granted.items()) / 3600, 1)

    def _rows(self, asked: Bools, so_far: Observed) -> list[KindRow]:
        there = np.bincount(self.kind, minlength=len(self.kinds))
        granted = np.bincount(self.kind[self.drawn[asked]], minlength=len(self.kinds))
        return [
            KindRow(touchpoints=n, **expected(kind, granted_n, so_far))
            for kind, n, granted_n in zip(self.kinds, there.tolist(), granted.tolist(), strict=True)
        ]
