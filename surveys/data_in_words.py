"""All that is kept about a person in the words of a language: to be read, and as a file that says what it means."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from itertools import chain
from typing import Any
from zoneinfo import ZoneInfo

from django.core.serializers.json import DjangoJSONEncoder

from contacts.own_data import OwnData
from surveys.own_data import ANSWER_COLUMNS
from surveys.own_page_words import OwnPageWords, own_page_words
from surveys.page_words import PageWords, page_words

ASKED = "asked"
"""The column of what a wish asks for."""
Rows = list[list[tuple[str, list[str]]]]
"""For each row the names of its columns, with their values as lines of text."""


def data_sections(data: OwnData, language: str, zone: ZoneInfo) -> Sequence[tuple[str, Rows]]:
    """Return the parts in which there is something, by their headings; instants are those of `zone`."""
    own, words = own_page_words(language), page_words(language)
    return [
        (own.sections[part], [_shown(part, row, own, words, zone) for row in rows])
        for part, rows in data.items()
        if rows
    ]


def data_file(data: OwnData, language: str) -> str:
    """Return all of it as JSON: a text that other services can read.

    Its keys are the same in every language; `legend` says in this one what they mean.
    """
    own = own_page_words(language)
    legend = {
        part: {"": own.sections[part]} | {name: own.column(part, name) for name in _columns(part, rows)}
        for part, rows in data.items()
        if rows
    }
    return json.dumps({"legend": legend, **data}, cls=DjangoJSONEncoder, ensure_ascii=False, indent=2)


def _columns(part: str, rows: Iterable[Mapping[str, Any]]) -> Iterable[str]:
    return dict.fromkeys((*chain.from_iterable(rows), *(ANSWER_COLUMNS if part == "answers" else ())))


def _shown(
    part: str, row: Mapping[str, Any], own: OwnPageWords, words: PageWords, zone: ZoneInfo
) -> list[tuple[str, list[str]]]:
    named = {name: _asked(value, own) if name == ASKED else value for name, value in row.items()}
    told = {name: own.value(part, name, value) if isinstance(value, str) else value for name, value in named.items()}
    return [(own.column(part, name), _texts(value, own, words, zone)) for name, value in told.items()]


def _asked(asked: Mapping[str, Any], own: OwnPageWords) -> dict[str, Any]:
    """What a wish asks for, which is in words of ours."""
    return {own.column("consents", name): value for name, value in asked.items()}


def _texts(value: object, own: OwnPageWords, words: PageWords, zone: ZoneInfo) -> list[str]:
    """A value as one line or, where there are several things in it, one line each."""
    if isinstance(value, datetime):
        return [f"{value.astimezone(zone):%Y-%m-%d %H:%M}"]
    if isinstance(value, Mapping):
        named = ((own.columns[name] if name in ANSWER_COLUMNS else name, one) for name, one in value.items())
        return [f"{name}: {', '.join(_texts(one, own, words, zone))}" for name, one in named]
    if isinstance(value, list):
        return [", ".join(_texts(one, own, words, zone)) for one in value]
    if isinstance(value, bool):
        return [words.yes if value else words.no]
    return [str(value)]
