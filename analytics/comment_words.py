"""The words that stand out in comments: what the unhappy say, and what stands together where no theme was found."""

from django.db.models import Exists, OuterRef, Q, QuerySet

from analytics.comments import newest_comments
from analytics.models import CommentTheme
from analytics.themes import JOINING, KeynessError, KeyWord, Proposal, ProposalError, clearly, keyness, propose
from analytics.themes.no_more import KEY as NO_MORE
from analytics.themes.no_more import NAME as NO_MORE_NAME
from surveys.models import Answer, Question, Response
from surveys.scale import MOODS

__all__ = ["NO_MORE", "NO_MORE_NAME", "WITHOUT", "has_mood", "key_words", "proposals", "without_theme"]

WITHOUT = "without"
"""In place of a theme: comments in which none was found."""
COMPARED = 2_000
"""The newest comments of each side whose words are compared."""
KEY_WORDS = 20
PROPOSED = 8


def has_mood(*moods: str) -> Q:
    """Which responses gave a score of one of these moods; all, where they are empty."""
    wanted = Q()
    for scores in (MOODS[mood] for mood in moods if mood):
        wanted |= Q(number__range=(scores[0], scores[-1]))
    rated = Answer.objects.counted().filter(wanted, response=OuterRef("pk"), question__kind=Question.Kind.NPS)
    return Q(Exists(rated)) if wanted else Q()


def without_theme() -> Q:
    """Which responses have a comment that was read, and no theme."""
    return ~Q(Exists(CommentTheme.objects.filter(response=OuterRef("pk")))) & Q(reading__isnull=False)


def key_words(responses: QuerySet[Response]) -> list[KeyWord]:
    """Return the words that unhappy customers use clearly more often than happy ones, the clearest first.

    None where there are no comments of either to compare. Words that only join others are left out. Four statements.
    """
    try:
        found = keyness(_masked(responses, "unhappy"), _masked(responses, "happy"))
    except KeynessError:
        return []
    return [word for word in clearly(found) if word.word not in JOINING][:KEY_WORDS]


def proposals(responses: QuerySet[Response]) -> list[Proposal] | str:
    """Return groups of words in comments without a theme, or why there are none."""
    without = newest_comments(responses.filter(without_theme()), COMPARED)
    try:
        return propose([comment.masked for comment in without], PROPOSED)
    except ProposalError as error:
        return str(error)


def _masked(responses: QuerySet[Response], mood: str) -> list[str]:
    return [comment.masked for comment in newest_comments(responses.filter(has_mood(mood)), COMPARED)]
