"""Which hook listens for which provider, at /hooks/<name>/."""

from surveys.channels.events import Hook
from surveys.channels.provider_hooks import PROVIDER_HOOKS

HOOKS: dict[str, Hook] = {**PROVIDER_HOOKS}
