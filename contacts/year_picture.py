"""The picture of a customer's year: strips of shapes, placed in percent of the width, for a template to draw. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import NamedTuple

from contacts.frequency import Lane, Step
from contacts.year import Mark, Year

MAJOR = 3
"""Every third month, January among them, is named where there is little room."""
SHAPES = {"email": "Email", "sms": "SMS", "phone": "Phone", "response": "Answers", "decline": "Declined"}
"""What has a strip of marks -> its name, which is also the name of its shape; all but `decline` are always shown."""


class Shape(NamedTuple):
    """A mark, bar or band: `x` and `width` in percent of the strip's width, `height` in percent of its height."""

    look: str
    x: float
    words: str
    width: float = 0.0
    height: float = 100.0

    @property
    def top(self) -> float:
        """Where the shape begins, from above."""
        return 100 - self.height


class Strip(NamedTuple):
    """A row of the picture; `kind` is marks, bands, lane or free, `shape` the mark that stands before its label."""

    kind: str
    label: str
    note: str
    shapes: list[Shape]
    shape: str = ""


class Month(NamedTuple):
    """Where a month begins, and its name; `major` ones are named on a narrow screen too."""

    x: float
    name: str
    major: bool


@dataclass(frozen=True, slots=True)
class Picture:
    """What the template draws; `allowed` is where the first allowed instant lies, None where there is none to draw."""

    months: list[Month]
    asked: float
    allowed: float | None
    strips: list[Strip]


def draw_year(year: Year) -> Picture:
    """Return the picture of a year. Dates in words are those of the year's zone."""
    strips = [
        *_mark_strips(year),
        *_refusals(year),
        *(_lane(lane, year) for lane in year.lanes),
        Strip("free", "Free places", "", [_stretch(year, "free", "Free", *place) for place in year.free]),
    ]
    seen = year.allowed_at if year.allowed_at and year.allowed_at < year.until else None
    allowed = _x(year, seen) if seen else None
    return Picture(list(_months(year)), _x(year, year.at), allowed, strips)


def _x(year: Year, at: datetime) -> float:
    return round(100 * ((at - year.since) / (year.until - year.since)), 2)


def _day(year: Year, at: datetime) -> str:
    local = at.astimezone(year.zone)
    return f"{local.day} {local:%B %Y}"


def _months(year: Year) -> Iterator[Month]:
    begin = year.since.astimezone(year.zone)
    while begin < year.until.astimezone(year.zone):
        name = f"{begin:%b}" if begin.month > 1 else f"{begin:%Y}"
        yield Month(_x(year, begin), name, begin.month % MAJOR == 1)
        begin = (begin + timedelta(days=32)).replace(day=1)


def _mark_strips(year: Year) -> Iterator[Strip]:
    for what, label in SHAPES.items():
        marks = [mark for mark in year.marks if mark.what == what]
        if marks or what != "decline":
            planned = sum(mark.planned for mark in marks)
            note = f"{len(marks) - planned}" + (f", {planned} planned" if planned else "")
            yield Strip("marks", label, note, [_mark(mark, year) for mark in marks], what)


def _mark(mark: Mark, year: Year) -> Shape:
    return Shape("planned" if mark.planned else "done", _x(year, mark.at), f"{_day(year, mark.at)}: {mark.words}")


def _refusals(year: Year) -> Iterator[Strip]:
    if year.bands:
        shapes = [_stretch(year, "refusal", band.words, band.start, band.end) for band in year.bands]
        yield Strip("bands", "Opt-outs and pauses", "", shapes)


def _lane(lane: Lane, year: Year) -> Strip:
    """A bar for each step that uses a part of the limit, as high as that part, and one for each time without room."""
    shapes = []
    for room, steps in groupby(lane.steps, key=lane.room):
        if room:
            shapes += [_part(lane, step, year) for step in steps if step.used]
        else:
            first, *_, last = [*steps] * 2
            shapes.append(_stretch(year, "full", f"No room (limit {lane.limit})", first.start, last.end))
    return Strip("lane", lane.rule, f"{lane.step(year.at).used} of {lane.limit} used", shapes)


def _part(lane: Lane, step: Step, year: Year) -> Shape:
    shape = _stretch(year, "part", f"{step.used} of {lane.limit} used", step.start, step.end)
    return shape._replace(height=round(100 * step.used / lane.limit, 1))


def _stretch(year: Year, look: str, words: str, start: datetime, end: datetime) -> Shape:
    x = _x(year, start)
    told = f"{words} from {_day(year, start)} to {_day(year, end)}"
    return Shape(look, x, told, width=round(_x(year, end) - x, 2))
