"""PO files: what a translator gets, and what of what comes back fits."""

import polib
import pytest
from hypothesis import given
from hypothesis import strategies as st

from surveys.formats import po
from surveys.formats.document import FormatError
from surveys.formats.po import Line

TITLE = Line("title", "How was {visit}?", "", "Title of the page")
TEXT = Line("score.text", 'Would you "recommend"\n{brand}?', "Würden Sie {brand} empfehlen?", "1. Question: score")
OPTION = Line("why.option:speed", "Speed", "", "2. Option")
LINES = [TITLE, TEXT, OPTION]


def filled(*entries: tuple[str, str, str], language: str = "de", flags: tuple[str, ...] = ()) -> bytes:
    """Return a PO file with these contexts, originals and translations."""
    file = polib.POFile()
    file.metadata = {"Language": language, "Content-Type": "text/plain; charset=UTF-8"}
    for context, source, target in entries:
        file.append(polib.POEntry(msgctxt=context, msgid=source, msgstr=target, flags=list(flags)))
    return str(file).encode()


def test_a_file_holds_each_text_with_its_context_and_what_to_keep() -> None:
    file = polib.pofile(po.write(LINES, "en", "de", "Visit, version 1").decode())
    assert file.metadata["Language"] == "de"
    assert [(entry.msgctxt, entry.msgid, entry.msgstr) for entry in file] == [
        (line.context, line.source, line.target) for line in LINES
    ]
    assert file[0].comment == "Title of the page\nKeep as they are: {visit}"


def test_a_template_holds_no_translation() -> None:
    file = polib.pofile(po.write(LINES, "en", "", "Visit").decode())
    assert {entry.msgstr for entry in file} == {""}


def test_right_to_left_is_said_to_the_translator() -> None:
    assert "Written from right to left." in po.write(LINES, "en", "ar", "Visit").decode()


@given(st.lists(st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1).filter(str.strip), max_size=5))
def test_every_text_comes_back(texts: list[str]) -> None:
    lines = [Line(f"q{number}.text", text, text) for number, text in enumerate(texts)]
    found = po.read(po.write(lines, "en", "de", "Any"), lines, "de")
    assert (found.texts, found.notes) == ({line.context: line.target for line in lines}, [])


def test_what_fits_is_taken() -> None:
    content = filled(("title", "How was {visit}?", "Wie war {visit}?"), ("why.option:speed", "Speed", ""))
    found = po.read(content, LINES, "de")
    assert (found.texts, found.notes) == ({"title": "Wie war {visit}?"}, [])


@pytest.mark.parametrize(
    ("entry", "why"),
    [
        (("gone.text", "Gone", "Weg"), "This version has no such text."),
        (("", "How was {visit}?", "Wie war {visit}?"), "This version has no such text."),
        (("title", "How was it?", "Wie war es?"), "The original is another by now: “How was {visit}?”."),
        (("title", "How was {visit}?", "Wie war es?"), "It has lost {visit}."),
        (
            ("title", "How was {visit}?", "{visit} {name} {Besuch}"),
            "It has {Besuch}, {name}, which the original has not.",
        ),
        (("title", "How was {visit}?", "{visit}" + "x" * 10_000), "It has more than 10000 characters."),
    ],
)
def test_what_does_not_fit_is_left_out_and_said(entry: tuple[str, str, str], why: str) -> None:
    found = po.read(filled(entry), LINES, "de")
    assert found.texts == {}
    [note] = found.notes
    assert note.why.startswith(why)
    assert note.place.startswith("Line ")


def test_a_fuzzy_entry_is_left_out() -> None:
    found = po.read(filled(("title", "How was {visit}?", "Wie war {visit}?"), flags=("fuzzy",)), LINES, "de")
    assert (found.texts, [note.why for note in found.notes]) == (
        {},
        ["It is marked as fuzzy: confirm it and send the file again."],
    )


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "This is no PO file"),
        (b"/etc/passwd", "This is no PO file"),
        (b"hello\nworld\n", "This is no PO file"),
        (b'msgid "a"\nmsgstr \n"b\n', "This is no PO file that can be read"),
        (b'msgid "a"\nmsgstr "b"\n\nmsgid "a"\nmsgstr "c"\n', "This is no PO file that can be read"),
        (b"\xff\xfem\x00s\x00g\x00i\x00d\x00", "Byte 1 is not UTF-8"),
        (filled(language="fr"), "This file is in French (fr), and here you translate into German (de)."),
    ],
    ids=range(7),
)
def test_a_file_that_is_none_is_refused(content: bytes, told: str) -> None:
    with pytest.raises(FormatError) as refused:
        po.read(content, LINES, "de")
    assert str(refused.value).startswith(told)
