"""What somebody is given who asks for the changes since a token: an export, or one page after the other."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from django.core.exceptions import ValidationError
from django.db.models import QuerySet

from contacts.changes import BEGINNING, OWN, Token, TokenError, between, here, token_of

ASKED = "changes_since"
"""By what name a token is given back."""
MEANING = (
    "What was committed since an earlier answer: its X-Next-Changes-Since or next_changes_since; "
    f"“{BEGINNING}” for everything. Follow the tokens, and nothing is missing and nothing comes twice."
)
AS_OF = "as_of"
"""In the address of a further page: the token of the first one."""


class Pull(NamedTuple):
    """The rows of an answer, and the token for the next one."""

    rows: QuerySet[Any]
    next_changes_since: str


def pull(rows: QuerySet[Any], asked: Mapping[str, str], consists_of: Sequence[str] = OWN) -> Pull:
    """Return the rows that were committed since what is asked for, or all of them where nothing is.

    Read them afterwards, not in a snapshot of the database from before: it may lack what lies before the next token.
    `consists_of`: as in `changes.between`. A further page ends where the first one did. Raises ValidationError.
    """
    now = here()
    since, until = _token(asked, ASKED, now), _token(asked, AS_OF, now) or now
    return Pull(between(rows, since, until, consists_of) if ASKED in asked else rows, str(until))


def _token(asked: Mapping[str, str], name: str, now: Token) -> Token | None:
    try:
        return token_of(asked[name], now) if name in asked else None
    except TokenError as error:
        raise ValidationError({name: [str(error)]}) from error
