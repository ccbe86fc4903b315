"""Which hook listens for which provider, at /hooks/<name>/."""

from surveys.channels.events import Hook

HOOKS: dict[str, Hook] = {}
