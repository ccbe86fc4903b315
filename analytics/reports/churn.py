"""Churn risk: who may leave, how well that is foreseen, and after which problems customers fall silent."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.shortcuts import resolve_url

from analytics import cause_charts, churn_runs
from analytics.fallen_silent import after_problem_rows
from analytics.models import ChurnRun
from analytics.page import Headline, Section, leading, section
from analytics.period import spoken
from analytics.reports.tables import INTERVAL, Rows
from analytics.risk_reasons import in_sentence
from analytics.scope import Scope
from analytics.shares import percent
from contacts.models import Customer
from contacts.names import in_words
from contacts.readers import Reader

LISTED = 20
REASONS = 3
AFTER = {
    "value": "Touchpoint",
    "n": "With a problem",
    "share": "Silent afterwards (%)",
    "fine_n": "Without",
    "fine_share": "Silent afterwards (%)",
    "odds": "Odds, as a multiple",
    **INTERVAL,
    "state": "State",
}
BANDS = {"value": "Risk", "n": "Customers", "expected": "Expected to leave", "state": "State"}
AT_RISK = {"name": "Customer", "risk": "Risk (%)", "quiet": "Gone quiet", "reasons": "Strongest reasons"}
CALIBRATION = {
    "value": "Customers by risk",
    "n": "Customers judged",
    "predicted": "Foreseen to leave (%)",
    "count": "Left",
    "share": "Left (%)",
    **INTERVAL,
    "state": "State",
}
FIGURES = {"value": "Figure", "model": "Model", "estimate": "Value", **INTERVAL}
NOTES = {"note": "What to know"}

BY_SILENCE = "Lost is who buys nothing for {days} days; at risk is who bought within the last {days} days."
BY_LEAVING = "Lost is who left, as the imported touchpoints say; at risk is who is still there."
WHO = (
    "{lost} The risk is the probability to be lost within the {days} days after {until}, whatever the period of this "
    "page. Who may see customers finds those most at risk by name under Learn, Customers at risk."
)
FIRST = (
    "The first {n}; all are under Learn, Customers at risk. The reasons add up to the risk exactly, and are "
    "associations. Odds x 2: twice the odds of a customer who is average in this. Gone quiet: the last we know is a "
    "problem or an unhappy answer, 30 to 90 days ago. Files and mails of this report do not have this table."
)
JUDGED = (
    "The model, {split} (each date begins {days} days), met customers that it had to foresee. On the line: as many "
    "left as foreseen."
)
FIGURES_LEAD = (
    "AUC: how often of two customers the one who left had the higher risk; .5 is chance. Brier: mean squared error, to "
    "be compared with that of one risk for all. Slope: 1 is right, below: too bold. Level: 0 is right, above: more "
    "left than foreseen. Lift: leavers among the tenth most at risk, as a multiple of those among all. {boosting}"
)
NO_BOOSTING = "Explainable boosting is fitted and judged beside it by the nightly job, as it takes too long for more."
AFTER_LEAD = (
    "Every touchpoint of the period whose {days} days are over. Odds x 2: silence has twice the odds after a problem. "
    "This is an association; it does not say that the problem made anybody leave. Without a figure: silence followed "
    "always, or never."
)


def build(scope: Scope) -> dict[str, Any]:
    """Return what was last learned about who leaves, and the silence after problems in the scope."""
    rule = churn_runs.current_rule()
    newest = churn_runs.newest()
    run = newest if scope.reader.brands is None else None
    return {
        "churn_run": _run(run, rule.quiet.days, NOT_LEARNED if scope.reader.brands is None else OF_ALL),
        "risk_bands": _kept(run, "bands"),
        "customers_at_risk": _listed(newest, scope.reader),
        "risk_calibration": _kept(run, "calibration"),
        "risk_figures": _kept(run, "figures"),
        "risk_notes": _kept(run, "notes"),
        "silence_after_problems": after_problem_rows(scope, rule),
    }


def headline(numbers: Mapping[str, Any]) -> Headline:
    """Say how many customers are at risk and how many may leave, or why that is not known."""
    run = numbers["churn_run"]
    if run["refusal"]:
        return Headline("No risks yet", f"{run['refusal'][0].upper()}{run['refusal'][1:]}.")
    customers = sum(row["n"] for row in numbers["risk_bands"])
    high = numbers["risk_bands"][-1]["n"]
    text = f"Of {customers:,} customers so many have a risk of 75% or more to be lost within {run['days']} days."
    return Headline(f"{high:,} customers at high risk", text)


def sections(numbers: Mapping[str, Any]) -> list[Section]:
    """Return the sections over what `build` returned."""
    period, run = numbers["period"]["text"], numbers["churn_run"]
    return [
        *([] if run["refusal"] else _learned(numbers, run)),
        section(
            "after-problems",
            "After which problems do customers fall silent?",
            numbers["silence_after_problems"],
            AFTER,
            *([lambda frame: cause_charts.odds(frame.dropna(subset="odds"), period)] if _drawn(numbers) else []),
            lead=AFTER_LEAD.format(**run),
            finding=_strongest(numbers["silence_after_problems"]),
            counted="touchpoints",
        ),
    ]


def _highest_band(rows: Rows) -> str:
    customers = sum(row["n"] for row in rows)
    if not customers:
        return "Nobody is at risk now: nobody bought lately."
    *_, highest = rows
    share = percent(highest["n"], customers)
    return f"{highest['n']:,} of {customers:,} customers ({share}%) have a risk of {highest['value']}."


def _came_true(rows: Rows) -> str:
    """How many of the tenths that are shown lie on the line, as far as their intervals tell."""
    shown = [row for row in rows if row["predicted"] is not None]
    met = sum(row["low"] <= row["predicted"] <= row["high"] for row in shown)
    return f"What was foreseen lies inside the interval of what came true in {met} of {len(shown)} groups of customers."


def _strongest(rows: Rows) -> str:
    """The kind after whose problems silence has the highest odds, as far as they are known."""
    known = [row for row in rows if row["odds"] is not None]
    if not known:
        return ""
    most = max(known, key=lambda row: float(row["odds"]))
    beyond = sum(row["low"] > 1 for row in known)
    told = f"{most['odds']} times the odds of silence (95% {most['low']} to {most['high']})"
    return f"Most after {in_words(most['value'], inside=True)}: {told}. Above 1 beyond noise: {beyond} of {len(known)}."


def _drawn(numbers: Mapping[str, Any]) -> bool:
    return any(row["odds"] is not None for row in numbers["silence_after_problems"])


def _learned(numbers: Mapping[str, Any], found: Mapping[str, Any]) -> list[Section]:
    run = {**found, "until": spoken(date.fromisoformat(found["until"]))}
    lead = WHO.format(lost=(BY_LEAVING if run["by_leaving"] else BY_SILENCE).format(**run), **run)
    moment = f"for the {run['days']} days after {run['until']}"
    return [
        section(
            "bands",
            "How many customers are at risk?",
            numbers["risk_bands"],
            BANDS,
            lambda frame: cause_charts.customers_by_risk(frame, moment),
            lead=lead,
            finding=_highest_band(numbers["risk_bands"]),
            counted="customers",
        ),
        *_at_risk(numbers.get("customers_at_risk")),
        section(
            "calibration",
            "Do the risks come true?",
            numbers["risk_calibration"],
            CALIBRATION,
            lambda frame: cause_charts.calibration(frame, run["split"]),
            lead=JUDGED.format(**run) if run["split"] else "",
            finding=_came_true(numbers["risk_calibration"]),
            counted="customers",
        ),
        section(
            "figures",
            "How well is leaving foreseen?",
            numbers["risk_figures"],
            FIGURES,
            lead=FIGURES_LEAD.format(boosting=_boosting(run["boosting"])),
        ),
        *(
            [section("notes", "What to know about this model", numbers["risk_notes"], NOTES)]
            if numbers["risk_notes"]
            else []
        ),
    ]


def _at_risk(rows: Rows | None) -> list[Section]:
    """The customers by name, each with the way to her page; nothing where the reader may not see customers."""
    if rows is None:
        return []
    found = section("at-risk", "Who is most at risk, and why?", rows, AT_RISK, lead=FIRST.format(n=len(rows)))
    return [leading(found, [resolve_url(Customer(pk=row["value"])) for row in rows])]


def _boosting(gain: Mapping[str, float] | None) -> str:
    if gain is None:
        return NO_BOOSTING
    told = "less" if gain["low"] > 0 else "more" if gain["high"] < 0 else "neither more nor less, beyond noise,"
    sure = f"{gain['estimate']:+.4f}, with 95% confidence {gain['low']:+.4f} to {gain['high']:+.4f}"
    return f"Explainable boosting errs {told} than the hazard model, which the risks are from: Brier {sure}."


def _run(run: ChurnRun | None, days: int, refusal: str) -> dict[str, Any]:
    """What was learned; where there is nothing to tell, `refusal` says why."""
    if run is None:
        return {"at": None, "until": "", "days": days, "by_leaving": False, "refusal": refusal, **NOTHING}
    learned = {name: run.numbers.get(name, value) for name, value in NOTHING.items()}
    until = run.until.date().isoformat() if run.until else ""
    return {
        "at": run.at.isoformat(timespec="seconds"),
        "until": until,
        "days": run.days,
        "by_leaving": run.by_leaving,
        "refusal": run.refusal,
        **learned,
    }


NOT_LEARNED = "nothing was learned yet: the nightly job does, and so does the command report"
OF_ALL = "it is learned from the customers of all brands, and you read only some; yours stand under Customers at risk"
NOTHING: dict[str, Any] = {"split": "", "boosting": None, "learned_from": None}


def _kept(run: ChurnRun | None, table: str) -> Rows:
    rows: Rows = run.numbers.get(table, []) if run else []
    return rows


def _listed(run: ChurnRun | None, reader: Reader) -> list[dict[str, Any]]:
    """The customers with the highest risks, for who may see customers."""
    return [
        {
            "value": str(row.customer.pk),
            "name": str(row.customer),
            "risk": round(100 * row.probability, 1),
            "quiet": "yes" if row.gone_quiet else "no",
            "reasons": "; ".join(in_sentence(reason) for reason in row.reasons[:REASONS]),
        }
        for row in (churn_runs.risks(run, reader) if run else [])[:LISTED]
    ]
