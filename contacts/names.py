"""Keys that other systems and our own tables use, as people read them. Pure; data (JSON, CSV, API) keep the keys."""

import re

KEY = re.compile(r"[a-z][a-z0-9]*(?:[_-][a-z0-9]+)*")
CAPITALS = {"sms", "nps", "csat", "ces", "vip", "id"}
"""Words of a key that are written in capitals."""


def in_words(key: str, *, inside: bool = False) -> str:
    """Return a key as a person writes it: `service_call` is “Service call”, `sms` “SMS”. What is no key stays.

    `inside` a sentence it does not begin with a capital.
    """
    if not KEY.fullmatch(key):
        return key
    words = " ".join(word.upper() if word in CAPITALS else word for word in re.split("[_-]", key))
    return words if inside else words[0].upper() + words[1:]
