"""What the customer's page costs: CPU of the server per GET and POST, beside a view that answers nothing, in one run.

One gunicorn worker with threads, on an SQLite file. Rounds alternate, so that a busy moment hits all alike; the limit
is a ratio, because milliseconds would only hold on one machine.
"""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.client import HTTPConnection
from importlib import import_module
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import django
from django.core.management import call_command
from django.core.wsgi import get_wsgi_application
from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

if TYPE_CHECKING:
    from django.core.handlers.wsgi import WSGIHandler

ROUNDS, REQUESTS, CLIENTS = 4, 250, 4
LIMITS = {"GET": 6.0, "POST": 12.0}
"""So many times the CPU of nothing at most."""
FORM = "score=9&reason=Friendly+and+quick&home.page="
FORM_TYPE = {"Content-Type": "application/x-www-form-urlencoded"}
NOTHING = ["/nothing"] * REQUESTS


@csrf_exempt
def nothing(_: HttpRequest) -> HttpResponse:
    """Answer nothing, through the same server and middleware."""
    return HttpResponse()


def server() -> "WSGIHandler":
    """Return the project and the view that answers nothing; gunicorn calls this."""
    application = get_wsgi_application()
    import_module("cxsurvey.urls").urlpatterns.append(path("nothing", nothing))
    return application


def make_pages(count: int) -> list[str]:
    """Store so many invitations and return the paths of their pages."""
    makers = import_module("tests.surveys.makers")  # models: only after django.setup()
    links = import_module("surveys.links")
    at, version = timezone.now(), makers.make_version()
    with transaction.atomic():
        sent = (makers.make_invitation(version, due_at=at, state="sent", sent_at=at) for _ in range(count))
        return [f"/s/{links.token(invitation)}" for invitation in sent]


@contextmanager
def running() -> Iterator[tuple[int, int]]:
    """Run gunicorn; give its port and the process id of its one worker."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        options = ["--bind", f"fd://{listener.fileno()}", "--threads", str(CLIENTS), "--log-level", "error"]
        command = [sys.executable, "-m", "gunicorn", *options, "--no-control-socket", "bench.answer_page:server()"]
        process = subprocess.Popen(command, pass_fds=[listener.fileno()])
        port = listener.getsockname()[1]
    try:
        send(port, "GET", ["/nothing"])  # is answered as soon as the worker is there
        yield port, int(Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text())
    finally:
        process.terminate()
        process.wait()


def send(port: int, method: str, paths: Sequence[str]) -> None:
    """Send one request after the other over one connection; every one must succeed."""
    connection = HTTPConnection("127.0.0.1", port)
    for address in paths:
        connection.request(method, address, FORM if method == "POST" else None, FORM_TYPE if method == "POST" else {})
        response = connection.getresponse()
        response.read()
        if response.status not in (200, 303):
            sys.exit(f"{method} {address} was answered with {response.status}.")


def cpu_seconds(process_id: int) -> float:
    """Return the processor time that a process has used, in user and system mode (proc(5), stat)."""
    fields = Path(f"/proc/{process_id}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def load(port: int, process_id: int, method: str, paths: Sequence[str]) -> float:
    """Send the requests over several connections at once; return the server's CPU seconds."""
    before = cpu_seconds(process_id)
    with ThreadPoolExecutor(CLIENTS) as clients:
        list(clients.map(lambda n: send(port, method, paths[n::CLIENTS]), range(CLIENTS)))
    return cpu_seconds(process_id) - before


def measure(pages: Sequence[str]) -> dict[tuple[str, str], float]:
    """Return the CPU milliseconds per request by method and view."""
    used: dict[tuple[str, str], float] = dict.fromkeys(product(LIMITS, ("nothing", "page")), 0)
    with running() as (port, process_id):
        send(port, "GET", pages[:CLIENTS])
        for start in range(0, len(pages), REQUESTS):
            for method, view in used:
                paths = pages[start : start + REQUESTS] if view == "page" else NOTHING
                used[method, view] += load(port, process_id, method, paths)
    return {key: 1000 * seconds / len(pages) for key, seconds in used.items()}


def main() -> int:
    """Measure, print a table, and fail above the limits."""
    with TemporaryDirectory() as folder:
        os.environ["DATABASE_URL"] = f"sqlite:///{folder}/bench.sqlite3"
        os.environ["DJANGO_SETTINGS_MODULE"] = "cxsurvey.settings"
        django.setup()
        call_command("migrate", verbosity=0)
        pages = make_pages(ROUNDS * REQUESTS)
        connection.close()
        used = measure(pages)
    print(f"{'CPU ms per request':<20}{'nothing':>9}{'page':>9}{'ratio':>9}{'limit':>9}")
    ratios = {method: used[method, "page"] / used[method, "nothing"] for method in LIMITS}
    for method, limit in LIMITS.items():
        figures = (used[method, "nothing"], used[method, "page"], ratios[method], limit)
        print(f"{method:<20}" + "".join(f"{figure:9.2f}" for figure in figures))
    return int(any(ratios[method] > limit for method, limit in LIMITS.items()))


if __name__ == "__main__":
    sys.exit(main())
