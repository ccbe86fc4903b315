"""Lots that are always the same: drawn by a hash, so that nothing has to be stored and nobody can choose. Pure."""

import hashlib


def lot(*names: str) -> float:
    """Return a number from 0 to below 1 that is always the same for these names."""
    digest = hashlib.sha256("\n".join(names).encode()).digest()
    return int.from_bytes(digest[:6]) / 2**48  # 48 bits: exact in a float, and never rounded up to 1
