"""The sentence that says what a chart shows."""

from typing import Any

from analytics.findings import finding


def group(value: str, nps: float | None, low: float | None, high: float | None, **fields: Any) -> dict[str, Any]:
    return {"by": "kind", "value": value, "n": 50, "nps": nps, "low": low, "high": high, "state": "ok"} | fields


def test_groups_are_told_from_the_highest_to_the_lowest() -> None:
    rows = [group("service_call", 10.0, 0.0, 20.0), group("visit", 40.0, 30.0, 50.0), group("chat", 20.0, 5.0, 35.0)]
    assert finding(rows, "value") == (
        "Highest: Visit, 40.0 points (95% 30.0 to 50.0); lowest: Service call, 10.0 points (95% 0.0 to 20.0). "
        "Their intervals do not overlap."
    )


def test_intervals_that_touch_overlap() -> None:
    rows = [group("call", 10.0, 0.0, 30.0), group("visit", 40.0, 30.0, 50.0)]
    assert finding(rows, "value").endswith("Their intervals overlap.")


def test_what_is_withheld_and_the_whole_are_no_groups() -> None:
    hidden = group("chat", None, None, None, state="withheld")
    whole = group("all", 90.0, 80.0, 95.0, by="overall")
    one = group("", 40.0, 30.0, 50.0)
    assert finding([hidden, whole, one], "value") == (
        "not stated, 40.0 points (95% 30.0 to 50.0); only one group has 10 or more."
    )
    assert finding([hidden], "value") == ""
    assert finding([], "value") == ""


def test_parts_are_told_one_by_one() -> None:
    parts = [{"part": part, "estimate": 1.5, "low": -1.0, "high": 4.0} for part in ("as measured", "fatigue")]
    told = "as measured, 1.5 points (95% -1.0 to 4.0); fatigue, 1.5 points (95% -1.0 to 4.0)."
    assert finding(parts, "part").casefold() == told


def test_a_part_that_is_not_known_is_left_out() -> None:
    parts: list[dict[str, Any]] = [
        {"part": part, "estimate": None, "low": None, "high": None} for part in ("as measured", "fatigue")
    ]
    assert finding(parts, "part") == ""
    parts[1] |= {"estimate": 1.5, "low": -1.0, "high": 4.0}
    assert finding(parts, "part") == "Fatigue, 1.5 points (95% -1.0 to 4.0)."


def test_a_share_is_told_in_percent() -> None:
    row = {"by": "kind", "value": "call", "n": 50, "share": 20.0, "low": 11.2, "high": 33.0, "state": "ok"}
    assert finding([row], "value").startswith("Call, 20.0% (95% 11.2 to 33.0)")


def test_an_interval_stands_beside_the_estimate_that_it_is_of() -> None:
    rows = [group("call", 90.0, 0.0, 20.0, shrunken=10.0), group("visit", 40.0, 30.0, 50.0, shrunken=35.0)]
    assert finding(rows, "value").startswith(
        "Highest: Visit, 35.0 points (95% 30.0 to 50.0); lowest: Call, 10.0 points"
    )


def test_counts_tell_the_largest() -> None:
    rows = [{"contacts": "0", "customers": 10}, {"contacts": "1", "customers": 1234}]
    assert finding(rows, "contacts") == "Most: 1 (1,234)."


def test_a_table_without_estimate_and_count_says_nothing() -> None:
    assert finding([{"what": "x", "value": "y"}], "what") == ""
    assert finding([{"what": "x", "n": None}], "what") == ""
