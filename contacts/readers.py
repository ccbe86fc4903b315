"""What somebody may read: personal data or not, and of which brands."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Reader:
    """Whoever reads: what names a person is hidden without `personal`; `brands` are ids, None for all of them."""

    personal: bool
    brands: frozenset[int] | None = None


EVERYTHING = Reader(personal=True)
"""Who reads for the house itself: jobs, commands, and whoever may see all."""
