"""`export_survey` and `import_survey`: the same as in the admin, for scripts."""

import json
from pathlib import Path

import polib
import pytest
from django.core.management import CommandError, call_command

from surveys.models import SurveyVersion
from surveys.publishing import draft_from
from tests.surveys.formats.makers import EXAMPLES
from tests.surveys.makers import make_brand, make_version

pytestmark = pytest.mark.django_db


def exported(tmp_path: Path, *arguments: str) -> Path:
    """Export the survey `nps` and return the file."""
    file = tmp_path / "out.file"
    call_command("export_survey", "nps", *arguments, "--output", str(file))
    return file


@pytest.mark.parametrize("key", ["json", "surveyjs", "xlsform"])
def test_what_is_exported_can_be_imported(tmp_path: Path, key: str) -> None:
    version = make_version()
    file = exported(tmp_path, "--format", key)
    call_command("import_survey", str(file), "--survey", "nps")
    assert list(version.survey.versions.values_list("number", flat=True).order_by("number")) == [1, 2]


def test_without_a_file_it_goes_to_standard_output(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    make_version()
    call_command("export_survey", "nps")
    assert json.loads(capfdbinary.readouterr().out)["slug"] == "nps"


def test_what_the_format_cannot_hold_is_told_aside(capfd: pytest.CaptureFixture[str]) -> None:
    make_version()
    call_command("export_survey", "nps", "--format", "surveyjs")
    out, told = capfd.readouterr()
    assert json.loads(out)["pages"]
    assert "“call_me”: contact wish." in told


def test_a_version_is_chosen_by_its_number(tmp_path: Path) -> None:
    draft = draft_from(make_version())
    draft.questions.filter(key="reason").delete()
    keys = [
        [question["key"] for question in json.loads(exported(tmp_path, *number).read_text())["questions"]]
        for number in ((), ("--number", "1"))
    ]
    assert keys == [["score", "call_me"], ["score", "reason", "call_me"]]


def test_translations_go_out_and_come_in(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    draft = draft_from(make_version())
    file = polib.pofile(exported(tmp_path, "--format", "po", "--language", "nb").read_text())
    file[0].msgstr, file[1].msgstr = "Hvordan var {visit}?", "Vil du anbefale oss?"
    filled = tmp_path / "nb.po"
    filled.write_text(str(file))
    call_command("import_survey", str(filled), "--survey", "nps", "--language", "nb")
    assert draft.translations.get(language="nb").text == "Hvordan var {visit}?"
    told = capsys.readouterr().out
    assert "It has lost {brand}." in told
    assert "1 texts fit, 1 do not; 1 are changed" in told


def test_a_dry_run_stores_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    make_brand()
    call_command("import_survey", str(EXAMPLES / "delivery.surveyjs.json"), "--dry-run")
    assert "Nothing is stored. It has 19 questions." in capsys.readouterr().out
    assert not SurveyVersion.objects.exists()


def test_a_new_survey_has_the_key_and_brand_that_were_told() -> None:
    make_brand()
    brand = make_brand("Second", slug="second")
    call_command("import_survey", str(EXAMPLES / "delivery.surveyjs.json"), "--slug", "parcels", "--brand", "second")
    made = SurveyVersion.objects.get().survey
    assert (made.slug, made.brand, made.name) == ("parcels", brand, "Your delivery")


@pytest.mark.parametrize(
    ("command", "told"),
    [
        (["export_survey", "gone"], "gone: there is no such survey or version."),
        (["export_survey", "nps", "--number", "9"], "nps: there is no such survey or version."),
        (["export_survey", "nps", "--format", "po", "--language", "x"], "nps: “x” is no language"),
        (["export_survey", "nps", "--output", "/dev/null/x"], "nps: [Errno 20]"),
        (["import_survey", "/dev/null/x.json"], "x.json: [Errno 20]"),
        (["import_survey", "{file}", "--survey", "gone"], "a.json: There is no survey “gone”."),
        (["import_survey", "{file}", "--brand", "gone"], "a.json: There is no brand “gone”."),
        (["import_survey", "{broken}"], "b.json: Line 1, column 2"),
        (
            ["import_survey", "{po}", "--survey", "nps", "--language", "de"],
            "c.po: Recommendation after a",
        ),
        (["import_survey", "{po}", "--survey", "nps"], "c.po: Say in which --language it is."),
    ],
)
def test_what_cannot_be_done_is_said_with_status_2(tmp_path: Path, command: list[str], told: str) -> None:
    make_version()
    files = {"{file}": ("a.json", '{"elements": []}'), "{broken}": ("b.json", "{"), "{po}": ("c.po", 'msgid "a"\n')}
    for name, content in files.values():
        (tmp_path / name).write_text(content)
    given = [str(tmp_path / files[part][0]) if part in files else part for part in command]
    with pytest.raises(CommandError) as refused:
        call_command(*given)
    assert (str(refused.value).startswith(told), refused.value.returncode) == (True, 2)
    assert SurveyVersion.objects.count() == 1
