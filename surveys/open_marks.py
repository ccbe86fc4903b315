"""Whether a browser has answered an open link today already, known for the rest of the day and by nobody else.

A mark is an HMAC over the network and the kind of browser, with a secret that is drawn anew every day and deleted the
day after: then no mark tells which browser it was, not even to us.
"""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, time
from ipaddress import ip_address, ip_network

from surveys.models import OpenLink, OpenMark, OpenSecret

PREFIXES = {4: 24, 6: 48}
"""How much of an address is looked at, by version: the network of a household or an office."""


@dataclass(frozen=True, slots=True)
class Browser:
    """What a request tells of where it comes from; never stored as it is."""

    address: str
    agent: str

    @property
    def network(self) -> str:
        """Return the network of the address; an address that cannot be read stands for itself."""
        try:
            address = ip_address(self.address)
        except ValueError:
            return self.address
        return str(ip_network((address, PREFIXES[address.version]), strict=False))


def has_answered(link: OpenLink, browser: Browser, *, at: datetime) -> bool:
    """Note that a browser answers, and return whether one like it has answered this link on the same day (UTC)."""
    day = at.astimezone(UTC).date()
    secret, _ = OpenSecret.objects.get_or_create(day=day, defaults={"secret": secrets.token_hex(32)})
    text = f"{link.pk}\0{browser.network}\0{browser.agent}"
    mark = hmac.digest(secret.secret.encode(), text.encode(errors="replace"), hashlib.sha256).hex()[:32]
    _, is_new = OpenMark.objects.get_or_create(open_link=link, mark=mark, defaults={"at": at})
    return not is_new


def forget_marks(at: datetime) -> None:
    """Forget the marks and the secrets of the days before (UTC)."""
    midnight = datetime.combine(at.astimezone(UTC).date(), time(), UTC)
    OpenMark.objects.filter(at__lt=midnight).delete()
    OpenSecret.objects.filter(day__lt=midnight.date()).delete()
