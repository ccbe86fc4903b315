"""How many customers of each kind to ask about what, so that every target is met with the fewest contacts.

Pure: no database, no clock. `plan` is exact (an integer programme), `least_slack` the rule for where there is no time
for it. What it means, with an example: docs/planning.md.
"""

from surveys.allocation.fewest import plan
from surveys.allocation.instance import Group, InstanceError, Planned
from surveys.allocation.least_slack import least_slack

__all__ = ["Group", "InstanceError", "Planned", "least_slack", "plan"]
