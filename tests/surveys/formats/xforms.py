"""A judge of `relevant`: the XPath of libxml2, with the functions that ODK adds to it, leads through a form."""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from lxml import etree

from surveys.formats.xlsform_names import NO, YES, Names
from surveys.questions.answers import Answers, Parts
from surveys.questions.kinds import Kind
from surveys.questions.spec import Spec

Values = Mapping[str, str]
"""What an instance of the form holds, by the names of its nodes; a day as its number, as ODK compares it."""
REFERENCE = re.compile(r"\$\{([^{}]+)\}")


def held(expression: str, values: Values) -> bool:
    """Return what an expression says where these were answered."""
    data = etree.Element("data")
    for name in {*values, *REFERENCE.findall(expression)}:
        etree.SubElement(data, name).text = values.get(name, "")
    found = data.getroottree().xpath(REFERENCE.sub(r"/data/\1", expression))
    assert isinstance(found, bool), expression
    return found


def walked(rows: Sequence[Mapping[str, Any]], values: Values) -> list[list[str]]:
    """Return the pages of a written form with what they ask, given what would be answered; unasked nodes are empty."""
    asked: dict[str, str] = {}
    pages: list[list[str]] = []
    groups: list[tuple[str, bool]] = []
    for row in rows:
        if row["type"] == "end_group":
            groups.pop()
            continue
        within, open_ = groups[-1] if groups else ("", True)
        shown = open_ and ("relevant" not in row or held(row["relevant"], asked))
        if row.get("appearance") == "field-list":
            pages.append([])
        elif shown and within != "table-list":
            pages[-1].append(row["name"])
        if row["type"] == "begin_group":
            groups.append((row["appearance"], shown))
        elif shown:
            asked[row["name"]] = values.get(row["name"], "")
    return [page for page in pages if page]


def as_values(specs: Mapping[str, Spec], answers: Answers) -> dict[str, str]:
    """Return answers of ours as the form holds them."""
    names, found = Names(list(specs.values())), dict[str, str]()
    for key, parts in answers.items():
        if specs[key].kind == Kind.MATRIX:
            options = specs[key].details.options
            found |= {names.row(key, row): options[(part.number or 0) - 1] for row, part in parts.items()}
        else:
            found[names.of(key)] = _value(specs[key].kind, parts)
    return found


def _value(kind: Kind, parts: Parts) -> str:
    if kind == Kind.RANKING:
        return " ".join(sorted(parts, key=lambda key: parts[key].number or 0))
    if kind in (Kind.CHOICE, Kind.CHOICES):
        return " ".join(parts)
    [part] = parts.values()
    if kind in (Kind.YES_NO, Kind.CONTACT_WISH):
        return YES if part.number else NO
    if part.date:
        return str(part.date.toordinal())
    return part.text or str(part.amount if part.amount is not None else part.number)


def _said(argument: object) -> str:
    """The text of a node, or of what stands for one."""
    return (argument[0].text or "") if isinstance(argument, list) else str(argument)


_functions = etree.FunctionNamespace(None)
_functions["selected"] = lambda _, chosen, key: key in _said(chosen).split()
_functions["selected-at"] = lambda _, chosen, place: dict(enumerate(_said(chosen).split())).get(int(place), "")
_functions["count-selected"] = lambda _, chosen: len(_said(chosen).split())
_functions["date"] = lambda _, day: date.fromisoformat(_said(day)).toordinal()
