"""The import commands as they are typed: what they print, what they leave behind, their exit status."""

import csv
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from contacts.models import Customer, ImportRun, Touchpoint

GOOD = "external_id,name\na,Ada\nb,Ben\n"
MIXED = "external_id,name,timezone\na,Ada,\nb,=1+1,Mars\nc,Cleo,UTC\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "people.csv"


def exit_status(command: str, *arguments: object) -> object:
    """Run a command and return its exit status."""
    try:
        call_command(command, *map(str, arguments))
    except SystemExit as left:
        return left.code
    except CommandError as error:
        return error.returncode
    return 0


def test_a_good_file(db: None, file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file.write_text(GOOD)
    assert exit_status("import_customers", file) == 0
    assert capsys.readouterr().out.splitlines() == [
        "people.csv, 2 rows: 2 created, 0 updated, 0 unchanged, 0 rejected."
    ]
    assert list(file.parent.iterdir()) == [file]


def test_a_file_with_rejects(db: None, file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file.write_text(MIXED)
    assert exit_status("import_customers", file) == 1
    rejects = file.parent / "people.csv.rejects.csv"
    assert capsys.readouterr().out.splitlines() == [
        f"What was rejected, and why: {rejects}",
        "people.csv, 3 rows: 2 created, 0 updated, 0 unchanged, 1 rejected.",
    ]
    assert list(csv.reader(rejects.read_text().splitlines())) == [
        ["line", "column", "value", "expected", "external_id", "name", "timezone"],
        ["3", "timezone", "Mars", "an IANA time zone such as Europe/Berlin", "b", "'=1+1", "Mars"],
    ]


def test_a_formula_in_the_reject_file_is_text(db: None, file: Path) -> None:
    file.write_text("external_id,value\na,=1+1\n")
    assert exit_status("import_customers", file, "--rejects", file.with_name("out.csv")) == 1
    assert "2,value,'=1+1," in file.with_name("out.csv").read_text()


def test_rejects_of_an_earlier_run_are_gone_after_a_good_one(db: None, file: Path) -> None:
    file.write_text(MIXED)
    assert exit_status("import_customers", file) == 1
    file.write_text(MIXED.replace("Mars", "UTC"))
    assert exit_status("import_customers", file) == 0
    assert list(file.parent.iterdir()) == [file]


def test_a_file_that_breaks_in_the_middle(db: None, file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file.write_text('external_id,name\na,Ada\nb,"Ben\n')
    with pytest.raises(CommandError, match=r"people\.csv: Line 3: a quote is opened") as broken:
        call_command("import_customers", str(file))
    assert broken.value.returncode == 2
    assert capsys.readouterr().out == "people.csv, 1 row: 1 created, 0 updated, 0 unchanged, 0 rejected.\n"
    assert ImportRun.objects.get().state == ImportRun.State.FAILED


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"name\nAda\n", b"external_id\n\xff\n"])
def test_an_unreadable_file(db: None, file: Path, content: bytes) -> None:
    file.write_bytes(content)
    assert exit_status("import_customers", file) == 2
    assert not Customer.objects.exists()


def test_a_file_that_is_not_there(db: None, file: Path) -> None:
    with pytest.raises(CommandError, match=r"No such file .* Check the path") as missing:
        call_command("import_customers", str(file))
    assert missing.value.returncode == 2
    assert not ImportRun.objects.exists()


def test_a_dry_run_changes_nothing(db: None, file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file.write_text(MIXED)
    assert exit_status("import_customers", file, "--dry-run") == 1
    last = capsys.readouterr().out.splitlines()[-1]
    assert last == ("Dry run, nothing is changed: people.csv, 3 rows: 2 created, 0 updated, 0 unchanged, 1 rejected.")
    assert not Customer.objects.exists()
    assert not ImportRun.objects.exists()


def test_the_run_is_kept(db: None, file: Path) -> None:
    file.write_text(MIXED)
    exit_status("import_customers", file, "--source", "crm")
    run = ImportRun.objects.get()
    assert (run.subject, run.source, run.file_name, run.state) == ("customers", "crm", "people.csv", "done")
    assert (run.created, run.updated, run.unchanged, run.rejected) == (2, 0, 0, 1)
    assert [reject["line"] for reject in run.rejects] == [3]
    assert run.finished_at is not None
    assert run.finished_at >= run.asked_at
    assert Customer.objects.filter(source="crm").count() == 2


def test_touchpoints(db: None, file: Path) -> None:
    header = "external_id,customer,kind,channel,occurred_at"
    file.write_text(f"{header}\nt1,a,call,hotline,2026-05-04T10:00:00+02:00\n")
    assert exit_status("import_touchpoints", file) == 0
    assert Touchpoint.objects.get().customer.external_id == "a"


@pytest.mark.parametrize("source", ["", " ", "x" * 61])
def test_a_source_has_a_name(file: Path, source: str) -> None:
    with pytest.raises(CommandError, match="1 to 60 characters"):
        call_command("import_customers", str(file), "--source", source)
