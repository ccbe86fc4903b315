"""Questions for tests."""

from typing import Any

from surveys.questions.details import read_details
from surveys.questions.kinds import Kind
from surveys.questions.spec import Spec

TWO = {"options": ["speed", "price"]}


def ask(key: str, kind: Kind = Kind.NPS, details: dict[str, Any] | None = None, **given: Any) -> Spec:
    """Return a question with settings as JSON."""
    return Spec(key=key, kind=kind, details=read_details(kind, details or {}), **given)
