"""What customers scored, with what they had experienced and how they rated it."""

from typing import Any

import pandas as pd

from analytics.frames.typed import AT_ONCE, typed
from analytics.models import MEASURED
from analytics.people import OF_ANSWER
from analytics.scope import Scope
from surveys.models import Question
from surveys.questions.kinds import MAKES

NEWEST = 20_000
"""Answers of a scope at most, so that a page is quick; more would make the intervals little shorter."""
RATED = tuple(
    kind for kind, make in MAKES.items() if make.scale and kind not in (Question.Kind.NPS, Question.Kind.CONTACT_WISH)
)
"""Kinds of questions that rate something, from the worst to the best."""


def experiences(scope: Scope) -> pd.DataFrame:
    """The newest answers of the scope that gave a score, indexed by response.

    Columns: customer (the person), score, kind, outcome and team of the touchpoint (empty: not stated, or it was about
    none), and of its attributes waiting_minutes and repeated_contacts (NaN: not stated).
    """
    scored = scope.answers().filter(question__kind=Question.Kind.NPS, number__isnull=False)
    touchpoint = [f"response__touchpoint__{name}" for name in ("kind", "outcome", "team", "attributes")]
    newest = scored.order_by("-response__answered_at", "-pk").values_list("response", OF_ANSWER, "number", *touchpoint)
    rows = list(newest[:NEWEST])
    columns = ("response", "customer", "score", "what", "outcome", "team")
    frame = typed(((*row[:3], row[3] or "", row[4] or "", row[5] or "") for row in rows), columns).rename(
        columns={"what": "kind"}
    )
    for name in MEASURED:
        frame[name] = pd.to_numeric([_as_stated((row[6] or {}).get(name)) for row in rows], errors="coerce").astype(
            float
        )
    return frame.drop_duplicates("response").set_index("response")


def _as_stated(value: Any) -> str | None:
    """What an import or the API may have brought as a number."""
    return str(value) if isinstance(value, str | int | float) else None


def ratings(scope: Scope) -> pd.DataFrame:
    """How the aspects were rated in the scope: indexed by response, a column per aspect, 0 the worst to 1 the best.

    An aspect that is asked about twice in a response has the mean. A table's columns and what is chosen from a list
    have no stated order, and are left out.
    """
    rated = scope.answers().filter(question__kind__in=RATED).exclude(question__aspect="")
    rows = rated.values_list("response", "question__aspect", "question__kind", "number")
    frame = typed(
        (
            (response, aspect, _from_worst_to_best(kind, number))
            for response, aspect, kind, number in rows.iterator(chunk_size=AT_ONCE)
            if number is not None
        ),
        ("response", "aspect", "rating"),
    )
    return frame.pivot_table(index="response", columns="aspect", values="rating", aggfunc="mean").rename_axis(
        columns=None
    )


def _from_worst_to_best(kind: str, number: int) -> float:
    scale = MAKES[Question.Kind(kind)].scale
    if scale is None:
        raise ValueError(f"answers to a question of the kind {kind} have no order")
    return (number - scale[0]) / (scale[-1] - scale[0])
