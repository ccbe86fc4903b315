"""The worked cases of the frequency contract: the published ones (p), and our own for what they leave out (q)."""

import json
from pathlib import Path

import pytest

from contacts.frequency import preview

CASES = sorted(Path(__file__).with_name("frequency_cases").glob("*.json"))


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_case(path: Path) -> None:
    case = json.loads(path.read_text(encoding="utf-8"))
    assert preview(case["input"]) == case["expect"], case["why"]


def test_all_published_cases_are_here() -> None:
    assert sum(path.stem[:2].isdigit() and int(path.stem[:2]) <= 58 for path in CASES) == 58
