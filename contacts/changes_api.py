"""Change tokens at the API: in the query as `changes_since`, in the answer as the header X-Next-Changes-Since."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from django.db.models import QuerySet
from django.http import HttpResponseBase
from drf_spectacular.utils import OpenApiParameter
from rest_framework.exceptions import ValidationError

from contacts.changes import BEGINNING, OWN, Token, TokenError, between, here, token_of

ASKED, HEADER = "changes_since", "X-Next-Changes-Since"
AS_OF = "as_of"
"""In the address of a further page: the token of the first one."""
CHANGES_SINCE = OpenApiParameter(
    ASKED,
    str,
    description=(
        f"What was committed since an earlier answer: its {HEADER}; “{BEGINNING}” for everything. Follow the tokens, "
        "and nothing is missing and nothing comes twice, however busy the writers are."
    ),
)
TOLD = OpenApiParameter(HEADER, str, OpenApiParameter.HEADER, response=True, description=f"For the next {ASKED}.")


class Pull(NamedTuple):
    """The rows of an answer, and the token for the next one."""

    rows: QuerySet[Any]
    next_changes_since: str

    def tell(self, response: HttpResponseBase) -> None:
        """Put the token into the answer's headers."""
        response[HEADER] = self.next_changes_since


def pull(rows: QuerySet[Any], asked: Mapping[str, str], consists_of: Sequence[str] = OWN) -> Pull:
    """Return the rows that were committed since what is asked for, or all of them where nothing is.

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
