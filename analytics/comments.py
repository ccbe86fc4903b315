"""Comments are read: which refuse further surveys, and which themes each has. What is kept of it holds no text.

The comment of a response is all that it says in answer to open questions. What is learned from it is masked before.
"""

import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db import transaction
from django.db.models import Exists, F, Max, OuterRef, Q, QuerySet

from analytics.models import CommentReading, CommentTheme, Theme, ThemeCorrection
from analytics.themes import Codebook, Correction, mask, probabilities, train, wants_no_more
from analytics.themes import Theme as ThemeOfBook
from analytics.themes.assigning import BELONGS_FROM
from surveys.models import Answer, Question, Response

CHUNK = 500
"""Comments that are read in one transaction."""
AT_ONCE = 20_000
"""Comments whose themes one pass finds, the newest first; the rest waits for the next one."""
LEARNED_FROM = 2_000
"""The newest comments, from which a theme is learned by its words."""
CORRECTIONS_LEARNED_FROM = 5_000
SEEN_AGAIN = timedelta(days=1)


class Comment(NamedTuple):
    """What a response says in words, and who said it."""

    response: int
    text: str
    customer: str
    country: str

    @property
    def masked(self) -> str:
        """The text without what names or reaches a person."""
        return mask(self.text, names=[self.customer], region=self.country or None)


def answers_in_words() -> QuerySet[Answer]:
    """Return the answers that comments are made of: to open questions, of responses that figures are made of."""
    return Answer.objects.counted().filter(question__kind=Question.Kind.TEXT).exclude(text="")


def comments(responses: Collection[int]) -> list[Comment]:
    """Return the comments of these responses, in the order of their ids; of one that says nothing, none."""
    said: dict[int, list[str]] = defaultdict(list)
    spoke: dict[int, tuple[str, str]] = {}
    rows = answers_in_words().filter(response__in=responses).order_by("response", "question__position", "pk")
    columns = ("response", "text", "response__customer__name", "response__customer__country")
    for response, text, name, country in rows.values_list(*columns):
        said[response].append(text)
        spoke[response] = (name, country)
    return [Comment(response, "\n".join(texts), *spoke[response]) for response, texts in said.items()]


def hear(at: datetime) -> int:
    """Note of every comment that is new or changed whether it refuses further surveys; return of how many.

    Nothing that came until a day before the newest one that was read can be new. What is found out about a comment that
    changed goes, as it may say something else now. Safe to repeat and to run twice at once.
    """
    heard = 0
    for ids in _in_chunks(_unheard(at).values_list("pk", flat=True)):
        heard += _hear(ids)
    return heard


def codebook() -> Codebook:
    """Return the organisation's themes as the pure functions take them."""
    of_theme: dict[int, dict[str, list[str]]] = defaultdict(dict)
    rows = Theme.objects.select_related("parent").prefetch_related("words").order_by("key")
    for theme in rows:
        of_theme[theme.pk] = {words.language: split_words(words.words) for words in theme.words.all()}
    return Codebook(
        [
            ThemeOfBook(theme.key, theme.name, of_theme[theme.pk], theme.parent.key if theme.parent else "")
            for theme in rows
        ]
    )


def split_words(text: str) -> list[str]:
    """Return the words or phrases of a list with commas or lines."""
    return [word for part in text.replace("\n", ",").split(",") if (word := " ".join(part.split()))]


def find_themes() -> int:
    """Find the themes of all comments that the codebook of now, with its corrections, has not read; return how many.

    Learns anew each time there is something to read, from the newest comments and corrections. What a person said
    about a comment stays.
    """
    book, version = codebook(), _version()
    unread = CommentReading.objects.exclude(codebook=version).order_by("-pk").values_list("pk", flat=True)
    if not unread.exists():
        return 0
    model = train(book, [comment.masked for comment in newest_comments()], corrections())
    ids = {theme.key: theme.pk for theme in Theme.objects.all()}
    found = 0
    for chunk in _in_chunks(list(unread[:AT_ONCE])):
        said = comments(chunk)
        likely = probabilities(model, [comment.masked for comment in said])
        pairs = [
            CommentTheme(response_id=comment.response, theme_id=ids[key], probability=of_theme[index])
            for key, of_theme in likely.items()
            for index, comment in enumerate(said)
            if of_theme[index] >= BELONGS_FROM
        ]
        found += _keep(chunk, {comment.response for comment in said}, pairs, version)
    return found


def newest_comments(of: QuerySet[Response] | None = None, at_most: int = LEARNED_FROM) -> list[Comment]:
    """Return the newest comments of these responses; of all, where none are named."""
    responses = Response.objects.all() if of is None else of.order_by()
    newest = answers_in_words().filter(response__in=responses.values("pk")).order_by("-response")
    return comments(list(newest.values_list("response", flat=True).distinct()[:at_most]))


def corrections() -> list[Correction]:
    """Return what people said of comments, the newest ones, for learning."""
    judged: dict[int, dict[str, bool]] = defaultdict(dict)
    rows = ThemeCorrection.objects.order_by("-response").values_list("response", "theme__key", "belongs")
    newest = rows.values_list("response", flat=True).distinct()[:CORRECTIONS_LEARNED_FROM]
    for response, key, belongs in rows.filter(response__in=list(newest)):
        judged[response][key] = belongs
    return [Correction(comment.masked, judged[comment.response]) for comment in comments(judged)]


@transaction.atomic
def correct(response_id: int, themes: Collection[int], *, by_id: int, at: datetime) -> None:
    """Note which themes a person says that a comment has: these and no others. Unknown ids of themes are none.

    Raises CommentReading.DoesNotExist for a response whose comment is not read yet, or has none.
    """
    CommentReading.objects.select_for_update(no_key=True).get(pk=response_id)
    for theme in Theme.objects.values_list("pk", flat=True):
        said = {"belongs": theme in themes, "by_id": by_id, "at": at}
        ThemeCorrection.objects.update_or_create(response_id=response_id, theme_id=theme, defaults=said)
    _apply_corrections([response_id])


def erase(records: Collection[int]) -> None:
    """Forget what was found out about the comments of a person."""
    _forget(list(Response.objects.filter(customer__in=records).values_list("pk", flat=True)))


def _unheard(at: datetime) -> QuerySet[Response]:
    in_words = Q(Exists(answers_in_words().filter(response=OuterRef("pk"))))
    changed = Q(reading__as_of__lt=F("updated_at"))
    responses = Response.objects.filter(in_words & Q(reading=None) | changed, updated_at__lte=at).order_by("pk")
    newest = CommentReading.objects.aggregate(newest=Max("as_of"))["newest"]
    return responses.filter(updated_at__gte=newest - SEEN_AGAIN) if newest else responses


@transaction.atomic
def _hear(ids: Sequence[int]) -> int:
    as_of = dict(Response.objects.filter(pk__in=ids).values_list("pk", "updated_at"))
    _forget(ids)
    said = comments(ids)
    rows = [
        CommentReading(response_id=one.response, as_of=as_of[one.response], refusal=wants_no_more(one.text))
        for one in said
    ]
    CommentReading.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)


def _forget(responses: Sequence[int]) -> None:
    CommentTheme.objects.filter(response__in=responses).delete()
    ThemeCorrection.objects.filter(response__in=responses).delete()
    CommentReading.objects.filter(response__in=responses).delete()


@transaction.atomic
def _keep(ids: Sequence[int], read: Collection[int], pairs: Sequence[CommentTheme], version: str) -> int:
    """Keep what was found of these comments, but for those that were changed or erased meanwhile.

    Those that could not be `read`, because their texts are no longer kept, stay with what was found before.
    """
    readings = CommentReading.objects.filter(pk__in=ids).order_by("pk")
    standing = set(readings.select_for_update(no_key=True).values_list("pk", flat=True))
    CommentTheme.objects.filter(response__in=standing.intersection(read)).delete()
    CommentTheme.objects.bulk_create(pair for pair in pairs if pair.response_id in standing)
    _apply_corrections(standing)
    return readings.update(codebook=version)


def _apply_corrections(ids: Collection[int]) -> None:
    """Let what people said stand in the place of what was found."""
    said = ThemeCorrection.objects.filter(response__in=ids)
    overruled = said.filter(response=OuterRef("response"), theme=OuterRef("theme"))
    CommentTheme.objects.filter(Exists(overruled), response__in=ids).delete()
    sure = said.filter(belongs=True).values_list("response", "theme")
    CommentTheme.objects.bulk_create(
        CommentTheme(response_id=response, theme_id=theme, probability=1) for response, theme in sure
    )


def _version() -> str:
    """What tells the codebook with all that was learned about it from every other."""
    told = hashlib.sha256(codebook().version.encode())
    for row in ThemeCorrection.objects.order_by("pk").values_list("pk", "belongs", "at"):
        told.update(repr(row).encode())
    return told.hexdigest()[:16]


def _in_chunks(ids: Iterable[int]) -> Iterator[list[int]]:
    every = list(ids)
    for start in range(0, len(every), CHUNK):
        yield every[start : start + CHUNK]
