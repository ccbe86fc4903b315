"""What the pages about comments show: which comments, what they are about, and the words that stand out."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q, QuerySet

from analytics.comment_words import NO_MORE, NO_MORE_NAME, WITHOUT, has_mood, without_theme
from analytics.commented import comment_groups
from analytics.comments import comments
from analytics.models import CommentTheme, Theme
from analytics.scope import Scope
from analytics.shares import PublishedShare, published
from analytics.themes import Refusal
from contacts import hiding
from contacts.names import in_words
from contacts.readers import Reader
from surveys.models import Answer, Question, Response
from surveys.scale import mood


@dataclass(frozen=True, slots=True)
class Filters:
    """Which comments of a scope: of a theme (by key), of a mood; empty is any."""

    scope: Scope
    theme: str = ""
    mood: str = ""


@dataclass(frozen=True, slots=True)
class ThemeRow:
    """A theme with its share of the comments."""

    key: str
    name: str
    share: PublishedShare


@dataclass(frozen=True, slots=True)
class Shown:
    """A comment as the page shows it. `themes`: those that it has, `sure`: a person said so."""

    response: Response
    text: str
    score: int | None
    mood: str
    themes: list[CommentTheme]
    sure: bool

    @property
    def about(self) -> str:
        """Return what the kind of touchpoint is called inside a sentence; nothing where it is about none."""
        touchpoint = self.response.touchpoint
        return in_words(touchpoint.kind, inside=True) if touchpoint else ""

    @property
    def theme_ids(self) -> set[int]:
        """Return the themes that are ticked."""
        return {found.theme_id for found in self.themes}


def listed(filters: Filters) -> QuerySet[Response]:
    """Return the responses with a comment that the filters want, the newest first."""
    wanted = has_theme(filters.theme) & has_mood(filters.mood)
    return filters.scope.responses().filter(wanted, reading__isnull=False).order_by("-answered_at", "-pk")


def theme_rows(filters: Filters, themes: Sequence[Theme]) -> list[ThemeRow]:
    """Return the share of each theme among the comments of this scope and mood, the commonest first.

    They are counted as the report counts them. The refusals of further surveys are a theme too. One statement.
    """
    groups = comment_groups(filters.scope, themes, with_before=False)
    about = [group for group in groups if filters.mood in ("", group.mood)]
    n, having = sum(group.n for group in about), Counter[str]()
    for group in about:
        having.update(dict.fromkeys(group.marks, group.n))
    named = [(theme.key, theme.name) for theme in themes]
    rows = [ThemeRow(key, name, published(having[key], n)) for key, name in (*named, (NO_MORE, NO_MORE_NAME))]
    return sorted(rows, key=lambda row: (-(row.share["count"] or 0), row.name))


def shown(responses: Sequence[Response], reader: Reader) -> list[Shown]:
    """Return these comments with what is known of them, as the reader may see it; four statements."""
    ids = [response.pk for response in responses]
    texts = {comment.response: comment.text for comment in comments(ids)}
    rated = Answer.objects.counted().filter(response__in=ids, question__kind=Question.Kind.NPS)
    scores = dict(rated.values_list("response", "number"))
    themes: dict[int, list[CommentTheme]] = {pk: [] for pk in ids}
    for found in CommentTheme.objects.filter(response__in=ids).select_related("theme").order_by("-probability", "pk"):
        themes[found.response_id].append(found)
    corrected = set(Response.objects.filter(pk__in=ids, theme_corrections__isnull=False).values_list("pk", flat=True))
    return [
        Shown(
            hiding.shown(response, reader),
            texts.get(response.pk, "") if reader.personal else hiding.HIDDEN,
            scores.get(response.pk),
            mood(scores.get(response.pk)),
            themes[response.pk],
            response.pk in corrected,
        )
        for response in responses
    ]


def has_theme(key: str) -> Q:
    """Which responses have a theme, or a narrower one; all, where it is empty."""
    if key == NO_MORE:
        return Q(reading__refusal__in=[refusal for refusal in Refusal if refusal])
    if key == WITHOUT:
        return without_theme()
    if not key:
        return Q()
    themes = list(Theme.objects.all())
    family = [pk for theme in themes if theme.key == key for pk in _family(theme, themes)]
    return Q(Exists(CommentTheme.objects.filter(response=OuterRef("pk"), theme__in=family)))


def _family(theme: Theme, themes: Sequence[Theme]) -> set[int]:
    """The theme and all narrower ones."""
    family, added = {theme.pk}, {theme.pk}
    while added:
        added = {one.pk for one in themes if one.parent_id in added} - family
        family |= added
    return family
