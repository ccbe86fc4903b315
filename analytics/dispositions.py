"""Response rates by AAPOR's final disposition codes. Pure.

Source: The American Association for Public Opinion Research, Standard Definitions: Final Dispositions of Case Codes and
Outcome Rates for Surveys, 10th edition, 2023, calculating rates (in the 9th, 2016: page 60). `e` as in AAPOR's Outcome
Rate Calculator, version 4.0.
"""

from collections.abc import Mapping
from dataclasses import dataclass

GROUPS = {
    "1.1": "complete",
    "1.2": "partial",
    "2.1": "refusal",
    "2.2": "non_contact",
    "2.3": "other",
    "3": "unknown",
    "4": "not_eligible",
}
"""How a code begins -> the group in which it is counted."""


@dataclass(frozen=True, slots=True)
class Counts:
    """Cases by group: I, P, R, NC, O of the source, UH and UO together as `unknown`, and those not eligible."""

    complete: int = 0
    partial: int = 0
    refusal: int = 0
    non_contact: int = 0
    other: int = 0
    unknown: int = 0
    not_eligible: int = 0

    @property
    def eligible(self) -> int:
        """Cases known to be eligible."""
        return self.complete + self.partial + self.refusal + self.non_contact + self.other


def counts(cases: Mapping[str, int]) -> Counts:
    """Return the groups of cases (final disposition code -> how many). Raises ValueError for a code of no group."""
    groups = dict.fromkeys(GROUPS.values(), 0)
    for code, n in cases.items():
        groups[_group(code)] += n
    return Counts(**groups)


def rr1(cases: Counts) -> float | None:
    """RR1, the least: I / ((I + P) + (R + NC + O) + (UH + UO)), from 0 to 1; None without cases."""
    return _share(cases.complete, cases.eligible + cases.unknown)


def rr3(cases: Counts, e: float | None) -> float | None:
    """RR3: I / ((I + P) + (R + NC + O) + e (UH + UO)), from 0 to 1; None without cases, or where e is not known."""
    return None if e is None else _share(cases.complete, cases.eligible + e * cases.unknown)


def e(cases: Counts) -> float | None:
    """Return the share of the cases of unknown eligibility that are taken for eligible, from 0 to 1.

    Estimated by proportional allocation: as among those about which it is known. None where it is known of none.
    """
    return _share(cases.eligible, cases.eligible + cases.not_eligible)


def _group(code: str) -> str:
    found = next((group for begin, group in GROUPS.items() if code.startswith(begin)), None)
    if found is None:
        raise ValueError(f"{code} is no final disposition code that we count")
    return found


def _share(part: float, whole: float) -> float | None:
    return part / whole if whole else None
