"""Comments: what customers write about, how those feel who do, and the words of the unhappy. Never a text."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from analytics import charts
from analytics.comment_words import WITHOUT
from analytics.commented import ALL, comment_groups, theme_rows, word_rows
from analytics.models import Theme
from analytics.page import Headline, Section, leading, section
from analytics.reports.tables import INTERVAL, Rows
from analytics.scope import Scope
from analytics.scores import SHOWN_FROM, state

THEMES = {"value": "Theme", "n": "Comments", "count": "With it", "share": "Share (%)", **INTERVAL, "state": "State"}
SCORES = {"value": "Theme", "n": "Scores", "nps": "NPS (points)", **INTERVAL, "state": "State"}
CHANGES = {"value": "Theme", "share": "Share (%)", "change": "Change (points)", **INTERVAL}
WORDS = {
    "word": "Word",
    "unhappy": "Comments of the unhappy",
    "happy": "Comments of the happy",
    "times": "Times as often",
    "times_low": "95% from",
    "times_high": "to",
}
ABOUT = (
    "A comment can have several themes, and one about a theme is also about the wider ones. Themes are found by the "
    "words of the codebook and by what people corrected. “No more surveys” are comments that refuse further contact, "
    "plainly or perhaps: plain ones are opt-outs already. Click on a theme to read its comments."
)
FELT = (
    "The score of those whose comments have the theme. It says that unhappy customers write about it, not that it made "
    "them unhappy; and who writes a comment at all is often unhappier than others: compare with “All comments”."
)
BESIDES = "as the difference from another theme, or from all comments, would tell how a few customers answered"
COMPARED = "Of the share among the comments, in percentage points, against the period before, which is as long."
NO_BEFORE = "Choose a first day to see the change against the time before."
TOLD = (
    "From the newest 2,000 comments of each side, with names and addresses taken out. “Times as often” compares the "
    "odds of the word. Of the words shown about one in twenty is here by chance; words in fewer than 10 comments are "
    "not shown."
)


def build(scope: Scope) -> dict[str, Any]:
    """Return themes with their shares, scores and changes, and the words of the unhappy."""
    themes = list(Theme.objects.order_by("key"))
    groups = comment_groups(scope, themes)
    return {"themes": theme_rows(groups, themes, compared=scope.before() is not None), "key_words": word_rows(scope)}


def headline(numbers: Mapping[str, Any]) -> Headline:
    """Say how many comments there are, and what the most are about."""
    every, *themes = numbers["themes"]
    if every["count"] is None:
        return Headline("Few comments yet", f"What they are about is shown from {SHOWN_FROM} on.")
    found = [row for row in themes if row["count"] and row["theme"] != WITHOUT]
    most = max(found, key=lambda row: row["count"], default=None)
    about = f"Most are about: {most['name']} ({most['share']}%)." if most else "No theme is found in them yet."
    return Headline(f"{every['count']:,} comments", about)


def sections(numbers: Mapping[str, Any]) -> list[Section]:
    """Return the sections over what `build` returned."""
    period, rows = numbers["period"], numbers["themes"]
    shown = [row for row in rows if row["theme"] != ALL and row["count"] != 0] if rows[0]["count"] else []
    return [
        leading(_themes(shown, rows[0]["count"], period["text"]), [_comments(row["theme"], period) for row in shown]),
        _scores([row for row in rows if row["scored"]], period["text"]),
        _changes([row for row in shown if row["change"] is not None], COMPARED if period["since"] else NO_BEFORE),
        section("key-words", "What do the unhappy say more than the happy?", numbers["key_words"], WORDS, lead=TOLD),
    ]


def _themes(rows: Rows, n: int, period: str) -> Section:
    told = [{**row, "value": row["name"], "n": n, "state": state(n, row["low"], row["high"])} for row in rows]
    return section(
        "themes",
        "What are the comments about?",
        told,
        THEMES,
        lambda frame: charts.share_by_group(frame, "Comments", period),
        lead=ABOUT,
        counted="comments",
    )


def _scores(rows: Rows, period: str) -> Section:
    told = [
        {**row, "value": row["name"], "n": row["scored"], "low": row["nps_low"], "high": row["nps_high"]}
        for row in rows
    ]
    return section(
        "theme-scores",
        "How do those feel who write about it?",
        told,
        SCORES,
        lambda frame: charts.nps_by_group(frame, period),
        lead=FELT,
        besides=BESIDES,
    )


def _changes(rows: Rows, lead: str) -> Section:
    told = [{**row, "value": row["name"], "low": row["change_low"], "high": row["change_high"]} for row in rows]
    return section("theme-changes", "What do they write about more than before, or less?", told, CHANGES, lead=lead)


def _comments(theme: str, period: Mapping[str, Any]) -> str:
    """Where the comments with a theme are read."""
    query = {"theme": theme, "since": period["since"], "until": period["until"], **period["filters"]}
    return f"{reverse('comments')}?{urlencode({name: value for name, value in query.items() if value})}"
