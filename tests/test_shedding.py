"""Lanes for programs: who finds no place is refused at once, and a place is held as long as the answer lasts."""

from collections.abc import Iterable
from threading import Thread
from typing import Any

import pytest

from cxsurvey import shedding
from cxsurvey.shedding import REFUSAL, Environ, Lane, StartResponse, with_lanes
from tests.processes import wait_until


class Server:
    """An application with a lane around /v1/, and what was said of each request."""

    def __init__(self, places: int, waiting: int) -> None:
        self.said, self.inside, self.lane = list[str](), 0, Lane("/v1/", places, waiting)
        self.application = with_lanes(self.work, [self.lane])

    def work(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        self.inside += 1
        if environ["PATH_INFO"] == "/v1/broken":
            raise RuntimeError
        start_response("200 OK", [])
        return self.parts(environ["PATH_INFO"])

    def parts(self, path: str) -> Iterable[bytes]:
        yield path.encode()

    def ask(self, path: str) -> Any:
        """Return the answer, still open."""
        return self.application({"PATH_INFO": path}, lambda status, headers: self.said.append(status))

    def is_full(self) -> bool:
        """Whether nobody more may wait."""
        entered = self.lane._inside.acquire(blocking=False)
        if entered:
            self.lane._inside.release()
        return not entered

    def whole(self, path: str) -> bytes:
        answer = self.ask(path)
        text = b"".join(answer)
        if hasattr(answer, "close"):
            answer.close()
        return text


def test_a_place_is_held_until_the_answer_is_closed() -> None:
    server = Server(places=1, waiting=0)
    stream = server.ask("/v1/batch")
    assert server.whole("/v1/batch") == REFUSAL
    assert list(stream) == [b"/v1/batch"]
    assert server.whole("/v1/batch") == REFUSAL
    stream.close()
    assert server.whole("/v1/batch") == b"/v1/batch"
    assert server.said == ["200 OK", "503 Service Unavailable", "503 Service Unavailable", "200 OK"]


def test_only_what_lies_in_the_lane_is_refused_and_that_costs_nothing() -> None:
    server = Server(places=1, waiting=0)
    stream = server.ask("/v1/batch")
    assert server.whole("/s/token") == b"/s/token"
    assert server.inside == 2
    assert server.whole("/v1/batch") == REFUSAL
    assert server.inside == 2
    stream.close()


def test_a_few_wait_for_a_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shedding, "PATIENCE", 20)
    server = Server(places=1, waiting=1)
    stream = server.ask("/v1/batch")
    waits = Thread(target=server.whole, args=["/v1/next"])
    waits.start()
    wait_until(server.is_full, pause=0.01)
    assert server.whole("/v1/more") == REFUSAL
    stream.close()
    waits.join(20)
    assert server.said == ["200 OK", "503 Service Unavailable", "200 OK"]


def test_whoever_waited_in_vain_is_refused_and_leaves_no_trace(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shedding, "PATIENCE", 0.01)
    server = Server(places=1, waiting=1)
    stream = server.ask("/v1/batch")
    for _ in range(3):
        assert server.whole("/v1/batch") == REFUSAL
    stream.close()
    assert server.whole("/v1/batch") == b"/v1/batch"


def test_a_place_is_given_back_where_the_application_breaks() -> None:
    server = Server(places=1, waiting=0)
    for _ in range(2):
        with pytest.raises(RuntimeError):
            server.ask("/v1/broken")
    assert server.whole("/v1/batch") == b"/v1/batch"
