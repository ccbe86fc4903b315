"""What a new password must not be besides short: easy to guess, or made of words of this house."""

import re
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError

OWN_WORDS = ("cxsurvey", "survey", "surveys", "feedback", "satisfaction", "customer", "experience", "password")
"""Beside the words of ORGANISATION_NAME and of the host (OWASP ASVS 5.0, 6.1.2)."""
_LONG = 4
_READ = 72
"""Characters that are looked at: what stands behind them makes no password easier to guess, and looking takes time."""
_HARD = 4
"""The best of zxcvbn's marks: more than 10^10 guesses."""


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


class NotEasyToGuess:
    """Refuses what is found in fewer than 10^10 guesses by who tries common passwords, words, names, dates and keys.

    Wheeler, "zxcvbn: Low-Budget Password Strength Estimation", USENIX Security 2016. A list alone would know
    Summer2025!! and not Summer2026!!.
    """

    def validate(self, password: str, user: User | None = None) -> None:
        """Raise ValidationError with what makes it easy, where that is known, and what would be better."""
        from zxcvbn import zxcvbn  # 15 MB of words, which few processes ever need

        told = [user.get_username(), user.email, user.first_name, user.last_name] if user else []
        found = zxcvbn(password[:_READ], user_inputs=[*words_of_this_house(), *filter(None, told)])
        if found["score"] < _HARD:
            why = found["feedback"]["warning"] or "This is easy to guess."
            raise ValidationError(
                f"{why} Take four words that have nothing to do with each other.", code="easy_to_guess"
            )

    def get_help_text(self) -> str:
        """Return what the form says beforehand."""
        return (
            "It cannot be easy to guess, such as a word with a year. Four words that do not belong together are good."
        )


def words_of_this_house() -> list[str]:
    """Return in small letters what stands for this house, the longest first."""
    host = (urlsplit(settings.SITE_URL).hostname or "").split(".")
    said = [*re.split(r"\W+", settings.ORGANISATION_NAME.casefold()), *host, *OWN_WORDS]
    return sorted({word for word in said if len(word) >= _LONG}, key=len, reverse=True)
