"""A provider in a process of its own, with an append-only log of what became of each message: the judge of sending."""

import os
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import TypeVar

from tests.processes import FORK


class LoggingProvider:
    """What every such provider has: its port, its log, its clock, and chance for what it does to a share of messages.

    `ahead`: seconds by which its clock is ahead of ours, for campaigns whose time is an argument.
    """

    def __init__(self, log: Path) -> None:
        self.log, self.port, self.ahead = log, FORK.Value("i", 0), FORK.Value("d", 0.0)
        self.chance = Random(4)  # noqa: S311 (chance, not secrecy)

    def note(self, fate: str, recipient: str) -> None:
        """Keep what became of a message, before anybody is told."""
        line = os.open(self.log, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        os.write(line, f"{self.now()} {fate} {recipient}\n".encode())
        os.close(line)

    def now(self) -> float:
        """Its time, in seconds since 1970."""
        return time.time() + float(self.ahead.value)

    def noted(self, fate: str) -> Counter[str]:
        """How often this became of a message, by the address that it went to."""
        return Counter(recipient for _, noted, recipient in self.lines() if noted == fate)

    def accepted(self) -> Counter[str]:
        """How often each message was accepted, by the address that it went to."""
        return self.noted("accepted")

    def lines(self) -> list[tuple[float, str, str]]:
        """Return when, what and to whom, in order; a line that is just being written is none yet."""
        whole = self.log.read_text().rpartition("\n")[0] if self.log.exists() else ""
        rows = [line.split() for line in whole.splitlines()]
        return [(float(at), fate, recipient) for at, fate, recipient in rows]


P = TypeVar("P", bound=LoggingProvider)


@contextmanager
def serving(provider: P, serve: Callable[[P], object]) -> Iterator[P]:
    """Run a provider until the end of the block."""
    process = FORK.Process(target=serve, args=(provider,), daemon=True)
    process.start()
    try:
        while not provider.port.value:
            assert process.is_alive(), "the provider did not start"
            time.sleep(0.01)
        yield provider
    finally:
        process.kill()
        process.join()
