"""Churn risk: who may leave, how well that is foreseen, and after which problems customers fall silent."""

from collections.abc import Mapping
from typing import Any

from analytics import cause_charts, churn_runs
from analytics.fallen_silent import after_problem_rows
from analytics.models import ChurnRun
from analytics.page import Headline, Section, section
from analytics.reports.tables import INTERVAL, Rows
from analytics.risk_reasons import in_sentence
from analytics.scope import Scope

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
AT_RISK = {"value": "Customer", "risk": "Risk (%)", "quiet": "Gone quiet", "reasons": "Strongest reasons"}
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
    "page. The reasons add up to the risk exactly, and are associations. Odds x 2: twice the odds of a customer who is "
    "average in this. Gone quiet: the last we know is a problem or an unhappy answer, 30 to 90 days ago. Who may see "
    "customers finds them by name under Learn, Customers at risk."
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
    run = churn_runs.newest()
    return {
        "churn_run": _run(run, rule.quiet.days),
        "risk_bands": _kept(run, "bands"),
        "customers_at_risk": _listed(run),
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
            counted="touchpoints",
        ),
    ]


def _drawn(numbers: Mapping[str, Any]) -> bool:
    return any(row["odds"] is not None for row in numbers["silence_after_problems"])


def _learned(numbers: Mapping[str, Any], run: Mapping[str, Any]) -> list[Section]:
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
            counted="customers",
        ),
        section("at-risk", "Who is most at risk, and why?", numbers["customers_at_risk"], AT_RISK),
        section(
            "calibration",
            "Do the risks come true?",
            numbers["risk_calibration"],
            CALIBRATION,
            lambda frame: cause_charts.calibration(frame, run["split"]),
            lead=JUDGED.format(**run) if run["split"] else "",
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


def _boosting(gain: Mapping[str, float] | None) -> str:
    if gain is None:
        return NO_BOOSTING
    told = "less" if gain["low"] > 0 else "more" if gain["high"] < 0 else "neither more nor less, beyond noise,"
    sure = f"{gain['estimate']:+.4f}, with 95% confidence {gain['low']:+.4f} to {gain['high']:+.4f}"
    return f"Explainable boosting errs {told} than the hazard model, which the risks are from: Brier {sure}."


def _run(run: ChurnRun | None, days: int) -> dict[str, Any]:
    if run is None:
        refusal = "nothing was learned yet: the nightly job does, and so does the command report"
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


NOTHING: dict[str, Any] = {"split": "", "boosting": None, "learned_from": None}


def _kept(run: ChurnRun | None, table: str) -> Rows:
    rows: Rows = run.numbers.get(table, []) if run else []
    return rows


def _listed(run: ChurnRun | None) -> list[dict[str, Any]]:
    """The customers by our numbers: names are for who may see customers."""
    return [
        {
            "value": str(row.customer.pk),
            "risk": round(100 * row.probability, 1),
            "quiet": "yes" if row.gone_quiet else "no",
            "reasons": "; ".join(in_sentence(reason) for reason in row.reasons[:REASONS]),
        }
        for row in (churn_runs.risks(run) if run else [])[:LISTED]
    ]
