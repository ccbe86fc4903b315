"""The fixed words of the customer's pages, in every language that they speak.

A class with a field per sentence instead of a translation catalogue: a language that lacks a sentence does not load,
and nothing has to be compiled. The words of a survey itself belong to its version (`surveys.texts`).
"""

from dataclasses import dataclass

from contacts.models.words import Channel
from surveys.questions.reading import Problem


@dataclass(frozen=True, slots=True, kw_only=True)
class PageWords:
    """One language's sentences; `str.format` puts facts into them, as they are our own texts and never a manager's.

    Days and visits come from `surveys.phrases`; `visit` stands there in the case that follows "about".
    """

    language: str
    direction: str
    asks: str
    asks_about: str
    seconds: str
    optional: str
    yes: str
    no: str
    call_me: str
    send: str
    check: str
    problems: dict[Problem, str]
    trap: str

    not_now: str
    later: dict[int, str]
    less: str
    stop: dict[str, str]
    stop_title: str
    stop_text: str

    noted: str
    noted_nothing: str
    noted_reminder: str
    noted_pause: str
    noted_less: str
    noted_stop: dict[str, str]
    still_open: str
    back: str

    somebody_reads: str
    will_call: str
    said_and_done: str

    answered: str
    answered_text: str
    expired: str
    expired_text: str
    closed: str
    closed_text: str
    unknown: str
    unknown_text: str

    test: str
    test_noted: str


ENGLISH = PageWords(
    language="en",
    direction="ltr",
    asks="{brand} has a question for you.",
    asks_about="{brand} has a question about {visit}.",
    seconds="It takes about {seconds} seconds.",
    optional="if you like",
    yes="Yes",
    no="No",
    call_me="Yes, please call me",
    send="Send my answer",
    check="Please look at this once more",
    problems={
        Problem.MISSING: "Please choose an answer.",
        Problem.NO_CHOICE: "Please choose one of these answers.",
        Problem.TOO_LONG: "This is longer than the {limit} characters that we can keep. Please shorten it a little.",
        Problem.TOO_FEW: "Please choose at least {least}.",
        Problem.TOO_MANY: "Please choose {most} at most.",
        Problem.ONE_OR_NONE: "You chose “none of these” together with others. Please choose the one or the other.",
        Problem.WHICH_OTHER: "Please write what else it is.",
        Problem.NOT_EVERY_ROW: "Please choose an answer in every row.",
        Problem.RANKS: "Please give each a place of its own, from 1 on.",
        Problem.NO_NUMBER: "Please write this as a number.",
        Problem.OUT_OF_RANGE: "Please write a number from {least} to {most}.",
        Problem.NO_DATE: "Please write this as a date, such as 2026-05-31.",
        Problem.WRONG_DATE: "Please choose a day from {earliest} to {latest}.",
    },
    trap="Please leave this empty",
    not_now="Not a good moment?",
    later={1: "Ask me tomorrow", 7: "Ask me next week"},
    less="At most once in {days} days",
    stop={Channel.EMAIL: "No more emails", Channel.SMS: "No more SMS", "": "No more messages at all"},
    stop_title="Stop messages",
    stop_text="Choose what {brand} should stop. It works at once.",
    noted="Noted",
    noted_nothing="There is no wish of yours in force.",
    noted_reminder="We will ask you again on {date}.",
    noted_pause="Until {date} you will not hear from us.",
    noted_less="From now on we ask you at most once in {days} days.",
    noted_stop={
        Channel.EMAIL: "We send you no more emails.",
        Channel.SMS: "We send you no more SMS.",
        Channel.PHONE: "We do not call you any more.",
        "": "You will not hear from us again.",
    },
    still_open="If you want to answer, this link works until {date}.",
    back="Back to the question",
    somebody_reads="Somebody at {brand} reads this by {date}.",
    will_call="You asked us to call: we do so by {date}.",
    said_and_done="You said, we did",
    answered="You have already answered",
    answered_text="Your answer of {date} has arrived. There is nothing more to do.",
    expired="This link has expired",
    expired_text="It worked until {date}. Thank you for coming by.",
    closed="This survey is closed",
    closed_text="It takes no more answers. Thank you for coming by.",
    unknown="This link does not work",
    unknown_text="Perhaps it was cut off on its way. Please open it from the message once more.",
    test="A test: you see what a customer sees, and nothing is stored.",
    test_noted="This was a test, so nothing was noted.",
)

GERMAN = PageWords(
    language="de",
    direction="ltr",
    asks="{brand} hat eine Frage an Sie.",
    asks_about="{brand} hat eine Frage zu {visit}.",
    seconds="Es dauert etwa {seconds} Sekunden.",
    optional="wenn Sie mögen",
    yes="Ja",
    no="Nein",
    call_me="Ja, bitte rufen Sie mich an",
    send="Antwort senden",
    check="Bitte sehen Sie hier noch einmal nach",
    problems={
        Problem.MISSING: "Bitte wählen Sie eine Antwort.",
        Problem.NO_CHOICE: "Bitte wählen Sie eine dieser Antworten.",
        Problem.TOO_LONG: "Das sind mehr als die {limit} Zeichen, die wir aufheben können. Bitte kürzen Sie ein wenig.",
        Problem.TOO_FEW: "Bitte wählen Sie mindestens {least}.",
        Problem.TOO_MANY: "Bitte wählen Sie höchstens {most}.",
        Problem.ONE_OR_NONE: "Sie haben „nichts davon“ mit anderem zusammen gewählt. Bitte eines von beidem.",
        Problem.WHICH_OTHER: "Bitte schreiben Sie, was es sonst ist.",
        Problem.NOT_EVERY_ROW: "Bitte wählen Sie in jeder Zeile eine Antwort.",
        Problem.RANKS: "Bitte geben Sie jedem einen eigenen Platz, von 1 an.",
        Problem.NO_NUMBER: "Bitte schreiben Sie das als Zahl.",
        Problem.OUT_OF_RANGE: "Bitte schreiben Sie eine Zahl von {least} bis {most}.",
        Problem.NO_DATE: "Bitte schreiben Sie das als Datum, zum Beispiel 2026-05-31.",
        Problem.WRONG_DATE: "Bitte wählen Sie einen Tag von {earliest} bis {latest}.",
    },
    trap="Bitte lassen Sie dieses Feld leer",
    not_now="Gerade kein guter Moment?",
    later={1: "Morgen wieder fragen", 7: "Nächste Woche wieder fragen"},
    less="Höchstens einmal in {days} Tagen",
    stop={Channel.EMAIL: "Keine E-Mails mehr", Channel.SMS: "Keine SMS mehr", "": "Gar keine Nachrichten mehr"},
    stop_title="Nachrichten abbestellen",
    stop_text="Wählen Sie, womit {brand} aufhören soll. Es gilt sofort.",
    noted="Notiert",
    noted_nothing="Zurzeit ist kein Wunsch von Ihnen vermerkt.",
    noted_reminder="Wir fragen Sie am {date} noch einmal.",
    noted_pause="Bis {date} hören Sie nichts von uns.",
    noted_less="Ab jetzt fragen wir Sie höchstens einmal in {days} Tagen.",
    noted_stop={
        Channel.EMAIL: "Wir senden Ihnen keine E-Mails mehr.",
        Channel.SMS: "Wir senden Ihnen keine SMS mehr.",
        Channel.PHONE: "Wir rufen Sie nicht mehr an.",
        "": "Sie hören nichts mehr von uns.",
    },
    still_open="Wenn Sie antworten möchten: Dieser Link gilt bis {date}.",
    back="Zurück zur Frage",
    somebody_reads="Bis {date} liest jemand bei {brand} Ihre Antwort.",
    will_call="Sie haben um einen Anruf gebeten: Wir rufen Sie bis {date} an.",
    said_and_done="Sie haben es gesagt, wir haben es getan",
    answered="Sie haben schon geantwortet",
    answered_text="Ihre Antwort vom {date} ist angekommen. Mehr ist nicht zu tun.",
    expired="Dieser Link ist abgelaufen",
    expired_text="Er galt bis {date}. Danke, dass Sie hereingesehen haben.",
    closed="Diese Umfrage ist geschlossen",
    closed_text="Sie nimmt keine Antworten mehr an. Danke, dass Sie hereingesehen haben.",
    unknown="Dieser Link funktioniert nicht",
    unknown_text="Vielleicht wurde er unterwegs abgeschnitten. Bitte öffnen Sie ihn noch einmal aus der Nachricht.",
    test="Ein Test: Sie sehen, was Kunden sehen, und nichts wird gespeichert.",
    test_noted="Das war ein Test, deshalb wurde nichts vermerkt.",
)

LANGUAGES = {words.language: words for words in (ENGLISH, GERMAN)}


def page_words(language: str) -> PageWords:
    """Return the words for a language tag such as `de-AT`, in English where the pages do not speak the language."""
    return LANGUAGES.get(language.partition("-")[0].lower(), ENGLISH)
