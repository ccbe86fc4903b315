"""Secrets: generated once into a file where none is given, and the list of keys that sign survey links."""

import os
import secrets
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured


def kept_secret(path: Path) -> str:
    """Return the secret in `path`, 128 hex digits, made on first use and readable by its owner only.

    Several processes may ask at once: the file appears whole or not at all, and all return the same secret.
    """
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_hex(64))
        try:
            os.link(draft, path)  # unlike a rename, a link never replaces what another process put there first
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_text()


def link_keys(text: str) -> dict[str, str]:
    """Read `"2:<secret>,1:<secret>"` into key id -> secret, in the order given: the first signs, all verify.

    Raises ImproperlyConfigured when an entry has no id or no secret, or an id stands twice.
    """
    keys: dict[str, str] = {}
    for entry in text.split(","):
        key_id, _, secret = entry.strip().partition(":")
        if not key_id.isalnum() or not secret or key_id in keys:
            raise ImproperlyConfigured(
                'LINK_KEYS must look like "2:<secret>,1:<secret>", each id once. '
                "The first signs new links, all of them are accepted."
            )
        keys[key_id] = secret
    return keys


def desk_secrets(text: str) -> dict[str, tuple[str, ...]]:
    """Read `"support:<secret>,support:<older one>,chat:<secret>"` into name of an event source -> its secrets.

    Raises ImproperlyConfigured when an entry has no name or no secret.
    """
    found: dict[str, tuple[str, ...]] = {}
    for entry in filter(None, map(str.strip, text.split(","))):
        name, _, secret = entry.partition(":")
        if not name or not secret:
            raise ImproperlyConfigured(
                'DESK_SECRETS must look like "support:<secret>,chat:<secret>": names of event sources, each with the '
                "secret that its help desk shows."
            )
        found[name] = (*found.get(name, ()), secret)
    return found
