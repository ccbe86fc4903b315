"""The customary words and settings of each kind of question: those of whoever adds one and writes no others.

NPS: F. Reichheld, "The One Number You Need to Grow", Harvard Business Review, December 2003. CES 2.0: M. Dixon, CEB,
2013.
"""

from collections.abc import Mapping

from surveys.questions.details import Details
from surveys.questions.kinds import MAKES, Kind
from surveys.survey_templates.shapes import Text, in_language
from surveys.texts import OPTION, ROW

WORDS: Mapping[Kind, Mapping[str, Text]] = {
    Kind.NPS: {
        "text": (
            "How likely is it that you would recommend {brand} to a friend or colleague?",
            "Wie wahrscheinlich ist es, dass Sie {brand} Freunden oder Kollegen weiterempfehlen?",
        ),
        "low": ("Not at all likely", "Sehr unwahrscheinlich"),
        "high": ("Extremely likely", "Sehr wahrscheinlich"),
    },
    Kind.CSAT: {
        "text": ("How satisfied were you with {visit}?", "Wie zufrieden waren Sie mit {visit}?"),
        "low": ("Very dissatisfied", "Sehr unzufrieden"),
        "high": ("Very satisfied", "Sehr zufrieden"),
    },
    Kind.CES: {
        "text": (
            "{brand} made it easy for me to handle my issue.",
            "{brand} hat es mir leicht gemacht, mein Anliegen zu klären.",
        ),
        "low": ("Strongly disagree", "Stimme gar nicht zu"),
        "high": ("Strongly agree", "Stimme voll zu"),
    },
    Kind.STARS: {
        "text": ("How many stars do you give?", "Wie viele Sterne geben Sie?"),
        "low": ("Poor", "Schlecht"),
        "high": ("Excellent", "Ausgezeichnet"),
    },
    Kind.YES_NO: {"text": ("Is everything settled now?", "Ist jetzt alles geklärt?")},
    Kind.TEXT: {"text": ("What is the main reason for your answer?", "Was ist der wichtigste Grund für Ihre Antwort?")},
    Kind.CONTACT_WISH: {
        "text": ("May we call you about this?", "Dürfen wir Sie dazu anrufen?"),
        "help": ("Only about this answer.", "Nur zu dieser Antwort."),
    },
    **{
        kind: {
            f"{OPTION}option_1": ("First option", "Erste Möglichkeit"),
            f"{OPTION}option_2": ("Second option", "Zweite Möglichkeit"),
        }
        for kind in (Kind.CHOICE, Kind.CHOICES, Kind.RANKING)
    },
    Kind.MATRIX: {
        f"{OPTION}option_1": ("Poor", "Schlecht"),
        f"{OPTION}option_2": ("Good", "Gut"),
        f"{OPTION}option_3": ("Excellent", "Ausgezeichnet"),
        f"{ROW}row_1": ("Speed", "Schnelligkeit"),
        f"{ROW}row_2": ("Courtesy", "Freundlichkeit"),
    },
}


def standard_texts(kind: Kind, language: str, *, with_question: bool) -> dict[str, str]:
    """Return the customary words of a kind, by field; `with_question`: also those of the question itself."""
    words = in_language(WORDS.get(kind, {}), language)
    return words if with_question else {name: text for name, text in words.items() if name not in ("text", "help")}


def starting_details(kind: Kind) -> Details:
    """Return the settings with which a question of this kind begins: those of `WORDS`."""
    names = [name for name in WORDS.get(kind, {}) if name.startswith((OPTION, ROW))]
    options = tuple(name.removeprefix(OPTION) for name in names if name.startswith(OPTION))
    rows = tuple(name.removeprefix(ROW) for name in names if name.startswith(ROW))
    return Details(options=options if MAKES[kind].has_options else (), rows=rows)
