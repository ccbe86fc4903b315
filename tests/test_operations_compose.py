"""The Compose file and the image: right shape, every variable explained, a web that its own check finds healthy."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.conf import settings
from django.utils import timezone

from cxsurvey.schedules import beat
from cxsurvey.supervisor import first_free_port
from tests.processes import wait_until
from tests.test_settings import SAFE

COMPOSE = settings.BASE_DIR / "compose.yaml"
DOCKERFILE = settings.BASE_DIR / "Dockerfile"


def services() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(COMPOSE.read_text())["services"]
    return found


def on_port(command: list[str], port: int) -> list[str]:
    """Return a command of the image as it runs here: this Python, another port."""
    python = {"python": [sys.executable], "gunicorn": [sys.executable, "-m", "gunicorn"]}
    return [part.replace("8000", str(port)) for word in command for part in python.get(word, [word])]


@pytest.fixture
def web(suite_env: dict[str, str]) -> Iterator[tuple[int, dict[str, str]]]:
    """Run the image's web in production settings; give its port and environment."""
    env = suite_env | {name: value for name, value in SAFE.items() if name != "DATABASE_URL"}
    port = first_free_port("127.0.0.1", 8600)
    command = json.loads(DOCKERFILE.read_text().partition("CMD ")[2].replace("\\\n", ""))
    process = subprocess.Popen(on_port(command, port), cwd=settings.BASE_DIR, env=env)
    yield port, env
    process.terminate()
    process.wait(30)


def test_compose_fits_its_schema():
    tool = Path(sys.executable).with_name("check-jsonschema")
    done = subprocess.run([tool, "--builtin-schema", "vendor.compose-spec", COMPOSE], capture_output=True, check=False)

    assert done.returncode == 0, done.stdout


def test_every_variable_is_explained():
    example = settings.BASE_DIR.joinpath(".env.example").read_text()

    assert {name for name in re.findall(r"\$\{(\w+)", COMPOSE.read_text()) if f"{name}=" not in example} == set()


def test_no_secret_has_a_default():
    for name in ("SECRET_KEY", "LINK_KEYS", "POSTGRES_PASSWORD"):
        assert set(re.findall(rf"\${{{name}(.)", COMPOSE.read_text())) == {":"}
        assert f"${{{name}:-" not in COMPOSE.read_text()


def test_two_workers_get_more_time_to_stop_than_a_job_may_take():
    worker = services()["worker"]

    assert worker["deploy"]["replicas"] == 2
    assert int(worker["stop_grace_period"].removesuffix("m")) * 60 > settings.Q_CLUSTER["timeout"]


@pytest.mark.one_database
def test_the_web_is_healthy_under_its_own_check_once_a_worker_beats(web: tuple[int, dict[str, str]]):
    port, env = web
    probe = on_port(services()["web"]["healthcheck"]["test"][1:], port)

    def healthy() -> bool:
        return subprocess.run(probe, env=env, stderr=subprocess.DEVNULL, check=False).returncode == 0

    assert not healthy()
    beat(timezone.now())
    wait_until(healthy)
