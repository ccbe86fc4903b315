"""Surveys that a manager starts from, in English and German, each publishable as it is; and one without questions."""

from surveys.survey_templates.moments import EXIT, ONBOARDING, POST_CALL, POST_DELIVERY
from surveys.survey_templates.scores import CES, CSAT, FIXED, MESSAGES, NPS
from surveys.survey_templates.shapes import LANGUAGES, QuestionTemplate, SurveyTemplate

__all__ = ["FIXED", "LANGUAGES", "MESSAGES", "NPS", "TEMPLATES", "QuestionTemplate", "SurveyTemplate"]

EMPTY = SurveyTemplate(
    slug="survey",
    name="A survey of your own",
    when="No questions yet; the words of the messages are there.",
    words={"title": ("How was {visit}?", "Wie war es?"), **MESSAGES},
    questions=(),
)
TEMPLATES = {
    template.slug: template for template in (NPS, CSAT, CES, POST_CALL, POST_DELIVERY, ONBOARDING, EXIT, FIXED, EMPTY)
}
