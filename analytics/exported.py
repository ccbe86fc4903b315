"""What leaves this room as files: published scores, and the probability with which each touchpoint was asked about."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from rest_framework import serializers

from analytics.counting import GROUPINGS
from analytics.groups import grouped
from analytics.metrics import definitions
from analytics.reports import RIGHT
from analytics.scope import AGENT
from analytics.scope_query import PeriodQuery, ScopeQuery, refuse_agents, scope_of
from analytics.score_rows import nps_row, share_row
from contacts.exporting import BOOLEAN, CODE, INSTANT, INTEGER, NUMBER, Column, ListTable
from contacts.readers import Reader

INCLUSION_COLUMNS = (
    Column("decision_id", "decision", "our number of the decision", INTEGER),
    Column("touchpoint_id", "touchpoint", "touchpoint that it was about; the table responses has it too", INTEGER),
    Column("customer", "customer_id", "the customer's id in the system that they came from", personal=True),
    Column("program", "program", "program that planned; the table responses has it too", CODE),
    Column("touchpoint_kind", "kind", "kind of the touchpoint"),
    Column("decided_at", "at", "when it was decided, UTC", INSTANT),
    Column("design", "design", "known: the share of the program's sample", NUMBER, unit="share, 0 to 1"),
    Column("sampled", "sampled", "true where the sample held the touchpoint", BOOLEAN),
    Column("eligible", "eligible", "false where the customer refused or has no address", BOOLEAN),
    Column("asked", "asked", "true where a place was given and not given back", BOOLEAN),
    Column(
        "often",
        "often",
        "from so many touchpoints of the customer in the period: the class of the cell",
        INTEGER,
        unit="touchpoints",
    ),
    Column("cell", "cell", "touchpoints behind the estimate", INTEGER, unit="touchpoints"),
    Column("room", "room", "estimated: share of them that the rules let us ask about", NUMBER, unit="share, 0 to 1"),
    Column(
        "inclusion",
        "inclusion",
        "probability of having been asked about: design times room; 0: never",
        NUMBER,
        unit="share, 0 to 1",
    ),
    Column(
        "weight",
        "weight",
        "of a touchpoint that was asked about: 1 divided by inclusion",
        NUMBER,
        unit="touchpoints",
        empty=True,
    ),
)


def planned_with_inclusion(asked: Mapping[str, Any], at: datetime, reader: Reader) -> Iterator[tuple[Any, ...]]:
    """Return every planning decision of the period, estimated over it."""
    from analytics.frames import as_rows, planned
    from analytics.inclusion import with_inclusion

    rows = with_inclusion(planned(scope_of(asked, at, reader)))
    return as_rows(rows, [str(column.source) for column in INCLUSION_COLUMNS])


INCLUSION = ListTable(
    "inclusion",
    "Every planning decision with the probability that its touchpoint was asked about, so that scores can be weighted. "
    "Estimated over the period that is asked for: take the one that the scores are of.",
    "contacts.view_decision",
    INCLUSION_COLUMNS,
    PeriodQuery,
    planned_with_inclusion,
)

SCORE_COLUMNS = (
    Column("metric", "metric", "nps, csat or ces", CODE),
    Column("by", "by", "what the groups are: overall, kind, stage, channel, team, agent, product, month", CODE),
    Column("value", "value", "the group; all for overall, empty where the touchpoint does not state it", empty=True),
    Column("n", "n", "answers in the group", INTEGER, unit="answers"),
    Column("top", "top", "answers that count: promoters, satisfied, easy", INTEGER, unit="answers", empty=True),
    Column("middle", "middle", "of NPS: passives", INTEGER, unit="answers", empty=True),
    Column("bottom", "bottom", "of NPS: detractors", INTEGER, unit="answers", empty=True),
    Column("score", "score", "NPS in points from -100 to 100, CSAT and CES in percent", NUMBER, empty=True),
    Column("low", "low", "lower bound of the 95% interval, in the unit of the score", NUMBER, empty=True),
    Column("high", "high", "upper bound of it", NUMBER, empty=True),
    Column(
        "n_eff",
        "n_eff",
        "as many different customers' answers would tell as much",
        NUMBER,
        unit="answers",
        empty=True,
    ),
    Column("state", "state", "ok, wide (the interval is long) or withheld (the group is too small to be shown)", CODE),
    Column("missing", "missing", "how many answers it lacks to be shown", INTEGER, unit="answers"),
)


class ScoreExportQuery(ScopeQuery):
    by = serializers.ChoiceField(GROUPINGS, required=False, help_text="One grouping; else all of them.")


def published_scores(asked: Mapping[str, Any], at: datetime, reader: Reader) -> Iterator[tuple[Any, ...]]:
    """Yield the scores of the report, of every metric and grouping, small groups hidden here as there."""
    refuse_agents(asked, reader)
    metrics = definitions()
    groupings = [by for by in GROUPINGS if asked.get("by", by) == by and (reader.personal or by != AGENT)]
    groups = grouped([scope_of(asked, at, reader)], list(metrics.values()), groupings)
    for (_, metric, by), members in groups.items():
        row_of = nps_row if metric == "nps" else share_row
        for group in members:
            row: Mapping[str, Any] = row_of(metrics[metric], by, group)
            top, middle, bottom = (row.get(name) for name in ("promoters", "passives", "detractors"))
            score = row["nps"] if metric == "nps" else row["share"]
            counts = (row["count"] if metric != "nps" else top), middle, bottom
            kept = (row[name] for name in ("low", "high", "n_eff", "state", "missing"))
            yield metric, by, row["value"], row["n"], *counts, score, *kept


SCORES = ListTable(
    "scores",
    "The scores that the report publishes, by what touchpoints state; of a group that is too small only its number.",
    RIGHT,
    SCORE_COLUMNS,
    ScoreExportQuery,
    published_scores,
)

TABLES = (SCORES, INCLUSION)
