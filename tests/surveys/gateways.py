"""A gateway that does as it is told: the one seam that tests of delivery replace."""

from django.db import connection

from surveys.channels.base import Gateway, Message, Sent


class ToldGateway(Gateway):
    """Answers each message with the next of `fates`, the last for ever; raises it where it is an exception."""

    def __init__(self, *fates: Sent | BaseException) -> None:
        self.fates = list(fates)
        self.taken: list[Message] = []
        self.in_transaction: list[bool] = []

    def send(self, message: Message) -> Sent:
        """Note the message and answer."""
        self.taken.append(message)
        self.in_transaction.append(connection.in_atomic_block)
        fate = self.fates.pop(0) if len(self.fates) > 1 else self.fates[0]
        if isinstance(fate, BaseException):
            raise fate
        return fate
