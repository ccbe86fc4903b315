"""Tables as files: each row once, in one order, made by the database where it can and sent while it is made.

A `Table` says what can be asked for; `Rows` are what was; a `Format` writes them part by part. A part that fails ends
the file there and then, so that nobody takes half of one for the whole.
"""

from contacts.exporting.columns import BOOLEAN, CODE, DAY, INSTANT, INTEGER, JSON, NUMBER, TEXT, Column, Type
from contacts.exporting.filtering import ExportFilterSet, InstantFilter, Parameter, TruthFilter, export_filters
from contacts.exporting.formats import FORMATS, Format
from contacts.exporting.parts import Part
from contacts.exporting.rows import Listed, Queried, Rows
from contacts.exporting.tables import Asked, ListTable, QueryTable, Shape, Table

__all__ = [
    "BOOLEAN",
    "CODE",
    "DAY",
    "FORMATS",
    "INSTANT",
    "INTEGER",
    "JSON",
    "NUMBER",
    "TEXT",
    "Asked",
    "Column",
    "ExportFilterSet",
    "Format",
    "InstantFilter",
    "ListTable",
    "Listed",
    "Parameter",
    "Part",
    "Queried",
    "QueryTable",
    "Rows",
    "Shape",
    "Table",
    "TruthFilter",
    "Type",
    "export_filters",
]
