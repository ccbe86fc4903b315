"""On what kind of device somebody answers, as far as its browser says. Pure."""

import re
from collections.abc import Mapping

from surveys.models import Response

Device = Response.Device
#: Android without "Mobile" is a tablet (developer.chrome.com, "User-Agent Strings"); iPads say so or call themselves a
#: Macintosh, which cannot be told from a computer.
TABLET = re.compile(r"ipad|tablet|kindle|silk/|playbook|android(?!.*mobi)", re.IGNORECASE)
PHONE = re.compile(r"mobi|iphone|ipod|phone|opera mini|blackberry", re.IGNORECASE)
COMPUTER = re.compile(r"windows nt|macintosh|cros |x11|linux", re.IGNORECASE)


def device(headers: Mapping[str, str]) -> str:
    """Return the kind of device that a request comes from (`Response.Device`), or nothing where it does not say.

    By the client hint `Sec-CH-UA-Mobile` (W3C, User-Agent Client Hints), which says nothing of tablets, and the
    `User-Agent`.
    """
    agent = headers.get("User-Agent", "")
    if TABLET.search(agent):
        return Device.TABLET
    if headers.get("Sec-CH-UA-Mobile") == "?1" or PHONE.search(agent):
        return Device.PHONE
    return Device.COMPUTER if COMPUTER.search(agent) else ""
