"""`manage.py report`: what it writes, and how it fails."""

import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from tests.analytics.world import make_responses
from tests.surveys.makers import NOON

pytestmark = pytest.mark.django_db


def test_both_files_are_written_and_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("report", out=tmp_path / "here")
    assert {path.name for path in (tmp_path / "here").iterdir()} == {"report.html", "report.json"}
    assert str(tmp_path / "here" / "report.html") in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "n"),
    [
        ([], 12),
        (["--since", "2026-05-05", "--until", "2026-05-05"], 12),
        (["--since", "2026-05-06"], 0),
        (["--until", "2026-05-04"], 0),
    ],
)
def test_both_days_belong_to_the_period(arguments: list[str], n: int, tmp_path: Path) -> None:
    make_responses(12, 0, 0, answered_at=NOON)
    call_command("report", "--out", str(tmp_path), *arguments)
    numbers = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))
    assert numbers["nps"][0]["n"] == n


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--since", "5 May"], '"5 May" is no date; write it as YYYY-MM-DD'),
        (["--until", "2026-02-30"], '"2026-02-30" is no date'),
        (["--since", "2026-05-06", "--until", "2026-05-05"], "exchange the two dates"),
    ],
)
def test_bad_dates_are_named(arguments: list[str], message: str, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=message):
        call_command("report", "--out", str(tmp_path), *arguments)
    assert list(tmp_path.iterdir()) == []


def test_directory_is_required() -> None:
    with pytest.raises(CommandError, match="--out"):
        call_command("report")


def test_directory_that_cannot_be_written_to_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(CommandError, match="name a directory that you may write to"):
        call_command("report", "--out", str(tmp_path / "file"))
