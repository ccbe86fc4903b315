"""What came of calls: the final dispositions of the cases of each program, and its response rates."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import TypedDict

from django.db.models import Count

from analytics.dispositions import counts, e, rr3
from analytics.scope import Scope
from analytics.shares import PublishedShare, published
from surveys.calls.dispositions import Disposition


class CallRow(PublishedShare):
    """Response rates of a program by phone: `share` is RR1 with its interval, of the `n` cases that may be eligible.

    `rr3` takes the share `e` of the cases of unknown eligibility; all in percent. Hidden as every other share.
    """

    value: str
    rr3: float | None
    e: float | None


class DispositionRow(TypedDict):
    """How many cases of a program ended with a final disposition code of AAPOR."""

    program: str
    code: str
    disposition: str
    n: int


def call_rows(ended: Iterable[DispositionRow]) -> list[CallRow]:
    """A row per program, by name, over the cases that these rows count."""
    by_program: dict[str, Counter[str]] = defaultdict(Counter)
    for row in ended:
        by_program[row["program"]][row["code"]] += row["n"]
    return [_row(program, by_program[program]) for program in sorted(by_program)]


def disposition_rows(scope: Scope) -> list[DispositionRow]:
    """A row per program and code, in the order of the codes."""
    closed = scope.call_cases()
    found = closed.values_list("program__name", "disposition").annotate(n=Count("pk"))
    return [
        DispositionRow(program=program, code=code, disposition=Disposition(code).label, n=n)
        for program, code, n in found.order_by("program__name", "disposition")
    ]


def _row(program: str, cases: Counter[str]) -> CallRow:
    counted = counts(cases)
    share = published(counted.complete, counted.eligible + counted.unknown)
    known = e(counted)
    shown = share["state"] != "withheld"
    return CallRow(
        value=program,
        **share,
        rr3=_percent(rr3(counted, known)) if shown else None,
        e=_percent(known) if shown else None,
    )


def _percent(share: float | None) -> float | None:
    return None if share is None else round(100 * share, 1)
