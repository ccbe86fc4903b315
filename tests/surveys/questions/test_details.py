"""Settings of questions: read, checked, and written back."""

from typing import Any

import pytest

from surveys.questions.details import DetailsError, read_details, write_details
from surveys.questions.kinds import MAKES, Kind

RIGHT: list[tuple[Kind, dict[str, Any]]] = [
    (Kind.NPS, {}),
    (Kind.CSAT, {"faces": True}),
    (Kind.CHOICE, {"options": ["a", "b"], "other": True, "shuffle": True}),
    (Kind.CHOICE, {"options": ["a"], "none": True}),
    (Kind.CHOICES, {"options": ["a", "b", "c"], "least": 1, "most": 2}),
    (Kind.MATRIX, {"options": ["a", "b"], "rows": ["x"]}),
    (Kind.RANKING, {"options": ["a", "b"]}),
    (Kind.TEXT, {"most": 300}),
    (Kind.NUMBER, {"least": -0.5, "most": 3, "decimals": 1}),
    (Kind.DATE, {"earliest": "2026-01-01", "latest": "today"}),
]
WRONG: list[tuple[Kind, object, str]] = [
    (Kind.NPS, {"options": ["a", "b"]}, "has no setting options"),
    (Kind.NPS, [], "must be an object"),
    (Kind.CHOICE, {}, "at least two options"),
    (Kind.CHOICE, {"options": ["a"]}, "at least two options"),
    (Kind.CHOICE, {"options": "ab"}, "list of keys"),
    (Kind.CHOICE, {"options": ["a", 3]}, "list of keys"),
    (Kind.CHOICE, {"options": ["a", "a"]}, "same key"),
    (Kind.CHOICE, {"options": ["a", "other"]}, "cannot be a key"),
    (Kind.CHOICE, {"options": ["a", "B b"]}, "cannot be a key"),
    (Kind.CHOICE, {"options": ["a", "<script>"]}, "cannot be a key"),
    (Kind.CHOICE, {"options": [f"o{number}" for number in range(51)]}, "50 options at most"),
    (Kind.CHOICE, {"options": ["a", "b"], "shuffle": 1}, "true or false"),
    (Kind.CHOICES, {"options": ["a", "b"], "most": 3}, "from 1 to 2"),
    (Kind.CHOICES, {"options": ["a", "b"], "least": 2, "most": 1}, "not be larger"),
    (Kind.MATRIX, {"options": ["a", "b"]}, "at least one row"),
    (Kind.TEXT, {"most": 5001}, "from 1 to 5000"),
    (Kind.SHORT_TEXT, {"most": 1.5}, "from 1 to 200"),
    (Kind.NUMBER, {"least": "NaN"}, "must lie between"),
    (Kind.NUMBER, {"least": "x"}, "must be a number"),
    (Kind.NUMBER, {"most": True}, "must be a number"),
    (Kind.NUMBER, {"decimals": 4}, "from 0 to 3"),
    (Kind.DATE, {"latest": "31.5.2026"}, "such as 2026-05-31"),
    (Kind.DATE, {"earliest": "2026-02-01", "latest": "2026-01-01"}, "not be after"),
]


@pytest.mark.parametrize(("kind", "given"), RIGHT)
def test_settings_are_read_and_written_back(kind: Kind, given: dict[str, Any]) -> None:
    assert write_details(read_details(kind, given)) == given


@pytest.mark.parametrize(("kind", "given", "words"), WRONG)
def test_wrong_settings_are_named(kind: Kind, given: object, words: str) -> None:
    with pytest.raises(DetailsError, match=words):
        read_details(kind, given)


def test_every_kind_is_made_of_something() -> None:
    assert set(MAKES) == set(Kind)
