"""The web as the project runs it, in processes that a test may kill."""

import os
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from random import Random

from cxsurvey.supervisor import Child, open_port, start_web
from tests.processes import family, wait_until


class AnswerServer:
    """gunicorn with its workers on a port that stays open while none of them is there, as under `manage.py run`."""

    def __init__(self, listener: socket.socket, web: Child) -> None:
        self.port = int(listener.getsockname()[1])
        self.web = web

    def kill_worker(self, random: Random) -> None:
        """Kill one of the processes that answer; gunicorn starts another one."""
        wait_until(lambda: family(self.web.process))
        random.choice(family(self.web.process)).kill()

    def kill_all(self) -> None:
        """Kill gunicorn with all its workers, and start it again."""
        self.kill()
        self.web.start()

    def kill(self) -> None:
        """Kill gunicorn with all its workers: the group, because its processes have it in common."""
        os.killpg(self.web.process.pid, signal.SIGKILL)
        self.web.process.wait()


@contextmanager
def answer_server(env: dict[str, str], application: str = "cxsurvey.wsgi") -> Iterator[AnswerServer]:
    """Run the web; nothing of it is left afterwards."""
    with open_port("127.0.0.1", 8800) as listener:
        server = AnswerServer(listener, start_web(listener, env, application))
        try:
            yield server
        finally:
            server.kill()
