"""Send events with an unmodified client: send_events.py CLIENT HOST KEY, calls as JSON lines on standard input.

Runs in an environment of its own, as the clients need other versions of libraries than we do. Ends with 1 where the
client gives up.
"""

import importlib
import json
import re
import sys
from datetime import datetime
from typing import Any

PACKAGES = {"segment": "segment.analytics.client", "rudder": "rudderstack.analytics.client"}


def argument(name: str, value: Any) -> tuple[str, Any]:
    """Return an argument as Python's clients take it."""
    snake = re.sub("[A-Z]", lambda letter: f"_{letter[0].lower()}", name)
    return snake, datetime.fromisoformat(value) if name == "timestamp" else value


def main(name: str, host: str, key: str, *options: str) -> None:
    """Make the client and let it make every call; `patient`: in the background, where it tries again."""
    failed: list[object] = []
    how = {"sync_mode": "patient" not in options, "gzip": "gzip" in options, "max_retries": 3}
    make = importlib.import_module(PACKAGES[name]).Client
    client = make(key, host=host, on_error=lambda error, *_: failed.append(error), **how)
    for line in sys.stdin:
        call, arguments = json.loads(line)
        getattr(client, call)(**dict(argument(*one) for one in arguments.items()))
    client.flush()
    sys.exit(1 if failed else 0)


main(*sys.argv[1:])
