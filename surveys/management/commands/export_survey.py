"""Exports a survey's version as a file."""

import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from surveys.exporting import FORMATS, document
from surveys.formats import po
from surveys.formats.document import Exported, FormatError
from surveys.languages import is_tag
from surveys.models import SurveyVersion
from surveys.translating import lines, sheet

PO = "po"
UNREADABLE = 2


class Command(BaseCommand):
    """Exit status: 0, 2 where there is no such survey, version or language. What a format cannot hold is told aside."""

    help = "Export a version of a survey: its newest one, unless told otherwise."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slug", help="the survey's key")
        parser.add_argument("--format", dest="format_", choices=[*FORMATS, PO], default="json")
        parser.add_argument("--number", type=int, help="which version (default: the newest)")
        parser.add_argument("--language", default="", help="for po: the language translated into; without, a template")
        parser.add_argument("--output", type=Path, metavar="FILE", help="default: standard output")

    def handle(
        self, *, slug: str, format_: str, number: int | None, language: str, output: Path | None, **_options: Any
    ) -> None:
        versions = SurveyVersion.objects.select_related("survey__brand").filter(survey__slug=slug).order_by("-number")
        version = versions.filter(number=number).first() if number else versions.first()
        if version is None:
            raise CommandError(f"{slug}: there is no such survey or version.", returncode=UNREADABLE)
        try:
            exported = _po(version, language) if format_ == PO else FORMATS[format_].write(document(version))
            self._put(exported.content, output)
        except (FormatError, OSError) as error:
            raise CommandError(f"{slug}: {error}", returncode=UNREADABLE) from error
        for note in exported.notes:
            self.stderr.write(str(note))

    def _put(self, content: bytes, output: Path | None) -> None:
        if output:
            output.write_bytes(content)
        else:
            getattr(self.stdout, "buffer", sys.stdout.buffer).write(content)


def _po(version: SurveyVersion, language: str) -> Exported:
    language = language.casefold()
    if language and not is_tag(language):
        raise FormatError(f"“{language}” is no language: write a tag such as de or pt-br.")
    source = version.survey.brand.default_language.casefold()
    return Exported(po.write(lines(sheet(version, source, language)), source, language, str(version)))
