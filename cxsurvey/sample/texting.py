"""What a simulated customer writes back to an SMS, in place of opening its link."""

from collections.abc import Mapping
from functools import cache
from typing import Any

import numpy as np

from cxsurvey.sample.people import load_toml
from cxsurvey.sample.truth import Truth


def texts(
    answers: Mapping[str, str], stop: str, language: str, rng: np.random.Generator, truth: Truth
) -> tuple[str, ...]:
    """Return the messages that she writes, in order; none where she uses the link, or does nothing."""
    drawn, words = rng.random(), written()[language]
    if stop == "opt_out":
        return (str(rng.choice(words["stop"])),) if drawn < truth.by_text else ()
    if answers and drawn < truth.by_text:
        score = str(rng.choice(words["score"])).format(score=answers["score"])
        return (score, answers["reason"]) if "reason" in answers else (score,)
    return (str(rng.choice(words["unclear"])),) if not answers and drawn < truth.unclear_text else ()


@cache
def written() -> Mapping[str, Any]:
    """Return by language how a score is written, a stop, and what only a person can make sense of."""
    return load_toml("texts.toml")
