"""What a customer meant by a text message, in every language, with everything that people put into one."""

import time

import pytest

from surveys.replies import Reading, Said, read, spoken
from surveys.reply_words import LANGUAGES, ReplyWords


@pytest.mark.parametrize(
    ("text", "score"),
    [
        ("9", 9),
        ("nine", 9),
        ("Neun", 9),
        ("9/10", 9),
        ("9 / 10", 9),
        ("9 out of 10", 9),
        ("ten out of ten", 10),
        ("8 von 10 Punkten", 8),
        ("10/10 would recommend", 10),
        ("9\ufe0f\u20e3", 9),
        ("1\ufe0f\u20e30\ufe0f\u20e3", 10),
        ("\U0001f51f", 10),
        ("9!", 9),
        ("9.", 9),
        ("(9)", 9),
        ('"9"', 9),
        ("9 \U0001f600", 9),
        ("I'd say 9", 9),
        ("I\u2019d give it a solid 8 please", 8),
        ("Ich würde eine 7 geben", 7),
        ("Score: 6", 6),
        (" 10 ", 10),
        ("\u00a09\u2003", 9),
        ("\u200b9\u200b", 9),
        ("\u202e9\u202c", 9),
        ("\u0669", 9),
        ("\u0661\u0660", 10),
        ("\uff19", 9),
        ("zero", 0),
        ("0", 0),
        ("null", 0),
        ("one", 1),
        ("9\n9", 9),
        ("9\x00", 9),
        ("\ud8009", 9),
    ],
)
def test_a_number_alone_is_the_score(text: str, score: int) -> None:
    assert read(text) == Reading(Said.SCORE, score)


@pytest.mark.parametrize(
    ("text", "score"),
    [
        ("9, great staff", 9),
        ("9 - great staff", 9),
        ("9 because the staff was friendly", 9),
        ("Great service! 9", 9),
        ("Great service\n9", 9),
        ("nonstop service: 9", 9),
        ("non-stop service: 9", 9),
        ("9. Waited 45 minutes", 9),
        ("3, weil niemand zurückrief", 3),
    ],
)
def test_words_beside_a_score_are_its_comment(text: str, score: int) -> None:
    assert read(text) == Reading(Said.SCORE, score, comment=True)


@pytest.mark.parametrize(
    "text",
    [
        *("9 or 10", "0 7 or so", "8-9", "between 8 and 9", "9 oder 10", "9\n10", "9 9", "not 9"),
        *("11", "eleven", "zwölf", "-1", "−1", "minus 1", "9.5", "9,5", "09", "007", "+1", "9+", "<9"),  # noqa: RUF001
        *("²", "9²", "½", "①", "9pm", "9 pm", "9 Uhr", "9th", "9%", "9 %", "$9", "9 €", "A9", "9:30", "9/10/2026"),
        *("9.5/10", "19/10", "9 minutes", "+49 170 1234567", "0170 1234567", "1e1", "1_0", "the one"),
    ],
)
def test_numbers_that_may_be_something_else_are_left_to_a_person(text: str) -> None:
    assert read(text).said == Said.UNCLEAR


@pytest.mark.parametrize(
    "text",
    [
        *(
            "STOP",
            "stop",
            "Stop.",
            "STOP!!!",
            "stop please",
            "please stop",
            "Stopp",
            "STOPPP",
            "stooop",
            '"STOP"',
            "*stop*",
        ),
        *("> stop", "STOP\n", "s t o p", "\uff33\uff34\uff2f\uff30", "STOP\u00a0NOW", "S\u200bTOP", "\u202estop\u202c"),
        *(
            "\U0001f621 STOP \U0001f621",
            "STOP\x00",
            "10 stop",
            "stop 10",
            "9, stop",
            "STOP\n9",
            "STOP STOP",
            "stop thanks",
        ),
        *(
            "UNSUBSCRIBE",
            "unsubscribe me please",
            "unsubcribe",
            "OPTOUT",
            "opt out",
            "Opt-out",
            "opt me out",
            "how do I opt out",
        ),
        *(
            "END",
            "QUIT",
            "cancel",
            "Cancel please",
            "REVOKE",
            "remove",
            "ARRET",
            "TD",
            "I opted out",
            "I can't. Please stop.",
        ),
        *("ABMELDEN", "Abmeldung", "abbestellen", "Ende", "Bitte aufhören", "Schluss", "widerruf", "austragen bitte"),
        *(
            "please stop texting me",
            "Stop sending these",
            "stop the messages",
            "stop spamming me",
            "quit it",
            "make it stop",
        ),
        *("don't text me again", "Do not text me", "dont ever message us", "no more texts", "no more surveys please"),
        *("don't send me any more messages", "I don't want these texts", "I do not wish to be asked", "not interested"),
        *(
            "bitte keine SMS mehr",
            "Keine weiteren Nachrichten",
            "keine sms bitte",
            "Hört endlich auf",
            "hören Sie bitte auf",
        ),
        *("Schreiben Sie mir nicht mehr", "Schickt mir nie wieder was", "melden Sie mich bitte ab", "Kein Interesse"),
        *("please\nstop\ntexting me", "STOP " * 2000),
    ],
)
def test_whoever_wants_no_more_messages_gets_none(text: str) -> None:
    assert read(text).said == Said.STOP


@pytest.mark.parametrize(
    "text",
    [
        *(
            "STOPALL",
            "stop all",
            "Stop everything",
            "leave me alone",
            "Leave us the hell alone",
            "remove me from your list",
        ),
        *("take me off your list", "delete my number", "lose my number", "never contact me again", "don't contact me"),
        *("do not call me ever", "stop contacting me", "I don't want to hear from you", "go away", "fuck off"),
        *("Lassen Sie mich in Ruhe", "lasst uns bitte in Frieden", "Löschen Sie meine Nummer", "alles stoppen"),
        *("Bitte nicht mehr kontaktieren", "nehmt mich von der Liste", "ich will nichts mehr von euch hören"),
    ],
)
def test_whoever_wants_to_be_left_alone_is(text: str) -> None:
    assert read(text).said == Said.STOP_ALL


@pytest.mark.parametrize("text", ["Wrong number", "Sorry, wrong person", "You've got the wrong Ada", "Falsche Nummer"])
def test_a_wrong_number_is_told_apart(text: str) -> None:
    assert read(text).said == Said.WRONG_NUMBER


@pytest.mark.parametrize(
    "text",
    [
        *(
            "the bus stop was far",
            "I couldn't stop smiling",
            "nonstop service",
            "Non-stop service",
            "Please don't stop sending",
        ),
        *("The end", "cancel my order", "I had to quit my job", "it did not end well", "they never text me"),
        *("Why don't you text me", "You did not contact me", "the staff never asked us", "get me a refund"),
        *(
            "Es kamen keine SMS an",
            "Am Ende war alles gut",
            "Die Bushaltestelle war weit",
            "room 9",
            "10 great service",
        ),
        *("9 minutes waiting", "call me at 0170 1234567", "I give her 9 and him 3", "\U0001f44d", "?"),
    ],
)
def test_what_only_looks_like_an_opt_out_or_a_score_is_words(text: str) -> None:
    assert read(text).said == Said.WORDS


@pytest.mark.parametrize(
    ("text", "asks_more"),
    [
        ("STOP", False),
        ("please stop texting me", False),
        ("10 stop", False),
        ("please stop sending me your surveys", False),
        ("stop surveying me", False),
        ("unsubscribe me from this list", False),
        ("schickt mir bitte keine Umfragen mehr", False),
        ("please stop texting me, my order never came", True),
        ("STOP! Where is my refund?", True),
    ],
)
def test_an_opt_out_that_asks_for_more_says_so(text: str, *, asks_more: bool) -> None:
    assert read(text) == Reading(Said.STOP, comment=asks_more)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        *[(text, Said.START) for text in ("START", "Unstop", "start please", "starten")],
        *[(text, Said.HELP) for text in ("HELP", "info", "Hilfe", "Who is this?", "wer ist da?", "who dis")],
        *[(text, Said.YES) for text in ("YES", "y", "Ja bitte", "yes please")],
        *[(text, Said.NO) for text in ("no", "Nein danke", "No thanks")],
        *[(text, Said.POLITE) for text in ("thanks", "Thank you!", "ok", "Vielen Dank")],
        *[(text, Said.NOTHING) for text in ("", "  ", "\u200b", "\x00", "\ud800")],
        *[(text, Said.WORDS) for text in ("start over again", "help, my order never came", "yes it was great")],
    ],
)
def test_commands_are_whole_texts(text: str, said: Said) -> None:
    assert read(text).said == said


@pytest.mark.parametrize(
    ("text", "phone"),
    [("call me at 0170 123 45 67", True), ("+44 (0)7700 900123", True), ("waited 45 minutes", False), ("9", False)],
)
def test_a_phone_number_in_the_text_is_noticed(text: str, *, phone: bool) -> None:
    assert read(text).phone == phone


@pytest.mark.parametrize("words", LANGUAGES, ids=lambda words: words.language)
def test_every_language_can_do_the_same(words: ReplyWords) -> None:
    for name in ("stop", "stop_alone", "start", "help", "yes", "no", "polite", "scoring", "doubt", "because", "units"):
        assert getattr(words, name), name
    for name in ("stop_phrases", "stop_all_phrases", "wrong_number", "help_phrases", "out_of_ten"):
        assert getattr(words, name), name
    assert set(range(11)) <= set(words.numbers.values())


@pytest.mark.parametrize("words", LANGUAGES, ids=lambda words: words.language)
def test_every_keyword_of_every_language_is_understood(words: ReplyWords) -> None:
    assert {read(word.upper()).said for word in words.stop | words.stop_alone} == {Said.STOP}
    assert {read(word).said for word in words.stop_all} == {Said.STOP_ALL}
    assert {read(word).said for word in words.start} == {Said.START}
    assert {read(word).said for word in words.help} == {Said.HELP}
    assert {read(word).said for word in words.yes} == {Said.YES}
    assert {read(word).said for word in words.no} == {Said.NO}
    small = {word: value for word, value in words.numbers.items() if value <= 10}
    assert {word: read(word).score for word in small} == small


@pytest.mark.parametrize(
    "text",
    ["9 " * 50_000, "1-" * 50_000, "no more " * 12_500, "a" * 100_000, "don't want " * 9_000, "\U0001f600" * 50_000],
)
def test_the_longest_text_is_read_at_once(text: str) -> None:
    started = time.process_time()
    read(text)
    assert time.process_time() - started < 2


def test_what_no_database_keeps_is_left_out_and_nothing_else() -> None:
    assert spoken("a\x00b\ud800c \U0001f600\u202e\n") == "abc \U0001f600\u202e\n"
