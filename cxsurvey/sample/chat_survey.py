"""The survey that the sample's shop asks after a chat: three short pages, so that some do not come to the last."""

from surveys.questions.kinds import Kind
from surveys.survey_templates import MESSAGES, NPS, QuestionTemplate, SurveyTemplate

SATISFIED, EASE = "satisfied", "ease"
_SCORE, _REASON, _CALL_ME = NPS.questions
CHAT = SurveyTemplate(
    slug="chat",
    name="After a chat",
    when="The score, then how the chat itself was, then whether to call.",
    words={**NPS.words, **MESSAGES},
    questions=(
        _SCORE,
        _REASON,
        QuestionTemplate(
            key=SATISFIED,
            kind=Kind.CSAT,
            words={"text": ("How satisfied were you with the chat?", "Wie zufrieden waren Sie mit dem Chat?")},
            details={"faces": True},
            starts_page=True,
        ),
        QuestionTemplate(key=EASE, kind=Kind.CES, aspect="effort"),
        QuestionTemplate(key=_CALL_ME.key, kind=_CALL_ME.kind, starts_page=True),
    ),
)
CHAT_PAGES = 1 + sum(question.starts_page for question in CHAT.questions)
