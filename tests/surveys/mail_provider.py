"""A mail provider over SMTP that does to a share of the messages what providers do on a bad day."""

import asyncio
import email
import email.policy
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP

from tests.processes import FORK
from tests.surveys.provider_log import LoggingProvider, serving


class MailProvider(LoggingProvider):
    """Each fault is the share of the messages that it befalls; `seconds` and `answers_after` befall all of them.

    `seconds`: how long until a message is accepted, `answers_after`: from then until it is said.
    """

    def __init__(self, log: Path) -> None:
        super().__init__(log)
        self.seconds, self.answers_after = (FORK.Value("d", 0.0) for _ in range(2))
        self.loses_answers, self.refuses_for_now, self.refuses, self.leaves_early, self.is_slow = (
            FORK.Value("d", 0.0) for _ in range(5)
        )

    async def handle_MAIL(self, server: Any, session: Any, envelope: Any, address: str, options: list[str]) -> str:  # noqa: N802
        """Take the sender, or close down before there is any message."""
        if self.chance.random() < self.leaves_early.value:
            server.transport.write(b"421 4.3.2 Closing down\r\n")
            server.transport.close()
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        """Accept a message, unless a fault befalls it."""
        recipient = email.message_from_bytes(envelope.content, policy=email.policy.default)["To"]
        await asyncio.sleep(self.seconds.value)
        for fate, share, reply in (
            ("deferred", self.refuses_for_now, "451 4.3.0 Try again later"),
            ("refused", self.refuses, "554 5.7.1 Not like this"),
        ):
            if self.chance.random() < share.value:
                self.note(fate, recipient)
                return reply
        self.note("accepted", recipient)
        await asyncio.sleep(self.answers_after.value)
        if self.chance.random() < self.is_slow.value:
            await asyncio.sleep(SLOW_SECONDS)
        if self.chance.random() < self.loses_answers.value:
            server.transport.abort()
        return "250 OK"


SLOW_SECONDS = 1.7
"""A slow answer, in the time of campaigns that wait half as long: 30 seconds where the time-out is 20."""


@contextmanager
def mail_provider(log: Path) -> Iterator[MailProvider]:
    """Run a provider until the end of the block."""
    with serving(MailProvider(log), _serve) as provider:
        yield provider


def _serve(provider: MailProvider) -> None:
    asyncio.run(_take_mail(provider))


async def _take_mail(provider: MailProvider) -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(provider, hostname="provider.example"), "127.0.0.1", 0)
    provider.port.value = server.sockets[0].getsockname()[1]
    await server.serve_forever()
