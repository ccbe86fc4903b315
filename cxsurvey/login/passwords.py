"""What a new password must not be besides short or common: words of this house, which a stranger tries first."""

import re
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError

OWN_WORDS = ("cxsurvey", "survey", "surveys", "feedback", "satisfaction", "customer", "experience", "password")
"""Beside the words of ORGANISATION_NAME and of the host (OWASP ASVS 5.0, 6.1.2)."""
_LONG = 4


class NotOfThisHouse:
    """Refuses a password of which little is left without the words of this house."""

    def validate(self, password: str, user: object = None) -> None:
        """Raise ValidationError where fewer than half of the shortest password's characters are left."""
        left = password.casefold()
        for word in words_of_this_house():
            left = left.replace(word, "")
        if len(re.sub(r"[\W\d_]", "", left)) < settings.SHORTEST_PASSWORD // 2 and len(left) < len(password):
            raise ValidationError("It is made of words that anybody would try here. Add others.", code="of_this_house")

    def get_help_text(self) -> str:
        """Return what the form says beforehand."""
        return "It cannot be made of the name of this organisation and of words like “survey”."


def words_of_this_house() -> list[str]:
    """Return in small letters what stands for this house, the longest first."""
    host = (urlsplit(settings.SITE_URL).hostname or "").split(".")
    said = [*re.split(r"\W+", settings.ORGANISATION_NAME.casefold()), *host, *OWN_WORDS]
    return sorted({word for word in said if len(word) >= _LONG}, key=len, reverse=True)
