"""Answers come first: only so many requests of programs are worked on at once, and the others are told to come again.

Events that come in, exports and the rest of the API share threads and processors with the pages of customers. Each has
a lane with so many places in each web process; who finds none waits for a moment, and is refused before Django or the
database have anything to do with it. What providers tell (/hooks/) is never refused: it may be a STOP.
"""

from collections.abc import Callable, Iterable, Iterator
from threading import BoundedSemaphore
from typing import Any

Environ = dict[str, Any]
StartResponse = Callable[..., Any]
Application = Callable[[Environ, StartResponse], Iterable[bytes]]

PATIENCE = 0.5
"""Seconds that a request waits for a place."""
RETRY_AFTER = 2
"""Seconds after which whoever was refused may come again."""
REFUSAL = b'{"success": false, "code": "busy", "message": "Too much is going on. Send this again later."}'


class Lane:
    """Places for requests whose address begins with a prefix; so many as `waiting` says may wait for one of them."""

    def __init__(self, prefix: str, places: int, waiting: int) -> None:
        self.prefix = prefix
        self._places, self._inside = BoundedSemaphore(places), BoundedSemaphore(places + waiting)

    def enter(self) -> bool:
        """Take a place; False where none is free within a moment, or too many wait already."""
        if not self._inside.acquire(blocking=False):
            return False
        if self._places.acquire(timeout=PATIENCE):
            return True
        self._inside.release()
        return False

    def leave(self) -> None:
        """Give a place back."""
        self._places.release()
        self._inside.release()


class _Held:
    """An answer that keeps its place until the server closes it (PEP 3333): a stream takes as long as it lasts."""

    def __init__(self, lane: Lane, parts: Iterable[bytes]) -> None:
        self._lane, self._parts = lane, parts

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._parts)

    def close(self) -> None:
        try:
            if hasattr(self._parts, "close"):
                self._parts.close()
        finally:
            self._lane.leave()


def with_lanes(application: Application, lanes: Iterable[Lane]) -> Application:
    """Return the application with a lane around each of these addresses."""
    by_prefix = tuple(lanes)

    def respond(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        lane = next((lane for lane in by_prefix if path.startswith(lane.prefix)), None)
        if lane is None:
            return application(environ, start_response)
        if not lane.enter():
            return _refuse(start_response)
        try:
            parts = application(environ, start_response)
        except BaseException:
            lane.leave()
            raise
        return _Held(lane, parts)

    return respond


def _refuse(start_response: StartResponse) -> list[bytes]:
    headers = {"Content-Type": "application/json", "Content-Length": str(len(REFUSAL)), "Retry-After": str(RETRY_AFTER)}
    start_response("503 Service Unavailable", list(headers.items()))
    return [REFUSAL]
