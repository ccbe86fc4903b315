"""What a survey costs its customers: seconds of their attention, and how many it may cost."""

from collections.abc import Sequence
from dataclasses import dataclass

from surveys.models import Look, Survey, SurveyVersion
from surveys.questions.budget import seconds
from surveys.texts import QuestionWords, words

_DEFAULTS = Look()


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds: what it costs, and the most that the brand allows for such a survey."""

    seconds: int
    limit: int

    @property
    def too_dear(self) -> bool:
        """Whether it costs more than it may."""
        return self.seconds > self.limit


def estimate(version: SurveyVersion) -> Cost:
    """Return what a version costs, from its questions in the brand's language. Three statements at most."""
    brand = version.survey.brand
    questions = words(version, brand.default_language).questions
    shown = words_shown(questions)
    return Cost(seconds(questions, shown, version.modules_asked), limit(version.survey))


def limit(survey: Survey) -> int:
    """Return how many seconds a survey may cost."""
    look = Look.objects.filter(brand=survey.brand_id).first() or _DEFAULTS
    transactional = survey.occasion == Survey.Occasion.TRANSACTIONAL
    return look.transactional_seconds if transactional else look.relationship_seconds


def words_shown(questions: Sequence[QuestionWords]) -> dict[str, int]:
    """Return how many words each question shows, by key."""
    return {question.key: _words_of(question) for question in questions}


def _words_of(question: QuestionWords) -> int:
    texts: Sequence[str] = (question.text, question.help, question.low, question.high, question.unit)
    return sum(len(text.split()) for text in (*texts, *question.options.values(), *question.rows.values()))
