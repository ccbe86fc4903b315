"""With which probability a touchpoint was asked about, so that scores can be weighted for whom the rules left out.

Two factors. The first is known by design: the share of the program's sample, or for a target the probability in the
plan of the day, drawn by a hash and kept with each decision. The second is what the caps leave, which nobody set: who
comes often finds the places taken by the own earlier touchpoints. It is estimated as the share asked among the
touchpoints of the sample in the same cell: the same program, kind, arm of a holdout, and number of touchpoints that the
programs wanted to ask the customer about in the period. Weighting by the inverse removes what differs between cells
(adjustment cells: Little, International Statistical Review 54, 1986; response homogeneity groups: Saerndal, Swensson
and Wretman, Model Assisted Survey Sampling, 1992, section 15.6).

The number of recent *contacts* makes no cells: under a cap it decides who is asked, so that each cell would be asked
about wholly or not at all, and the inverse of none is no weight.
"""

import numpy as np
import pandas as pd

from analytics.scores import SHOWN_FROM

OFTEN = (1, 2, 3, 4, 6, 8, 11, 16, 22)
"""Touchpoints in the period from which on a customer belongs to the next class, about 1.4 times the one before."""
CELLS = (["program", "kind", "arm", "often"], ["program", "kind", "arm"], ["program", "arm"])
"""The cells of the second factor; one with fewer than 10 touchpoints, or nobody asked, takes the next larger one."""


def with_inclusion(planned: pd.DataFrame) -> pd.DataFrame:
    """The same rows with the columns often, cell, room, inclusion and weight.

    `planned`: a row per decision of planning, columns customer, program, kind, design (probability by the sample),
    sampled, eligible (no refusal, an address), asked (all three bool), and arm where one was drawn. `often`: lower
    bound of the customer's class; `cell`: touchpoints behind the estimate; `room`: share of them that was asked.
    `inclusion`: design times room, 0 where nobody was asked or the customer could not be. `weight`: its inverse where
    asked, else NaN.
    """
    drawn = planned["sampled"] & planned["eligible"]
    wanted = drawn.groupby(planned["customer"]).transform("sum")
    bounds = np.array(OFTEN)
    often = bounds[np.maximum(bounds.searchsorted(wanted, side="right") - 1, 0)]
    rows = planned.assign(often=often, arm=planned.get("arm", "usual"), cell=0, room=np.nan)
    for cells in CELLS:
        asked = rows["asked"].where(drawn).astype(float)
        groups = asked.groupby([rows[name] for name in cells], observed=True)
        size, room = groups.transform("count"), groups.transform("mean")
        missing = rows["room"].isna() & (size >= SHOWN_FROM) & (room > 0)
        rows = rows.assign(cell=rows["cell"].where(~missing, size), room=rows["room"].where(~missing, room))
    inclusion = (rows["design"] * rows["room"]).fillna(0.0).where(rows["eligible"], 0.0)
    return rows.assign(
        cell=rows["cell"].astype("int64"),
        inclusion=inclusion,
        weight=(1 / inclusion.where(inclusion > 0)).where(rows["asked"]),
    )
