"""What somebody may read: personal data or not, and of which brands."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, TypeVar

from django.db.models import Model, OuterRef, QuerySet, Subquery

from contacts.models import BrandLimit
from contacts.sharing import ListOf

Row = TypeVar("Row", bound=Model)
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


def reader_of(user: Any) -> Reader:
    """Return what a user may read. No statement for one that was read by `with_limits`, else one, once."""
    return Reader(personal=True, brands=brands_of(user), user_id=user.pk)


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
