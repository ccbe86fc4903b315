"""What a customer meant by a text message: pure, in every language that `surveys.reply_words` has.

Whatever may be an opt-out is one, before anything else; where a number may be a score or something else, nobody
guesses: a person reads it.
"""

import re
import unicodedata
from collections.abc import Container, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from surveys.reply_words import LANGUAGES


class Said(StrEnum):
    """What a text comes to. What it does depends on what was asked: see `surveys.replying`."""

    STOP = "stop"
    STOP_ALL = "stop_all"
    """No message or call of any kind."""
    WRONG_NUMBER = "wrong_number"
    """The number is not the customer's."""
    START = "start"
    HELP = "help"
    YES = "yes"
    NO = "no"
    SCORE = "score"
    WORDS = "words"
    UNCLEAR = "unclear"
    """Numbers that may be a score or not."""
    POLITE = "polite"
    """Thanks and greetings: nothing to keep, nothing to do."""
    NOTHING = "nothing"
    """No text at all, as with a picture."""


@dataclass(frozen=True, slots=True)
class Reading:
    """`score` (0 to 10) goes with SCORE. `comment`: whether a score or an opt-out has other words beside it.

    `phone`: a figure as long as a phone number is in the text.
    """

    said: Said
    score: int | None = None
    comment: bool = False
    phone: bool = False


STOPS = (Said.STOP, Said.STOP_ALL, Said.WRONG_NUMBER)
READ_AT_MOST = 10_000
"""Characters: an SMS of 255 parts could have four times as many, and nobody says stop that late."""
PHONE_DIGITS = 7
TOP = 10

_KEYCAPS = str.maketrans({"\ufe0f": None, "\u20e3": None, "\U0001f51f": " 10 "})
_APOSTROPHES = str.maketrans(dict.fromkeys("'’‘`´ʼ"))  # noqa: RUF001
_SPACED_LETTERS = re.compile(r"\b(?:\w ){2,}\w\b")
_SCORE = re.compile(r"10|\d")
_PHONE = re.compile(rf"(?:\d[ /().-]*){{{PHONE_DIGITS},}}")
#: A figure with all that is attached to it, which makes it no score (9.5, 9pm, -1, 9%); or a word; or a break.
_TOKEN = re.compile(
    r"(?P<figure>[-+−–<>≤≥$€£#@]*\w*\d(?:[.,:/]\d|-?\w)*[%°€$£+#]*|#)"  # noqa: RUF001
    r"|(?P<word>[^\W\d_]+|[%°€$£])"
    r"|(?P<end>[.,;:!?…()\[\]{}\"“”„«»|=\n\u2028\u2029]|(?:(?<=\s)|^)[-–—](?=\s)|—)"  # noqa: RUF001
)


def _together(name: str) -> frozenset[str]:
    return frozenset().union(*(getattr(language, name) for language in LANGUAGES))


def _phrases(name: str) -> re.Pattern[str]:
    found = [phrase for language in LANGUAGES for phrase in getattr(language, name)]
    return re.compile(rf"(?<!\w)(?:{'|'.join(found)})(?!\w)")


def _squeezed(word: str) -> str:
    """The word without doubled letters: people who mean it write "STOPPP"."""
    return re.sub(r"(.)\1+", r"\1", word)


_STOP, _STOP_ALL, _STOP_ALONE = (
    frozenset(map(_squeezed, _together(name))) for name in ("stop", "stop_all", "stop_alone")
)
_POLITE, _URGING, _SCORING, _DOUBT, _LONE = map(_together, ("polite", "urging", "scoring", "doubt", "lone"))
_BECAUSE, _UNITS = _together("because"), _together("units")
_NUMBERS = {word: value for language in LANGUAGES for word, value in language.numbers.items()}
_COMMANDS = [(said, _together(said.value)) for said in (Said.START, Said.HELP, Said.YES, Said.NO)]
_HELP_PHRASES = _phrases("help_phrases")
_REFUSALS = (
    (Said.WRONG_NUMBER, _phrases("wrong_number")),
    (Said.STOP_ALL, _phrases("stop_all_phrases")),
    (Said.STOP, _phrases("stop_phrases")),
)
_OUT_OF_TEN = re.compile(
    rf"(?<![\w.,:/-])({'|'.join(['10', '[0-9]', *_NUMBERS])})"
    rf"(?: ?/ ?(?:10|ten|zehn)| (?:{'|'.join(phrase for language in LANGUAGES for phrase in language.out_of_ten)}))"
    r"(?![\w/-]|[.,:]\d)"
)


def read(text: str) -> Reading:
    """Return what the text means; every text means something, if only that a person has to read it."""
    plain = _plain(text[:READ_AT_MOST])
    clauses = _clauses(_OUT_OF_TEN.sub(r"\1", plain))
    words = [word for clause in clauses for word in clause]
    if stop := _stop(clauses, words):
        return stop
    if command := _command(clauses, words):
        return Reading(command)
    answer = _answer(clauses, words) if plain.strip() else Reading(Said.NOTHING)
    return replace(answer, phone=bool(_PHONE.search(plain)))


def spoken(text: str) -> str:
    """Return a text as it can be kept: without NUL and halves of characters, which PostgreSQL refuses."""
    return text.replace("\x00", "").encode("utf-8", "ignore").decode()


def _plain(text: str) -> str:
    """The text in one way of writing: no case, plain digits and spaces, nothing invisible, no apostrophes."""
    figures = "".join(map(_figure, spoken(text).translate(_KEYCAPS)))
    folded = unicodedata.normalize("NFKC", figures).casefold().translate(_APOSTROPHES)
    seen = "".join(map(_visible, folded))
    return _SPACED_LETTERS.sub(lambda spaced: spaced[0].replace(" ", ""), seen)


def _figure(character: str) -> str:
    """A digit of any script as a plain one; halves, superscripts and the like as a sign that is no score."""
    digit = unicodedata.decimal(character, None)
    if digit is not None:
        return str(digit)
    return "#" if unicodedata.numeric(character, None) is not None else character


def _visible(character: str) -> str:
    match unicodedata.category(character):
        case "Zs":
            return " "
        case "Cc":
            return "\n" if character == "\n" else " "
        case "Cf" | "Mn":
            return ""
    return character


def _clauses(plain: str) -> list[list[str]]:
    """The words and figures of each part of the text that stands for itself."""
    clauses: list[list[str]] = [[]]
    for token in _TOKEN.finditer(plain):
        if token["end"] or token["word"] in _BECAUSE:
            clauses.append([])
        else:
            clauses[-1].append(token[0])
    return [clause for clause in clauses if clause]


def _stop(clauses: Sequence[Sequence[str]], words: Sequence[str]) -> Reading | None:
    """The opt-out that the text is, by a keyword or in plain words."""
    if _is_keyword(words, _STOP_ALONE, _POLITE):
        return Reading(Said.STOP)
    sentences = [" ".join(words), *map(" ".join, clauses)]
    for said, phrases in _REFUSALS:
        if any(phrases.search(sentence) for sentence in sentences):
            beside = phrases.sub(" ", sentences[0]).split()
            return Reading(said, comment=not _URGING.issuperset(beside))
    for said, keywords in ((Said.STOP_ALL, _STOP_ALL), (Said.STOP, _STOP)):
        first = _squeezed(words[0]) in keywords if words else False
        if first or any(_is_keyword(clause, keywords, _URGING) for clause in clauses):
            return Reading(said, comment=not _is_keyword(words, keywords, _URGING))
    return None


def _is_keyword(words: Sequence[str], keywords: Container[str], beside: Container[str]) -> bool:
    """Whether the words are a keyword and nothing else but numbers and words that may stand beside it."""
    others = [word for word in words if _squeezed(word) not in keywords]
    return len(others) < len(words) and all(word in beside or _is_number(word) for word in others)


def _command(clauses: Sequence[Sequence[str]], words: Sequence[str]) -> Said | None:
    for said, keywords in _COMMANDS:
        others = [word for word in words if word not in keywords]
        if len(others) < len(words) and _POLITE.issuperset(others):
            return said
    if len(clauses) == 1 and _HELP_PHRASES.fullmatch(" ".join(words)):
        return Said.HELP
    return Said.POLITE if words and _POLITE.issuperset(words) else None


def _answer(clauses: Sequence[Sequence[str]], words: Sequence[str]) -> Reading:
    scored = {score for clause in clauses if (score := _score(clause)) is not None}
    quiet = _SCORING | _POLITE
    if len(scored) == 1:
        beside = [word for clause in clauses if _score(clause) is None for word in clause]
        return Reading(Said.SCORE, scored.pop(), comment=not (quiet | _DOUBT).issuperset(beside))
    figures = [word for word in words if _is_number(word)]
    others = {word for word in words if word not in figures} - quiet - _DOUBT - _UNITS
    return Reading(Said.UNCLEAR) if figures and not others else Reading(Said.WORDS)


def _score(clause: Sequence[str]) -> int | None:
    """The score that the clause is and nothing else, where it is one."""
    numbers = [word for word in clause if _is_number(word)]
    if len(numbers) != 1 or not _SCORING.issuperset(set(clause) - set(numbers)):
        return None
    [number] = numbers
    if number in _NUMBERS:
        told = _NUMBERS[number] if number not in _LONE or len(clause) == 1 else TOP + 1
        return told if told <= TOP else None
    return int(number) if _SCORE.fullmatch(number) else None


def _is_number(word: str) -> bool:
    return word in _NUMBERS or not word.isalpha()
