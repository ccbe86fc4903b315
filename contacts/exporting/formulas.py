"""Texts of people in a CSV file: none is a formula, and every one can be had back (docs/exports.md).

A text that a spreadsheet would take as a formula gets an apostrophe before it; so does one that already has apostrophes
there, so that who takes one away from each of these has the original again. A sign with a number behind it, such as a
phone number, computes nothing and stays as it is.
"""

import re

STARTS = "=+@\t\r\n＝＋－＠-"  # noqa: RUF001 - these are the letters that are looked for
"""What a spreadsheet takes as the start of a formula (OWASP, "CSV Injection"), also written in double width."""
_FORMULA = re.compile(f"'*[{STARTS}]")
_SIGNED = re.compile(r"[-+][0-9][0-9.]*")
_GUARDED = re.compile(f"'(?='*[{STARTS}])")


def guarded(text: str) -> str:
    """Return the text as a CSV file has it."""
    return f"'{text}" if _FORMULA.match(text) and not _SIGNED.fullmatch(text) else text


def original(cell: str) -> str:
    """Return the text of which a CSV file has this."""
    return _GUARDED.sub("", cell, count=1) if _GUARDED.match(cell) else cell


# Where a text begins rules out nearly all of them, ten times as fast as to look for the pattern.
POSTGRES = (
    "CASE WHEN {0} COLLATE \"C\" >= 'A' AND {0} COLLATE \"C\" < '\uff00' "
    "OR {0} COLLATE \"C\" >= '0' AND {0} COLLATE \"C\" < ':' THEN {0} "
    "WHEN {0} ~ '^''*[" + STARTS + "]' AND {0} !~ '^[-+][0-9][0-9.]*$' THEN '''' || {0} ELSE coalesce({0}, '') END"
)
SQLITE = (
    "CASE WHEN {0} BETWEEN 'A' AND '\uff00' OR {0} BETWEEN '0' AND ':' THEN {0} "
    "WHEN ltrim({0}, '''') GLOB '["
    + STARTS
    + "]*' AND NOT ({0} GLOB '[-+][0-9]*' AND substr({0}, 2) NOT GLOB '*[^0-9.]*') THEN '''' || {0} "
    "ELSE coalesce({0}, '') END"
)
"""The same in SQL, for a column; what is not there is an empty text."""
