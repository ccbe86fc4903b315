"""Touchpoints: how customers feel after them, and after which they leave."""

from collections.abc import Mapping
from typing import Any

from analytics import charts, frames
from analytics.churn.by_kind import HORIZON, ChurnRow, churn_by_kind
from analytics.open_links import open_link_rows
from analytics.page import Headline, Section, section
from analytics.reports.score_sections import ESTIMATE, definition_section, rank_section, score_sections
from analytics.reports.silence_sections import silence_sections, weights_section
from analytics.reports.tables import INTERVAL, Row, Rows, only
from analytics.scope import Scope
from analytics.scores import state
from analytics.touchpoint_scores import score_numbers
from contacts.names import in_words

OPEN_LINKS = {
    "value": "Open link",
    "kind": "Touchpoint",
    "answers": "All answers",
    "flagged": "Of these doubtful",
    "n": "Scores",
    "promoters": "Promoters",
    "passives": "Passives",
    "detractors": "Detractors",
    "nps": "NPS (points)",
    **INTERVAL,
    "state": "State",
}
AGAINST_CHURN = {
    "value": "Touchpoint",
    "n": "Answers",
    "nps": "NPS (points)",
    **INTERVAL,
    "customers": "Customers",
    "difference": "Churn difference (points)",
    "difference_low": "95% from",
    "difference_high": "to",
    "state": "State",
}
CHURN = {
    "value": "Touchpoint",
    "n": "Customers",
    "lost": "Bought nothing more",
    "share": "Share (%)",
    **INTERVAL,
    "rest_n": "The rest: customers",
    "rest_share": "Share (%)",
    "difference": "Difference (points)",
    "difference_low": "95% from",
    "difference_high": "to",
    "state": "State",
}

LEFT_AND_UP = (
    "Each bubble is a kind of touchpoint, its area the number of customers. Further left: unhappier answers. Higher: "
    "more of its customers bought nothing within {days} days afterwards than customers with as many purchases behind "
    "them did after other touchpoints. This is an association; it does not say that the touchpoint made anybody leave."
)
LOST = (
    "Share of customers without a purchase in the {days} days after their first touchpoint of the kind. The rest are "
    "customers after their first touchpoint of another kind, with as many purchases behind them. Only touchpoints "
    "whose {days} days are over count. The difference is an association, not an effect."
)
ANYBODY = (
    "Anybody who passed by may have answered, customer or not, and more than once. These answers are in no other "
    "figure. Doubtful are those that look like a repetition, a program or a click in no time; they are counted here "
    "too."
)


def build(scope: Scope) -> dict[str, Any]:
    """Return scores by every grouping, what passers-by said, and who bought nothing more."""
    return {
        **score_numbers(scope),
        "churn": _lost(scope),
        "open_links": open_link_rows(scope.period, scope.reader),
    }


def sections(numbers: Mapping[str, Any], score: str = "") -> list[Section]:
    """Return the sections over what `build` returned: those of one score, and those of none; all where none is said."""
    period, of_nps = numbers["period"]["text"], score in ("", "nps")
    return [
        *([_nps_against_churn(numbers["nps"], numbers["churn"], period)] if of_nps else []),
        definition_section(numbers),
        *score_sections(numbers, score),
        *([rank_section(numbers), *silence_sections(numbers)] if of_nps else []),
        weights_section(numbers),
        *([_open_links(numbers["open_links"], period)] if of_nps else []),
        _churn(numbers["churn"], period),
    ]


def headline(numbers: Mapping[str, Any], score: str = "") -> Headline:
    """Return a score over all, in a figure and a sentence; the NPS where none is said."""
    metric = next(row for row in numbers["metrics"] if row["metric"] == (score or "nps"))
    [overall] = only(numbers[metric["metric"]], "overall")
    name, shown_from = metric["name"], metric["minimum_n"]
    if overall["state"] == "withheld":
        return Headline(f"No {name} yet", f"{overall['n']} answers so far; a score is shown from {shown_from} on.")
    wide = ". That is too wide to compare with anything" if overall["state"] == "wide" else ""
    text = f"{overall['n']:,} answers; with 95% confidence between {overall['low']} and {overall['high']}{wide}."
    unit = "%" if metric["unit"] == "percent" else ""
    return Headline(f"{name} {overall[ESTIMATE[metric['metric']]]}{unit}", text)


def _nps_against_churn(nps: Rows, churn: Rows, period: str) -> Section:
    lost = {row["value"]: row for row in churn}
    rows = [_beside(row, lost[row["value"]]) for row in only(nps, "kind") if row["value"] in lost]
    return section(
        "nps-churn",
        "Which experiences go with losing customers?",
        rows,
        AGAINST_CHURN,
        lambda frame: charts.nps_against_churn(frame, period),
        lead=LEFT_AND_UP.format(days=HORIZON.days),
        finding=_most_lost(rows),
        besides="as too few customers can be compared, or the total would then tell what smaller groups said",
    )


def _most_lost(rows: Rows) -> str:
    """The kind that stands highest in the picture."""
    shown = [row for row in rows if row["state"] != "withheld"]
    if not shown:
        return ""
    most = max(shown, key=lambda row: float(row["difference"]))
    interval = f"95% {most['difference_low']} to {most['difference_high']}"
    points = f"{most['difference']} points ({interval})"
    return f"Most customers lost beyond the others: {in_words(most['value'])}, {points}, with an NPS of {most['nps']}."


def _beside(nps: Row, churn: Row) -> Row:
    """One kind's score and its churn difference; hidden where either is, grey where either is wide."""
    difference = {key: churn[key] for key in ("difference", "difference_low", "difference_high")}
    states = {nps["state"], churn["state"]}
    if churn["difference"] is None:
        states.add("withheld")
    else:
        states.add(state(churn["n"], churn["difference_low"], churn["difference_high"]))
    worst = next(name for name in ("withheld", "wide", "ok") if name in states)
    return {**nps, "customers": churn["n"], **difference, "state": worst}


def _open_links(rows: Rows, period: str) -> Section:
    return section(
        "open-links",
        "Open links",
        rows,
        OPEN_LINKS,
        lambda frame: charts.nps_by_group(frame, period),
        lead=ANYBODY,
    )


def _churn(rows: Rows, period: str) -> Section:
    return section(
        "churn",
        "After which touchpoints do customers stop buying?",
        rows,
        CHURN,
        lambda frame: charts.share_by_group(frame, "Customers lost", period),
        lead=LOST.format(days=HORIZON.days),
        counted="customers",
    )


def _lost(scope: Scope) -> list[ChurnRow]:
    purchases = frames.purchases(scope.period.at, scope.reader)
    if purchases.empty:
        return []
    return churn_by_kind(frames.touchpoints(scope), purchases, observed_until=frames.recorded_until(purchases))
