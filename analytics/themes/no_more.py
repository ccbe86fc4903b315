"""The theme that is always there: a customer who does not want to be surveyed any more.

What counts as a stop is decided in one place, `surveys.replies`, in every language that it has.
"""

import re
from enum import StrEnum

from surveys.replies import Said, read

KEY = "no-more"
NAME = "Stop surveying me"
_STOPS = (Said.STOP, Said.STOP_ALL)
_SENTENCE = re.compile(r"[^.!?…。！？\n]+")  # noqa: RUF001


class Refusal(StrEnum):
    """How plainly a comment says that no more is wanted. `NONE`: not at all."""

    NONE = ""
    PERHAPS = "perhaps"
    """The words of a stop stand among others: a person has to read it."""
    CHANNEL = "channel"
    """A sentence says nothing else: no more of this channel."""
    EVERYTHING = "everything"
    """A sentence says nothing else: no contact of any kind."""


def wants_no_more(text: str) -> Refusal:
    """Return whether a comment refuses further surveys.

    A text message is an answer to us, and the words of a stop in it are meant for us. A comment is about a visit, and
    "stop" can be a bus stop in it: only a sentence, or the whole comment, that is a stop and nothing else is one.
    "Wrong number" and nothing else is for a person, as a comment does not tell which number.
    """
    readings = [read(sentence) for sentence in (text, *_SENTENCE.findall(text))]
    plain = {reading.said for reading in readings if not reading.comment}
    if Said.STOP_ALL in plain:
        return Refusal.EVERYTHING
    if Said.STOP in plain:
        return Refusal.CHANNEL
    unsure = Said.WRONG_NUMBER in plain or any(reading.said in _STOPS for reading in readings)
    return Refusal.PERHAPS if unsure else Refusal.NONE
