"""In which language somebody is spoken to, and how languages are called and written."""

from collections.abc import Iterable, Sequence

from django.conf.locale import LANG_INFO
from django.utils.translation.trans_real import parse_accept_lang_header


def spoken(written: Sequence[str], wanted: Iterable[str], otherwise: str) -> str:
    """Return the first of the languages `wanted` in which something is written, else `otherwise`.

    `de-AT` is also served by `de`, and `pt` by `pt-br`; tags are compared in small letters.
    """
    for tag in filter(None, wanted):
        own = tag.casefold()
        for fits in (own, _base(own)):
            if fits in written:
                return fits
        if near := next((other for other in written if _base(other) == _base(own)), None):
            return near
    return otherwise


def accepted(header: str) -> list[str]:
    """Return the languages of a browser, the dearest first (`Accept-Language`, RFC 9110, 12.5.4)."""
    return [tag for tag, _ in parse_accept_lang_header(header) if tag != "*"]


def own_name(language: str) -> str:
    """Return what a language calls itself, or its tag where that is not known."""
    info = LANG_INFO.get(language) or LANG_INFO.get(_base(language)) or {}
    return str(info.get("name_local", language))


def direction(language: str) -> str:
    """Return in which direction a language is written, as HTML says it."""
    info = LANG_INFO.get(language) or LANG_INFO.get(_base(language)) or {}
    return "rtl" if info.get("bidi") else "ltr"


def _base(language: str) -> str:
    return language.casefold().partition("-")[0]
