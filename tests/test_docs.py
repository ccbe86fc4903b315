"""What the documents name exists: commands, targets, files, links."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import get_commands

DOCUMENTS = [
    path
    for path in [*settings.BASE_DIR.glob("*.md"), *settings.BASE_DIR.joinpath("docs").rglob("*.md")]
    if path.name != "CHANGELOG.md"
]
each_document = pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(settings.BASE_DIR)))


def code(path: Path) -> str:
    """Return what stands in backticks, spans and blocks."""
    text = path.read_text()
    blocks = re.findall(r"^```.*?^```", text, flags=re.MULTILINE | re.DOTALL)
    return "\n".join(blocks + re.findall(r"`([^`\n]+)`", text))


def test_there_are_documents():
    assert {"operations.md", "README.md"} <= {path.name for path in DOCUMENTS}


@each_document
def test_manage_commands_exist(path: Path):
    named = set(re.findall(r"manage\.py ([a-z_]+)", code(path)))

    assert named - get_commands().keys() == set()


@each_document
def test_make_targets_exist(path: Path):
    named = set(re.findall(r"\bmake ([a-z]+)", code(path)))
    targets = set(re.findall(r"^([a-z]+):", (settings.BASE_DIR / "Makefile").read_text(), flags=re.MULTILINE))

    assert named - targets == set()


@each_document
def test_relative_links_and_named_files_exist(path: Path):
    links = [link.split("#")[0] for link in re.findall(r"\]\(([^)\s]+)\)", path.read_text()) if "://" not in link]
    named = re.findall(
        r"(?<![\w/.])((?:tests|docs|bench|cxsurvey|contacts|surveys|analytics|recovery)/[\w/.]+)", code(path)
    )

    missing = [link for link in links if link and not (path.parent / link).exists()]
    missing += [name for name in named if not (settings.BASE_DIR / name.rstrip(".")).exists()]
    assert missing == []


@each_document
def test_settings_named_in_capitals_are_read(path: Path):
    known = (settings.BASE_DIR / ".env.example").read_text() + (settings.BASE_DIR / "compose.yaml").read_text()
    assigned = set(re.findall(r"\b([A-Z][A-Z_]{3,})=", code(path)))

    assert {name for name in assigned if name not in known} == set()


def test_the_requirements_name_no_registry():
    for name in ("requirements.txt", "requirements-dev.txt", "tests/judges/requirements.txt"):
        text = (settings.BASE_DIR / name).read_text()
        assert "://" not in text
        assert "--hash=sha256:" in text
