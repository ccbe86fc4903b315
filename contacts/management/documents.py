"""Documents that commands are given: a JSON file, or standard input."""

import sys
from collections.abc import Mapping
from pathlib import Path

from contacts import frequency


def read_document(file: str) -> Mapping[str, object]:
    """The object in a JSON file in UTF-8, with or without byte order mark; `-` reads standard input.

    Raises OSError for a file that cannot be opened, ValueError for one that holds something else.
    """
    content = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    return frequency.read_json(content.decode("utf-8-sig"))
