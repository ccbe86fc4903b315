"""What we ask, and what came back: the tables of this room."""

from surveys.models.calls import CallAttempt, CallCase, CallOutcome
from surveys.models.hooks import IncomingSms, ProviderEvent, ProviderRequest
from surveys.models.invitations import Attempt, Invitation, OutboxMessage
from surveys.models.open_links import OpenLink, OpenMark, OpenSecret
from surveys.models.programs import Program
from surveys.models.responses import Answer, Response
from surveys.models.sending import Allowance, Pause
from surveys.models.surveys import Look, Question, Survey, SurveyVersion, Translation
from surveys.models.targets import ContactPlan, PlannedGroup, PlannedTarget, Target
from surveys.models.waves import Wave, WaveRange

__all__ = [
    "Allowance",
    "Answer",
    "Attempt",
    "CallAttempt",
    "CallCase",
    "CallOutcome",
    "ContactPlan",
    "IncomingSms",
    "Invitation",
    "Look",
    "OpenLink",
    "OpenMark",
    "OpenSecret",
    "OutboxMessage",
    "Pause",
    "PlannedGroup",
    "PlannedTarget",
    "Program",
    "ProviderEvent",
    "ProviderRequest",
    "Question",
    "Response",
    "Survey",
    "SurveyVersion",
    "Target",
    "Translation",
    "Wave",
    "WaveRange",
]
