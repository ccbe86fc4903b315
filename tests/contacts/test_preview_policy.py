"""The command that answers a file, by the exit status, standard output and standard error that scripts rely on."""

import json
import os
import subprocess
import sys
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

CASE = json.loads(Path(__file__).with_name("frequency_cases").joinpath("21-every-reason.json").read_text("utf-8"))


def run(argument: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    """The command in a process of its own, with a database that cannot be opened."""
    environment = os.environ | {"DATABASE_URL": "sqlite:////nowhere/at/all.sqlite3"}
    command = [sys.executable, "manage.py", "preview_policy", argument]
    return subprocess.run(
        command, cwd=settings.BASE_DIR, env=environment, input=stdin, capture_output=True, check=False
    )


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"], ids=["plain", "with byte order mark"])
def test_standard_input_is_answered_an_object_a_line_without_a_database(mark: bytes) -> None:
    done = run("-", mark + json.dumps(CASE["input"]).encode())
    assert (done.returncode, done.stderr) == (0, b"")
    assert [json.loads(line) for line in done.stdout.splitlines()] == CASE["expect"]


def test_malformed_input_ends_with_status_2_and_nothing_on_standard_output() -> None:
    done = run("-", b'{"history": [{"customer": "c1", "at": "2026-06-01T09:00:00Z", "purpose": "ask"}]}')
    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr.decode().strip() == (
        'CommandError: -: history[0].purpose: unknown purpose "ask"; '
        "expected call, decline, invitation, other, reminder, response, thank_you"
    )


def test_a_file_is_answered_and_senseless_rules_are_warned_of(tmp_path: Path) -> None:
    file = tmp_path / "policy.json"
    cap = {"name": "gap", "limit": 1, "measure": "contacts", "window": "0 days"}
    file.write_text(json.dumps(CASE["input"] | {"policy": {"caps": [cap]}}), encoding="utf-8")
    out, err = StringIO(), StringIO()
    call_command("preview_policy", str(file), stdout=out, stderr=err)
    assert [json.loads(line)["decision"] for line in out.getvalue().splitlines()] == ["skip"]
    assert err.getvalue().startswith("Warning: policy.caps[0].window: a window of 0 never blocks")


@pytest.mark.parametrize(
    ("policy", "warning"),
    [
        ({"hours": {"sms": {"mon-sun": "09:00-12:00,11:00-20:00"}}}, "hours.sms: two periods of a day overlap"),
        ({"hours": {"phone": {}}}, "hours.phone: never open"),
        (
            {"caps": [{"name": "gap", "limit": 1, "measure": "contacts", "window": "0 hours"}]},
            "caps[0].window: a window of 0",
        ),
        (
            {"hours": {"sms": "always", "phone": "always"}, "holidays": ["2026-12-25"]},
            "holidays: no channel keeps them",
        ),
    ],
)
def test_each_senseless_rule_is_answered_and_warned_of_once(
    tmp_path: Path, policy: dict[str, object], warning: str
) -> None:
    file = tmp_path / "policy.json"
    file.write_text(json.dumps(CASE["input"] | {"policy": policy}), encoding="utf-8")
    out, err = StringIO(), StringIO()
    call_command("preview_policy", str(file), stdout=out, stderr=err)
    assert len(out.getvalue().splitlines()) == len(CASE["input"]["requests"])
    [line] = err.getvalue().splitlines()
    assert line.startswith(f"Warning: policy.{warning}")


@pytest.mark.parametrize(
    "policy",
    [
        {"zones": ["Mars/Olympus"]},
        {"caps": [{"name": "gap", "limit": -1, "measure": "contacts", "window": "7 days"}]},
        {"hours": {"fax": "always"}},
        {"holidays": [20261225]},
        [],
        None,
    ],
)
def test_a_policy_that_cannot_be_read_ends_with_status_2_and_no_answer(tmp_path: Path, policy: object) -> None:
    file = tmp_path / "policy.json"
    file.write_text(json.dumps(CASE["input"] | {"policy": policy}), encoding="utf-8")
    out = StringIO()
    with pytest.raises(CommandError, match=r"policy") as refused:
        call_command("preview_policy", str(file), stdout=out)
    assert (refused.value.returncode, out.getvalue()) == (2, "")


@pytest.mark.parametrize("content", [None, b"\xff\xfe{}", b"{} {}", b'{"policy": {}, "policy": {}}'])
def test_what_cannot_be_read_is_refused(tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "policy.json"
    if content is not None:
        file.write_bytes(content)
    out = StringIO()
    with pytest.raises(CommandError) as refused:
        call_command("preview_policy", str(file), stdout=out)
    assert (refused.value.returncode, out.getvalue()) == (2, "")
    assert str(file) in str(refused.value)
