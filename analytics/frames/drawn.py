"""Invitations of two arms that were drawn: who was contacted as usual, and who was not."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pandas as pd
from django.db.models import Count

from analytics.drawn import Comparison, records_of_several
from analytics.frames.asked import invited
from analytics.inclusion import OFTEN
from analytics.scope import Scope
from contacts.arms import Arm
from contacts.models import Decision
from contacts.models.customers import PERSON
from contacts.wanting import FIRST_KIND


def drawn(scope: Scope, comparison: Comparison) -> pd.DataFrame:
    """The invitations of the scope that can be compared, a row each.

    The columns of `invited`, and `drawn` (whether the customer was drawn for the comparison's arm) and often (as often
    the programs wanted to ask the customer in the time, as a class of `analytics.inclusion`). Left out are customers of
    a third arm, and those of several records, for whom more than one lot was drawn. The period must hold something to
    compare (`Comparison.within`).
    """
    period = comparison.within(scope.period)
    if period is None:
        raise ValueError("the period holds nothing that can be compared")
    part = replace(scope, period=period)
    frame = invited(part)
    arms = frame["customer"].map({person: comparison.arms.of_record(person) for person in frame["customer"].unique()})
    chosen = arms.isin([Arm.USUAL, comparison.arm]) & ~frame["customer"].isin(list(records_of_several()))
    often = frame["customer"].map(_wanted(part)).fillna(1).to_numpy(dtype=np.int64)
    classes = np.array(OFTEN)[np.maximum(np.searchsorted(OFTEN, often, side="right") - 1, 0)]
    return frame.assign(drawn=arms == comparison.arm, often=classes)[chosen].reset_index(drop=True)


def _wanted(scope: Scope) -> Mapping[int, int]:
    """How often the programs wanted to ask each person: once about each touchpoint, whatever the rules said."""
    planned = scope.decisions().filter(stage=Decision.Stage.PLAN)
    inside = planned.alias(first_kind=FIRST_KIND).exclude(first_kind="sampling")
    return dict(inside.order_by().values_list(PERSON).annotate(n=Count("pk")))
