"""What a score means: the groups of the 0 to 10 recommendation scale, and from where on an answer is unhappy.

Source of the groups: Reichheld, "The One Number You Need to Grow", Harvard Business Review, December 2003.
"""

from django.db.models import Q

from surveys.questions.kinds import Kind

DETRACTORS = range(7)
PASSIVES = range(7, 9)
PROMOTERS = range(9, 11)
MOODS = {"unhappy": DETRACTORS, "passive": PASSIVES, "happy": PROMOTERS}
"""The word, and with it the colour, that pages have for each group."""
UNHAPPY = {Kind.NPS: DETRACTORS, Kind.CSAT: range(1, 3), Kind.STARS: range(1, 3), Kind.CES: range(1, 4)}
"""Of each scale: below its middle, but for the first, whose groups are Reichheld's."""


def is_unhappy(kind: str, number: int | None) -> bool:
    """Whether an answer to a question of this kind is that of an unhappy customer."""
    return number is not None and number in UNHAPPY.get(Kind(kind), ())


def unhappy_answers() -> Q:
    """Return the filter for answers of unhappy customers."""
    scores = [Q(question__kind=kind, number__range=(low[0], low[-1])) for kind, low in UNHAPPY.items()]
    return Q(*scores, _connector=Q.OR)


def mood(score: int | None) -> str:
    """Return the word for a score; empty for none."""
    return next((word for word, scores in MOODS.items() if score in scores), "")
