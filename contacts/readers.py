"""What somebody may read: personal data or not, and of which brands."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, TypeVar

from django.core.exceptions import PermissionDenied
from django.db.models import Model, OuterRef, QuerySet, Subquery

from contacts.models import BrandLimit
from contacts.scopes import TokenScope
from contacts.sharing import ListOf

Row = TypeVar("Row", bound=Model)
SEES_PERSONAL = "contacts.see_personal"
LIMITS = "limited_to"
"""What a user that was read by `with_limits` has: ids of brands, None where there is no limit."""


@dataclass(frozen=True, slots=True)
class Reader:
    """Whoever reads: what names a person is hidden without `personal`; `brands` are ids, None for all of them.

    `user_id` is whose own things they are that only their maker reads; None for the house itself.
    """

    personal: bool
    brands: frozenset[int] | None = None
    user_id: int | None = None

    def reads(self, brands: Collection[int] | None) -> bool:
        """Whether all of these brands are read; None are all that there are."""
        return self.brands is None or (brands is not None and self.brands.issuperset(brands))


EVERYTHING = Reader(personal=True)
"""Who reads for the house itself: jobs, commands, and whoever may see all."""


class HiddenError(PermissionDenied):
    """Somebody asked for personal data without the right to see them; it says what is hidden and who can help."""

    def __init__(self, *names: str) -> None:
        named = f"{', '.join(names)} {'is' if len(names) == 1 else 'are'} hidden from you"
        super().__init__(
            f"{named}. It takes the right “Can see names, addresses and comments”, which an administrator gives, and "
            f"for a token its scope “{TokenScope.PERSONAL}” as well."
        )


def reader_of(user: Any, scopes: Collection[str] | None = None) -> Reader:
    """Return what a user may read; with a token, of which `scopes` are given, only as far as it was made for it.

    The brands cost no statement for a user that was read by `with_limits`, else one, once.
    """
    of_token = scopes is None or TokenScope.PERSONAL in scopes
    return Reader(personal=of_token and user.has_perm(SEES_PERSONAL), brands=brands_of(user), user_id=user.pk)


def limits_of(user: Any) -> Reader:
    """Return whose rows a user reads, without asking for the right to see what is personal in them."""
    return Reader(personal=False, brands=brands_of(user), user_id=user.pk)


def reader_of_request(request: Any) -> Reader:
    """Return what whoever makes a request may read, logged in or with a token."""
    token = getattr(request, "auth", None)
    return reader_of(request.user, token.scopes if token else None)


def brands_of(user: Any) -> frozenset[int] | None:
    """Return the ids of the brands that a user reads; None for all: nobody limits a superuser, nor who has no limit."""
    if user.is_superuser or user.pk is None:
        return None
    if not hasattr(user, LIMITS):
        setattr(user, LIMITS, list(BrandLimit.objects.filter(user=user.pk).values_list("brand", flat=True)) or None)
    limits = getattr(user, LIMITS)
    return frozenset(limits) if limits else None


def with_limits(rows: QuerySet[Row], user: str = "pk") -> QuerySet[Row]:
    """Return rows with the brands that a user is limited to, as `limited_to`; `user` is the path to that user's id."""
    limits = BrandLimit.objects.filter(user=OuterRef(user)).order_by()
    found: QuerySet[Row] = rows.annotate(**{LIMITS: Subquery(limits.annotate(all=ListOf("brand")).values("all"))})
    return found
