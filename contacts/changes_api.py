"""Change tokens at the API: in the query, and in the header of a file."""

from drf_spectacular.utils import OpenApiParameter

from contacts.pulling import ASKED, MEANING

HEADER = "X-Next-Changes-Since"
CHANGES_SINCE = OpenApiParameter(ASKED, str, description=MEANING)
TOLD = OpenApiParameter(HEADER, str, OpenApiParameter.HEADER, response=True, description=f"For the next {ASKED}.")
