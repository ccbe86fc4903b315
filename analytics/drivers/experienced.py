"""What could have moved each score, as columns: how it ended, who it was with, what was measured and rated.

Customers are told apart by the kind of touchpoint that they had; within a kind an outcome and a team are compared with
the most frequent one.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import pandas as pd

from analytics.drivers.ratings import CUSTOMER

FEWEST = 30
"""Answers that an outcome or a team needs on either side to be told apart from the others."""
CHOICES = ("outcome", "team")
OTHERS = "other"
"""What is rarer, taken together."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """Answers of customers who had the same kind of touchpoint and stated the same of it.

    `aspects`: a column per driver and `customer`, as `ordered_logit` takes them; `score`: a row per answer. `against`:
    driver -> what it is compared with. `known`: the drivers that are measured or rated instead, and `rated` those
    among them that go from the worst rating to the best.
    """

    kind: str
    aspects: pd.DataFrame
    score: "pd.Series[float]"
    against: dict[str, str]
    known: tuple[str, ...]
    rated: tuple[str, ...]


def patterns(experiences: pd.DataFrame, ratings: pd.DataFrame) -> Iterator[Pattern]:
    """Yield each pattern, the most frequent kind first.

    `experiences`: indexed by response; customer, score, kind, outcome, team (empty: not stated), and every other
    column measures something (NaN: not stated). `ratings`: indexed by response, a column per aspect, from 0 to 1.
    """
    measured = experiences.columns.difference([CUSTOMER, "score", "kind", *CHOICES, *ratings], sort=False)
    for kind in experiences["kind"].value_counts().index:
        rows = experiences[experiences["kind"] == kind]
        known = rows[measured].join(ratings.reindex(rows.index))
        told = [str(name) for name in known if known[name].notna().any()]
        for stated, same in known.groupby([known[name].notna() for name in told] or [rows["kind"]]):
            had = [name for name, is_stated in zip(told, stated, strict=False) if is_stated is True]
            yield _pattern(str(kind), rows.loc[same.index], same[had], tuple(ratings.columns))


def _pattern(kind: str, rows: pd.DataFrame, known: pd.DataFrame, rated: tuple[str, ...]) -> Pattern:
    columns, against = {str(name): known[name] for name in known if known[name].nunique() > 1}, {}
    for choice in CHOICES:
        usual, others = _told_apart(rows[choice])
        for name, is_it in others.items():
            label = name if name not in columns and name != CUSTOMER else f"{choice} {name}"
            columns[label], against[label] = is_it.astype(float), usual
    aspects = pd.DataFrame({**columns, CUSTOMER: rows[CUSTOMER]}, index=rows.index)
    stated = tuple(str(name) for name in known if name in columns)
    return Pattern(kind, aspects, rows["score"], against, stated, tuple(name for name in stated if name in rated))


def _told_apart(choice: "pd.Series[str]") -> tuple[str, dict[str, "pd.Series[bool]"]]:
    """The most frequent value, and whether each row has each other one; nothing to tell apart where it is the only."""
    counts = choice.value_counts()
    frequent = counts[(counts >= FEWEST) & (counts.index != "")].index
    named = choice.where(choice.isin(frequent), OTHERS)
    counts = named.value_counts()
    names = [str(name) for name in counts.index if counts[name] >= FEWEST]
    if len(names) < 2:
        return "", {}
    return names[0], {name: named == name for name in names[1:]}
