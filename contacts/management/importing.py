"""What the import commands have in common: a file in, a progress bar, a reject file, one sentence, an exit status."""

import argparse
import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from tqdm import tqdm

from contacts.intake import ImportResult, bring_in
from contacts.intake.rejects import RejectFile
from contacts.intake.rows import Subject
from contacts.intake.running import note
from contacts.models import ImportRun

WITH_REJECTS = 1
UNREADABLE = 2
_LONGEST_SOURCE = 60


def source_name(text: str) -> str:
    """Return the name of a source; raises what argparse shows to the user."""
    if not 0 < len(text.strip()) <= _LONGEST_SOURCE:
        raise argparse.ArgumentTypeError(f"give a name of 1 to {_LONGEST_SOURCE} characters")
    return text.strip()


class ImportCommand(BaseCommand):
    """Brings in a file of one subject. Exit status: 0, 1 where rows were rejected, 2 where the file is unreadable."""

    subject: Subject

    def add_arguments(self, parser: CommandParser) -> None:
        columns = ", ".join(f"{column.name}*" if column.required else column.name for column in self.subject.columns)
        parser.add_argument("file", type=Path, help=f"CSV with a header. Columns, * where required: {columns}")
        parser.add_argument("--source", type=source_name, default="csv", help="whose ids these are (default: csv)")
        parser.add_argument("--dry-run", action="store_true", help="say what would become of the rows; change nothing")
        parser.add_argument("--rejects", type=Path, metavar="PATH", help="default: FILE.rejects.csv beside the file")

    def handle(self, *, file: Path, source: str, dry_run: bool, rejects: Path | None, **options: Any) -> None:
        run = ImportRun(subject=self.subject.name, source=source, file_name=file.name[-200:], asked_at=timezone.now())
        reject_path = rejects or file.with_name(f"{file.name}.rejects.csv")
        try:
            result = self._bring_in(file, run, reject_path, dry_run=dry_run)
        except OSError as error:
            raise CommandError(
                f"{error}. Check the path and who may read and write there.", returncode=UNREADABLE
            ) from error
        if not dry_run:
            note(run, result, timezone.now())
        self._report(file, result, reject_path, dry_run=dry_run)

    def _bring_in(self, file: Path, run: ImportRun, reject_path: Path, *, dry_run: bool) -> ImportResult:
        reject_path.unlink(missing_ok=True)  # of an earlier run
        with (
            file.open("rb") as stream,
            RejectFile(reject_path) as reject_file,
            tqdm(total=file.stat().st_size, unit="B", unit_scale=True, desc=file.name, disable=None) as bar,
        ):
            return bring_in(
                self.subject,
                stream,
                source=run.source,
                at=run.asked_at,
                dry_run=dry_run,
                progress=lambda offset: bar.update(offset - bar.n),
                on_reject=reject_file.write,
            )

    def _report(self, file: Path, result: ImportResult, reject_path: Path, *, dry_run: bool) -> None:
        for text in result.notes():
            self.stdout.write(text)
        if result.rejected:
            self.stdout.write(f"What was rejected, and why: {reject_path}")
        self.stdout.write(f"{'Dry run, nothing is changed: ' if dry_run else ''}{file.name}, {result}.")
        if result.broken:
            raise CommandError(f"{file.name}: {result.broken}", returncode=UNREADABLE)
        if result.rejected:
            sys.exit(WITH_REJECTS)
