"""One question without its words: what every rule about a questionnaire reads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from surveys.questions.conditions import Condition, Jump
from surveys.questions.details import Details
from surveys.questions.kinds import MAKES, Kind

Q = TypeVar("Q", bound="Spec")
PLAIN = Details()
"""The settings of a question that has none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spec:
    """A question as the rules know it.

    `starts_page`: it begins a new page. `show_if`: asked only where this holds. `jumps`: where to go after its page,
    the first that holds. `module`: asked only of those customers who draw it. `fact`: not asked of those about whom it
    is known (`surveys.known`).
    """

    key: str
    kind: Kind
    required: bool = False
    starts_page: bool = False
    details: Details = PLAIN
    show_if: Condition | None = None
    jumps: tuple[Jump, ...] = ()
    module: str = ""
    fact: str = ""

    @property
    def asks(self) -> bool:
        """Whether it takes an answer."""
        return self.kind != Kind.STATEMENT

    @property
    def scale(self) -> range | None:
        """The whole numbers that it offers, if it is a scale; of a table those of its columns."""
        return range(1, len(self.details.options) + 1) if self.kind == Kind.MATRIX else MAKES[self.kind].scale


def paged(questions: Sequence[Q]) -> list[list[Q]]:
    """Return the questions by page; the first begins the first page whatever it says."""
    pages: list[list[Q]] = []
    for question in questions:
        if question.starts_page or not pages:
            pages.append([])
        pages[-1].append(question)
    return pages
