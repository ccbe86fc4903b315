"""What a token of the API may do, beside the rights of its user: it needs both."""

from collections.abc import Collection, Mapping
from typing import Any

from django.db.models import TextChoices
from rest_framework.permissions import SAFE_METHODS, AllowAny


class TokenScope(TextChoices):
    """One thing that a token can be made for."""

    SCORES = "scores", "Read scores, reports and the policy"
    EXPORT = "export", "Download tables of rows"
    PERSONAL = "personal", "Read names, addresses, comments"
    WRITE = "write", "Bring in events and files"
    RECEIPTS = "receipts", "Print receipts of open links"
    POLICY = "policy", "Publish the policy"


def scope_needed(view: Any, method: str) -> TokenScope | None:
    """Return the scope that a token needs for a method of an API view; None where anybody may call it.

    A view names its scopes by method (`token_scopes`, GET for all that read). One that names none reads personal data
    or writes, as far as a token is concerned: so a new view is closed to most of them.
    """
    if AllowAny in getattr(view, "permission_classes", ()):
        return None
    reads = method in SAFE_METHODS
    named: Mapping[str, TokenScope] = getattr(view, "token_scopes", {})
    return named.get("GET" if reads else method, TokenScope.PERSONAL if reads else TokenScope.WRITE)


def in_order(scopes: Collection[str]) -> list[str]:
    """Return the scopes in the order in which they are always shown. Raises ValueError for one that is none."""
    if unknown := sorted(set(scopes) - set(TokenScope.values)):
        raise ValueError(f"there is no scope {unknown[0]}; there are: {', '.join(TokenScope.values)}")
    return [scope for scope in TokenScope.values if scope in scopes]
