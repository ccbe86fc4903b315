"""The panel of customers and periods at risk, from what is on record of them, with the facts known when one begins.

A period is as long as the rule's time of silence, and the periods follow each other up to the end of the records. So
who was lost in one is told by it alone, who is at risk in the next one by what was before it, and a model that is
learned from earlier periods has seen nothing of those on which it is judged.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

import numpy as np
import pandas as pd

from analytics.churn.before import in_order, last_before, so_far, within
from analytics.points import UNHAPPY_UP_TO

RECENT = timedelta(days=90)
"""How far back touchpoints, problems, contacts and silence are counted."""
MONTH = 365.25 / 12
RECURRING = 2
"""Problems in that time from which on they are recurring: research finds a step there, and no straight line."""
FEWEST_OF_A_KIND = 100
"""Touchpoints from which on a kind with its outcome is a fact of its own; rarer ones are counted together."""
MOST = 11
"""Counts above are taken for this many: who bought 40 times is no other customer than who bought 30 times."""
GONE_QUIET_AFTER = timedelta(days=30)
OTHER = "other"
PAIR = ": "
"""Between the kind of a touchpoint and its outcome, in the name of a fact."""


@dataclass(frozen=True, slots=True)
class Rule:
    """When a customer counts as lost, and which outcomes of touchpoints are problems (in small letters).

    `leaving`: kinds of touchpoints that say that a customer has left. Where there are none on record, silence says
    so: no purchase in the time `quiet`.
    """

    quiet: timedelta
    leaving: tuple[str, ...]
    problems: tuple[str, ...]
    purchase: str = "purchase"


@dataclass(frozen=True, slots=True)
class History:
    """What is on record of customers, a frame of each; `at` is aware.

    touchpoints: customer, kind, outcome, at. answers: customer, score, at. unanswered: customer, at (when the time to
    answer an invitation ran out without an answer). contacts: customer, at.
    """

    touchpoints: pd.DataFrame
    answers: pd.DataFrame
    unanswered: pd.DataFrame
    contacts: pd.DataFrame


class Panel(NamedTuple):
    """`past`: a row per customer and period at risk, for `fit` with month="period". `today`: who is at risk now.

    Both have the facts. Past: customer (text: who comes back after being lost begins a new life), period (its first
    day) and churn besides; today: customer and gone_quiet. `until`: where the records end and today's row begins.
    `by_leaving`: whether dates of leaving say who was lost, or silence.
    """

    past: pd.DataFrame
    today: pd.DataFrame
    until: datetime
    by_leaving: bool


def panel(history: History, rule: Rule) -> Panel:
    """The panel of a history; nothing after a row's start is a fact of it.

    Facts: tenure (months since the first purchase, or what came first where there is none), purchase_age (days since
    the last), purchases, returned (was lost before), what was experienced in the 90 days before (a count for each kind
    and outcome), recurring (two problems or more among them), unanswered and contacts in that time, score (the last
    one; NaN: none) and score_age (days). Raises ValueError where there is no purchase, and no date of leaving either.
    """
    touched = in_order(history.touchpoints, ["kind", "outcome"])
    left = touched[touched["kind"].isin(rule.leaving)]
    bought = touched[touched["kind"] == rule.purchase].drop_duplicates(["customer", "at"])
    by_leaving = not left.empty
    told_by = touched if by_leaving else bought
    if told_by.empty:
        raise ValueError("there are no purchases yet, and no touchpoints that say that a customer has left")
    until = (told_by["at"].max() + timedelta(microseconds=1)).to_pydatetime()
    rows = _at_risk(_customers_and_starts(told_by, until, rule), touched, bought, left, rule)
    rows = _lost(rows, left if by_leaving else bought, rule, by_silence=not by_leaving)
    rows = _with_facts(rows, history, touched, bought, rule)
    now = rows["start"] == until
    quiet = _gone_quiet(rows[now], history, touched, rule)
    today = rows[now].drop(columns=["start", "life", "churn"]).assign(gone_quiet=quiet)
    return Panel(_lives(rows[~now]), today.reset_index(drop=True), until, by_leaving)


def _lives(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows, each of a life of a customer and of a period, both as text."""
    lives = rows["customer"].astype(str) + "." + rows["life"].astype(str)
    named = rows.assign(customer=lives, period=rows["start"].dt.strftime("%Y-%m-%d"))
    return named.drop(columns=["start", "life"]).reset_index(drop=True)


def _customers_and_starts(told_by: pd.DataFrame, until: datetime, rule: Rule) -> pd.DataFrame:
    """Everybody at the start of all whole periods before the end, and at the end, where the next one starts."""
    first = told_by["at"].min().to_pydatetime()
    starts = [until - rule.quiet * back for back in range((until - first) // rule.quiet, -1, -1)]
    crossed = told_by[["customer"]].drop_duplicates().merge(pd.DataFrame({"start": starts}), how="cross")
    return crossed.assign(start=crossed["start"].dt.as_unit("us")).sort_values("start", ignore_index=True)


def _at_risk(
    rows: pd.DataFrame, touched: pd.DataFrame, bought: pd.DataFrame, left: pd.DataFrame, rule: Rule
) -> pd.DataFrame:
    """Of all customers and starts, those at risk: bought lately, or (where leaving is dated) are there and not gone."""
    rows = last_before(rows, bought[["customer", "at"]].rename(columns={"at": "bought_at"}), "bought_at")
    if left.empty:
        return rows[rows["bought_at"] >= rows["start"] - rule.quiet].reset_index(drop=True)
    rows = last_before(rows, left[["customer", "at"]].rename(columns={"at": "gone_at"}), "gone_at")
    is_here = rows["gone_at"].isna() | (rows["bought_at"] > rows["gone_at"])
    known = so_far(rows, touched[["customer", "at"]]) > 0
    return rows[is_here & known].drop(columns="gone_at").reset_index(drop=True)


def _lost(rows: pd.DataFrame, events: pd.DataFrame, rule: Rule, *, by_silence: bool) -> pd.DataFrame:
    """With `churn`, and `life`: how often the customer was lost before. Events: purchases, or leavings."""
    following = events[["customer", "at"]].rename(columns={"at": "next_at"})
    found = pd.merge_asof(rows, following, left_on="start", right_on="next_at", by="customer", direction="forward")
    happens = found["next_at"] < found["start"] + rule.quiet
    churn = (~happens if by_silence else happens).astype(np.int64)
    life = churn.groupby(found["customer"]).cumsum() - churn
    return found.drop(columns="next_at").assign(churn=churn, life=life)


def _with_facts(
    rows: pd.DataFrame, history: History, touched: pd.DataFrame, bought: pd.DataFrame, rule: Rule
) -> pd.DataFrame:
    first, earliest = (rows["customer"].map(one.groupby("customer")["at"].min()) for one in (bought, touched))
    joined = first.where(first < rows["start"], earliest)
    answered = in_order(history.answers, ["score"]).rename(columns={"at": "answered_at"})
    rows = last_before(rows, answered, "answered_at")
    experienced = touched[~touched["kind"].isin([rule.purchase, *rule.leaving])]
    problems = within(rows, _problems(touched, rule), RECENT)
    counted = {
        "unanswered": in_order(history.unanswered, []),
        "contacts": in_order(history.contacts, []),
        **_by_kind(experienced),
    }
    facts = rows.assign(
        tenure=_days(rows["start"] - joined) / MONTH,
        purchase_age=_days(rows["start"] - rows["bought_at"]),
        purchases=np.minimum(so_far(rows, bought[["customer", "at"]]), MOST),
        returned=rows["life"] > 0,
        recurring=problems >= RECURRING,
        score_age=_days(rows["start"] - rows["answered_at"]),
        **{name: np.minimum(within(rows, events, RECENT), MOST) for name, events in counted.items()},
    )
    return facts.drop(columns=["bought_at", "answered_at"])


def _by_kind(experienced: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """What was experienced, by kind and outcome; what is rare together."""
    kind, outcome = experienced["kind"].astype(str), experienced["outcome"]
    named = pd.Series(kind + (PAIR + outcome).where(outcome != "", ""), index=experienced.index)
    what = named.mask(named.groupby(named).transform("size") < FEWEST_OF_A_KIND, OTHER)
    return {str(name): experienced.loc[what == name, ["customer", "at"]] for name in sorted(what.unique())}


def _problems(touched: pd.DataFrame, rule: Rule) -> pd.DataFrame:
    return touched.loc[is_problem(touched["outcome"], rule), ["customer", "at"]]


def is_problem(outcome: "pd.Series[str]", rule: Rule) -> "pd.Series[bool]":
    """Whether each outcome is one of the rule's problems, however it is written."""
    return outcome.str.strip().str.lower().isin(rule.problems)


def _gone_quiet(rows: pd.DataFrame, history: History, touched: pd.DataFrame, rule: Rule) -> "pd.Series[bool]":
    """Whether the newest of all that is known of a customer is a problem or an unhappy answer, a month or more old."""
    answers = in_order(history.answers, ["score"])
    unhappy = answers.loc[answers["score"] <= UNHAPPY_UP_TO, ["customer", "at"]]
    bad = pd.concat([_problems(touched, rule), unhappy]).sort_values("at").rename(columns={"at": "bad_at"})
    all_of_it = pd.concat([touched, answers])[["customer", "at"]].sort_values("at").rename(columns={"at": "newest_at"})
    found = last_before(last_before(rows[["customer", "start"]], bad, "bad_at"), all_of_it, "newest_at")
    age = found["start"] - found["bad_at"]
    quiet = (found["bad_at"] >= found["newest_at"]) & (age >= GONE_QUIET_AFTER) & (age <= RECENT)
    return quiet.set_axis(rows.index)


def _days(ages: "pd.Series[pd.Timedelta]") -> "pd.Series[float]":
    return ages.dt.total_seconds() / 86_400
