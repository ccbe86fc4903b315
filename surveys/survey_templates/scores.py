"""Surveys about one score after any touchpoint: NPS, CSAT, CES; and the one that asks whether it is fixed."""

from surveys.questions.kinds import Kind
from surveys.survey_templates.shapes import QuestionTemplate, SurveyTemplate, Text

THANKS: Text = (
    "Thank you. Your answer has reached {brand}.",
    "Vielen Dank. Ihre Antwort ist bei {brand} angekommen.",
)
MESSAGES: dict[str, Text] = {
    "thanks": THANKS,
    "subject": ("{brand} asks about {visit}", "{brand} fragt nach {visit}"),
    "message": (
        "Hello {name},\n\n{brand} would like to know how {visit} was for you. It takes about {seconds} seconds.",
        (
            "Guten Tag {name},\n\n"
            "{brand} möchte wissen, wie zufrieden Sie mit {visit} waren. Es dauert etwa {seconds} Sekunden."
        ),
    ),
    "sms": (
        "{brand}: how was {visit}? A few questions, {seconds} seconds: {link}",
        "{brand} fragt nach {visit}. Wenige Fragen, {seconds} Sekunden: {link}",
    ),
}
"""The customary words around a survey."""
REASON: Text = ("What is the main reason for your score?", "Was ist der wichtigste Grund für Ihre Bewertung?")
CALL_ME = QuestionTemplate(key="call_me", kind=Kind.CONTACT_WISH)

NPS = SurveyTemplate(
    slug="nps",
    name="Recommendation after a touchpoint",
    when="Would they recommend you? One score that you can follow over years, with its reason.",
    words={
        "title": ("How was {visit}?", "Wie zufrieden waren Sie mit {visit}?"),
        **MESSAGES,
        "sms": (
            "{brand}: how was {visit}? It takes {seconds} seconds: {link}",
            "{brand} fragt nach {visit}. Es dauert {seconds} Sekunden: {link}",
        ),
        "reminder_subject": ("Still welcome: how was {visit}?", "Ihre Meinung zu {visit} ist noch willkommen"),
        "reminder_message": (
            (
                "Hello {name},\n\n"
                "{brand} asked you how {visit} was and would still like to know. It takes about {seconds} seconds. "
                "If you would rather not answer, you need not do anything."
            ),
            (
                "Guten Tag {name},\n\n"
                "{brand} hat Sie nach {visit} gefragt und möchte es noch immer gern wissen. Es dauert etwa {seconds} "
                "Sekunden. Wenn Sie nicht antworten möchten, brauchen Sie nichts zu tun."
            ),
        ),
        "reminder_sms": (
            "{brand} would still like to know: how was {visit}? {seconds} seconds: {link}",
            "{brand} fragt noch einmal nach {visit}. {seconds} Sekunden: {link}",
        ),
    },
    questions=(
        QuestionTemplate(key="score", kind=Kind.NPS, required=True),
        QuestionTemplate(key="reason", kind=Kind.TEXT, words={"text": REASON}),
        CALL_ME,
    ),
)

CSAT = SurveyTemplate(
    slug="csat",
    name="Satisfaction after a touchpoint",
    when="How satisfied were they with this one experience? Good for comparing places, teams and weeks.",
    words={
        "title": ("How was {visit}?", "Wie war es?"),
        **MESSAGES,
    },
    questions=(
        QuestionTemplate(key="satisfaction", kind=Kind.CSAT, required=True, details={"faces": True}),
        QuestionTemplate(key="reason", kind=Kind.TEXT, words={"text": REASON}),
        CALL_ME,
    ),
)

CES = SurveyTemplate(
    slug="ces",
    name="Effort after a request",
    when="Was it easy for them? Good after service requests, where effort drives people away.",
    words={
        "title": ("How easy was it?", "Wie einfach war es?"),
        **MESSAGES,
    },
    questions=(
        QuestionTemplate(key="ease", kind=Kind.CES, required=True, aspect="effort"),
        QuestionTemplate(
            key="easier",
            kind=Kind.TEXT,
            words={"text": ("What would have made it easier?", "Was hätte es Ihnen leichter gemacht?")},
            aspect="effort",
            compass="need",
        ),
        CALL_ME,
    ),
)

FIXED = SurveyTemplate(
    slug="fixed",
    name="Is it fixed?",
    when="One yes or no to somebody whose complaint you have seen to.",
    words={
        "title": ("Is it fixed?", "Ist es behoben?"),
        "thanks": THANKS,
        "subject": ("{brand} asks whether it is fixed", "{brand} fragt, ob es behoben ist"),
        "message": (
            (
                "Hello {name},\n\n"
                "you told {brand} what went wrong with {visit}, and we have seen to it. "
                "One question is left; it takes about {seconds} seconds."
            ),
            (
                "Guten Tag {name},\n\n"
                "Sie haben {brand} gesagt, was bei {visit} nicht gut war, und wir haben uns darum gekümmert. "
                "Eine Frage bleibt; sie dauert etwa {seconds} Sekunden."
            ),
        ),
        "sms": (
            "{brand}: you told us about {visit}. Is it fixed? One tap: {link}",
            "{brand}: Sie schrieben uns zu {visit}. Ist es behoben? Ein Klick: {link}",
        ),
    },
    questions=(
        QuestionTemplate(
            key="fixed",
            kind=Kind.YES_NO,
            required=True,
            words={"text": ("Is it fixed?", "Ist es behoben?")},
            aspect="resolved",
        ),
    ),
)
