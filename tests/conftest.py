"""How the suite runs: on an SQLite file, on a PostgreSQL of its own with `--postgres`, or on DATABASE_URL."""

import gc
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import hypothesis
import pytest
from django.conf import settings
from django.db import transaction
from django.test import TransactionTestCase
from playwright._impl._driver import compute_driver_executable
from playwright.sync_api import expect
from pytest_django import DjangoDbBlocker, Settings
from whitenoise.middleware import WhiteNoiseMiddleware

from contacts.refusals import journal
from cxsurvey.roles import install_roles
from surveys.questionnaires import questionnaire
from tests.judges import EVENT_CLIENTS, NO_EVENT_CLIENTS, NO_SURVEYJS, SURVEYJS
from tests.postgres import database_url, postgres_database, postgres_server
from tests.pristine import Shared, keep_first_rows, migrate, migrated_file, put_back
from tests.surveys.kannel import KANNEL, NO_KANNEL
from tests.surveys.mail_server import NO_REAL_SERVERS, REAL_SERVERS

os.environ["OPENPYXL_LXML"] = "False"
"""Workbooks are read as where nobody has lxml, which only the tests need."""
CHROMIUMS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
"""The first one is the same engine without windows, and takes half as much of the processor."""
CHROMIUM = next(filter(None, map(shutil.which, CHROMIUMS)), None)
DRIVER = subprocess.run([compute_driver_executable()[0], "--version"], capture_output=True, check=False)
BROWSER = CHROMIUM is not None and DRIVER.returncode == 0
NO_BROWSER = (
    "Browser tests are LEFT OUT: no Chromium that Playwright can drive. "
    "On Debian: apt-get install chromium-headless-shell libatomic1"
)
R = shutil.which("Rscript") is not None
NO_R = "The example in R of docs/analysts.md is LEFT OUT: no R. On Debian: apt-get install r-base-core"
NEEDED = (
    ("browser", BROWSER, NO_BROWSER),
    ("kannel", KANNEL, NO_KANNEL),
    ("mailbox", REAL_SERVERS, NO_REAL_SERVERS),
    ("surveyjs", SURVEYJS, NO_SURVEYJS),
    ("clients", EVENT_CLIENTS, NO_EVENT_CLIENTS),
    ("r", R, NO_R),
)
LEFT_OUT = {marker: told for marker, is_there, told in NEEDED if not is_there}
"""Marker of tests whose tool is missing -> what is said about it."""
PATIENCE = 20_000
"""How long a page may take to show what is expected, in milliseconds: the machine may have much else to do."""
PAGES = re.compile(r"_(pages?|admin)$")
"""Modules of tests that look at what pages say."""
MARKS = count(1)
"""Numbers after which high-water marks are named."""
MIGRATED_URL = "CXSURVEY_TESTS_MIGRATED_URL"
"""Environment variable by which workers learn of the migrated database on PostgreSQL."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--postgres",
        action="store_true",
        help="run the suite on a PostgreSQL started for it alone and stopped afterwards",
    )
    parser.addoption(
        "--whole",
        action="store_true",
        help="run campaigns and studies at their full length (make faults, make studies)",
    )


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main(config: pytest.Config) -> int | None:
    """With `--postgres`, run the same command once more with DATABASE_URL set, as settings are read only once."""
    if not config.getoption("postgres"):
        return None
    arguments = [argument for argument in config.invocation_params.args if argument != "--postgres"]
    with postgres_server() as url:
        return subprocess.call(
            [sys.executable, "-m", "pytest", *map(str, arguments)], env=os.environ | {"DATABASE_URL": url}
        )


@pytest.fixture
def rounds(pytestconfig: pytest.Config) -> int:
    """Give the number of rounds of a campaign."""
    return 50 if pytestconfig.getoption("whole") else 3


def pytest_configure(config: pytest.Config) -> None:
    """Make logins cheap and examples patient; on PostgreSQL, migrate once what every worker copies."""
    examples = 500 if config.getoption("whole") else 50
    hypothesis.settings.register_profile(
        "busy", max_examples=examples, deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
    )
    hypothesis.settings.load_profile("busy")
    gc.set_threshold(100_000, 50, 50)  # looking for garbage as often as usual takes a sixth of the time
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    if not on_sqlite() and not hasattr(config, "workerinput"):
        stack = ExitStack()
        config.add_cleanup(stack.close)
        url = stack.enter_context(postgres_database(os.environ["DATABASE_URL"], f"migrated_{os.getpid()}"))
        migrate(url)
        os.environ[MIGRATED_URL] = url


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Put browser tests last, leave out what has no tool to run with.

    What touches no database is left out on PostgreSQL, what is about looks, words and keys, and what takes long for
    other reasons: they would be the same tests as on SQLite.
    """
    if not on_sqlite():
        again = {item: touches_database(item) and worth_repeating(item) for item in items}
        config.hook.pytest_deselected(items=[item for item in items if not again[item]])
        items[:] = [item for item in items if again[item]]
    for item in items:
        fixtures = getattr(item, "fixturenames", [])
        if {"page", "context", "browser"} & set(fixtures):
            item.add_marker("browser")
        if "dovecot" in fixtures:
            item.add_marker("mailbox")
        for tool, told in LEFT_OUT.items():
            if item.get_closest_marker(tool):
                item.add_marker(pytest.mark.skip(reason=told))
    # Last, because the event loop that the browser leaves in the main thread breaks what is asynchronous in others.
    items.sort(key=lambda item: item.get_closest_marker("browser") is not None)


def pytest_collection_finish() -> None:
    """Let searches for garbage pass over what is there for good: libraries, and some thousand tests."""
    gc.freeze()


def on_sqlite() -> bool:
    """Whether the suite runs on SQLite."""
    return bool(settings.DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3")


def touches_database(item: pytest.Item) -> bool:
    """Whether a test is about what the database does: it reads or writes it, and not only to show pages."""
    fixtures = set(getattr(item, "fixturenames", []))
    if fixtures & {"page", "context", "browser"}:
        return False
    return item.get_closest_marker("django_db") is not None or bool(
        fixtures & {"db", "transactional_db", "migrated_url"}
    )


def worth_repeating(item: pytest.Item) -> bool:
    """Whether a test is run on a second database too; of pages those are that open each by every role."""
    if item.config.getoption("whole"):
        return True
    return item.get_closest_marker("one_database") is None and not PAGES.search(item.path.stem)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say loudly what was not tested."""
    for told in LEFT_OUT.values():
        terminalreporter.write_sep("!", told, red=True, bold=True)


@pytest.fixture(scope="session")
def migrated_url(tmp_path_factory: pytest.TempPathFactory) -> str:
    """DATABASE_URL of a migrated database of the suite's kind that stays as it is, to be copied."""
    if url := os.environ.get(MIGRATED_URL):
        return url
    own = tmp_path_factory.getbasetemp()
    return f"sqlite:///{migrated_file(own.parent if 'PYTEST_XDIST_WORKER' in os.environ else own)}"


@contextmanager
def copy_of(migrated_url: str, folder: Path, name: str) -> Iterator[str]:
    """Copy a migrated database, into the folder or on its server; give the copy's DATABASE_URL."""
    template = urlsplit(migrated_url)
    if template.scheme == "sqlite":
        yield f"sqlite:///{shutil.copy(template.path, folder / f'{name}.sqlite3')}"
    else:
        source, own = template.path.removeprefix("/"), f"{name}_{os.getpid()}"
        with postgres_database(os.environ["DATABASE_URL"], own, template=source) as url:
            yield url


@pytest.fixture(scope="session")
def django_db_keepdb() -> bool:
    """Whether to take the test database that is there: the copy."""
    return True


@pytest.fixture(scope="session")
def django_db_modify_db_settings(migrated_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Make the test database a copy; on SQLite a file, as threads that share one in memory lock each other out."""
    with copy_of(migrated_url, tmp_path_factory.mktemp("database"), "suite") as url:
        path = urlsplit(url).path
        settings.DATABASES["default"]["TEST"]["NAME"] = path if url.startswith("sqlite") else path.removeprefix("/")
        yield


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """After a test that commits, put back the first rows instead of emptying every table; the roles are among them."""
    with django_db_blocker.unblock():
        install_roles()
        written = keep_first_rows()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", lambda case: put_back(written))
        yield


@pytest.fixture(scope="module")
def shared(django_db_setup: None, django_db_blocker: DjangoDbBlocker, marks: Path) -> Iterator[Shared]:
    """Let the fixtures of a module make rows once for all of its tests.

    They write them `with shared():`. The transaction of each test lies inside that of the module: it sees these rows,
    and leaves them as they were. Not for modules in which a test commits, or wants none of these rows.
    """
    around = transaction.atomic()
    around._from_testcase = True  # type: ignore[attr-defined]  # as Django marks its own: durable steps may lie inside
    with django_db_blocker.unblock():
        around.__enter__()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(settings, "HIGH_WATER_MARK", str(marks / str(next(MARKS))))
        yield django_db_blocker.unblock
    with django_db_blocker.unblock():
        transaction.set_rollback(True)
        around.__exit__(None, None, None)


@pytest.fixture(scope="session", autouse=True)
def static_files_found_once() -> Iterator[None]:
    """Let every client after the first know the static files that it found: looking for them outlasts a request."""
    found, look = dict[str, Any](), WhiteNoiseMiddleware.add_files_from_finders

    def add(middleware: WhiteNoiseMiddleware) -> None:
        if not found:
            look(middleware)
            found.update(middleware.files)
        middleware.files.update(found)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(WhiteNoiseMiddleware, "add_files_from_finders", add)
        yield


@pytest.fixture(autouse=True)
def forgotten_questionnaires() -> None:
    """Forget the published versions that answering keeps: the next test gives their ids to others."""
    questionnaire.cache_clear()


@pytest.fixture(scope="session")
def marks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of the high-water marks: one for each test would take longer to make and to remove than many a test."""
    return tmp_path_factory.mktemp("high_water")


@pytest.fixture(autouse=True)
def high_water_mark_of_its_own(settings: Settings, marks: Path) -> None:
    """Each test starts with a new database, which no other one's mark may call older, and in which nobody refuses."""
    settings.HIGH_WATER_MARK = str(marks / str(next(MARKS)))
    journal().unlink(missing_ok=True)


@pytest.fixture(scope="session", autouse=True)
def uploads_apart(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """No test leaves a file among the uploads of the installation."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(settings, "UPLOADS_FOLDER", str(tmp_path_factory.mktemp("imports")))
        yield


@pytest.fixture
def project_env(tmp_path: Path, migrated_url: str) -> Iterator[dict[str, str]]:
    """Environment that leads real processes of the project to an empty migrated database of their own."""
    with copy_of(migrated_url, tmp_path, "processes") as url:
        files = {"HIGH_WATER_MARK": str(tmp_path / "high_water"), "UPLOADS_FOLDER": str(tmp_path / "imports")}
        yield os.environ | {"DATABASE_URL": url} | files


@pytest.fixture
def suite_env(transactional_db: None) -> dict[str, str]:
    """Environment that leads real processes of the project to the database that the test itself uses."""
    name = str(settings.DATABASES["default"]["NAME"])
    url = f"sqlite:///{name}" if on_sqlite() else database_url(os.environ["DATABASE_URL"], name)
    files = {"HIGH_WATER_MARK": settings.HIGH_WATER_MARK, "UPLOADS_FOLDER": settings.UPLOADS_FOLDER}
    return os.environ | {"DATABASE_URL": url} | files


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """Drive the distribution's Chromium, which must not call home; root needs it without sandbox."""
    expect.set_options(timeout=PATIENCE)
    # Playwright keeps an event loop in the main thread, in which Django would refuse every query.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    quiet = ["--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"]
    return browser_type_launch_args | {
        "executable_path": CHROMIUM,
        "args": ["--no-sandbox", "--disable-gpu", "--disable-quic", *quiet],
    }
