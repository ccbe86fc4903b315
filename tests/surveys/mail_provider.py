"""A mail provider in a process of its own, with an append-only log of what it accepted: the judge of what was sent.

It can lose answers (accept, then drop the line), be slow, refuse for now, and stay silent.
"""

import asyncio
import email
import email.policy
import multiprocessing
import os
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import Any

from aiosmtpd.smtp import SMTP

FORK = multiprocessing.get_context("fork")


class Provider:
    """How a provider behaves: shares of messages, and seconds; read by its process at each message."""

    def __init__(self, log: Path) -> None:
        self.log, self.port = log, FORK.Value("i", 0)
        self.chance = Random(4)  # noqa: S311 (chance, not secrecy)
        self.loses_answers, self.refuses_for_now, self.seconds = (FORK.Value("d", 0.0) for _ in range(3))

    def accepted(self) -> Counter[str]:
        """How often each message was accepted, by the address that it went to."""
        return Counter(self.log.read_text().split()) if self.log.exists() else Counter()

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        await asyncio.sleep(self.seconds.value)
        if self.chance.random() < self.refuses_for_now.value:
            return "451 4.3.0 Try again later"
        mail = email.message_from_bytes(envelope.content, policy=email.policy.default)
        line = os.open(self.log, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        os.write(line, f"{mail['To']}\n".encode())
        os.close(line)
        if self.chance.random() < self.loses_answers.value:
            server.transport.abort()
        return "250 OK"


@contextmanager
def mail_provider(log: Path) -> Iterator[Provider]:
    """Run a provider until the end of the block."""
    provider = Provider(log)
    process = FORK.Process(target=_serve, args=(provider,), daemon=True)
    process.start()
    try:
        while not provider.port.value:
            assert process.is_alive(), "the provider did not start"
            time.sleep(0.01)
        yield provider
    finally:
        process.kill()
        process.join()


def _serve(provider: Provider) -> None:
    asyncio.run(_take_mail(provider))


async def _take_mail(provider: Provider) -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(provider, hostname="provider.example"), "127.0.0.1", 0)
    provider.port.value = server.sockets[0].getsockname()[1]
    await server.serve_forever()
