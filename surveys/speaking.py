"""In which language somebody is spoken to, and how languages are called and written."""

from collections.abc import Iterable, Sequence

from django.conf.locale import LANG_INFO
from django.utils.translation.trans_real import parse_accept_lang_header

#: Languages whose usual script runs from right to left (Unicode CLDR), and those scripts (ISO 15924).
RIGHT_TO_LEFT = frozenset(
    (
        *("ar", "arc", "arz", "ckb", "dv", "fa", "he", "iw", "ks", "lrc", "mzn", "nqo", "pnb", "ps", "sd", "syr"),
        *("ug", "ur", "yi"),
    )
)
RIGHT_TO_LEFT_SCRIPTS = frozenset(("arab", "hebr", "syrc", "thaa", "nkoo", "adlm"))
SCRIPT_LENGTH = 4


def spoken(written: Sequence[str], wanted: Iterable[str], otherwise: str) -> str:
    """Return the first of the languages `wanted` in which something is written, else `otherwise`.

    `de-AT` is also served by `de`, and `pt` by `pt-br`; tags are compared in small letters.
    """
    for tag in filter(None, wanted):
        own = tag.casefold()
        for fits in (own, base_of(own)):
            if fits in written:
                return fits
        if near := next((other for other in written if base_of(other) == base_of(own)), None):
            return near
    return otherwise


def accepted(header: str) -> list[str]:
    """Return the languages of a browser, the dearest first (`Accept-Language`, RFC 9110, 12.5.4)."""
    return [tag for tag, _ in parse_accept_lang_header(header) if tag != "*"]


def own_name(language: str) -> str:
    """Return what a language calls itself, or its tag where that is not known."""
    info = LANG_INFO.get(language) or LANG_INFO.get(base_of(language)) or {}
    return str(info.get("name_local", language))


def direction(language: str) -> str:
    """Return in which direction a language is written, as HTML says it: its script decides, else its usual one."""
    base, *subtags = language.casefold().split("-")
    script = next((tag for tag in subtags if len(tag) == SCRIPT_LENGTH and tag.isalpha()), "")
    return "rtl" if (script in RIGHT_TO_LEFT_SCRIPTS if script else base in RIGHT_TO_LEFT) else "ltr"


def base_of(language: str) -> str:
    """Return the language of a tag without its script and country: `de` of `de-AT`."""
    return language.casefold().partition("-")[0]
