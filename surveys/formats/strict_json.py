"""JSON as strangers send it, read strictly: UTF-8, of limited size and depth, every key once, no NaN."""

import json
from collections.abc import Mapping
from typing import Any, NoReturn

from surveys.formats.document import FormatError

LIMIT = 2 * 1024 * 1024
"""Bytes; a survey of 300 questions in ten languages takes about one."""
DEEPEST = 40


def decode(content: bytes) -> str:
    """Return the text of a file in UTF-8, with or without byte order mark. Raises FormatError."""
    if len(content) > LIMIT:
        raise FormatError(
            f"This file has more than {LIMIT // 1024 // 1024} MB. A survey has less: is it the right file?"
        )
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise FormatError(f"Byte {error.start + 1} is not UTF-8. Save the file as UTF-8 and try again.") from error
    if "\0" in text:
        raise FormatError("This is not a text file, or not one in UTF-8. Save it as UTF-8 and try again.")
    return text


def read_object(content: bytes) -> Mapping[str, Any]:
    """Return the object that a JSON file holds. Raises FormatError, which names the place."""
    text = decode(content)
    try:
        found = json.loads(text, object_pairs_hook=_unique, parse_constant=_no_number)
        _check(found)
    except json.JSONDecodeError as error:
        place = f"Line {error.lineno}, column {error.colno}"
        raise FormatError(f"this is not JSON ({error.msg}). Export the file once more.", place) from error
    except RecursionError as error:
        raise FormatError(_TOO_DEEP) from error
    if not isinstance(found, dict):
        raise FormatError("This JSON is no survey: it should begin with {.")
    return found


_TOO_DEEP = f"This JSON is nested more than {DEEPEST} levels deep. No survey is: is it the right file?"


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise FormatError(f"“{twice[:60]}” stands twice in one object. Remove one of them.")
    return members


def _no_number(text: str) -> NoReturn:
    raise FormatError(f"{text} is no number in JSON. Write a number or leave it out.")


def _check(value: object, depth: int = 0) -> None:
    """Raise FormatError for too deep a nesting, and for texts with half a character (a lone surrogate)."""
    if depth > DEEPEST:
        raise FormatError(_TOO_DEEP)
    if isinstance(value, dict):
        for key, member in value.items():
            _check(key, depth)
            _check(member, depth + 1)
    elif isinstance(value, list):
        for member in value:
            _check(member, depth + 1)
    elif isinstance(value, str) and any("\ud800" <= character <= "\udfff" or character == "\0" for character in value):
        raise FormatError(
            f"“{value[:20].encode(errors='replace').decode()}” has a character that is none. Write the text again."
        )
