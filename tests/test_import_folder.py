"""Files that others put into a folder: taken when they are whole, imported once, put away with what became of them."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pytest_django import Settings

from contacts.models import Customer, ImportRun
from cxsurvey.import_folder import APART, FORGOTTEN, look
from cxsurvey.import_work import work

MINUTE = timedelta(minutes=1)
GOOD = "external_id,name\na,Ada\n"

pytestmark = pytest.mark.django_db


class Days:
    """The folder of imports, and a clock that goes on by a minute at each look."""

    def __init__(self, root: Path) -> None:
        self.root, self.place, self.at = root, root / "customers" / "shop", datetime.now(UTC)
        self.place.mkdir(parents=True)

    def put(self, name: str, text: str = GOOD) -> Path:
        path = self.place / name
        path.write_text(text)
        return path

    def look(self, times: int = 1) -> None:
        """Look as the schedule does: take what is whole, then work."""
        for _ in range(times):
            self.at += MINUTE
            look(self.at)
            work(lambda: self.at, lambda: False)

    def names(self, folder: str) -> list[str]:
        """What lies in one of the folders, without the time and number before each name."""
        found = sorted((self.place / folder).glob("*"))
        return [path.name.split("-", 2)[-1] for path in found]


@pytest.fixture
def days(tmp_path: Path, settings: Settings) -> Days:
    settings.IMPORT_FOLDER = str(tmp_path)
    return Days(tmp_path)


def test_a_whole_file_is_imported_once_and_put_away(days: Days) -> None:
    days.put("people.csv")
    days.look()
    assert not ImportRun.objects.exists()  # it may still be written to
    days.look(3)
    run = ImportRun.objects.get()
    assert (run.state, run.source, run.file_name, run.by_id) == ("done", "shop", "people.csv", None)
    assert Customer.objects.get().source == "shop"
    assert (days.names("done"), days.names(".taken")) == (["people.csv"], [])
    assert not (days.place / "people.csv").exists()


def test_rejected_rows_lie_beside_the_file(days: Days) -> None:
    days.put("people.csv", "external_id,timezone\na,Mars\nb,UTC\n")
    days.look(3)
    assert days.names("done") == ["people.csv", "people.csv.rejects.csv"]
    [listed] = (days.place / "done").glob("*.rejects.csv")
    assert listed.read_text().splitlines()[1] == "2,timezone,Mars,an IANA time zone such as Europe/Berlin,a,Mars"


@pytest.mark.parametrize("text", ["", "name\nAda\n", "PK\x03\x04", 'external_id\n"a\n'])
def test_a_file_that_cannot_be_imported_says_why_beside_it(days: Days, text: str) -> None:
    days.put("people.csv", text)
    days.look(4)
    run = ImportRun.objects.get()
    assert (run.state, Customer.objects.count()) == ("failed", 0)
    assert days.names("failed") == ["people.csv", "people.csv.rejects.csv"]
    [listed] = (days.place / "failed").glob("*.rejects.csv")
    assert run.problem
    assert run.problem[:20] in listed.read_text()


def test_a_file_that_grows_is_left_until_it_does_not(days: Days) -> None:
    path = days.put("people.csv")
    for n in range(3):
        days.look()
        path.write_text(path.read_text() + f"g{n},Gus\n")
    assert not ImportRun.objects.exists()
    days.look(2)
    assert Customer.objects.count() == 4


def test_two_looks_at_once_are_one_look(days: Days) -> None:
    days.put("people.csv")
    look(days.at)
    look(days.at + APART / 2)
    assert not ImportRun.objects.exists()


@pytest.mark.parametrize("name", [".people.csv", "people.csv.part", "people.csv.filepart", "people.TMP"])
def test_what_is_still_being_brought_is_left(days: Days, name: str) -> None:
    days.put(name)
    days.look(3)
    assert not ImportRun.objects.exists()
    assert (days.place / name).exists()


def test_links_and_places_outside_are_refused(days: Days, tmp_path_factory: pytest.TempPathFactory) -> None:
    outside = tmp_path_factory.mktemp("outside")
    (outside / "people.csv").write_text(GOOD)
    (days.place / "link.csv").symlink_to(outside / "people.csv")
    (days.root / "customers" / "elsewhere").symlink_to(outside)
    (days.root / "people").mkdir()
    (days.root / "people" / "people.csv").write_text(GOOD)
    (days.root / "customers" / "no slug").mkdir()
    (days.root / "customers" / "no slug" / "people.csv").write_text(GOOD)
    days.look(3)
    assert not ImportRun.objects.exists()
    assert (outside / "people.csv").exists()


def test_another_host_that_was_faster_has_the_file(days: Days, monkeypatch: pytest.MonkeyPatch) -> None:
    path = days.put("people.csv")
    days.look()
    rename = Path.rename

    def too_late(file: Path, to: Path) -> Path:
        if file == path:
            rename(path, days.root / "theirs")
        return rename(file, to)

    monkeypatch.setattr(Path, "rename", too_late)
    days.look(2)
    assert not ImportRun.objects.exists()


def test_a_file_that_was_taken_by_somebody_who_died_is_put_back_and_imported(days: Days) -> None:
    taken = days.place / ".taken" / "0a1b2c3d.people.csv"
    taken.parent.mkdir()
    taken.write_text(GOOD)
    days.look(3)
    assert not ImportRun.objects.exists()
    long_ago = (days.at - FORGOTTEN).timestamp()
    os.utime(taken, (long_ago, long_ago))
    days.look(3)
    assert ImportRun.objects.get().state == "done"


def test_the_same_name_again_is_another_file(days: Days) -> None:
    for text in (GOOD, GOOD.replace("Ada", "Eva")):
        days.put("people.csv", text)
        days.look(3)
    assert Customer.objects.get().name == "Eva"
    assert days.names("done") == ["people.csv", "people.csv"]


def test_without_a_folder_nothing_happens(settings: Settings) -> None:
    settings.IMPORT_FOLDER = ""
    look(datetime.now(UTC))
    assert not ImportRun.objects.exists()
