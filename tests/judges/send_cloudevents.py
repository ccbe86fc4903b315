"""Send CloudEvents with their own package: send_cloudevents.py MODE HOST KEY, an event as JSON on standard input."""

import json
import sys
from datetime import datetime
from importlib import import_module
from typing import Any


def main(mode: str, host: str, key: str) -> None:
    """Make the event, let the package write it in a mode, and post it; end with 1 where it was not taken."""
    told: dict[str, Any] = json.load(sys.stdin)
    data, told["time"] = told.pop("data"), datetime.fromisoformat(told["time"])
    event = import_module("cloudevents.core.v1.event").CloudEvent(told, data)
    message = getattr(import_module("cloudevents.core.bindings.http"), f"to_{mode}_event")(event)
    post = import_module("requests").post
    answer = post(f"{host}/v1/cloudevents", message.body, headers=message.headers, auth=(key, ""), timeout=30)
    sys.exit(0 if answer.ok else 1)


main(*sys.argv[1:])
