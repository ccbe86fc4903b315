"""Data quality: where the data come from, and what in them is made up."""

from collections.abc import Mapping
from typing import Any

from analytics.page import Headline, Section, section
from analytics.scope import Scope

SOURCES = {"what": "Data", "value": "Kind", "source": "Source", "n": "Rows", "simulated": "Of these simulated"}


def build(_scope: Scope) -> dict[str, Any]:
    """Return nothing of its own yet beside the sources that every report names."""
    return {}


def headline(numbers: Mapping[str, Any]) -> Headline:
    """Say how much of what is reported on is real."""
    rows, simulated = (sum(row[column] for row in numbers["sources"]) for column in ("n", "simulated"))
    return Headline(f"{rows:,} rows", f"Simulated are {simulated:,} of them.")


def sections(numbers: Mapping[str, Any]) -> list[Section]:
    """Return the sections over what `build` returned."""
    return [section("sources", "Where does the data come from?", numbers["sources"], SOURCES)]
