"""Languages by their tags (BCP 47): whether a tag is one, its name in English, and which one a name means."""

import re

from django.conf.locale import LANG_INFO

TAG = re.compile(r"[a-z]{2,3}(?:-[a-z0-9]{2,8})*")
LONGEST_TAG = 12
#: What customers of the house speak and Django's list of names lacks.
_MORE = {
    "am": "Amharic",
    "ckb": "Central Kurdish",
    "dv": "Divehi",
    "fil": "Filipino",
    "ku": "Kurdish",
    "ps": "Pashto",
    "rw": "Kinyarwanda",
    "se": "Northern Sami",
    "so": "Somali",
    "ti": "Tigrinya",
    "yi": "Yiddish",
    "zu": "Zulu",
    "he-il": "Hebrew (Israel)",
}
_NAMES = {tag: info["name"] for tag, info in LANG_INFO.items() if "name" in info and len(tag) <= LONGEST_TAG} | _MORE


def is_tag(text: str) -> bool:
    """Whether the text, in small letters, can be the tag of a language."""
    return bool(TAG.fullmatch(text)) and len(text) <= LONGEST_TAG


def name(tag: str) -> str:
    """Return the name in English; the tag itself where we know none."""
    tag = tag.casefold()
    return _NAMES.get(tag) or _NAMES.get(tag.partition("-")[0]) or tag


def named() -> dict[str, str]:
    """Return the languages that we know by name: tag -> name, in the order of their names."""
    return dict(sorted(_NAMES.items(), key=lambda entry: entry[1]))


def tag_of(text: str) -> str:
    """Return the tag that a name (`German`), a tag (`de`) or both (`German (de)`) mean; empty for neither."""
    text = text.strip().casefold()
    inner = re.search(r"\(([^()]+)\)\s*$", text)
    for candidate in (inner[1].strip() if inner else "", text):
        candidate = candidate.replace("_", "-")  # noqa: PLW2901 - the same tag, as other tools write it
        if is_tag(candidate) and (inner or candidate in _NAMES or len(candidate.partition("-")[0]) == 2):
            return candidate
    return next((tag for tag, known in _NAMES.items() if known.casefold() == text), "")
