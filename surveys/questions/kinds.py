"""What kinds of questions there are, and what each of them offers."""

from dataclasses import dataclass

from django.db.models import TextChoices


class Kind(TextChoices):
    """A kind of question; a statement asks nothing."""

    NPS = "nps", "Recommendation, 0 to 10 (NPS)"
    CSAT = "csat", "Satisfaction, 1 to 5 (CSAT)"
    CES = "ces", "Ease, 1 to 7 (CES)"
    STARS = "stars", "Stars, 1 to 5"
    YES_NO = "yes_no", "Yes or no"
    CHOICE = "choice", "One of several"
    CHOICES = "choices", "Several of several"
    MATRIX = "matrix", "Table: one answer in each row"
    RANKING = "ranking", "Ranking"
    SHORT_TEXT = "short_text", "Short text"
    TEXT = "text", "Open question"
    NUMBER = "number", "Number"
    DATE = "date", "Date"
    CONTACT_WISH = "contact_wish", "May we call you about this?"
    STATEMENT = "statement", "Text without a question"


@dataclass(frozen=True, slots=True)
class Make:
    """What a kind is made of.

    `scale`: the whole numbers that it offers, from the least satisfied to the most. `settings`: which fields of
    `surveys.questions.details.Details` it takes. `fields`: which words of its own it has besides those of its options
    and rows (`surveys.texts`). `seconds`: what answering costs after reading (`surveys.questions.budget`).
    """

    seconds: float
    scale: range | None = None
    settings: frozenset[str] = frozenset()
    fields: tuple[str, ...] = ("text", "help")

    @property
    def has_options(self) -> bool:
        """Whether its manager writes what can be chosen."""
        return "options" in self.settings


_ENDS = ("text", "help", "low", "high")
_LISTED = frozenset({"options", "other", "none", "shuffle"})

#: Scales: NPS by F. Reichheld, "The One Number You Need to Grow", Harvard Business Review, December 2003; CES 2.0 by
#: M. Dixon, CEB, 2013 (agreement from 1 to 7); CSAT and stars have five steps.
MAKES: dict[Kind, Make] = {
    Kind.NPS: Make(4, range(11), fields=_ENDS),
    Kind.CSAT: Make(3, range(1, 6), frozenset({"faces"}), _ENDS),
    Kind.CES: Make(4, range(1, 8), fields=_ENDS),
    Kind.STARS: Make(3, range(1, 6), fields=_ENDS),
    Kind.YES_NO: Make(2, range(2)),
    Kind.CHOICE: Make(3, settings=_LISTED),
    Kind.CHOICES: Make(5, settings=_LISTED | {"least", "most"}),
    Kind.MATRIX: Make(2, settings=frozenset({"options", "rows", "shuffle"})),
    Kind.RANKING: Make(4, settings=frozenset({"options", "shuffle"})),
    Kind.SHORT_TEXT: Make(6, settings=frozenset({"most"})),
    Kind.TEXT: Make(9, settings=frozenset({"most"})),
    Kind.NUMBER: Make(4, settings=frozenset({"least", "most", "decimals"}), fields=("text", "help", "unit")),
    Kind.DATE: Make(5, settings=frozenset({"earliest", "latest"})),
    Kind.CONTACT_WISH: Make(2, range(2)),
    Kind.STATEMENT: Make(0, fields=("text",)),
}
