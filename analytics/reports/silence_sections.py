"""The sections of silence: what nobody can know of who did not answer, and what the weights rest on."""

from collections.abc import Mapping
from typing import Any

from analytics import charts
from analytics.page import Section, section
from analytics.reports.tables import INTERVAL, Rows
from contacts.names import in_words

WEIGHTS = {
    "metric": "Score",
    "asked": "Asked",
    "answered": "Answered",
    "answers": "Answers in the period",
    "weighted": "Of these weighted",
    "smallest": "Smallest weight",
    "largest": "Largest weight",
}
SILENT = {"who": "The silent", "nps": "NPS (points)", **INTERVAL}
UNHAPPY = {"who": "Of whom", "share": "Unhappy (%)", **INTERVAL}
WHO = {"answers": "Those who answered", "asked": "All who were asked, weighted"}
MADE_OF = (
    "A weighted answer stands for all who were asked about the same kind of touchpoint with the same outcome and team, "
    "by the same channel, and could answer no more: it weighs 1 divided by the probability, by logistic regression, "
    "that such a customer answers. Values of which fewer than 100 were asked are taken together. Nothing that was not "
    "recorded is made good by it, and customers whom the rules kept from being asked stand in no figure. "
)
BOUNDS = (
    "{answered:,} of {asked:,} who were asked answered. Weights make the silent like those who answered with the same "
    "touchpoint, outcome, team and channel. Whether they are unhappier than those no record tells: the table says what "
    "the NPS of all would be if they were. Only asking some of the silent by another way narrows that."
)
UNRECORDED = (
    "Answers of 0 to 6. Weights give back only what goes with the touchpoint, its outcome, team and channel. Whoever "
    "is silent because of being unhappy is not in the weighted share either: the true one may be higher."
)


def silence_sections(numbers: Mapping[str, Any]) -> list[Section]:
    """What nobody can know of the silent."""
    period, weights = numbers["period"]["text"], numbers["weights"]
    of_nps = next(row for row in weights if row["metric"] == "nps")
    silent = [
        {**row, "who": f"{row['lower_by']} points lower" if row["lower_by"] else "Like those who answered"}
        for row in numbers["silent"]
    ]
    unhappy = [{**row, "who": WHO[row["who"]]} for row in numbers["unhappy"]]
    return [
        section(
            "silent",
            "What could the silent change?",
            silent,
            SILENT,
            lambda frame: charts.nps_by_group(
                frame.assign(value=frame["who"], n=of_nps["answered"], state="ok"), period
            ),
            lead=BOUNDS.format(**of_nps) if silent else "",
        ),
        section("unhappy", "How many are unhappy?", unhappy, UNHAPPY, lead=_unhappy_lead(unhappy)),
    ]


def weights_section(numbers: Mapping[str, Any]) -> Section:
    """What the weights of every score rest on."""
    rows = [row for row in numbers["weights"] if row["answers"]]
    missing = " ".join(f"{in_words(row['metric'])}: {row['why']}" for row in rows if row["why"])
    return section("weights", "What do the weights rest on?", rows, WEIGHTS, lead=MADE_OF + missing)


def _unhappy_lead(rows: Rows) -> str:
    if len(rows) < len(WHO):
        return "Weights cannot be made, so that nothing can be said of who did not answer."
    return UNRECORDED
