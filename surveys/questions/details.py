"""The settings of one question, beyond its words: read from JSON, checked, and written back the same way."""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from surveys.questions.kinds import MAKES, Kind

KEY = re.compile(r"[a-z0-9]+(?:[_-][a-z0-9]+)*")
"""Keys of options and rows, like those of questions: they stand in forms, exports and conditions."""
KEY_LENGTH = 60
OTHER, NONE = "other", "none"
"""Keys of the two options that we word ourselves."""
MOST_OPTIONS, MOST_ROWS = 50, 20
TEXT_LIMIT, SHORT_TEXT_LIMIT = 5000, 200
"""A text may have this many characters where its question does not say less."""
TODAY = "today"
LARGEST = Decimal(999_999_999)
MOST_DECIMALS = 3


class DetailsError(ValueError):
    """Settings that do not fit the kind of question; the text says which and what was expected."""


@dataclass(frozen=True, slots=True)
class Details:
    """The settings of a question; what its kind does not take (`Make.settings`) has its default.

    `options`: keys of what can be chosen, in order; `other` adds one with a text field, `none` one that excludes the
    rest; `shuffle` shows them in an order drawn per customer. `rows`: keys of a table's rows. `faces`: faces in place
    of numbers. `least` and `most`: bounds of a number, of how many options are chosen, or of a text's characters.
    `decimals`: a number's places. `earliest` and `latest`: bounds of a date (ISO 8601, or `today` in the customer's
    zone).
    """

    options: tuple[str, ...] = ()
    rows: tuple[str, ...] = ()
    other: bool = False
    none: bool = False
    shuffle: bool = False
    faces: bool = False
    least: Decimal | None = None
    most: Decimal | None = None
    decimals: int = 0
    earliest: str = ""
    latest: str = ""

    @property
    def offered(self) -> tuple[str, ...]:
        """Keys of all that can be chosen, with the two of our own last."""
        return (*self.options, *((OTHER,) if self.other else ()), *((NONE,) if self.none else ()))


_DEFAULTS = Details()
_LIMITS = {Kind.TEXT: TEXT_LIMIT, Kind.SHORT_TEXT: SHORT_TEXT_LIMIT}


def read_details(kind: str, given: object) -> Details:
    """Return the settings of a question of this kind from what JSON holds. Raises DetailsError."""
    if not isinstance(given, Mapping):
        raise DetailsError("The settings must be an object, such as {}.")
    takes = MAKES[Kind(kind)].settings
    if strange := sorted(set(given) - takes):
        allowed = ", ".join(sorted(takes)) or "none"
        raise DetailsError(f"A question of the kind “{kind}” has no setting {', '.join(strange)}; it has: {allowed}.")
    details = Details(**{name: _READERS[name](name, value) for name, value in given.items()})
    _check(Kind(kind), details)
    return details


def write_details(details: Details) -> dict[str, Any]:
    """Return the settings as JSON, without those that have their defaults: `read_details` reads the same from it."""
    changed = {name: value for name, value in asdict(details).items() if value != getattr(_DEFAULTS, name)}
    return {name: _as_json(value) for name, value in changed.items()}


def _as_json(value: object) -> object:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return list(value) if isinstance(value, tuple) else value


def _keys(name: str, value: object) -> tuple[str, ...]:
    most = MOST_ROWS if name == "rows" else MOST_OPTIONS
    if not isinstance(value, list | tuple) or not all(isinstance(key, str) for key in value):
        raise DetailsError(f"{name} must be a list of keys, such as [“speed”, “price”].")
    if len(value) > most:
        raise DetailsError(f"There may be {most} {name} at most; these are {len(value)}.")
    for key in value:
        if not KEY.fullmatch(key) or len(key) > KEY_LENGTH or key in (OTHER, NONE):
            raise DetailsError(f"“{key[:KEY_LENGTH]}” cannot be a key in {name}: use small letters, digits, - and _.")
    if len(set(value)) < len(value):
        raise DetailsError(f"Two {name} have the same key.")
    return tuple(value)


def _flag(name: str, value: object) -> bool:
    if not isinstance(value, bool):
        raise DetailsError(f"{name} must be true or false.")
    return value


def _bound(name: str, value: object) -> Decimal | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float | str | Decimal):
        raise DetailsError(f"{name} must be a number.")
    try:
        number = Decimal(str(value))
    except InvalidOperation as error:
        raise DetailsError(f"{name} must be a number.") from error
    if not number.is_finite() or abs(number) > LARGEST:
        raise DetailsError(f"{name} must lie between -{LARGEST} and {LARGEST}.")
    return number


def _decimals(name: str, value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= MOST_DECIMALS:
        raise DetailsError(f"{name} must be a whole number from 0 to {MOST_DECIMALS}.")
    return value


def _day(name: str, value: object) -> str:
    if value in ("", TODAY):
        return str(value)
    try:
        return date.fromisoformat(str(value)).isoformat()
    except ValueError as error:
        raise DetailsError(f"{name} must be a day such as 2026-05-31, or “{TODAY}”.") from error


_READERS: dict[str, Any] = {
    **dict.fromkeys(("options", "rows"), _keys),
    **dict.fromkeys(("other", "none", "shuffle", "faces"), _flag),
    **dict.fromkeys(("least", "most"), _bound),
    "decimals": _decimals,
    **dict.fromkeys(("earliest", "latest"), _day),
}


def _check(kind: Kind, details: Details) -> None:
    """Raise DetailsError for settings that are each right and do not fit together."""
    if details.least is not None and details.most is not None and details.least > details.most:
        raise DetailsError("least must not be larger than most.")
    if details.earliest and details.latest and _fixed(details.earliest, details.latest):
        raise DetailsError("earliest must not be after latest.")
    if MAKES[kind].has_options and len(details.offered) < 2:
        raise DetailsError("Write at least two options.")
    if kind == Kind.MATRIX and not details.rows:
        raise DetailsError("Write at least one row.")
    limit = _LIMITS.get(kind) or (len(details.offered) if kind == Kind.CHOICES else None)
    for bound in (details.least, details.most):
        if limit and bound is not None and (bound % 1 or not 1 <= bound <= limit):
            raise DetailsError(f"least and most must be whole numbers from 1 to {limit} here.")


def _fixed(earliest: str, latest: str) -> bool:
    return TODAY not in (earliest, latest) and earliest > latest


def text_limit(kind: Kind, details: Details) -> int:
    """Return how many characters a text may have."""
    return _LIMITS[kind] if details.most is None else int(details.most)
