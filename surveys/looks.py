"""A brand's look: its colours, and its logo, taken in, given away and found again by what it contains."""

from dataclasses import dataclass

from contacts.models import Brand
from surveys.colours import HOUSE, Shades
from surveys.logos import TYPES, read_logo
from surveys.models import Look

#: Columns of a look that pages show; the picture itself has an address of its own.
SHOWN_OF_LOOK = ("colour", "logo_hash", "logo_type", "logo_width", "logo_height")


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture as it is served."""

    content: bytes
    media_type: str


def shades_of(brand: Brand) -> Shades:
    """Return the colours of a brand's buttons and links; where it has none, ours."""
    look: Look | None = getattr(brand, "look", None)
    return (look.shades if look else None) or HOUSE


def set_logo(look: Look, content: bytes) -> None:
    """Put a picture in the look, which is not saved yet. Raises LogoError for what can be no logo."""
    logo = read_logo(content)
    look.logo, look.logo_type, look.logo_hash = content, logo.kind, logo.hash
    look.logo_width, look.logo_height = logo.width, logo.height


def remove_logo(look: Look) -> None:
    """Take the picture out of the look, which is not saved yet: pages show the brand's name again."""
    look.logo, look.logo_type, look.logo_hash = b"", "", ""
    look.logo_width, look.logo_height = 0, 0


def find_logo(name: str, kind: str) -> Picture | None:
    """Return the logo whose content has this hash, in this kind of file. One statement."""
    found = Look.objects.filter(logo_hash=name, logo_type=kind).values_list("logo", flat=True).first() if name else None
    return Picture(bytes(found), TYPES[kind]) if found else None
