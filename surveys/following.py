"""A wave follows the plan of the night: with which probability each touchpoint of a target is drawn, and which are.

Each customer draws one number for all touchpoints that are decided about together. They divide the line from 0 to 1,
one part as long as each probability, and she is asked about the part that her number lies in: so she is drawn once, for
one touchpoint.
Where the plan does not know customers of her kind, the touchpoint with the least slack takes its part first.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, Self

from contacts.models import Touchpoint
from surveys.candidates import draw
from surveys.models import ContactPlan, PlannedGroup, PlannedTarget, Program
from surveys.occasions import Came, at_once, kind_of
from surveys.targeting import Targets, came, kinds_with_targets, targets_of


class Chance(NamedTuple):
    """With which probability a touchpoint is asked about, whether it was drawn, and its target's slack."""

    probability: float
    drawn: bool
    slack: float


@dataclass(frozen=True, slots=True)
class Following:
    """A plan in force, as a wave asks it: probabilities by target and kind of customer."""

    day: str
    targets: Targets
    planned: Mapping[str, PlannedTarget]
    groups: Mapping[tuple[str, str], float]

    @classmethod
    def read(cls, programs: Sequence[Program], at: datetime) -> Self | None:
        """The plan for these programs, None where none of them has a target or nothing is planned yet.

        One statement, and two more where there are targets.
        """
        targets = targets_of(programs)
        if not targets:
            return None
        # In one statement, as another planner may put a plan in its place: with its groups gone the averages hold.
        in_force = PlannedTarget.objects.filter(plan__in=ContactPlan.objects.in_force(at).values("pk"))
        planned = {str(one.target_id): one for one in in_force.select_related("plan")}
        if not planned:
            return None
        rows = PlannedGroup.objects.filter(planned__in=planned.values())
        known = {pk: [one for one in those if str(one.pk) in planned] for pk, those in targets.items()}
        return cls(
            day=next(iter(planned.values())).plan.day.isoformat(),
            # A target that was named since is for the next plan: until then its program goes by its share.
            targets={pk: those for pk, those in known.items() if those},
            planned=planned,
            groups={
                (str(target), group): probability
                for target, group, probability in rows.values_list("planned__target", "group", "probability")
            },
        )

    def chances(self, touchpoints: Mapping[int, Sequence[int]]) -> dict[tuple[int, int], Chance]:
        """(Program id, touchpoint id) -> its chance, of those that count for a target; all of a customer's at once.

        `touchpoints`: program id -> ids. One statement for each program with targets, and one for the lots.
        """
        kinds = kinds_with_targets(self.targets)
        names: dict[Came, list[tuple[int, int]]] = {}
        for program_id in touchpoints.keys() & self.targets.keys():
            rows = Touchpoint.objects.filter(pk__in=touchpoints[program_id])
            for pk, one in came(rows, self.targets[program_id], kinds):
                names.setdefault(one, []).append((program_id, pk))
        occasions = {min(names[occasion[0]])[1]: occasion for occasion in at_once(names)}
        firsts = Touchpoint.objects.filter(pk__in=occasions).values_list("pk", "source", "external_id")
        found: dict[tuple[int, int], Chance] = {}
        for pk, *key in firsts:
            lot = draw(f"plan of {self.day}", *key)
            for one, begin, end in self._parts(occasions[pk]):
                ways = names[one]
                for n, name in enumerate(sorted(ways)):
                    part = (end - begin) / len(ways)
                    drawn = begin + n * part <= lot < begin + (n + 1) * part
                    found[name] = Chance(part, drawn, self.planned[one.target].slack)
        return found

    def _parts(self, occasion: Sequence[Came]) -> Iterator[tuple[Came, float, float]]:
        """The part of the line for each touchpoint of a customer."""
        kind = str(kind_of(occasion))
        begin = 0.0
        for one in sorted(occasion, key=lambda one: self.planned[one.target].slack):
            planned = self.planned[one.target]
            alike = sum(other.target == one.target for other in occasion)
            end = min(1.0, begin + self.groups.get((one.target, kind), planned.probability) / alike)
            yield one, begin, end
            begin = end
