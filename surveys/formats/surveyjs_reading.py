"""A survey out of SurveyJS JSON: what of it we have too, and a note about everything else."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from surveys.formats.assembling import Found, Lead, assembled
from surveys.formats.comparing import Target, formula
from surveys.formats.document import LONGEST_NAME, LONGEST_SLUG, MOST_QUESTIONS, Document, FormatError, Item, Note, Read
from surveys.formats.logic import Formula
from surveys.formats.parsing import SURVEYJS, parse
from surveys.formats.placeholders import repeated_answers
from surveys.formats.strict_json import read_object
from surveys.formats.surveyjs_drafts import Draft, Reading, item
from surveys.formats.surveyjs_elements import element
from surveys.formats.surveyjs_texts import Languages
from surveys.formats.surveyjs_texts import plain as without_markup
from surveys.questions.conditions import END
from surveys.questions.keys import Keys, plain
from surveys.questions.kinds import Kind
from surveys.questions.spec import Spec

Members = Mapping[str, Any]
SURVEY_READ = frozenset(
    (
        *("title", "description", "pages", "elements", "questions", "triggers", "completedHtml"),
        *("locale", "clearInvisibleValues", "$schema", "name"),
    )
)
PAGE_READ = frozenset(
    ("type", "name", "elements", "questions", "title", "description", "visibleIf", "visible", "state")
)
TRIGGER_READ = frozenset(("type", "expression", "gotoName"))
DEEPEST_PANEL = 10
_RANK = re.compile(r"(.+)\[(\d+)\]")


def read(content: bytes, name: str = "Survey") -> Read:
    """Return what a SurveyJS file holds; `name`: of the survey, where it has no title. Raises FormatError."""
    survey = read_object(content)
    if not {"pages", "elements", "questions"} & survey.keys():
        raise FormatError("This JSON is neither a survey of ours nor one of SurveyJS, which has “pages” or “elements”.")
    return _Reader(survey).read(name)


class _Reader:
    """Reads one survey from top to bottom."""

    def __init__(self, survey: Members) -> None:
        self._survey = survey
        self._languages = Languages(survey)
        self._notes = list[Note]()
        self._keys = Keys()
        self._found = list[Found]()
        self._targets: dict[str, Target] = {}

    def read(self, name: str) -> Read:
        survey, languages = self._survey, self._languages
        title = languages.read(survey.get("title"), "title")
        self._strange("Survey", survey, SURVEY_READ)
        self._heading("Survey", {"description": survey.get("description")}, ())
        for number, page in enumerate(_listed(survey, "pages") or [survey], start=1):
            self._page(page, number)
        items = assembled(self._found, list(self._leads()), self._formula, self._notes)
        thanks = languages.read(survey.get("completedHtml"), "completedHtml")
        around = {"title": title, "thanks": {tag: without_markup(text) for tag, text in thanks.items()}}
        words = {tag: {field: texts[tag] for field, texts in around.items() if tag in texts} for tag in title | thanks}
        name = (title.get(languages.main) or next(iter(title.values()), "") or name)[:LONGEST_NAME]
        self._notes += repeated_answers(items)
        slug = plain(name)[:LONGEST_SLUG] or "survey"
        return Read(Document(slug=slug, name=name, language=languages.main, items=items, words=words), self._notes)

    def _page(self, page: object, number: int) -> None:
        place = f"Page {number}"
        if not isinstance(page, dict):
            raise FormatError("an object {…} should stand here.", place)
        before = len(self._found)
        if page is not self._survey:
            self._strange(place, page, PAGE_READ)
            if page.get("visible") is False and not page.get("visibleIf"):
                self._notes.append(Note(place, "the page", "It is never shown there; it is left out."))
                return
            self._heading(place, page, _conditions(page))
        self._elements(page, place, _conditions(page) if page is not self._survey else (), 0)
        if len(self._found) > before:
            first = self._found[before]
            spec = replace(first.item.spec, starts_page=number > 1)
            self._found[before] = replace(first, item=replace(first.item, spec=spec))

    def _elements(self, owner: Members, place: str, shown: tuple[str, ...], depth: int) -> None:
        for number, given in enumerate(_listed(owner, "elements") or _listed(owner, "questions"), start=1):
            if not isinstance(given, dict):
                raise FormatError("an object {…} should stand here.", f"{place}, question {number}")
            where = f"“{str(given.get('name') or number)[:60]}”"
            if given.get("visible") is False and not given.get("visibleIf"):
                self._notes.append(Note(where, "the question", "It is never shown there; it is left out."))
            elif given.get("type") == "panel":
                if depth == DEEPEST_PANEL:
                    raise FormatError("panels are nested too deeply.", where)
                self._strange(where, given, PAGE_READ)
                self._heading(where, given, (*shown, *_conditions(given)))
                self._elements(given, place, (*shown, *_conditions(given)), depth + 1)
            else:
                self._question(given, where, (*shown, *_conditions(given)))

    def _question(self, given: Members, place: str, shown: tuple[str, ...]) -> None:
        reading = Reading(given, place, self._languages, self._notes)
        draft = element(reading)
        if draft is None:
            return
        name = str(given.get("name", ""))
        key = self._keys.give(name, "question")
        read = item(draft, key, reading)
        if read is None:
            return
        if len(self._found) == MOST_QUESTIONS:
            raise FormatError(f"This survey has more than {MOST_QUESTIONS} questions.")
        self._found.append(Found(place, read, shown))
        self._names(name, draft, read.spec)

    def _names(self, name: str, draft: Draft, spec: Spec) -> None:
        """Remember under which names expressions ask about the question."""
        self._targets.setdefault(name, Target(spec, draft.values))
        for row, key in draft.rows.items():
            self._targets.setdefault(f"{name}.{row}", Target(spec, draft.values, part=key))

    def _heading(self, place: str, owner: Members, shown: tuple[str, ...]) -> None:
        """The title and description of a page or a panel as a text before its questions."""
        said: dict[str, list[str]] = {}
        for name in ("title", "description"):
            for tag, text in self._languages.read(owner.get(name), f"{place}, {name}").items():
                said.setdefault(tag, []).append(text)
        if not said:
            return
        self._notes.append(Note(place, "its heading", "Pages have none here: it is a text before the questions."))
        spec = Spec(key=self._keys.give("text", "text"), kind=Kind.STATEMENT)
        words = {tag: {"text": "\n".join(texts)} for tag, texts in said.items()}
        self._found.append(Found(place, Item(spec, words), shown))

    def _leads(self) -> Iterator[Lead]:
        for number, trigger in enumerate(_listed(self._survey, "triggers"), start=1):
            place = f"Trigger {number}"
            kind = trigger.get("type") if isinstance(trigger, dict) else None
            if kind not in ("skip", "complete") or not isinstance(trigger.get("expression"), str):
                self._notes.append(Note(place, f"trigger “{str(kind)[:40]}”", "Here there are jumps only."))
                continue
            self._strange(place, trigger, TRIGGER_READ)
            goal = self._targets.get(str(trigger.get("gotoName")))
            if kind == "complete" or goal:
                yield Lead(place, trigger["expression"], goal.spec.key if goal and kind == "skip" else END)
            else:
                why = "There is no such question."
                self._notes.append(Note(place, f"jump to “{str(trigger.get('gotoName'))[:60]}”", why))

    def _formula(self, expression: str) -> Formula:
        return formula(parse(expression, SURVEYJS), self._target, {})

    def _target(self, name: str) -> Target | None:
        if found := self._targets.get(name):
            return found
        ranked = _RANK.fullmatch(name)
        about = self._targets.get(ranked[1]) if ranked else None
        if ranked and about and about.spec.kind == Kind.RANKING:
            return Target(about.spec, about.values, rank=int(ranked[2]) + 1)
        return None

    def _strange(self, place: str, owner: Members, known: frozenset[str]) -> None:
        if strange := sorted(set(owner) - known):
            names = ", ".join(name[:40] for name in strange[:12])
            self._notes.append(Note(place, names, "These settings have no counterpart here."))


def _conditions(owner: Members) -> tuple[str, ...]:
    expression = owner.get("visibleIf")
    return (expression,) if isinstance(expression, str) and expression.strip() else ()


def _listed(owner: Members, name: str) -> list[Any]:
    value = owner.get(name, [])
    if not isinstance(value, list):
        raise FormatError("a list […] should stand here.", name)
    return value
