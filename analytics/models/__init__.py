"""This room's own tables: the journey, what scores are and were by month, comments, who may leave, reports by mail."""

from analytics.models.feeds import Feed
from analytics.models.journey import JourneyStage
from analytics.models.metrics import Metric
from analytics.models.months import CountedMonth, MonthChange
from analytics.models.risk import ChurnRule, ChurnRun, CustomerRisk
from analytics.models.scheduled import ReportMail, ScheduledReport
from analytics.models.themes import (
    REFUSALS,
    CommentReading,
    CommentTheme,
    Theme,
    ThemeCorrection,
    ThemeWords,
)
from analytics.models.weights import MEASURED, DriverWeight

__all__ = [
    "MEASURED",
    "REFUSALS",
    "ChurnRule",
    "ChurnRun",
    "CommentReading",
    "CommentTheme",
    "CountedMonth",
    "CustomerRisk",
    "DriverWeight",
    "Feed",
    "JourneyStage",
    "Metric",
    "MonthChange",
    "ReportMail",
    "ScheduledReport",
    "Theme",
    "ThemeCorrection",
    "ThemeWords",
]
