"""Surveys for one moment of a customer's way: after a call, after a delivery, the first weeks, the farewell."""

from surveys.models import Survey
from surveys.questions.kinds import Kind
from surveys.survey_templates.scores import CALL_ME, MESSAGES, THANKS
from surveys.survey_templates.shapes import QuestionTemplate, SurveyTemplate

NOT_SETTLED = {"all": [{"question": "resolved", "is": "is", "value": "0"}]}

POST_CALL = SurveyTemplate(
    slug="post-call",
    name="After a call",
    when="Is it settled, how often did they have to explain it, and how were they treated?",
    words={
        "title": ("How was {visit}?", "Wie war das Gespräch?"),
        **MESSAGES,
    },
    questions=(
        QuestionTemplate(
            key="resolved",
            kind=Kind.YES_NO,
            required=True,
            words={"text": ("Is your request settled?", "Ist Ihr Anliegen geklärt?")},
            aspect="resolved",
        ),
        QuestionTemplate(
            key="explained",
            kind=Kind.CHOICE,
            words={
                "text": ("How often did you have to explain it?", "Wie oft mussten Sie es erklären?"),
                "option:once": ("Once", "Einmal"),
                "option:twice": ("Twice", "Zweimal"),
                "option:more_often": ("Three times or more", "Dreimal oder öfter"),
            },
            aspect="effort",
        ),
        QuestionTemplate(
            key="courtesy",
            kind=Kind.CSAT,
            words={
                "text": (
                    "How satisfied were you with the person you talked to?",
                    "Wie zufrieden waren Sie mit Ihrer Gesprächspartnerin oder Ihrem Gesprächspartner?",
                )
            },
            aspect="courtesy",
        ),
        QuestionTemplate(
            key="open",
            kind=Kind.TEXT,
            words={"text": ("What is still open?", "Was ist noch offen?")},
            starts_page=True,
            show_if=NOT_SETTLED,
            aspect="resolved",
            compass="need",
        ),
        QuestionTemplate(
            key="call_me",
            kind=Kind.CONTACT_WISH,
            show_if=NOT_SETTLED,
        ),
    ),
)

POST_DELIVERY = SurveyTemplate(
    slug="post-delivery",
    name="After a delivery",
    when="Did it arrive as promised, and if not, what went wrong?",
    words={
        "title": ("How was {visit}?", "Wie war die Lieferung?"),
        **MESSAGES,
    },
    questions=(
        QuestionTemplate(
            key="delivery",
            kind=Kind.STARS,
            required=True,
            words={
                "text": ("How many stars do you give this delivery?", "Wie viele Sterne geben Sie dieser Lieferung?")
            },
        ),
        QuestionTemplate(
            key="wrong",
            kind=Kind.CHOICES,
            words={
                "text": ("What was not as it should be?", "Was war nicht so, wie es sein sollte?"),
                "option:late": ("It came late", "Sie kam zu spät"),
                "option:damaged": ("Something was damaged", "Etwas war beschädigt"),
                "option:incomplete": ("Something was missing", "Etwas fehlte"),
                "option:place": ("It was left in the wrong place", "Sie lag am falschen Ort"),
                "option:news": ("I was not told when it would come", "Ich wusste nicht, wann sie kommt"),
            },
            starts_page=True,
            details={"other": True},
            show_if={"all": [{"question": "delivery", "is": "at_most", "value": "4"}]},
            aspect="reliability",
        ),
        QuestionTemplate(
            key="call_me",
            kind=Kind.CONTACT_WISH,
            show_if={"all": [{"question": "delivery", "is": "at_most", "value": "2"}]},
        ),
    ),
)

ONBOARDING = SurveyTemplate(
    slug="onboarding",
    name="The first weeks",
    when="Do new customers get going, and what holds them back?",
    words={
        "title": ("How are your first weeks with {brand}?", "Wie sind Ihre ersten Wochen mit {brand}?"),
        "thanks": THANKS,
        "subject": ("Your first weeks with {brand}", "Ihre ersten Wochen mit {brand}"),
        "message": (
            "Hello {name},\n\n{brand} would like to know how your start went. It takes about {seconds} seconds.",
            "Guten Tag {name},\n\n{brand} möchte wissen, wie Ihr Anfang war. Es dauert etwa {seconds} Sekunden.",
        ),
        "sms": (
            "{brand}: how did your start go? A few questions, {seconds} seconds: {link}",
            "{brand}: Wie war Ihr Anfang? Wenige Fragen, {seconds} Sekunden: {link}",
        ),
    },
    questions=(
        QuestionTemplate(
            key="start",
            kind=Kind.CES,
            required=True,
            words={
                "text": ("It was easy to get started with {brand}.", "Der Anfang mit {brand} war einfach."),
            },
            aspect="effort",
        ),
        QuestionTemplate(
            key="holds_back",
            kind=Kind.CHOICE,
            words={
                "text": ("What holds you back most at the moment?", "Was hält Sie im Moment am meisten auf?"),
                "option:nothing": ("Nothing", "Nichts"),
                "option:time": ("I had no time yet", "Ich hatte noch keine Zeit"),
                "option:explanation": ("I do not know how something works", "Ich weiß nicht, wie etwas geht"),
                "option:missing": ("Something is missing or broken", "Etwas fehlt oder geht nicht"),
            },
            details={"other": True},
            aspect="information",
            compass="need",
        ),
        QuestionTemplate(
            key="expected",
            kind=Kind.TEXT,
            words={
                "text": (
                    "What did you expect that you have not found yet?",
                    "Was haben Sie erwartet und noch nicht gefunden?",
                )
            },
            compass="want",
        ),
        CALL_ME,
    ),
)

EXIT = SurveyTemplate(
    slug="exit",
    name="The farewell",
    when="Why do customers leave, and would they come back?",
    words={
        "title": ("Why are you leaving {brand}?", "Warum verlassen Sie {brand}?"),
        "thanks": (
            "Thank you. Your answer has reached {brand}. All the best to you.",
            "Vielen Dank. Ihre Antwort ist bei {brand} angekommen. Alles Gute für Sie.",
        ),
        "subject": ("{brand} asks why you are leaving", "{brand} fragt, warum Sie gehen"),
        "message": (
            (
                "Hello {name},\n\n"
                "you are leaving {brand}, and we would like to learn from it. It takes about {seconds} seconds, and "
                "nobody will try to talk you round."
            ),
            (
                "Guten Tag {name},\n\n"
                "Sie verlassen {brand}, und wir möchten daraus lernen. Es dauert etwa {seconds} Sekunden, und niemand "
                "wird Sie umstimmen wollen."
            ),
        ),
        "sms": (
            "{brand}: why are you leaving? A few questions, {seconds} seconds: {link}",
            "{brand}: Warum gehen Sie? Wenige Fragen, {seconds} Sekunden: {link}",
        ),
    },
    questions=(
        QuestionTemplate(
            key="why",
            kind=Kind.CHOICE,
            required=True,
            words={
                "text": ("What is the main reason?", "Was ist der wichtigste Grund?"),
                "option:price": ("The price", "Der Preis"),
                "option:quality": ("The quality", "Die Qualität"),
                "option:service": ("The service", "Der Service"),
                "option:no_need": ("I do not need it any more", "Ich brauche es nicht mehr"),
                "option:competitor": ("I found something better", "Ich habe etwas Besseres gefunden"),
            },
            details={"other": True},
        ),
        QuestionTemplate(
            key="kept",
            kind=Kind.TEXT,
            words={"text": ("What would have kept you?", "Was hätte Sie gehalten?")},
            compass="want",
        ),
        QuestionTemplate(
            key="back",
            kind=Kind.YES_NO,
            words={"text": ("Can you imagine coming back?", "Können Sie sich vorstellen zurückzukommen?")},
        ),
    ),
    occasion=Survey.Occasion.RELATIONSHIP,
)
