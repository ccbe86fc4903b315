"""A survey out of an XLSForm: what of it we have too, and a note about everything else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from surveys.formats.assembling import Found, assembled
from surveys.formats.comparing import Target
from surveys.formats.document import LONGEST_NAME, LONGEST_SLUG, MOST_QUESTIONS, Document, FormatError, Item, Note, Read
from surveys.formats.placeholders import repeated_answers
from surveys.formats.workbook import Row
from surveys.formats.workbook import read as read_workbook
from surveys.formats.xlsform_logic import relevant
from surveys.formats.xlsform_questions import READ, Form, Question, question, table
from surveys.languages import is_tag, tag_of
from surveys.questions.keys import Keys, plain
from surveys.questions.kinds import Kind
from surveys.questions.spec import Spec

#: What phones note by themselves; a survey here has its own times, and wants nothing else.
METADATA = frozenset(
    (
        *("start", "end", "today", "deviceid", "subscriberid", "simserial", "phonenumber", "username", "email"),
        *("start-geopoint", "audit", "background-audio", "caseid"),
    )
)
SETTINGS_READ = frozenset(("form_title", "form_id", "default_language", "style", "version"))


def read(content: bytes, name: str = "Survey") -> Read:
    """Return what an XLSForm holds; `name`: of the survey, where it has no title. Raises FormatError."""
    sheets = read_workbook(content)
    if "survey" not in sheets:
        raise FormatError("This workbook has no sheet “survey”, as an XLSForm has. Is it the right file?")
    return _Reader(sheets).read(name)


@dataclass(slots=True)
class _Group:
    """A group that is open: its row, and the expressions under which its questions are asked."""

    row: Row
    kind: str
    shown: tuple[str, ...]
    rows: list[Row]


class _Reader:
    """Reads one form from top to bottom."""

    def __init__(self, sheets: Mapping[str, list[Row]]) -> None:
        self._survey = sheets["survey"]
        settings = sheets.get("settings", [])
        self._settings = settings[0] if settings else Row(1, {})
        self._form = Form(sheets.get("choices", []), self._default())
        self._notes = self._form.notes
        self._keys = Keys()
        self._found = list[Found]()
        self._targets: dict[str, Target] = {}
        self._groups = list[_Group]()
        self._page_starts = False

    def read(self, name: str) -> Read:
        settings = self._settings
        for row in self._survey:
            self._row(row)
        if self._groups:
            raise FormatError("this group has no end_group.", _place(self._groups[-1].row))
        items = assembled(self._found, [], lambda text: relevant(text, self._targets.get), self._notes)
        if strange := sorted(set(settings.cells) - SETTINGS_READ):
            self._notes.append(Note("Sheet “settings”", ", ".join(strange), "These settings have no counterpart here."))
        title = settings.get("form_title")
        name = (title or name)[:LONGEST_NAME]
        slug = plain(settings.get("form_id"))[:LONGEST_SLUG] or plain(name)[:LONGEST_SLUG] or "survey"
        words = {self._form.language: {"title": title}} if title else {}
        self._notes += repeated_answers(items)
        return Read(Document(slug=slug, name=name, language=self._form.language, items=items, words=words), self._notes)

    def _default(self) -> str:
        """The language of columns that name none: that of the settings, else of the first column that names one."""
        wanted = tag_of(self._settings.get("default_language"))
        named = (tag_of(heading.partition("::")[2]) for row in self._survey for heading in row.cells if "::" in heading)
        return wanted or next((tag for tag in named if is_tag(tag)), "en")

    def _row(self, row: Row) -> None:
        kind = row.get("type").casefold().replace("begin group", "begin_group").replace("end group", "end_group")
        kind = kind.replace("begin repeat", "begin_repeat").replace("end repeat", "end_repeat")
        if not kind or kind in METADATA:
            return
        if kind in ("begin_group", "begin_repeat"):
            self._begin(row, kind)
        elif kind in ("end_group", "end_repeat"):
            self._end(row, kind.removeprefix("end_"))
        elif self._groups and self._groups[-1].kind == "table":
            self._groups[-1].rows.append(row)
        else:
            self._question(row)

    def _begin(self, row: Row, kind: str) -> None:
        appearance = row.get("appearance").split()
        shown = (*self._shown(), *_expressions(row))
        if kind == "begin_repeat":
            self._notes.append(Note(_place(row), "repeat", "Its questions are asked once here."))
        table_list = "table-list" in appearance
        if "field-list" in appearance and not any(group.kind == "page" for group in self._groups):
            self._page_starts = bool(self._found)
        group = "table" if table_list else "page" if "field-list" in appearance else kind.removeprefix("begin_")
        self._groups.append(_Group(row, group, shown, []))
        if not table_list:
            self._heading(row, shown)

    def _end(self, row: Row, kind: str) -> None:
        if not self._groups:
            raise FormatError(f"there is no begin_{kind} before this end_{kind}.", _place(row))
        group = self._groups.pop()
        if group.kind == "table":
            self._add(group.row, table(group.row, group.rows, self._form), group.shown)
        elif group.kind == "page":
            self._page_starts = bool(self._found)

    def _question(self, row: Row) -> None:
        self._form.strange(row, READ)
        self._add(row, question(row, self._form), (*self._shown(), *_expressions(row)))

    def _add(self, row: Row, read: Question | None, shown: tuple[str, ...]) -> None:
        if read is None:
            return
        if len(self._found) == MOST_QUESTIONS:
            raise FormatError(f"This form has more than {MOST_QUESTIONS} questions.")
        key = self._keys.give(row.get("name"), "question")
        spec = replace(read.item.spec, key=key, starts_page=self._page_starts)
        self._page_starts = False
        self._found.append(Found(_place(row), replace(read.item, spec=spec), shown))
        self._targets.setdefault(row.get("name"), Target(spec, read.values))
        for name, part in read.rows.items():
            self._targets.setdefault(name, Target(spec, read.values, part=part))

    def _heading(self, row: Row, shown: tuple[str, ...]) -> None:
        """The label of a group as a text before its questions."""
        said = self._form.texts(row, "label")
        if said:
            self._notes.append(
                Note(_place(row), "its heading", "Groups have none here: it is a text before the questions.")
            )
            spec = Spec(key="text", kind=Kind.STATEMENT)
            words = {tag: {"text": text} for tag, text in said.items()}
            self._add(replace(row, cells={"name": "text"}), Question(Item(spec, words)), shown)

    def _shown(self) -> tuple[str, ...]:
        return self._groups[-1].shown if self._groups else ()


def _expressions(row: Row) -> tuple[str, ...]:
    return (row.get("relevant"),) if row.get("relevant") else ()


def _place(row: Row) -> str:
    return f"Row {row.number}" + (f" “{row.get('name')[:60]}”" if row.get("name") else "")
