"""Our own JSON: a survey version with everything that belongs to it, so that what is read is what was written.

The format is described in docs/formats.md and docs/survey.schema.json.
"""

import json
import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from surveys.formats.document import (
    LONGEST_NAME,
    LONGEST_SLUG,
    LONGEST_TEXT,
    MOST_LANGUAGES,
    MOST_QUESTIONS,
    Document,
    FormatError,
    Item,
    Texts,
    written_only,
)
from surveys.formats.members import Members
from surveys.formats.strict_json import read_object
from surveys.languages import is_tag
from surveys.models import Question, Survey
from surveys.questions.conditions import END, ConditionError, read_condition, read_jumps, write_condition, write_jumps
from surveys.questions.details import DetailsError, read_details, write_details
from surveys.questions.kinds import Kind
from surveys.questions.spec import Spec
from surveys.texts import VERSION_FIELDS

FORMAT = "cxsurvey.survey/1"
SLUG = re.compile(r"[-a-zA-Z0-9_]+")
MOST_HIDDEN_FIELDS = 50
LONGEST_CHANGE = 366 * 24 * 60 * 60
LONGEST_ADDRESS = 200
MOST_MODULES = 100
MEMBERS = (
    *("format", "slug", "name", "language", "occasion", "change_for", "review_url"),
    *("modules_asked", "hidden_fields", "words", "questions"),
)
QUESTION_MEMBERS = (
    *("key", "kind", "required", "starts_page", "details", "show_if", "jumps"),
    *("module", "fact", "aspect", "compass", "words"),
)


def write(document: Document) -> bytes:
    """Return the document as JSON in UTF-8; `read` reads the same from it."""
    given = {
        "format": FORMAT,
        "slug": document.slug,
        "name": document.name,
        "language": document.language,
        "occasion": document.occasion,
        "change_for": document.change_for,
        "review_url": document.review_url,
        "modules_asked": document.modules_asked,
        "hidden_fields": list(document.hidden_fields),
        "words": written_only(document.words),
        "questions": [_write_item(item) for item in document.items],
    }
    return (json.dumps(given, ensure_ascii=False, indent=1) + "\n").encode()


def read(content: bytes) -> Document:
    """Return what a file in our own format holds. Raises FormatError, which names the place."""
    top = Members(read_object(content), "", MEMBERS)
    if top.all.get("format") != FORMAT:
        raise FormatError(f"“{FORMAT}” should stand here.", "format")
    items = tuple(_read_item(value, place) for place, value in top.items("questions", MOST_QUESTIONS))
    _unique(item.spec.key for item in items)
    return Document(
        slug=slug(top, "slug"),
        name=top.text("name", longest=LONGEST_NAME),
        language=_tag(top.text("language", longest=LONGEST_SLUG), "language"),
        items=items,
        words=_texts(top, VERSION_FIELDS),
        occasion=top.one_of("occasion", Survey.Occasion.values, Survey.Occasion.TRANSACTIONAL),
        change_for=top.number("change_for", 24 * 60 * 60, 0, LONGEST_CHANGE),
        review_url=_address(top),
        modules_asked=top.number("modules_asked", 1, 0, MOST_MODULES),
        hidden_fields=tuple(_hidden(top)),
    )


def slug(members: Members, name: str) -> str:
    """Return a key such as addresses hold it."""
    text = members.text(name, longest=LONGEST_SLUG)
    if not SLUG.fullmatch(text):
        raise FormatError(f"“{text}” cannot be a key: use letters, digits, - and _.", members.place(name))
    return text


def _write_item(item: Item) -> dict[str, Any]:
    """A question without the members that have their defaults."""
    spec = item.spec
    optional = {
        "required": spec.required,
        "starts_page": spec.starts_page,
        "details": write_details(spec.details),
        "show_if": write_condition(spec.show_if),
        "jumps": write_jumps(spec.jumps),
        "module": spec.module,
        "fact": spec.fact,
        "aspect": item.aspect,
        "compass": item.compass,
        "words": written_only(item.words),
    }
    return {"key": spec.key, "kind": spec.kind.value} | {name: value for name, value in optional.items() if value}


def _read_item(value: object, place: str) -> Item:
    members = Members(value, place, QUESTION_MEMBERS)
    kind = Kind(members.one_of("kind", Kind.values))
    key = slug(members, "key")
    if key == END:
        raise FormatError(f"no question can have the key “{END}”.", members.place("key"))
    try:
        spec = Spec(
            key=key,
            kind=kind,
            required=members.flag("required"),
            starts_page=members.flag("starts_page"),
            details=read_details(kind, members.all.get("details", {})),
            show_if=read_condition(members.all.get("show_if")),
            jumps=read_jumps(members.all.get("jumps", [])),
            module=slug(members, "module") if members.all.get("module") else "",
            fact=members.text("fact", "", longest=LONGEST_NAME),
        )
    except (DetailsError, ConditionError) as error:
        raise FormatError(str(error), place) from error
    aspect = members.text("aspect", "", longest=LONGEST_SLUG)
    compass = members.one_of("compass", ["", *Question.Compass.values], "")
    return Item(spec, _texts(members, Item(spec).fields), aspect, compass)


def _texts(members: Members, known: Collection[str]) -> Texts:
    words = Members(members.all.get("words", {}), members.place("words"))
    if len(words.all) > MOST_LANGUAGES:
        raise FormatError(f"there may be {MOST_LANGUAGES} languages at most.", members.place("words"))
    found: dict[str, Mapping[str, str]] = {}
    for tag, value in words.all.items():
        fields = Members(value, words.place(_tag(tag, words.place(tag))), known)
        found[tag.casefold()] = {field: fields.text(field, "", longest=LONGEST_TEXT) for field in fields.all}
    if len(found) < len(words.all):
        raise FormatError("a language stands twice here, in capital and in small letters.", members.place("words"))
    return written_only(found)


def _tag(text: str, place: str) -> str:
    tag = text.casefold()
    if not is_tag(tag):
        raise FormatError(f"“{text[:40]}” is no language: write a tag such as en or pt-br.", place)
    return tag


def _hidden(top: Members) -> Iterator[str]:
    for place, value in top.items("hidden_fields", MOST_HIDDEN_FIELDS):
        if not isinstance(value, str) or not 0 < len(value) <= LONGEST_NAME:
            raise FormatError("the name of an attribute should stand here.", place)
        yield value


def _address(top: Members) -> str:
    address = top.text("review_url", "", longest=LONGEST_ADDRESS)
    if address and not address.startswith(("https://", "http://")):
        raise FormatError("an address that begins with https:// should stand here.", "review_url")
    return address


def _unique(keys: Iterator[str]) -> None:
    seen = set[str]()
    for key in keys:
        if key in seen:
            raise FormatError(f"two questions have the key “{key}”. Give one of them another.", "questions")
        seen.add(key)
