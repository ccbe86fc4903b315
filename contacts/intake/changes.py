"""What rows change in what is kept already, and one way to write it down for every table."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from django.db.models import Manager, Model

from contacts.copying import next_ids
from contacts.intake.adding import add_rows
from contacts.intake.rows import Line, Tally, Values
from contacts.many_rows import change

Kept = TypeVar("Kept", bound=Model)


@dataclass(frozen=True, slots=True)
class Changes:
    """The counts, and by external id the values to write; those that are kept already carry their `id`."""

    tally: Tally = field(default_factory=Tally)
    rows: dict[str, Values] = field(default_factory=dict)


def compare(lines: Sequence[Line], known: Mapping[str, Values]) -> Changes:
    """Lay the lines, in their order, over what is known by external id. Pure.

    A column that the file does not have keeps its value; of two lines with one id the later wins.
    """
    changes = Changes()
    for line in lines:
        key = line.values["external_id"]
        before = changes.rows.get(key) or known.get(key)
        after = _laid_over(before or {}, line.values)
        if before is None:
            changes.tally.created += 1
        elif after == before:
            changes.tally.unchanged += 1
            continue
        else:
            changes.tally.updated += 1
        changes.rows[key] = after
    return changes


def _laid_over(before: Values, values: Values) -> Values:
    attributes = before.get("attributes", {}) | values["attributes"]
    return before | values | {"attributes": {title: text for title, text in attributes.items() if text != ""}}


def known_rows(
    table: Manager[Kept], source: str, lines: Sequence[Line], apart: Collection[str] = ()
) -> dict[str, Values]:
    """Return by external id what `table` holds in the columns of the lines; those `apart` are kept elsewhere."""
    wanted = {line.values["external_id"] for line in lines}
    names = {name for line in lines for name in line.values} - set(apart)
    stored = table.filter(source=source, external_id__in=wanted).values("id", *names)
    return {row["external_id"]: row for row in stored}


def save(
    table: Manager[Kept], source: str, rows: Mapping[str, Values], apart: Collection[str] = (), **stamps: datetime
) -> dict[str, int]:
    """Write the rows that `compare` found and return their ids by external id.

    Of the stamps, only `updated_at` is written to rows that are kept already.
    """
    # In one order everywhere: two imports of the same rows at once wait for each other, and not crosswise.
    kept, new = ([key for key in sorted(rows) if ("id" in rows[key]) is known] for known in (True, False))
    own = {key: {name: value for name, value in row.items() if name not in apart} for key, row in rows.items()}
    change(table.model, [own[key] | {"updated_at": stamps["updated_at"]} for key in kept])
    ids = dict(zip(new, next_ids(table.model, len(new)), strict=True)) if new else {}
    if new:
        add_rows(table.model, [{"id": ids[key]} | own[key] for key in new], source=source, **stamps)
    return ids | {key: rows[key]["id"] for key in kept}
