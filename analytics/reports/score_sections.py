"""The sections of scores: a table and its charts for each metric and grouping, and what the figures rest on."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from analytics import charts, score_charts
from analytics.drawing import NOT_STATED
from analytics.page import Section, section
from analytics.reports.tables import INTERVAL, Row, Rows, only
from contacts.names import in_words

GROUPS = {
    "kind": "touchpoint",
    "stage": "journey stage",
    "channel": "channel",
    "team": "team",
    "agent": "agent",
    "product": "product",
    "month": "month",
}
STATED_ALWAYS = ("kind", "channel", "team", "month")
"""The others are left out where nobody states them."""
COUNTED = {
    "nps": {"promoters": "Promoters", "passives": "Passives", "detractors": "Detractors"},
    "csat": {"count": "Satisfied"},
    "ces": {"count": "Easy"},
}
ESTIMATE = {"nps": "nps", "csat": "share", "ces": "share"}
WEIGHTED = {"weighted": "Weighted", "weighted_low": "95% from", "weighted_high": "to"}
CHANGE = {"change": "Change", "change_low": "95% from", "change_high": "to"}
DEFINITIONS = {
    "name": "Score",
    "rule": "What counts",
    "horizon": "Answers count",
    "minimum_n": "Shown from",
    "target": "Target",
    "unit": "Unit",
    "n": "Answers",
}
MONTHS = {
    "kind": "Touchpoint",
    "value": "Month",
    "n": "Answers",
    "estimate": "Score",
    **INTERVAL,
    "n_eff": "Worth",
    "missing": "Answers missing",
    "exact": "State",
}
RANKS = {
    "grouped": "Among",
    "value": "Group",
    "rank": "Place",
    "n": "Answers",
    "nps": "NPS (points)",
    "shrunken": "Chance taken off",
    **INTERVAL,
    "worst": "Worst (%)",
    "p_holm": "p against the rest",
    "p_alike": "p that all are alike",
}
NONE = {"estimate": None, "change": None, "low": None, "high": None, "state": "withheld"}

NO_BEFORE = "Choose a first day to see the change against the time before."
AGAINST = "The change is against the time before, of the same length and with the same filters."
NOBODY_BEFORE = "There are no answers of the time before, so there is no change to show."
ALIKE = "Customers who answered several times count for less in the intervals."
STAND_OUT = (
    "Of groups with an interval of at most 20 points to each side, where there are three or more. Small groups lie far "
    "out by chance alone, so each score is drawn towards the common mean by as much as chance has in it. “Worst” is "
    "the probability that no group is truly lower. A p against the rest below 0.05 says that the group differs, "
    "allowing for having looked at all of them (Holm)."
)
BY_MONTH = (
    "A panel for each kind of touchpoint, the {panels} with the most answers, all on one scale. A month without a dot "
    "has no answers, fewer than {minimum}, or stands beside such a month, which the totals would give away. Months "
    "differ by more than chance where p, allowing for having looked at all touchpoints (Holm), is below 0.05."
)
BEYOND_CHANCE = 0.05


def definition_section(numbers: Mapping[str, Any]) -> Section:
    """What each score is, as it was set down."""
    rows = [
        {
            **row,
            "horizon": "always" if row["horizon_days"] is None else f"up to {row['horizon_days']} days after",
            "target": "none" if row["target"] is None else row["target"],
            "minimum_n": f"{row['minimum_n']} answers",
            "n": only(numbers[row["metric"]], "overall")[0]["n"],
        }
        for row in numbers["metrics"]
    ]
    lead = "What is counted for each score. CX managers change it under Scores in the menu."
    return section("metrics", "What do the scores mean?", rows, DEFINITIONS, lead=lead)


def answered(numbers: Mapping[str, Any]) -> list[Row]:
    """The metrics that were answered; the NPS also where nobody has answered yet."""
    metrics: list[Row] = numbers["metrics"]
    return [row for row in metrics if row["metric"] == "nps" or only(numbers[row["metric"]], "overall")[0]["n"]]


def score_sections(numbers: Mapping[str, Any], score: str = "") -> Iterator[Section]:
    """A section for each grouping of a metric, or where none is named, of each that was answered."""
    for metric in answered(numbers):
        if score not in ("", metric["metric"]):
            continue
        rows = numbers[metric["metric"]]
        beside = {
            name: {(row["by"], row["value"]): row for row in numbers[name] if row["metric"] == metric["metric"]}
            for name in ("weighted", "changes")
        }
        for by, name in GROUPS.items():
            groups = only(rows, by)
            if by in STATED_ALWAYS or any(row["value"] for row in groups):
                shown = groups if by == "month" else [*only(rows, "overall"), *groups]
                yield _by_group(metric, by, name, [_beside(row, metric, **beside) for row in shown], numbers)
        yield _months(metric, numbers)


def rank_section(numbers: Mapping[str, Any]) -> Section:
    """Which groups stand out once chance is taken off; empty where too few are exact enough to be put in order."""
    period, ranks = numbers["period"]["text"], numbers["ranks"]
    rows = [{**row, "grouped": GROUPS[row["by"]]} for row in ranks]

    def among(by: str) -> Any:
        return lambda frame: score_charts.ranks(frame[frame["grouped"] == GROUPS[by]], f"by {GROUPS[by]}<br>{period}")

    groupings = dict.fromkeys(row["by"] for row in ranks)
    finding = " ".join(_first_and_last(by, only(ranks, by)) for by in groupings)
    return section("ranks", "Which stand out?", rows, RANKS, *map(among, groupings), lead=STAND_OUT, finding=finding)


def _first_and_last(by: str, ranks: Rows) -> str:
    """Who leads and who ends a list, and whether it could be otherwise by chance."""
    first, *_, last = (in_words(row["value"]) or NOT_STATED for row in sorted(ranks, key=lambda row: row["rank"]))
    alike = "by more than chance" if ranks[0]["p_alike"] < BEYOND_CHANCE else "which may be chance"
    return f"By {GROUPS[by]}: {first} is first and {last} last, {alike}."


def _by_group(metric: Row, by: str, name: str, rows: list[Row], numbers: Mapping[str, Any]) -> Section:
    key, period = metric["metric"], numbers["period"]["text"]
    axis = f"{metric['name']} in {metric['unit']}"
    columns = {
        "value": name.capitalize(),
        "n": "Answers",
        **COUNTED[key],
        ESTIMATE[key]: f"{metric['name']} ({metric['unit']})",
        **INTERVAL,
        "n_eff": "Worth",
        **WEIGHTED,
        **({} if by == "month" else CHANGE),
        "missing": "Answers missing",
        "state": "State",
    }
    fewest = metric["minimum_n"]
    return section(
        f"{key}-{by}",
        f"{metric['name']} by {name}",
        rows,
        columns,
        *_figures(metric, by, rows, axis, period),
        lead=_lead(by, rows, numbers),
        besides=f"as fewer than {fewest} customers gave them, or as the total would then tell what smaller groups said",
        minimum=fewest,
    )


def _months(metric: Row, numbers: Mapping[str, Any]) -> Section:
    """Each kind of touchpoint in each month; what is too small is in the table with its number of answers."""
    own, alike = (
        [row for row in numbers[name] if row["metric"] == metric["metric"]] for name in ("months", "months_alike")
    )
    rows = [{**row, "by": "month", "value": row["month"], "exact": row["state"]} for row in own]
    axis, period = f"{metric['name']} in {metric['unit']}", numbers["period"]["text"]

    def draw(frame: pd.DataFrame) -> go.Figure:
        return score_charts.months_by_kind(
            frame.assign(kind=frame["kind"].map(in_words)), axis, period, metric["target"]
        )

    target = "" if metric["target"] is None else f" The dashed line is the target, {metric['target']:g}."
    return section(
        f"{metric['metric']}-months",
        f"{metric['name']} month by month for each touchpoint",
        rows,
        MONTHS | {"estimate": axis},
        *([draw] if any(row["state"] != "withheld" for row in own) else []),
        lead=BY_MONTH.format(minimum=metric["minimum_n"], panels=score_charts.PANELS) + target,
        finding=_differing(alike),
    )


def _differing(alike: Rows) -> str:
    """Which kinds changed from month to month by more than chance."""
    if not alike:
        return "No touchpoint has two months that can be shown."
    beyond = [in_words(row["kind"]) or NOT_STATED for row in alike if row["p_holm"] < BEYOND_CHANCE]
    if not beyond:
        return "No touchpoint differs from month to month by more than chance."
    rest = len(alike) - len(beyond)
    others = f" The other {'one does' if rest == 1 else f'{rest} do'} not." if rest else ""
    return f"Differing from month to month by more than chance: {', '.join(beyond)}.{others}"


def _beside(row: Row, metric: Row, weighted: Mapping[Any, Row], changes: Mapping[Any, Row]) -> Row:
    """A measured row with the group's weighted score and its change; None where there is none to show."""
    of_all, moved = weighted.get((row["by"], row["value"]), NONE), changes.get((row["by"], row["value"]), NONE)
    return {
        **row,
        "estimate": row[ESTIMATE[metric["metric"]]],
        "weighted": of_all["estimate"],
        "weighted_low": of_all["low"],
        "weighted_high": of_all["high"],
        "weighted_state": of_all["state"],
        "change": moved["change"],
        "change_low": moved["low"],
        "change_high": moved["high"],
        "change_state": moved["state"],
    }


def _figures(metric: Row, by: str, rows: Rows, axis: str, period: str) -> Iterator[Callable[[pd.DataFrame], go.Figure]]:
    """Measured beside weighted; for the NPS what the answers were; the change where there is one."""
    draw = score_charts.beside_weighted_by_month if by == "month" else score_charts.beside_weighted
    yield lambda frame: draw(frame, axis, period, metric["target"])
    if by != "month" and metric["metric"] == "nps":
        yield lambda frame: charts.answers_by_category(frame, period)
    if any(row["change"] is not None for row in rows):
        yield lambda frame: score_charts.changes(frame, metric["unit"], period)


def _lead(by: str, rows: Rows, numbers: Mapping[str, Any]) -> str:
    if by == "month":
        return ALIKE
    if numbers["period"]["since"] is None:
        return f"{ALIKE} {NO_BEFORE}"
    return f"{ALIKE} {AGAINST if any(row['change'] is not None for row in rows) else NOBODY_BEFORE}"
