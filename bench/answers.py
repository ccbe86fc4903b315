"""What an answer costs: CPU of the server per GET and POST of the customer's page, beside others in one run.

The others are a view that answers nothing and the leanest one that could do the work (`bench._lean`), both in the same
server, and the same three questions in django-survey-and-report (`bench._peer`). One gunicorn worker with threads, on
SQLite files. Rounds alternate, so that a busy moment hits all alike; the limits are ratios, because milliseconds would
only hold on one machine.
"""

import os
import sqlite3
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, closing
from importlib import import_module
from itertools import product
from tempfile import TemporaryDirectory

import django
from django.core.management import call_command
from django.db import connection, transaction
from django.utils import timezone

from bench._peer import PAGE
from bench._report import note
from bench._web import Server, running

ROUNDS, REQUESTS = 5, 200
METHODS, VIEWS = ("GET", "POST"), ("nothing", "lean", "page", "peer")
MOST, LEAST = 1.5, 8.0
"""So many times the CPU of the lean view at most; so many times the peer's answers per CPU second at least."""
FORM = "score=9&reason=Friendly+and+quick&home.page="
Used = Mapping[tuple[str, str], float]
"""CPU milliseconds per request, by method and view."""


def make_links(count: int) -> list[str]:
    """Send so many invitations, and return the tokens of their links."""
    makers = import_module("tests.surveys.makers")  # models: only after django.setup()
    links, refresh = import_module("surveys.links"), import_module("contacts.newest").refresh
    at, version = timezone.now(), makers.make_version()
    with transaction.atomic():
        sent = [makers.make_invitation(version, due_at=at, state="sent", sent_at=at) for _ in range(count)]
        refresh([invitation.customer_id for invitation in sent])
    return [links.token(invitation) for invitation in sent]


def first_page() -> str:
    """Return the path of the page of the first invitation."""
    invitation = import_module("surveys.models").Invitation.objects.order_by("pk").first()
    return f"/s/{import_module('surveys.links').token(invitation)}"


def measure(server: Server, peer: Server, peer_form: str, links: Sequence[str]) -> Used:
    """Return what each view costs; each link is answered once."""
    used = dict.fromkeys(product(METHODS, VIEWS), 0.0)
    halves = {"lean": ("/s/lean/", links[::2]), "page": ("/s/", links[1::2])}
    for start in range(0, ROUNDS * REQUESTS, REQUESTS):
        for method, view in used:
            prefix, tokens = halves.get(view, ("", []))
            own = [prefix + token for token in tokens[start : start + REQUESTS]]
            paths = own or [PAGE if view == "peer" else "/s/nothing/"] * REQUESTS
            form = peer_form if view == "peer" else FORM
            used[method, view] += (peer if view == "peer" else server).load(method, paths, form)
    return {key: 1000 * seconds / (ROUNDS * REQUESTS) for key, seconds in used.items()}


def with_csrf(peer: Server, form: str) -> tuple[Server, str]:
    """Return the peer and the form for somebody who has the cookie that its forms need."""
    cookie = peer.send("GET", [PAGE])["Set-Cookie"].partition(";")[0]
    token = cookie.partition("=")[2]
    return Server(peer.port, peer.process_id, {"Cookie": cookie}), f"{form}&csrfmiddlewaretoken={token}"


def run(folder: str) -> Used:
    """Make both worlds in a folder, run both servers, and measure."""
    peer_url = f"sqlite:///{folder}/peer.sqlite3"
    os.environ |= {"DATABASE_URL": f"sqlite:///{folder}/bench.sqlite3", "DJANGO_SETTINGS_MODULE": "cxsurvey.settings"}
    own = {"PEER_DATABASE_URL": peer_url}
    make_peer = [sys.executable, "-m", "bench._peer"]
    peer_form = subprocess.run(make_peer, env=os.environ | own, check=True, capture_output=True, text=True).stdout
    django.setup()
    call_command("migrate", verbosity=0)
    links = make_links(2 * ROUNDS * REQUESTS)
    connection.close()
    with ExitStack() as stack:
        server = stack.enter_context(running("bench._lean:server()", "/s/nothing/", {}))
        peer = stack.enter_context(running("bench._peer:server()", PAGE, own))
        for prefix, link in (("/s/lean/", links[0]), ("/s/", links[1])):
            server.send("GET", [prefix + link] * 2)
        used = measure(server, *with_csrf(peer, peer_form.strip()), links)
    for file, table, wanted in (
        ("bench", "surveys_response", len(links)),
        ("peer", "survey_response", len(links) // 2),
    ):
        with closing(sqlite3.connect(f"{folder}/{file}.sqlite3")) as database:
            [stored] = database.execute(f"SELECT count(*) FROM {table}").fetchone()  # noqa: S608
        if stored != wanted:
            sys.exit(f"{table} holds {stored} answers, and not {wanted}.")
    return used


def main() -> int:
    """Measure, print a table, and fail beyond the limits."""
    with TemporaryDirectory() as folder:
        used = run(folder)
    ratios = {method: used[method, "page"] / used[method, "lean"] for method in METHODS}
    print(f"{'CPU ms per request':<20}" + "".join(f"{view:>9}" for view in VIEWS) + f"{'of lean':>9}{'limit':>9}")
    for method in METHODS:
        figures = [*(used[method, view] for view in VIEWS), ratios[method], MOST]
        print(f"{method:<20}" + "".join(f"{figure:9.2f}" for figure in figures))
    answers = {view: 1000 / sum(used[method, view] for method in METHODS) for view in VIEWS[1:]}
    times = answers["page"] / answers["peer"]
    told = ", ".join(f"{view} {figure:.0f}" for view, figure in answers.items())
    print(f"Answers (GET and POST) per CPU second: {told}; {times:.1f} times the peer, limit {LEAST:.1f}")
    note("answers", {"ratios": ratios, "most": MOST, "answers_per_cpu_second": answers, "times": times, "least": LEAST})
    return int(max(ratios.values()) > MOST or times < LEAST)


if __name__ == "__main__":
    sys.exit(main())
