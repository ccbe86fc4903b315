"""Imports a survey from a file as a draft, or translations into the newest draft."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from contacts.models import Brand
from surveys.formats import po, strict_json
from surveys.formats.document import FormatError, Note
from surveys.importing import left_to_do, read, store_new, store_version
from surveys.models import Survey, SurveyVersion
from surveys.translating import TranslatingError, keep, lines, sheet

UNREADABLE = 2


class Command(BaseCommand):
    """Exit status: 0, 2 where the file is unreadable or what was asked for is not there; then nothing is stored."""

    help = "Import a survey from our own JSON, SurveyJS JSON or an XLSForm as a draft, or a PO file into a draft."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="a file of one of the formats of docs/formats.md")
        parser.add_argument("--survey", default="", metavar="SLUG", help="make the next draft of this survey")
        parser.add_argument("--slug", default="", help="the new survey's key (default: what the file says)")
        parser.add_argument("--brand", default="", metavar="SLUG", help="of a new survey (default: the first brand)")
        parser.add_argument("--language", default="", help="of a PO file")
        parser.add_argument("--dry-run", action="store_true", help="say what would become of it; store nothing")

    def handle(self, *, file: Path, **options: Any) -> None:
        try:
            with file.open("rb") as stream:
                content = stream.read(strict_json.LIMIT + 1)
            if file.suffix == ".po":
                self._translate(content, options)
            else:
                self._survey(content, file.name, options)
        except (FormatError, TranslatingError, OSError) as error:
            raise CommandError(f"{file.name}: {error}", returncode=UNREADABLE) from error

    def _survey(self, content: bytes, name: str, options: dict[str, Any]) -> None:
        found = read(content, name)
        survey = _survey_of(options["survey"]) if options["survey"] else None
        brand = survey.brand if survey else _brand(options["brand"])
        self._tell(found.notes)
        for problem in left_to_do(found.document, brand):
            self.stdout.write(f"To do before it can be published: {problem}")
        if options["dry_run"]:
            self.stdout.write(f"Nothing is stored. It has {len(found.document.items)} questions.")
            return
        slug = options["slug"] or found.document.slug
        made = (
            store_version(found.document, survey)
            if survey
            else store_new(found.document, brand, slug=slug, name=found.document.name)
        )
        self.stdout.write(f"{made} is a draft with {len(found.document.items)} questions.")

    def _translate(self, content: bytes, options: dict[str, Any]) -> None:
        survey, language = _survey_of(options["survey"]), options["language"].casefold()
        version = survey.versions.filter(state=SurveyVersion.State.DRAFT).order_by("-number").first()
        if version is None or not language:
            raise FormatError(
                f"{survey} has no draft. Make one first." if language else "Say in which --language it is."
            )
        side_by_side = sheet(version, survey.brand.default_language.casefold(), language)
        found = po.read(content, lines(side_by_side), language)
        self._tell(found.notes)
        changed = 0 if options["dry_run"] else keep(version, language, found.texts)
        self.stdout.write(
            f"{len(found.texts)} texts fit, {len(found.notes)} do not; {changed} are changed in {version}."
        )

    def _tell(self, notes: Sequence[Note]) -> None:
        for note in notes:
            self.stdout.write(f"Not carried over: {note}")


def _survey_of(slug: str) -> Survey:
    survey = Survey.objects.select_related("brand").filter(slug=slug).first()
    if survey is None:
        raise FormatError(f"There is no survey “{slug}”. Name one with --survey.")
    return survey


def _brand(slug: str) -> Brand:
    brands = Brand.objects.order_by("pk")
    brand = brands.filter(slug=slug).first() if slug else brands.first()
    if brand is None:
        raise FormatError(f"There is no brand “{slug}”. Name one with --brand." if slug else "There is no brand yet.")
    return brand
