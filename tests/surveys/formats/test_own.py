"""Our own JSON: what is read is what was written, it fits its schema, and whatever is no survey is refused."""

import json
from typing import Any

import pytest
from django.conf import settings
from hypothesis import given
from hypothesis import settings as tried
from jsonschema import Draft202012Validator

from surveys.formats import own
from surveys.formats.document import Document, FormatError
from surveys.formats.strict_json import DEEPEST, LIMIT
from surveys.questions.kinds import Kind
from tests.surveys.formats.makers import ask, documents, survey

SCHEMA = Draft202012Validator(json.loads((settings.BASE_DIR / "docs/survey.schema.json").read_text()))
TWO = survey(ask("score"), ask("why", Kind.CHOICE, {"options": ["speed", "price"]}), words={"de": {"title": "Hallo"}})


@tried(max_examples=25)
@given(documents())
def test_what_is_read_is_what_was_written(document: Document) -> None:
    content = own.write(document)
    assert own.read(content) == document
    assert own.write(own.read(content)) == content
    assert [error.message for error in SCHEMA.iter_errors(json.loads(content))] == []


def changed(path: str, value: Any) -> bytes:
    """Return TWO as a file in which the member at a path such as `questions.0.kind` is another."""
    whole = json.loads(own.write(TWO))
    *way, last = [int(step) if step.isdigit() else step for step in path.split(".")]
    place = whole
    for step in way:
        place = place[step]
    place[last] = value
    return json.dumps(whole).encode()


@pytest.mark.parametrize(
    ("path", "value", "place"),
    [
        ("format", "cxsurvey.survey/2", "format: “cxsurvey.survey/1” should stand here."),
        ("slug", "a b", "slug: “a b” cannot be a key"),
        ("name", "", "name: a text in quotes"),
        ("name", 7, "name: a text in quotes"),
        ("name", "x" * 121, "name: this has 121 characters and may have 120."),
        ("language", "English", "language: “English” is no language"),
        ("occasion", "yearly", "occasion: one of these"),
        ("change_for", True, "change_for: a whole number"),
        ("change_for", -1, "change_for: a whole number"),
        ("review_url", "javascript:alert(1)", "review_url: an address"),
        ("modules_asked", "1", "modules_asked: a whole number"),
        ("hidden_fields", [""], "hidden_fields[0]: the name"),
        ("hidden_fields", "store", "hidden_fields: a list"),
        ("words", [], "words: an object"),
        ("words", {"??": {}}, "words.??: “??” is no language"),
        ("words", {"en": {"titel": "x"}}, "words.en: there is no “titel” here"),
        ("words", {"en": {"title": 1}}, "words.en.title: a text"),
        ("words", {"pt-BR": {"title": "a"}, "pt-br": {"title": "b"}}, "words: a language stands twice"),
        ("colour", "red", "there is no “colour” here; known are format"),
        ("questions", {}, "questions: a list"),
        ("questions", [{}] * 301, "questions: there may be 300"),
        ("questions.0", "score", "questions[0]: an object"),
        ("questions.0.kind", "slider", "questions[0].kind: one of these"),
        ("questions.0.kind", ["nps"], "questions[0].kind: one of these"),
        ("questions.0.key", "end", "questions[0].key: no question can have the key “end”."),
        ("questions.1.key", "score", "questions: two questions have the key “score”."),
        ("questions.0.required", 1, "questions[0].required: true or false"),
        ("questions.0.details", {"faces": True}, "questions[0]: A question of the kind “nps” has no setting faces"),
        ("questions.1.details", {"options": ["one"]}, "questions[1]: Write at least two options."),
        ("questions.0.show_if", {"all": []}, "questions[0]: “all” must be a list"),
        ("questions.0.jumps", [{}], "questions[0]: A jump must have “to”"),
        ("questions.0.compass", "north", "questions[0].compass: one of these"),
        ("questions.0.words", {"en": {"option:a": "x"}}, "questions[0].words.en: there is no “option:a” here"),
        ("questions.0.words", {"en": {"text": "x" * 10_001}}, "questions[0].words.en.text: this has 10001"),
    ],
)
def test_what_is_no_survey_is_refused_with_its_place(path: str, value: Any, place: str) -> None:
    content = changed(path, value)
    with pytest.raises(FormatError) as refused:
        own.read(content)
    assert str(refused.value).startswith(place)


def test_the_schema_refuses_what_the_reader_refuses() -> None:
    paths = {"format": "x", "slug": "a b", "name": "", "occasion": "yearly", "change_for": -1, "colour": "red"}
    paths |= {"questions.0.kind": "slider", "questions.0.key": "end", "questions.0.jumps": [{}], "words": {"en": []}}
    for path, value in paths.items():
        assert list(SCHEMA.iter_errors(json.loads(changed(path, value)))), path


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "Line 1, column 1: this is not JSON"),
        (b'{"format": "cxsurvey.survey/1",\n "slug": }', "Line 2, column 10: this is not JSON"),
        (b"[]", "This JSON is no survey"),
        (b'{"slug": "a", "slug": "b"}', "“slug” stands twice"),
        (b'{"change_for": NaN}', "NaN is no number"),
        (b"\xff\xfe{\x00}\x00", "Byte 1 is not UTF-8"),
        ('{"name": "Größe"}'.encode("latin-1"), "Byte 13 is not UTF-8"),
        (b"{}\0", "This is not a text file"),
        (b'{"name": "\\ud800"}', "“?” has a character that is none"),
        (b'{"name": "a\\u0000b"}', "has a character that is none"),
        (b"[" * 100_000, "This JSON is nested more than"),
        (b'{"a":' * (DEEPEST + 2) + b"1" + b"}" * (DEEPEST + 2), "This JSON is nested more than"),
        (b" " * (LIMIT + 1), "This file has more than 2 MB"),
    ],
    ids=range(13),
)
def test_a_broken_file_says_where(content: bytes, told: str) -> None:
    with pytest.raises(FormatError) as refused:
        own.read(content)
    assert told in str(refused.value)


def test_a_byte_order_mark_is_no_mistake() -> None:
    assert own.read(b"\xef\xbb\xbf" + own.write(TWO)) == TWO
