"""The reasons of many answers as JSON texts, in the file format with the channel of each."""

import json
from collections.abc import Sequence

import numpy as np

from contacts.frequency.many import Reasons
from contacts.frequency.zone_arrays import NEVER, Bools, Ints, Places
from contacts.texts import Texts

WITHOUT_UNTIL = ("consent", "expiry")
"""Kinds of reasons that no waiting helps against."""


def texts(reasons: Reasons, used: Ints, held: Places, channel: str) -> Texts:
    """What one rule says to each of those whom it held back."""
    parts = [Texts.same(f'{{"rule": {json.dumps(reasons.rule)}, "kind": "{reasons.kind}"')]
    if reasons.limit is not None:
        counts = Texts.of(used[held].astype(np.bytes_))
        parts += [Texts.same(', "used": '), counts, Texts.same(f', "limit": {reasons.limit}')]
    if reasons.kind not in WITHOUT_UNTIL:
        parts += [Texts.same(', "until": '), *_instants(reasons.until[held])]
    return Texts.joined([*parts, Texts.same(f', "channel": "{channel}"}}')])


def listed(reasons: Sequence[Texts], held: Bools) -> Texts:
    """JSON lists of the reasons [k] that each of n answers has; `held` [k, n]."""
    first = np.cumsum(held, axis=0) == 1
    parts = [Texts.same("[")]
    for n, reason in enumerate(reasons):
        parts += [Texts.same(", ").where(held[n] & ~first[n]), reason]
    return Texts.joined([*parts, Texts.same("]")])


def _instants(instants: Ints) -> list[Texts]:
    """The parts of instants as JSON texts of the file format; NEVER is null."""
    never = instants == NEVER
    return [
        Texts.same('"').where(~never),
        Texts.instants(np.where(never, 0, instants)).where(~never),
        Texts.same('Z"').where(~never),
        Texts.same("null").where(never),
    ]
