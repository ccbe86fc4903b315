"""The plan as an integer programme over groups (HiGHS, through scipy).

Unknowns, in this order: for each ask how many customers of a group are asked about a touchpoint; for each touchpoint
how many are asked now, and the answers that it misses. Who is asked now is a whole number; who is asked later on is
only expected, and need not be.

Customers have unequal chances to answer, so that this is no flow, which would be whole by itself (Wolsey, "Integer
Programming", 2nd edition, Wiley 2020, chapter 3). The floor is a fairness constraint of ours.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, OptimizeResult, milp
from scipy.sparse import csr_array, eye_array, hstack

from surveys.allocation.instance import Group

Floats = NDArray[np.float64]
INFEASIBLE, DONE = 2, 0
EXPECTED_GAP = 1e-3
"""Who comes later on is only expected: to plan for them more exactly than this would be for show."""
NEARLY = 1e-5
"""So near a whole number it is one: HiGHS takes them for whole to a millionth."""
ALMOST = 1e-7
"""What was found to be the least is a rounded number, and has to be reached again."""


class Ask(NamedTuple):
    """Customers of a group who may be asked about a touchpoint, now or later on: at most so many."""

    group: int
    touchpoint: str
    most: float
    now: bool


class Programme:
    """The rows and columns of an instance that has been checked."""

    def __init__(
        self, need: Mapping[str, float], groups: Sequence[Group], floor: float, weights: Mapping[str, float]
    ) -> None:
        self.names = list(need)
        self.asks = [
            Ask(n, name, group.customers * share, now)
            for n, group in enumerate(groups)
            for now, shares in ((True, dict.fromkeys(group.touchpoints, 1.0)), (False, group.later))
            for name, share in shares.items()
            if group.customers * share > 0
        ]
        size, place = len(self.asks), {name: t for t, name in enumerate(self.names)}
        self.need = np.array([need[name] for name in self.names], np.float64)
        self.most = np.array([ask.most for ask in self.asks], np.float64)
        self.now = np.array([ask.now for ask in self.asks], np.bool_)
        self.group = np.array([ask.group for ask in self.asks], np.intp)
        self.customers = np.array([group.customers for group in groups], np.float64)
        self.touchpoint = np.array([place[ask.touchpoint] for ask in self.asks], np.intp)
        self.response = np.array([groups[ask.group].answers(ask.touchpoint) for ask in self.asks], np.float64)
        none = np.zeros(len(self.names))
        self.contacts = np.concatenate([np.ones(size), none, none])
        self.missed = np.concatenate([np.zeros(size), none, [weights[name] for name in self.names]])
        self._rows = [self._answers(), self._totals(), self._once()]
        if not self.now.all():
            self._rows.append(self._left_for_later())
        asked_now = self.most * self.now
        of_all = np.bincount(self.touchpoint, asked_now, len(self.names))[self.touchpoint]
        self._floor = floor * asked_now / np.where(of_all > 0, of_all, 1)
        self._loose = np.zeros(size)

    def loosen(self, divisible: Floats) -> None:
        """Let go of floors of less than one contact. `divisible`: the best values if customers were.

        They are not, and so many small groups could not serve all of their touchpoints.
        """
        totals = divisible[len(self.asks) : -len(self.names)]
        self._loose = (self.now & (self._floor * totals[self.touchpoint] < 1)).astype(np.float64)

    def best(self, seconds: float, *, whole: bool = False) -> tuple[Floats | None, bool]:
        """The values of the fewest contacts with nothing missing, else with the least missing; and whether proven."""
        found = self._solve(self.contacts, np.zeros(len(self.names)), seconds, whole=whole)
        if found.status != INFEASIBLE:
            return found.x, found.status == DONE
        least = self._solve(self.missed, self.need, seconds, whole=whole)
        if least.x is None:
            return None, False
        again = LinearConstraint(csr_array(self.missed[None, :]), -np.inf, least.fun + ALMOST * max(1, least.fun))
        found = self._solve(self.contacts, self.need, seconds, again, whole=whole)
        return found.x, found.status == least.status == DONE

    def asked(self, values: Floats) -> tuple[dict[tuple[int, str], float], dict[tuple[int, str], float]]:
        """Those who are asked now and later on, of each group and touchpoint."""
        now: dict[tuple[int, str], float] = {}
        later: dict[tuple[int, str], float] = {}
        for ask, value in zip(self.asks, values.tolist(), strict=False):
            if value > ALMOST:
                whole = round(value) if abs(value - round(value)) < NEARLY else value
                (now if ask.now else later)[ask.group, ask.touchpoint] = whole
        return now, later

    def _solve(
        self, goal: Floats, missing: Floats, seconds: float, *rows: LinearConstraint, whole: bool
    ) -> OptimizeResult:
        """The least of `goal` where no touchpoint misses more than `missing`."""
        integrality = np.concatenate([self.now & whole, np.zeros(2 * len(self.names), np.bool_)])
        upper = np.concatenate([self.most, np.full(len(self.names), np.inf), missing])
        # Contacts are whole numbers: one less would be a gap of more than this.
        counts = goal is self.contacts and self.now.all()
        gap = 0.99 / max(1.0, self.customers.sum()) if counts else EXPECTED_GAP if goal is self.contacts else ALMOST
        return milp(
            goal,
            integrality=integrality,
            bounds=Bounds(0, upper),
            constraints=[*self._rows, self._floors(), *rows],
            options={"mip_rel_gap": gap, "time_limit": seconds},
        )

    def _answers(self) -> LinearConstraint:
        """The answers and what is missing are what is needed."""
        return LinearConstraint(self._by_touchpoint(self.response, 0, 1), self.need, np.inf)

    def _totals(self) -> LinearConstraint:
        return LinearConstraint(self._by_touchpoint(self.now.astype(np.float64), -1, 0), 0, 0)

    def _once(self) -> LinearConstraint:
        """Each customer is asked once, now or later on."""
        once = self._sparse(np.ones(len(self.asks)), self.group, np.arange(len(self.asks)), len(self.customers))
        return LinearConstraint(once, -np.inf, self.customers)

    def _left_for_later(self) -> LinearConstraint:
        """Of those who will have a touchpoint later on there are left as many as are not asked before."""
        later = np.flatnonzero(~self.now)
        row, column = np.nonzero((self.group[later][:, None] == self.group) & self.now)
        share = self.most[later] / self.customers[self.group[later]]
        values = np.concatenate([np.ones(len(later)), share[row]])
        rows, columns = np.concatenate([np.arange(len(later)), row]), np.concatenate([later, column])
        return LinearConstraint(self._sparse(values, rows, columns, len(later)), -np.inf, self.most[later])

    def _floors(self) -> LinearConstraint:
        """Of the contacts now about a touchpoint each group gets at least so much of its proportional share."""
        size = len(self.asks)
        totals = csr_array((-self._floor, (np.arange(size), self.touchpoint)), (size, len(self.names)))
        floors = hstack([eye_array(size, format="csr"), totals, csr_array((size, len(self.names)))])
        return LinearConstraint(floors, -self._loose, np.inf)

    def _by_touchpoint(self, values: Floats, total: float, missing: float) -> csr_array:
        each = eye_array(len(self.names), format="csr")
        places = self.touchpoint, np.arange(len(self.asks))
        return hstack([csr_array((values, places), (len(self.names), len(self.asks))), total * each, missing * each])

    def _sparse(self, values: Floats, rows: NDArray[np.intp], columns: NDArray[np.intp], height: int) -> csr_array:
        """Rows over all columns."""
        return csr_array((values, (rows, columns)), (height, len(self.asks) + 2 * len(self.names)))
