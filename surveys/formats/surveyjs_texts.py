"""Texts of a SurveyJS survey: plain or by language, where `default` is the language of the survey."""

import re
from collections.abc import Iterator, Mapping
from html import unescape

from surveys.formats.document import LONGEST_TEXT, MOST_LANGUAGES, FormatError
from surveys.languages import is_tag, name

DEFAULT = "default"
_BREAKS = re.compile(r"<\s*(?:br|/p|/div|/li|/h[1-6])\s*/?>", re.IGNORECASE)
_INVISIBLE = re.compile(r"<\s*(script|style)\b.*?<\s*/\s*\1\s*>", re.IGNORECASE | re.DOTALL)
_TAG = re.compile(r"</?[a-zA-Z!][^<>]*>")


class Languages:
    """Which language `default` means in a survey, and in which others it has texts."""

    def __init__(self, survey: Mapping[str, object]) -> None:
        named = set(_tags(survey))
        if len(named) > MOST_LANGUAGES:
            raise FormatError(f"This survey has {len(named)} languages; there may be {MOST_LANGUAGES}.")
        locale = survey.get("locale")
        own = locale.casefold() if isinstance(locale, str) and is_tag(locale.casefold()) else "en"
        # Their default is English; a survey that has texts in its own locale besides means just that.
        self.default = "en" if own in named else own
        self.main = own

    def read(self, value: object, place: str) -> dict[str, str]:
        """Return language -> text; empty for what is no text."""
        if isinstance(value, str | int | float) and not isinstance(value, bool):
            value = {DEFAULT: str(value)}
        if not isinstance(value, dict):
            return {}
        found = dict[str, str]()
        for tag, text in value.items():
            language = self.default if tag == DEFAULT else tag.casefold()
            if isinstance(text, str) and text.strip() and is_tag(language):
                if len(text) > LONGEST_TEXT:
                    raise FormatError(f"this text has {len(text)} characters and may have {LONGEST_TEXT}.", place)
                found.setdefault(language, text.strip())
        return found


def plain(html: str) -> str:
    """Return what a person reads of some HTML: no tags, no scripts."""
    text = _TAG.sub("", _BREAKS.sub("\n", _INVISIBLE.sub("", html)))
    return "\n".join(line.strip() for line in unescape(text).strip().splitlines())


def has_markup(html: str) -> bool:
    """Whether there is more to the HTML than breaks of lines."""
    return bool(_TAG.search(_BREAKS.sub("", html)))


def _tags(value: object) -> Iterator[str]:
    """Yield the languages of everything that looks like a text by language."""
    if isinstance(value, list):
        for item in value:
            yield from _tags(item)
    elif isinstance(value, dict):
        tags = [tag.casefold() for tag in value if tag != DEFAULT]
        known = DEFAULT in value or all(name(tag) != tag for tag in tags)
        if known and all(is_tag(tag) for tag in tags) and all(isinstance(text, str) for text in value.values()):
            yield from tags
        for member in value.values():
            yield from _tags(member)
