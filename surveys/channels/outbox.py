"""The embedded gateway: messages are kept in the database, to be read at /outbox/, and go nowhere."""

from email.utils import formataddr

from surveys.channels.base import Gateway, Message, Sent
from surveys.models import OutboxMessage


class OutboxGateway(Gateway):
    """Takes every message, once for each attempt."""

    inside = True

    def send(self, message: Message) -> Sent:
        """Keep the message; the same attempt handed over again changes nothing."""
        kept = OutboxMessage(
            attempt_id=message.attempt_id or None,
            channel=message.channel,
            sender=formataddr((message.sender_name, message.sender), charset="utf-8"),
            recipient=message.recipient,
            subject=message.subject,
            text=message.text,
            html=message.html,
            at=message.at,
        )
        OutboxMessage.objects.bulk_create([kept], ignore_conflicts=True)
        return Sent(delivered=True)
