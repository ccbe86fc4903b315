"""What we changed because customers said so, in their language."""

from recovery.models import Improvement


def said_and_done(kind: str, language: str) -> str:
    """Return the text for a touchpoint kind in `language`, else in English, else an empty text."""
    texts = dict(Improvement.objects.filter(kind=kind, language__in=[language, "en"]).values_list("language", "text"))
    return texts.get(language) or texts.get("en", "")
