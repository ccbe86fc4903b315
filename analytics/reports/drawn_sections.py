"""What a draw shows of surveys themselves: the holdout, and another limit of a rule."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from analytics import charts
from analytics.drawn_rows import Drawn
from analytics.fatigue.randomised import TARGET_MARGIN
from analytics.page import Section, section
from analytics.period import spoken
from contacts.holdouts import say_share

COLUMNS = {
    "arm": "Customers",
    "invited": "Invitations",
    "contacted": "After other contacts",
    "answers": "Answers",
    "answer_rate": "Answered (%)",
    "rate_low": "95% from",
    "rate_high": "to",
    "nps": "NPS (points)",
    "low": "95% from",
    "high": "to",
}
TITLES = {"holdout": "What do surveys do to the score? The holdout", "limit": "What does the rule do? Another limit"}
HOLDOUT = (
    "{share} of the customers, drawn by lot, are asked only after 90 days without a contact about surveys. Compared "
    "are invitations sent since {since}. Scores and rates are those of all of these, if all customers had been "
    "contacted in that way and all had answered."
)
LIMIT = (
    "For {share} of the customers, drawn by lot, the rule “{cap}” has the limit {limit} instead of {policy_limit}. "
    "Compared are invitations sent since {since}, as for a holdout."
)
CONTAMINATED = (
    "{contaminated:,} of the holdout's {invited:,} invitations came after a contact all the same (an override, a "
    "service message, one recorded too late): they stay, as the customers were drawn."
)
LEFT_OUT = "{left_out:,} invitations are in no figure: nothing alike is in one of the two."


def drawn_sections(drawn: Sequence[Drawn]) -> list[Section]:
    """A section for each comparison; none where nothing was ever drawn."""
    return [_section(one) for one in drawn]


def _section(one: Drawn) -> Section:
    since = spoken(date.fromisoformat(one["since"]))
    about = {**one, "share": say_share(one["share"]), "since": since}
    told = [(LIMIT if one["kind"] == "limit" else HOLDOUT).format(**about), one["why"], _pace(one)]
    told += [CONTAMINATED.format(**one)] if one["contaminated"] else []
    told += [LEFT_OUT.format(**one)] if one["left_out"] else []

    def draw(frame: pd.DataFrame) -> go.Figure:
        return charts.split(frame.rename(columns={"arm": "part", "nps": "estimate"}), f"since {since}")

    lead = " ".join(filter(None, told))
    return section(one["kind"], TITLES[one["kind"]], one["rows"], COLUMNS, draw, lead=lead, finding=say_effect(one))


def say_effect(one: Drawn) -> str:
    """The effect in a sentence, and whether it is more than chance; empty where it cannot be told yet."""
    if not one["rows"]:
        return ""
    found = one["rows"][-1]
    what = "Contacts as usual" if one["kind"] == "holdout" else f"The limit {one['limit']} of “{one['cap']}”"
    sure = found["low"] > 0 or found["high"] < 0
    verb = f"{'lowers' if found['nps'] < 0 else 'raises'} the NPS" if sure else "may do nothing to the NPS"
    verb = verb if one["kind"] == "limit" else verb.replace("lowers", "lower").replace("raises", "raise")
    return f"{what} {verb}: {_told(found, 'nps', '', ' points')}; answers {_told(found, 'answer_rate', 'rate_', '%')}."


def _told(row: Mapping[str, Any], figure: str, bounds: str, unit: str) -> str:
    return f"{row[figure]:+}{unit} (95% {row[f'{bounds}low']:+} to {row[f'{bounds}high']:+})"


def _pace(one: Drawn) -> str:
    """How exact it is, and how long it takes until it is exact enough."""
    if one["margin"] is None or one["more_months"] is None:
        return f"So far {one['answers']:,} answers of these customers." if one["answers"] else ""
    answers = f"{one['answers']:,} answers of these customers"
    exact = f"The effect is known to {one['margin']} points to each side, from {answers}"
    if not one["more_months"]:
        return f"{exact}."
    months = f"{one['more_months']} more month{'' if one['more_months'] == 1 else 's'}"
    return f"{exact}; {months} at this pace until it is known to {TARGET_MARGIN:.0f}."
