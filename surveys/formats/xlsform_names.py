"""What XLSForm calls things: names of questions (XML names), scales, languages."""

import re
from collections.abc import Mapping, Sequence

from surveys.languages import name
from surveys.questions.kinds import Kind
from surveys.questions.spec import Spec

YES, NO = "yes", "no"
#: How each scale is shown; its list of choices says which numbers it has.
SCALES: Mapping[Kind, str] = {Kind.NPS: "likert", Kind.CSAT: "likert", Kind.CES: "likert", Kind.STARS: "rating"}
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")


class Names:
    """The names of a survey's questions and rows there, of which no two are alike in the whole form."""

    def __init__(self, questions: Sequence[Spec]) -> None:
        self._taken = set[str]()
        self._of = {question.key: self._give(question.key) for question in questions}
        self._rows = {
            (question.key, row): self._give(f"{self._of[question.key]}_{row}")
            for question in questions
            for row in question.details.rows
        }

    def of(self, key: str) -> str:
        """Return the name of a question."""
        return self._of[key]

    def row(self, key: str, row: str) -> str:
        """Return the name of a row of a table."""
        return self._rows[key, row]

    def group(self, number: int) -> str:
        """Return the name of a page's group."""
        return self._give(f"page_{number}")

    def _give(self, wanted: str) -> str:
        base = wanted if _NAME.fullmatch(wanted) else f"q_{wanted}"
        found, number = base, 1
        while found.casefold() in self._taken:
            number += 1
            found = f"{base}_{number}"
        self._taken.add(found.casefold())
        return found


def language_name(tag: str) -> str:
    """Return a language as XLSForm writes it: `German (de)`."""
    return f"{name(tag)} ({tag})"
