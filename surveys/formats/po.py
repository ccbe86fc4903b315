"""Translations as PO (gettext), the format that translators' tools take: a context, the original, the translation."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polib

from surveys.formats.document import LONGEST_TEXT, FormatError, Note
from surveys.formats.placeholders import known, unknown
from surveys.formats.strict_json import decode
from surveys.languages import is_tag, name
from surveys.speaking import direction

MOST_ENTRIES = 20_000


@dataclass(frozen=True, slots=True)
class Line:
    """One text to translate. `context` is `field`, or `question.field`; `about` is a hint for translators."""

    context: str
    source: str
    target: str = ""
    about: str = ""


@dataclass(frozen=True, slots=True)
class Translated:
    """What a PO file brings: texts by context, and what does not fit."""

    texts: Mapping[str, str]
    notes: Sequence[Note]


def write(lines: Sequence[Line], source: str, target: str, project: str) -> bytes:
    """Return the lines as a PO file or, without a `target` language, as a template (POT)."""
    file = polib.POFile(wrapwidth=0)
    file.metadata = {
        "Project-Id-Version": project,
        "Language": target,
        "X-Source-Language": source,
        "MIME-Version": "1.0",
        "Content-Type": "text/plain; charset=UTF-8",
        "Content-Transfer-Encoding": "8bit",
    }
    for line in lines:
        placeholders = ", ".join(f"{{{name}}}" for name in sorted(known(line.source)))
        kept = f"\nKeep as they are: {placeholders}" if placeholders else ""
        right = "\nWritten from right to left." if target and direction(target) == "rtl" else ""
        translation = line.target if target else ""
        told = line.about + kept + right
        file.append(polib.POEntry(msgctxt=line.context, msgid=line.source, msgstr=translation, comment=told))
    return f"{file}\n".encode()


def read(content: bytes, lines: Sequence[Line], target: str) -> Translated:
    """Return which translations of a PO file fit the texts that are to be translated (`lines`).

    What does not fit is noted and left out: an unknown context, an original that is another by now, an entry marked
    as fuzzy, placeholders that were lost or made up. Raises FormatError for what is no PO file, or one in another
    language than `target`.
    """
    text = decode(content)
    if "msgid" not in text or "\n" not in text:  # polib would take it for the name of a file
        raise FormatError("This is no PO file: it has no msgid.")
    try:
        file = polib.pofile(text, wrapwidth=0, check_for_duplicates=True)
    except (OSError, ValueError, UnicodeError, IndexError) as error:
        raise FormatError(f"This is no PO file that can be read: {str(error)[:200]}") from error
    language = file.metadata.get("Language", "").strip().replace("_", "-").casefold()
    if is_tag(language) and language != target:
        told = f"This file is in {name(language)} ({language}), and here you translate into {name(target)} ({target})."
        raise FormatError(f"{told} Choose that language first.")
    if len(file) > MOST_ENTRIES:
        raise FormatError(f"This PO file has more than {MOST_ENTRIES} entries: it is not one of a survey.")
    wanted = {line.context: line for line in lines}
    texts, notes = dict[str, str](), list[Note]()
    for entry in file:
        if entry.obsolete or not entry.msgstr.strip():
            continue
        if why := _misfit(entry, wanted.get(entry.msgctxt or "")):
            notes.append(Note(f"Line {entry.linenum}", f"“{entry.msgctxt or entry.msgid[:60]}”", why))
        else:
            texts[entry.msgctxt] = entry.msgstr
    return Translated(texts, notes)


def _misfit(entry: polib.POEntry, line: Line | None) -> str:
    """Why an entry cannot be taken; empty where it can."""
    if line is None:
        return "This version has no such text."
    if entry.msgid != line.source:
        return f"The original is another by now: “{line.source[:200]}”. Translate it once more."
    if entry.fuzzy:
        return "It is marked as fuzzy: confirm it and send the file again."
    if len(entry.msgstr) > LONGEST_TEXT:
        return f"It has more than {LONGEST_TEXT} characters."
    if lost := sorted(known(entry.msgid) - known(entry.msgstr)):
        return f"It has lost {', '.join(f'{{{name}}}' for name in lost)}."
    made_up = sorted(set(unknown(entry.msgstr)) - set(unknown(entry.msgid)))
    made_up += [f"{{{name}}}" for name in sorted(known(entry.msgstr) - known(entry.msgid))]
    return f"It has {', '.join(made_up)}, which the original has not." if made_up else ""
