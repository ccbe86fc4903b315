"""docs/imports.md is true: its examples come in, and what it says about rejects is what is said."""

import io
import re
from datetime import UTC, datetime

import pytest
from django.conf import settings

from contacts.intake import CONSENTS, CONTACTS, CUSTOMERS, TOUCHPOINTS, bring_in
from contacts.intake.rows import Subject
from contacts.models import Brand
from surveys.history import RESPONSES

AT = datetime(2026, 5, 5, 12, tzinfo=UTC)
PAGE = (settings.BASE_DIR / "docs" / "imports.md").read_text()
FILES = re.findall(r"```\n(external_id,.*?)```", PAGE, re.DOTALL)
SUBJECTS = [CUSTOMERS, TOUCHPOINTS, RESPONSES, CONTACTS, CONSENTS]


def test_every_example_comes_in_whole(db: None) -> None:
    Brand.objects.create(slug="northwind", name="Northwind")
    for subject, file in zip(SUBJECTS, FILES, strict=True):
        result = bring_in(subject, io.BytesIO(file.encode()), source="docs", at=AT)
        assert (result.created, result.rejected, result.unknown_columns) == (1, 0, []), subject.name


@pytest.mark.parametrize("subject", SUBJECTS, ids=lambda subject: subject.name)
def test_every_column_is_listed_with_its_star(subject: Subject) -> None:
    paragraph = next(part for part in PAGE.split("\n\n") if part.lower().startswith(f"**{subject.name}**"))
    listed = {(name, star == "*") for name, star in re.findall(r"`(\w+)`(\*?)", paragraph)}
    assert listed == {(column.name, column.required) for column in subject.columns}
