"""Which gateway serves a channel."""

from collections.abc import Iterable

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from surveys.channels.base import Gateway
from surveys.channels.email import EmailGateway
from surveys.channels.kannel import KannelGateway
from surveys.channels.outbox import OutboxGateway
from surveys.channels.providers import PROVIDERS
from surveys.channels.twilio import TwilioGateway

GATEWAYS: dict[str, Gateway] = {
    "outbox": OutboxGateway(),
    "email": EmailGateway(),
    "twilio": TwilioGateway(),
    "kannel": KannelGateway(),
    **PROVIDERS,
}


def gateway_name(channel: str) -> str:
    """Return the name of the gateway that CHANNEL_GATEWAYS has for the channel.

    Raises ImproperlyConfigured where it names none, or one that does not exist.
    """
    name = settings.CHANNEL_GATEWAYS.get(channel)
    if name not in GATEWAYS:
        raise ImproperlyConfigured(
            f"CHANNEL_GATEWAYS has no gateway for {channel}. Choose one of: {', '.join(sorted(GATEWAYS))}."
        )
    return name


def served(channels: Iterable[str]) -> tuple[str, ...]:
    """Return those of the channels that this installation has a gateway for, in their order."""
    return tuple(channel for channel in channels if channel in settings.CHANNEL_GATEWAYS)
