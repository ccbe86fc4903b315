"""How many seconds a survey costs before anybody has answered it.

Reading: 238 words a minute, the mean for English prose (M. Brysbaert, "How many words do we read per minute?", Journal
of Memory and Language 109, 2019). Answering: our own figures per kind of question (`Make.seconds`), for a phone. They
give way to the median of true answers as soon as there are enough (`surveys.durations`).
"""

from collections.abc import Mapping, Sequence

from surveys.questions.details import Details
from surveys.questions.kinds import MAKES, Kind
from surveys.questions.spec import Spec

WORDS_PER_SECOND = 238 / 60
PER_RANK = 2.0
"""Seconds for each further option of a ranking."""
STEP = 5
SHARE_OF_OPTIONAL_TEXT = 0.5
"""An open question that may be left empty is answered by about every second customer."""


def seconds(questions: Sequence[Spec], words: Mapping[str, int], modules_asked: int) -> int:
    """Return the seconds that the longest way costs; `words`: how many words each question shows, by key.

    Every question counts but those of rotating modules, of which the dearest `modules_asked` do.
    """
    costs = {question.key: cost(question, words.get(question.key, 0)) for question in questions}
    always = sum(costs[question.key] for question in questions if not question.module)
    modules = {
        module: sum(costs[question.key] for question in questions if question.module == module)
        for module in {question.module for question in questions if question.module}
    }
    return rounded(always + sum(sorted(modules.values(), reverse=True)[:modules_asked]))


def rounded(exact: float) -> int:
    """Return seconds as they are promised: to the nearest five, and five at least."""
    return max(STEP, STEP * round(exact / STEP))


def cost(question: Spec, words: int) -> float:
    """Return the seconds of one question, whose page shows this many words for it."""
    answering = MAKES[question.kind].seconds * _times(question.kind, question.details)
    if question.kind in (Kind.TEXT, Kind.SHORT_TEXT) and not question.required:
        answering *= SHARE_OF_OPTIONAL_TEXT
    return words / WORDS_PER_SECOND + answering


def _times(kind: Kind, details: Details) -> float:
    """How often the answering time of the kind is spent."""
    if kind == Kind.MATRIX:
        return len(details.rows)
    if kind == Kind.RANKING:
        return 1 + PER_RANK * max(len(details.options) - 2, 0) / MAKES[kind].seconds
    return 1
