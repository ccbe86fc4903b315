"""Which hook listens for which provider, at /hooks/<name>/."""

from surveys.channels.events import Hook
from surveys.channels.kannel import KannelHook
from surveys.channels.provider_hooks import PROVIDER_HOOKS
from surveys.channels.twilio import TwilioHook

HOOKS: dict[str, Hook] = {"twilio": TwilioHook(), "kannel": KannelHook(), **PROVIDER_HOOKS}
