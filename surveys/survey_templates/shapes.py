"""What a template of a survey consists of; every text is there in each language, so that none is forgotten."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from surveys.models import Survey
from surveys.questions.kinds import Kind
from surveys.texts import OPTION

LANGUAGES = {"en": "English", "de": "German"}
"""In which the templates are written, in the order of their texts."""
Text: TypeAlias = tuple[str, str]
"""A text in each of the languages."""


@dataclass(frozen=True, slots=True)
class QuestionTemplate:
    """A question as it is created; `details` and `show_if` as `surveys.models.Question` has them.

    Its options are those that `words` has (`option:KEY`), in their order.
    What `words` lacks of the ends of a scale is taken from the customary words of its kind
    (`surveys.survey_templates.standard`).
    """

    key: str
    kind: Kind
    words: Mapping[str, Text] = field(default_factory=dict)
    required: bool = False
    starts_page: bool = False
    details: Mapping[str, Any] = field(default_factory=dict)
    show_if: Mapping[str, Any] | None = None
    aspect: str = ""
    compass: str = ""

    @property
    def settings(self) -> dict[str, Any]:
        """Its details with the options."""
        options = [name.removeprefix(OPTION) for name in self.words if name.startswith(OPTION)]
        return ({"options": options} if options else {}) | dict(self.details)


@dataclass(frozen=True, slots=True)
class SurveyTemplate:
    """A survey as it is created; `when` says to a manager for what it is good."""

    slug: str
    name: str
    when: str
    words: Mapping[str, Text]
    questions: tuple[QuestionTemplate, ...]
    occasion: Survey.Occasion = Survey.Occasion.TRANSACTIONAL


def in_language(words: Mapping[str, Text], language: str) -> dict[str, str]:
    """Return the texts of one language, by field; none where the templates do not speak it."""
    if language not in LANGUAGES:
        return {}
    place = list(LANGUAGES).index(language)
    return {name: texts[place] for name, texts in words.items()}
