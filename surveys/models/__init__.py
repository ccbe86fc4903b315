"""What we ask, and what came back: the tables of this room."""

from surveys.models.invitations import Attempt, Invitation, OutboxMessage
from surveys.models.programs import Program
from surveys.models.responses import Answer, Response
from surveys.models.surveys import Question, Survey, SurveyVersion, Translation
from surveys.models.waves import Wave, WaveRange

__all__ = [
    "Answer",
    "Attempt",
    "Invitation",
    "OutboxMessage",
    "Program",
    "Question",
    "Response",
    "Survey",
    "SurveyVersion",
    "Translation",
    "Wave",
    "WaveRange",
]
