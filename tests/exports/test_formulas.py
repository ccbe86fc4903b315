"""Texts of people in CSV: none is live in a spreadsheet, and each can be had back."""

import csv
import io
import re
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contacts.exported import TOUCHPOINTS
from contacts.exporting.formulas import STARTS, guarded, original
from contacts.readers import EVERYTHING
from tests.exports.files import written
from tests.surveys.makers import NOON, make_customer, make_touchpoint

LIVE = [
    "=1+1",
    "+1+1",
    "-1+1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\n=1",
    "\uff1d1",
    "\uff0d1",
    "\uff20x",
    "'=1",
    "''=1",
    "-",
    "+47 22 33",
]
DEAD = [
    "",
    "Ada",
    "+4791234567",
    "-12.5",
    "0047",
    "'quoted'",
    "'",
    " =1",
    "a=b",
    "=".join("ab"),
    "ünïcode",
    "“x”",
    "A\nB",
]
TEXTS = [*LIVE, *DEAD]
DOCS = Path(__file__).parent.parent.parent / "docs" / "exports.md"


@pytest.mark.parametrize("text", LIVE)
def test_what_would_be_a_formula_is_none(text: str) -> None:
    assert guarded(text) == f"'{text}"


@pytest.mark.parametrize("text", DEAD)
def test_other_texts_stay_as_they_are_phone_numbers_among_them(text: str) -> None:
    assert guarded(text) == text


@settings(max_examples=300)
@given(st.text(alphabet=f"{STARTS}'1a. ", max_size=5))
def test_every_text_can_be_had_back(text: str) -> None:
    cell = guarded(text)
    assert original(cell) == text
    assert cell[:1] not in STARTS or not cell or re.fullmatch(r"[-+][0-9][0-9.]*", cell)


@pytest.mark.django_db
def test_the_database_guards_as_we_do_and_the_documented_line_undoes_it() -> None:
    customer = make_customer()
    for text in TEXTS:
        make_touchpoint(customer, product=text)
    content = written(TOUCHPOINTS.rows({"columns": "product"}, NOON, EVERYTHING), "csv").decode()
    cells = [row["product"] for row in csv.DictReader(io.StringIO(content, newline=""))]
    assert cells == [guarded(text) for text in TEXTS]
    [line] = re.findall(r"^texts = .*$", DOCS.read_text(), re.MULTILINE)
    names = {"cells": pd.Series(cells)}
    exec(line, names)  # noqa: S102 - the document's own line
    assert list(names["texts"]) == TEXTS
