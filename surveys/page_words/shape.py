"""What the customer's pages say, in no language yet."""

from dataclasses import dataclass
from enum import StrEnum

from surveys.questions.reading import Problem


class Bound(StrEnum):
    """A limit of an answer; the sentence tells it beforehand, and again where it was not kept."""

    NUMBERS = "numbers"
    NUMBER_LEAST = "number_least"
    NUMBER_MOST = "number_most"
    DAYS = "days"
    DAY_LEAST = "day_least"
    DAY_MOST = "day_most"
    PICKS = "picks"
    PICK_LEAST = "pick_least"
    PICK_MOST = "pick_most"
    PICK_SO_MANY = "pick_so_many"
    CHARACTERS = "characters"


BOUNDED = (Problem.TOO_FEW, Problem.TOO_MANY, Problem.OUT_OF_RANGE, Problem.WRONG_DATE)
"""Problems whose sentence is that of the limit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PageWords:
    """One language's sentences; `str.format` puts facts into them, as they are our own texts and never a manager's.

    Days and visits come from `surveys.phrases`; `visit` stands there in the case that follows "about". `faces`: from
    the least satisfied to the most. `asks` and `asks_about`: by whether there are several questions.
    """

    language: str
    direction: str
    asks: dict[bool, str]
    asks_about: dict[bool, str]
    seconds: str
    optional: str
    yes: str
    no: str
    call_me: str
    send: str
    check: str
    problems: dict[Problem, str]
    bounds: dict[Bound, str]
    missing_text: str
    whole_number: str
    trap: str

    faces: tuple[str, ...]
    of: str
    other: str
    other_which: str
    none: str
    rank_hint: str
    rank_none: str

    next: str
    back_page: str
    page: str
    page_of: str
    kept: str
    changing: str
    languages: str

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
    call_offer: str
    review: str
    review_link: str
    change: str
    change_until: str
    begun_kept: str

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
    test_stored: str
    test_again: str
