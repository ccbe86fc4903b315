"""What comments are about, how those feel who say it, and what has changed: numbers only, and never a text."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple, TypedDict

from django.db.models import Case, Count, OuterRef, Subquery, Value, When

from analytics.comment_words import NO_MORE, NO_MORE_NAME, WITHOUT, key_words
from analytics.models import CommentTheme, Theme
from analytics.nested import Moods, hidden, together
from analytics.scope import Scope
from analytics.scores import SHOWN_FROM, PublishedScore, published
from analytics.shares import newcombe
from analytics.shares import published as published_share
from analytics.themes import KeyWord
from contacts.sharing import ListOf
from surveys.models import Answer, Question
from surveys.scale import MOODS

ALL = "all"
NAMES = {ALL: "All comments", NO_MORE: NO_MORE_NAME, WITHOUT: "Without a theme"}


class ThemeRow(TypedDict):
    """A theme: `count` of the comments have it, a `share` in percent with its interval.

    `nps` is the score of those who say it, with `scored` answers. `change`: of the share against the period before, in
    percentage points; None where there is none, or too few comments.
    """

    theme: str
    name: str
    count: int | None
    share: float | None
    low: float | None
    high: float | None
    scored: int
    nps: float | None
    nps_low: float | None
    nps_high: float | None
    change: float | None
    change_low: float | None
    change_high: float | None
    state: str


class WordRow(TypedDict):
    """A word that unhappy customers use more than happy ones, and in how many of the newest comments of each it is."""

    word: str
    unhappy: int
    happy: int
    times: float
    times_low: float
    times_high: float


class Group(NamedTuple):
    """So many comments (`n`) of a mood (empty without a score) with these marks: themes, a refusal, or neither."""

    now: bool
    marks: frozenset[str]
    mood: str
    n: int


def comment_groups(scope: Scope, themes: Sequence[Theme], *, with_before: bool = True) -> list[Group]:
    """The comments of the scope and, where it is wanted, of the period before, which is as long. One statement.

    A comment about a theme is also about the wider ones.
    """
    before, wider = scope.period.before() if with_before else None, _with_wider(themes)
    both = replace(scope, period=replace(scope.period, since=before.since)) if before else scope
    found = CommentTheme.objects.filter(response=OuterRef("pk")).order_by()
    moods = (When(given__range=(scores[0], scores[-1]), then=Value(mood)) for mood, scores in MOODS.items())
    rows = (
        both.responses()
        .filter(reading__isnull=False)
        .alias(given=_score_given())
        .annotate(
            now=Case(When(scope.period.holds("answered_at"), then=Value(1)), default=Value(0)),
            found=Subquery(found.annotate(ids=ListOf("theme")).values("ids")),
            mood=Case(*moods, default=Value("")),
        )
    )
    counted = rows.values_list("now", "found", "reading__refusal", "mood").annotate(n=Count("pk")).order_by()
    return [
        Group(bool(now), _marks([wider[pk] for pk in ids or ()], refusal), mood, n)
        for now, ids, refusal, mood, n in counted
    ]


def theme_rows(groups: Iterable[Group], themes: Sequence[Theme], *, compared: bool) -> list[ThemeRow]:
    """All comments, then a row per theme, the commonest first, then refusals and comments without a theme.

    `compared`: there is a period before. A theme without comments has a row too.
    """
    now, before, moods = Counter[str](), Counter[str](), defaultdict[frozenset[str], Counter[str]](Counter)
    for group in groups:
        for mark in {ALL, *group.marks}:
            (now if group.now else before)[mark] += group.n
        if group.now:
            moods[group.marks][group.mood] += group.n
    marked = {marks: _moods(counts) for marks, counts in moods.items()}
    keys = [*(theme.key for theme in themes), NO_MORE, WITHOUT]
    kept_back = hidden(marked, keys)
    names = NAMES | {theme.key: theme.name for theme in themes}
    rows = [
        _row(key, names[key], now, before if compared else Counter(), _score(marked, key, kept_back))
        for key in (ALL, *keys)
    ]
    own, last = rows[1:-2], [rows[-2], rows[-1]]
    return [rows[0], *sorted(own, key=lambda row: (-(row["count"] or 0), row["name"])), *last]


def word_rows(scope: Scope) -> list[WordRow]:
    """The words that set unhappy customers' comments apart from happy ones', the clearest first. Four statements."""
    return [_word(word) for word in key_words(scope.responses())]


def _with_wider(themes: Sequence[Theme]) -> dict[int, frozenset[str]]:
    """Theme -> its key and those of the wider ones."""
    by_id, wider = {theme.pk: theme for theme in themes}, {}
    for theme in themes:
        keys: list[str] = []
        above: Theme | None = theme
        while above and above.key not in keys:
            keys.append(above.key)
            above = by_id.get(above.parent_id or 0)
        wider[theme.pk] = frozenset(keys)
    return wider


def _score_given() -> Subquery:
    """The first score of a response: how likely it would recommend us."""
    given = Answer.objects.counted().filter(response=OuterRef("pk"), question__kind=Question.Kind.NPS)
    return Subquery(given.order_by("question__position", "pk").values("number")[:1])


def _marks(themes: Iterable[frozenset[str]], refusal: str) -> frozenset[str]:
    found: frozenset[str] = frozenset().union(*themes)
    return (found or frozenset({WITHOUT})) | (frozenset({NO_MORE}) if refusal else frozenset())


def _moods(counts: Mapping[str, int]) -> Moods:
    return counts.get("happy", 0), counts.get("passive", 0), counts.get("unhappy", 0)


def _score(marked: Mapping[frozenset[str], Moods], key: str, kept_back: frozenset[str]) -> PublishedScore:
    return published(*together(marked, None if key == ALL else key), hidden=key in kept_back)


def _row(key: str, name: str, now: Counter[str], before: Counter[str], score: PublishedScore) -> ThemeRow:
    share = published_share(now[key], now[ALL])
    change, low, high = _change(now, before, key)
    return ThemeRow(
        theme=key,
        name=name,
        count=share["count"],
        share=share["share"],
        low=share["low"],
        high=share["high"],
        scored=score["n"],
        nps=score["nps"],
        nps_low=score["low"],
        nps_high=score["high"],
        change=change,
        change_low=low,
        change_high=high,
        state=score["state"],
    )


def _change(now: Counter[str], before: Counter[str], key: str) -> tuple[float | None, float | None, float | None]:
    if key == ALL or min(now[ALL], before[ALL]) < SHOWN_FROM:
        return None, None, None
    low, high = newcombe(now[key], now[ALL], before[key], before[ALL])
    change = 100 * (now[key] / now[ALL] - before[key] / before[ALL])
    return round(change, 1), round(low, 1), round(high, 1)


def _word(word: KeyWord) -> WordRow:
    return WordRow(
        word=word.word,
        unhappy=word.group,
        happy=word.rest,
        times=round(word.times, 1),
        times_low=round(word.times_low, 1),
        times_high=round(word.times_high, 1),
    )
