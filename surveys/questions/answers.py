"""What was answered, as the tables keep it: one part per question or, where several things are said, one per thing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Part:
    """One thing said in answer to a question: exactly one row of the table of answers.

    By kind of question:
    - a scale, yes or no, contact wish: `number`, `part` empty;
    - one or several of several: one part per chosen option, `part` its key, `number` 1; `text` where it is `other`;
    - table: one part per answered row, `part` its key, `number` the column counted from 1;
    - ranking: one part per option, `part` its key, `number` its rank from 1;
    - texts: `text`; number: `amount`; date: `date`.
    """

    part: str = ""
    number: int | None = None
    amount: Decimal | None = None
    date: date | None = None
    text: str = ""


Parts: TypeAlias = Mapping[str, Part]
"""What was said in answer to one question, by `Part.part`; never empty."""
Answers: TypeAlias = Mapping[str, Parts]
"""What was answered, by question key; a question without an answer is not in it."""
