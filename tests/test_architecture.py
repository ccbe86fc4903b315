"""The house rules that a reader relies on, checked on the source itself."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from django.conf import settings

ROOMS = ("contacts", "surveys", "analytics", "recovery", "cxsurvey")
HEAVY = {"pandas", "numpy", "scipy", "statsmodels", "plotly", "sklearn", "interpret", "pyarrow"}
SLOW = HEAVY | {"analytics", "phonenumbers", "openpyxl", "zxcvbn"}
EDGES = ("admin", "api", "apps", "health", "supervisor", "tasks", "urls", "views")
READS_CLOCK = {"now", "utcnow", "today", "localdate"}
ADMIN_PAGES = {"cxsurvey/admin_pages.py", "cxsurvey/import_pages.py", "cxsurvey/merge_pages.py"}
ADMIN_PAGES |= {"cxsurvey/holdout_pages.py", "cxsurvey/policy_pages.py"}
ADMIN_PAGES |= {"cxsurvey/start_page.py", "recovery/pages.py"}
SESSIONS = {"cxsurvey/login/session_store.py"}
"""What Django's middleware calls before and after each request of somebody who logs in."""
LAYER_NAMES = {"services", "utils", "helpers", "managers", "common", "misc"}


@cache
def trees() -> dict[Path, ast.Module]:
    """The source of the product, parsed, by path."""
    return {
        path.relative_to(settings.BASE_DIR): ast.parse(path.read_text())
        for room in ROOMS
        for path in sorted((settings.BASE_DIR / room).rglob("*.py"))
        if "migrations" not in path.parts
    }


def is_edge(path: Path) -> bool:
    """Whether requests, the queue or the command line come in here: a thin file that may read the clock."""
    return path.stem.split("_")[-1] in EDGES or str(path) in ADMIN_PAGES | SESSIONS or "management" in path.parts


def steps() -> dict[Path, ast.Module]:
    """Those of them that are no edges."""
    return {path: tree for path, tree in trees().items() if not is_edge(path)}


def module(path: Path) -> str:
    return ".".join(path.with_suffix("").parts)


def imports(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Yield line and dotted name of everything that the import statements in `tree` bring in."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)


def test_rooms_import_only_what_the_contracts_allow():
    lint_imports = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run(
        [lint_imports, "--no-cache"], cwd=settings.BASE_DIR, capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stdout


def test_steps_do_not_import_edges():
    edges = {module(path) for path in trees() if is_edge(path)}
    found = [
        f"{path}:{line} imports {name}"
        for path, tree in steps().items()
        for line, name in imports(tree)
        if name in edges or name.rpartition(".")[0] in edges
    ]

    assert found == []


def test_steps_are_told_the_time():
    found = [
        f"{path}:{node.lineno}"
        for path, tree in steps().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in READS_CLOCK
    ]

    assert found == []


def test_only_what_is_slow_to_load_is_imported_inside_functions():
    found = [
        f"{path}:{line} imports {name}"
        for path, tree in trees().items()
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef)
        for line, name in imports(function)
        if name.split(".")[0] not in SLOW and not name.startswith(("cxsurvey.what_if.", "cxsurvey.fewest."))
    ]

    assert found == []


def test_nothing_happens_behind_a_save():
    signals = [
        f"{path}:{line} imports {name}"
        for path, tree in trees().items()
        for line, name in imports(tree)
        if ".signals" in name or name.startswith("django.dispatch")
    ]
    overrides = [
        f"{path}:{method.lineno} overrides {method.name}"
        for path, tree in trees().items()
        if str(path) not in SESSIONS
        for owner in ast.walk(tree)
        if isinstance(owner, ast.ClassDef)
        for method in owner.body
        if isinstance(method, ast.FunctionDef) and method.name in {"save", "delete"}
    ]

    assert signals + overrides == []


def test_files_are_short_and_named_after_the_product():
    lengths = {path: len((settings.BASE_DIR / path).read_text().splitlines()) for path in trees()}

    assert [
        f"{path}: {lines} lines" for path, lines in lengths.items() if lines > 300 and path.stem != "settings"
    ] == []
    assert [str(path) for path in trees() if path.stem in LAYER_NAMES] == []


def test_answering_a_request_does_not_load_the_statistics():
    load = "import sys, django; django.setup(); import cxsurvey.urls; from django.contrib import admin; "
    load += f"admin.autodiscover(); print(sorted({HEAVY!r} & sys.modules.keys()))"
    env = {"DJANGO_SETTINGS_MODULE": "cxsurvey.settings"}
    command = [sys.executable, "-c", load]
    done = subprocess.run(command, cwd=settings.BASE_DIR, env=env, capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"
