"""What the customer's own page says, in no language yet."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnPageWords:
    """One language's sentences; `str.format` puts facts into them, as they are our own texts and never a manager's.

    `visit` stands in the case that follows "about" (`surveys.phrases`). `sections`: by the parts of `own_data`.
    `columns`: by their columns, those that mean something else in one part under `PART.COLUMN`.
    """

    link: str
    title: str
    back: str

    why: str
    why_visit: str
    why_program: str
    why_drawn: str
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
