"""Verify a webhook with Standard Webhooks' own library: verify_webhook.py SECRET, headers and body on standard input.

Prints what it was told; ends with 1 where the library refuses it.
"""

import json
import sys
from importlib import import_module


def main(secret: str) -> None:
    """Let the library verify headers and body, and print what it read."""
    library = import_module("standardwebhooks.webhooks")
    told = json.load(sys.stdin)
    try:
        read = library.Webhook(secret).verify(told["body"], told["headers"])
    except library.WebhookVerificationError as error:
        sys.exit(str(error))
    sys.stdout.write(json.dumps(read))


main(*sys.argv[1:])
