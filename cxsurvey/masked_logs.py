"""Nothing that names or reaches a person is written into a log: each record is masked where it comes into being.

So it holds for every logger and handler of a process, gunicorn's and those of libraries among them, and for tracebacks.
`analytics.themes.masking` is for the words of customers, reads numbers by their country and knows names. Here stand
addresses of pages, times and ids around what is to be masked: hence patterns of its own, which take a number for one of
a phone from nine digits on, and know what is percent-encoded.
"""

import logging
import logging.config
import re
from collections.abc import Mapping
from typing import Any

_PATTERNS = [
    (re.compile(pattern), instead)
    for pattern, instead in (
        # Survey links, feeds and the addresses of help desks open something by themselves.
        (r"(/s/|/feeds/|/desks/[\w-]+/)[^\s\"'<>]+", r"\1[token]"),
        (r"(?i)\b(token|bearer|basic)( |%20)[\w+/=.-]{16,}", r"\1 [token]"),
        (r"(?i)\b((?:token|secret|key|password|signature)=)[^&\s\"'<>]+", r"\1[token]"),
        (r"[\w.!#$&'*+^`{|}~-]+(?:%2B[\w.!#$&'*+^`{|}~-]+)*(?:@|%40)[\w-]+(?:\.[\w-]+)+", "[email]"),
        (r"(?:\+|%2B|(?<![\w.])00)[1-9](?:(?:[ ()./-]|%20|%28|%29){0,3}\d){6,14}(?!\w)", "[phone]"),
    )
]
_FIGURE = re.compile(
    r"(?P<day>(?<!\d)\d{4}-\d{2}-\d{2}(?!\d))"
    r"|(?<![\w.:])(?<![0-9a-f]{4}-)\(?\d(?:(?:[ ()./-]|%20|%28|%29){0,3}\d){6,}(?![\w:]|\.\d)"
)
_NETWORK_OR_FRACTION = re.compile(r"\d{1,3}(?:(?:\.\d{1,3}){3}|\.\d+)$")
_SEPARATOR = re.compile(r"%20|%28|%29|\D")
DIGITS = range(9, 16)
"""Of a phone number without its country's plus: shorter figures are our ids and counts, longer ones several numbers."""

_known_factory = logging.getLogRecordFactory()


def mask(text: str) -> str:
    """Return the text with [email], [phone] and [token] in place of what reaches a person or opens something."""
    for pattern, instead in _PATTERNS:
        text = pattern.sub(instead, text)
    return _FIGURE.sub(_phone_or_same, text)


def configure(settings: Mapping[str, Any]) -> None:
    """Set logging up as Django does, with every record masked: what `LOGGING_CONFIG` names."""
    logging.setLogRecordFactory(_masked_record)
    logging.config.dictConfig(dict(settings))


def _masked_record(*args: Any, **options: Any) -> logging.LogRecord:
    record = _known_factory(*args, **options)
    try:
        text = record.getMessage()
    except (TypeError, ValueError, KeyError):  # arguments that do not fit: said by no handler, and worth reading
        text = f"{record.msg} {record.args}"
    record.msg, record.args = mask(text), None
    if record.exc_info:
        record.exc_text = mask(logging.Formatter().formatException(record.exc_info))
    if record.stack_info:
        record.stack_info = mask(record.stack_info)
    return record


def _phone_or_same(found: re.Match[str]) -> str:
    figure = found[0]
    digits = len(_SEPARATOR.sub("", figure))
    is_other = found["day"] or _NETWORK_OR_FRACTION.match(figure)
    are_several = DIGITS.stop <= digits < len(figure)
    return "[phone]" if (digits in DIGITS or are_several) and not is_other else figure
