"""Excel workbooks for tests, as people have them."""

import io
from zipfile import ZIP_DEFLATED, ZipFile

from openpyxl import Workbook

COLUMNS = ("type", "name", "label::English (en)", "label::Norwegian (nb)", "hint::English (en)", "required", "relevant")
MORE_COLUMNS = ("constraint", "appearance", "parameters", "calculation")
REASONS = ("select_multiple reasons or_other", "reasons", "What went wrong?", "Hva gikk galt?", "", "true", "")
MORE = ("text", "more", "Tell us more", "Fortell mer", "", "", "selected(${reasons}, 'wait') and ${first_time} = 'no'")
VISIT: dict[str, list[tuple[object, ...]]] = {
    "survey": [
        (*COLUMNS, *MORE_COLUMNS),
        ("start", "start"),
        ("begin group", "about", "About your visit", "Om besøket", "", "", "", "", "field-list"),
        ("select_one likely", "nps", "Would you recommend us?", "Vil du anbefale oss?", "0 is not at all", "yes"),
        ("select_one yn", "first_time", "Was it your first visit?", "Var det første gang?"),
        ("end group",),
        ("begin_group", "why", "", "", "", "", "${nps} <= 6", "", "field-list"),
        (*REASONS, "count-selected(.) <= 2", "", "randomize=true"),
        (*MORE, "string-length(.) <= 300", "multiline"),
        ("end_group",),
        ("begin_group", "rest", "", "", "", "", "", "", "field-list"),
        ("begin_group", "grid", "How was ...", "Hvordan var ...", "", "", "", "", "table-list"),
        ("select_one quality", "grid_staff", "the staff", "personalet"),
        ("select_one quality", "grid_shop", "the shop", "butikken"),
        ("end_group",),
        ("rank reasons", "order", "What matters most?", "Hva er viktigst?"),
        ("integer", "visits", "How often do you come?", "Hvor ofte?", "", "", "", ". >= 0 and . <= 99"),
        ("decimal", "paid", "What did you pay?", "Hva betalte du?", "", "", "", ". >= 0 and . = round(., 2)"),
        ("date", "day", "When was it?", "Når var det?", "", "", "", ". >= date('2020-01-01') and . <= today()"),
        ("range", "stars", "Stars", "Stjerner", "", "", "", "", "rating", "start=1 end=5 step=1"),
        ("range", "percent", "Percent", "Prosent", "", "", "", "", "", "start=0 end=100 step=10"),
        ("image", "photo", "A photo", "Et bilde"),
        ("calculate", "sum", "", "", "", "", "", "", "", "", "${visits} * 2"),
        ("note", "bye", "Thank you, ${nps}", "Takk"),
        ("acknowledge", "ok", "I agree", "Jeg er enig", "", "", "${nps} > 3 and (${visits} = 1 or ${paid} > 2)"),
        ("email", "mail"),
        ("end_group",),
    ],
    "choices": [
        ("list_name", "name", "label::English (en)", "label::Norwegian (nb)"),
        *(("likely", number, f"{number}", f"{number}") for number in range(1, 10)),
        *(("yn", "yes", "Yes", "Ja"), ("yn", "no", "No", "Nei")),
        *(("reasons", "wait", "The wait", "Ventetiden"), ("reasons", "price", "The price", "Prisen")),
        *(("quality", "bad", "Bad", "Dårlig"), ("quality", "good", "Good", "Bra")),
    ],
    "settings": [
        ("form_title", "form_id", "default_language", "instance_name"),
        ("Your visit", "visit_2026", "English (en)", "x"),
    ],
}
VISIT["choices"].insert(1, ("likely", 0, "0 - Not at all", "0 - Slett ikke"))
VISIT["choices"].insert(11, ("likely", 10, "10 - Very likely", "10 - Svært sannsynlig"))


def workbook(sheets: dict[str, list[tuple[object, ...]]]) -> bytes:
    """Return a workbook with these rows."""
    book = Workbook()
    book.remove(book.worksheets[0])
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def form(*rows: tuple[object, ...], choices: tuple[tuple[object, ...], ...] = ()) -> bytes:
    """Return a small form: rows of type, name, label, relevant, constraint and appearance."""
    head = ("type", "name", "label", "relevant", "constraint", "appearance")
    return workbook({"survey": [head, *rows], "choices": [("list_name", "name", "label"), *choices]})


def packed(content: bytes, name: str, added: bytes) -> bytes:
    """Return a workbook with one more part, or another in place of one."""
    file = io.BytesIO()
    with ZipFile(io.BytesIO(content)) as old, ZipFile(file, "w", ZIP_DEFLATED) as new:
        for info in old.infolist():
            if info.filename != name:
                new.writestr(info.filename, old.read(info))
        new.writestr(name, added)
    return file.getvalue()
