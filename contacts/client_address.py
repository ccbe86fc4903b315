"""The address of a client, as our own proxies tell it."""

from ipaddress import ip_address

from django.conf import settings
from django.http import HttpRequest


def client_address(request: HttpRequest) -> str:
    """Return the client's address; empty where none can be told.

    Every proxy adds to X-Forwarded-For the address that called it. Only the entries that ours have added are believed:
    what stands further left was sent by the client.
    """
    told = request.META.get("REMOTE_ADDR", "")
    if settings.PROXIES_IN_FRONT:
        entries = request.headers.get("X-Forwarded-For", "").split(",")
        told = entries[-settings.PROXIES_IN_FRONT] if len(entries) >= settings.PROXIES_IN_FRONT else told
    try:
        return str(ip_address(told.strip()))
    except ValueError:
        return ""
