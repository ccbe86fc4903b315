"""In which time zones a customer can be, where the zone itself is not known (docs/frequency.md, section 3)."""

from functools import cache, lru_cache
from importlib.resources import files
from zoneinfo import ZoneInfo

from contacts.frequency.facts import Customer


def possible_zones(customer: Customer, organisation: tuple[str, ...] = ()) -> tuple[ZoneInfo, ...]:
    """The customer's zone, else those of the number, else the country's, else the organisation's, else UTC."""
    if customer.timezone:
        return (zone(customer.timezone),)
    return _zones(customer.phone or "", customer.country or "", organisation)


@lru_cache(maxsize=1024)
def zone(name: str) -> ZoneInfo:
    """The zone of an IANA name. Raises ValueError for a name that the time zone database does not have."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise ValueError(f'unknown time zone "{name[:40]}"; expected an IANA name like "Europe/Berlin"') from error


@cache
def is_zone(name: str) -> bool:
    """Whether the time zone database has the name."""
    try:
        return bool(zone(name))
    except ValueError:
        return False


@lru_cache(maxsize=65_536)
def zones_of_number(number: str) -> tuple[str, ...]:
    """The zones in which a number in E.164 can ring, by Google's libphonenumber; none where it knows none."""
    # Loaded here because it takes longer than most questions that need no number.
    import phonenumbers
    from phonenumbers.timezone import UNKNOWN_TIMEZONE, time_zones_for_number

    try:
        names = time_zones_for_number(phonenumbers.parse(number))
    except phonenumbers.NumberParseException:
        return ()
    return tuple(name for name in names if name != UNKNOWN_TIMEZONE)


@cache
def zones_by_country() -> dict[str, tuple[str, ...]]:
    """ISO 3166 country code -> zone names, from `zone.tab` of the IANA time zone database (package tzdata)."""
    found: dict[str, tuple[str, ...]] = {}
    for line in files("tzdata").joinpath("zoneinfo", "zone.tab").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            country, _, name = line.split("\t")[:3]
            found[country] = (*found.get(country, ()), name)
    return found


@lru_cache(maxsize=65_536)
def _zones(number: str, country: str, organisation: tuple[str, ...]) -> tuple[ZoneInfo, ...]:
    of_country = zones_by_country().get(country) if country else None
    names = (number and zones_of_number(number)) or of_country or organisation or ("UTC",)
    return tuple(zone(name) for name in names)
