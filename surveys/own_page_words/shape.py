"""What the customer's own page says, in no language yet."""

from dataclasses import dataclass

CODED = frozenset(
    (
        "type",
        "direction",
        "purpose",
        "channel",
        "outcome",
        "via",
        "kind",
        "state",
        "decision",
        "device",
        "meaning",
        "trigger",
        "said",
    )
)
"""Columns that hold words of ours."""
NAMED_ELSEWHERE = frozenset(("experiences.kind", "experiences.channel", "experiences.outcome"))
"""Of these, parts whose words are another system's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnPageWords:
    """One language's sentences; `str.format` puts facts into them, as they are our own texts and never a manager's.

    `visit` stands in the case that follows "about" (`surveys.phrases`). `sections`: by the parts of `own_data`.
    `columns`: by their columns, those that mean something else in one part under `PART.COLUMN`. `values`: by what our
    own columns (`CODED`) hold, what means something else in one column under `COLUMN.VALUE`.
    """

    link: str
    title: str
    back: str

    why: str
    why_visit: str
    why_program: str
    why_drawn: str
    held_out: str
    other_limit: str
    contacts: dict[int, str]
    contacts_more: str
    again_from: str
    again_any: str
    again_never: str

    became: str
    became_nothing: str
    became_kept: str
    became_open: str
    became_done: str
    became_seen: str

    choices: str
    in_force: str
    prefer: dict[str, str]
    noted_prefer: dict[str, str]
    pause: str
    pause_label: str
    pause_button: str
    pause_problem: str
    resume: str
    stop: str

    data: str
    data_text: str
    data_show: str
    data_file: str
    sections: dict[str, str]
    columns: dict[str, str]
    values: dict[str, str]
    empty: str

    erase: str
    erase_text: str
    erase_stays: str
    erase_elsewhere: str
    erase_confirm: str
    erase_button: str
    erase_unticked: str
    erased: str
    erased_text: str

    def column(self, part: str, name: str) -> str:
        """Return what a column of a part is called; for what another system named, as it is called there."""
        return self.columns.get(f"{part}.{name}") or self.columns.get(name) or name.replace("_", " ")

    def value(self, part: str, name: str, value: str) -> str:
        """Return what a column's text says; what a person or another system wrote stays as it is."""
        if name not in CODED or f"{part}.{name}" in NAMED_ELSEWHERE:
            return value
        return self.values.get(f"{name}.{value}") or self.values.get(value) or value
