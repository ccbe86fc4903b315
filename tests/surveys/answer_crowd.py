"""Customers who answer all at once, and the log of what each of them was told."""

import http.client
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from urllib.parse import urlencode

STORED, TOO_LATE = 303, 409
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
PATIENCE = 120
"""Seconds that a customer waits for a reply: whoever gives up does not know what becomes of the answer later."""


@dataclass(frozen=True, slots=True)
class Post:
    """One answer as whoever sent it knows it.

    `status` is that of the reply, None where the connection broke: then the process that had it is dead, and the answer
    is stored by now or never. `began` and `ended` in seconds of one clock.
    """

    token: str
    score: int
    status: int | None
    began: float
    ended: float


def post(port: int, token: str, score: int) -> Post:
    """Send an answer as the form of the page does."""
    began, client = time.monotonic(), http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    status = None
    try:
        client.request("POST", f"/s/{token}", urlencode({"score": score, "home.page": ""}), FORM)
        reply = client.getresponse()
        reply.read()
        status = reply.status
    except (ConnectionError, http.client.HTTPException):
        time.sleep(0.1)  # a person takes longer to try again
    finally:
        client.close()
    return Post(token, score, status, began, time.monotonic())


def send_at_once(port: int, answers: Iterable[tuple[str, int]], *, people: int) -> list[Post]:
    """Send answers (token, score), always so many at a time."""
    with ThreadPoolExecutor(people) as crowd:
        return list(crowd.map(lambda answer: post(port, *answer), answers))


def insist(port: int, tokens: Sequence[str], *, people: int, watch: Callable[[int], object]) -> list[Post]:
    """Answer each link again and again, each time with another score, until there is a reply.

    `watch` is called after each link that is done, in the thread of whoever did it, with how many are done.
    """
    log: list[Post] = []
    done: list[str] = []

    def answer(token: str) -> None:
        sent = Post(token, 0, None, 0, 0)
        while sent.status is None:
            sent = post(port, token, (sent.score + 1) % 11)
            log.append(sent)
        done.append(token)
        watch(len(done))

    with ThreadPoolExecutor(people) as crowd:
        list(crowd.map(answer, tokens))
    return log
