"""What was answered at open links, as files: apart from what customers answered, as anybody may have given it."""

from contacts.exporting import CODE, INSTANT, INTEGER, JSON, Column, QueryTable
from surveys.exported import AnswerFilters, ResponseFilters
from surveys.models import Answer, Question, Response
from surveys.response_columns import ANSWER_COLUMNS, answer_to

OPEN_RESPONSES = QueryTable(
    "open_responses",
    "Every answer at an open link, apart from those of customers: anybody may have given it.",
    "surveys.view_response",
    (
        Column("response_id", "pk", "our number of the response; the table open_answers has it too", INTEGER),
        Column("open_link", "open_link__name", "where the link hangs"),
        Column("kind", "open_link__kind", "kind of touchpoint that the place asks about"),
        Column("touchpoint_id", "touchpoint_id", "of a receipt: the touchpoint that it is about", INTEGER, empty=True),
        Column("survey", "version__survey__slug", "survey that was answered", CODE),
        Column("version", "version__number", "version of the survey", INTEGER),
        Column("language", "language", "language of the survey page", empty=True),
        Column("answered_at", "answered_at", "when it was answered, UTC", INSTANT),
        Column(
            "finished_at",
            "finished_at",
            "when its last page was sent, UTC; empty while there are pages left",
            INSTANT,
            empty=True,
        ),
        Column("seconds", "seconds", "attention that it took, over all pages", INTEGER, unit="seconds", empty=True),
        Column("device", "device", "phone, tablet or computer; empty where the browser does not say", CODE, empty=True),
        Column(
            "flags",
            "attributes__flags",
            "what makes it doubtful: duplicate, trap, unseen, speeder, straight_liner",
            JSON,
            empty=True,
        ),
        Column(
            "score",
            answer_to(Question.Kind.NPS, "number"),
            "0 to 10, how likely to recommend",
            INTEGER,
            unit="points, 0 to 10",
            empty=True,
        ),
        Column(
            "comment",
            answer_to(Question.Kind.TEXT, "text"),
            "in the words of whoever answered",
            empty=True,
            personal=True,
        ),
        Column("updated_at", "updated_at", "last change, UTC", INSTANT),
    ),
    lambda: Response.objects.filter(open_link__isnull=False).order_by("updated_at", "pk"),
    ResponseFilters,
    ("", "touchpoint"),
)

OPEN_ANSWERS = QueryTable(
    "open_answers",
    "Every answer to every question at an open link, one part a row.",
    "surveys.view_response",
    ANSWER_COLUMNS,
    lambda: Answer.objects.filter(response__open_link__isnull=False).order_by(
        "response__updated_at", "response", "question__position", "pk"
    ),
    AnswerFilters,
    ("", "response"),
)

OPEN_TABLES = (OPEN_RESPONSES, OPEN_ANSWERS)
