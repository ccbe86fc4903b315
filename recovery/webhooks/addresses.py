"""Where a webhook may lead: what somebody typed is read here, and every address that its name has is judged. Pure.

Nothing inside the operator's network may be reached by it (OWASP, "Server Side Request Forgery Prevention"), but for
the hosts that the operator names.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import SplitResult, urlsplit

DEFAULT_PORTS = {"https": 443, "http": 80}
LONGEST_NAME = 253
_LABEL = r"(?!-)[a-z0-9_-]{1,63}(?<!-)"
_NAME = re.compile(rf"{_LABEL}(\.{_LABEL})*")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
_TEXT = re.compile(r"[!-\[\]-~]+")
"""What an address is written in: ASCII without spaces and backslashes."""
_NOT_PUBLIC_4 = [
    ip_network(block)
    for block in (
        *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12"),
        *("192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15"),
        *("198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4"),
    )
]
"""IANA IPv4 Special-Purpose Address Registry (RFC 6890), multicast, and what is reserved."""
_PUBLIC_6 = ip_network("2000::/3")
_NOT_PUBLIC_6 = [ip_network(block) for block in ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")]
"""IANA IPv6 Special-Purpose Address Registry, within what is given out at all; 2002::/16 (6to4) embeds any IPv4."""
_NAT64 = ip_network("64:ff9b::/96")
"""An IPv4 address behind a translator (RFC 6052): it is what counts."""


class AddressError(ValueError):
    """An address that no webhook may have; the text says what to write instead."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where calls go. `inside`: the operator allows this host to be private, and to be called without TLS."""

    scheme: str
    host: str
    port: int
    path: str
    inside: bool

    @property
    def authority(self) -> str:
        """What the Host header says (RFC 9110, 7.2)."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == DEFAULT_PORTS[self.scheme] else f"{host}:{self.port}"


def read_place(url: str, inside: Collection[str], ports: Collection[int]) -> Place:
    """Read what somebody typed. Raises AddressError for what leads nowhere, or where no webhook may lead.

    `inside` holds what the operator allows beyond public addresses, as `host` (its usual ports) or `host:port`.
    """
    parts = _split(url)
    host = (parts.hostname or "").removesuffix(".")
    port = _port(parts)
    name = f"[{host}]" if ":" in host else host
    usual = port == DEFAULT_PORTS[parts.scheme]
    is_inside = f"{name}:{port}" in inside or (usual and name in inside)
    if not is_inside:
        _refuse_outside(parts, host, port, ports)
    path = parts.path or "/"
    return Place(parts.scheme, host, port, f"{path}?{parts.query}" if parts.query else path, is_inside)


def is_public(address: str) -> bool:
    """Whether an IP address belongs to the public internet. Raises ValueError for anything else."""
    found = ip_address(address)
    if isinstance(found, IPv4Address):
        return not any(found in block for block in _NOT_PUBLIC_4)
    embedded = _embedded(found)
    if embedded is not None:
        return is_public(str(embedded))
    return found in _PUBLIC_6 and not any(found in block for block in _NOT_PUBLIC_6)


def _embedded(address: IPv6Address) -> IPv4Address | None:
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped


def _split(url: str) -> SplitResult:
    if not _TEXT.fullmatch(url):
        raise AddressError(
            "Write the address in plain letters without spaces or backslashes: international names as xn--..."
        )
    try:
        parts = urlsplit(url)
    except ValueError:
        raise AddressError("Write an address such as https://crm.example.com/hooks/cx.") from None
    if parts.scheme not in DEFAULT_PORTS or not parts.hostname:
        raise AddressError("Write an address that begins with https:// and names a host.")
    if "@" in parts.netloc:
        raise AddressError("Leave out user and password: the signature says who calls.")
    if parts.fragment:
        raise AddressError("Leave out what follows #: it is never sent.")
    return parts


def _port(parts: SplitResult) -> int:
    try:
        return parts.port or DEFAULT_PORTS[parts.scheme]
    except ValueError:
        raise AddressError("Write a port from 1 to 65535, or none.") from None


def _refuse_outside(parts: SplitResult, host: str, port: int, ports: Collection[int]) -> None:
    if parts.scheme != "https":
        raise AddressError("Write an address that begins with https://: without it anybody on the way could read.")
    if port not in ports:
        raise AddressError(f"Leave out the port, or use one of {', '.join(map(str, sorted(ports)))}.")
    try:
        public = is_public(host)
    except ValueError:
        public = _is_name(host)
    if not public:
        raise AddressError(f"{host} is no host on the public internet. Write the name of one.")


def _is_name(host: str) -> bool:
    """Whether it may be a name: one that ends in a number is another way to write an address (WHATWG, "URL")."""
    last = host.rpartition(".")[2]
    return bool(len(host) <= LONGEST_NAME and _NAME.fullmatch(host) and not _NUMBER.fullmatch(last))
