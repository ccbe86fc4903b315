"""Pictures that a manager uploads as a logo: what they are is read from their bytes, never from their name. Pure.

PNG by its specification (W3C, third edition), with every chunk's checksum and all pixels inflated; JPEG by its markers
(ITU T.81, annex B), WebP by its chunks (RFC 9649). SVG is refused because it can hold script, and what moves because
it distracts (WCAG 2.2, 2.2.2).
"""

import hashlib
import struct
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass

MOST_BYTES = 200_000
LEAST_SIDE, MOST_SIDE = 16, 2000
WIDEST, HIGHEST = 224, 56
"""The place that the pages have for it, in CSS pixels."""
TYPES = {"png": "image/png", "jpg": "image/jpeg", "webp": "image/webp"}
"""How a logo's address ends, and its media type."""


class LogoError(ValueError):
    """A file that cannot be a logo; the text says what to upload instead."""


@dataclass(frozen=True, slots=True)
class Logo:
    """A picture that was read: `kind` is a key of `TYPES`, sides are in pixels, `hash` names its content."""

    kind: str
    width: int
    height: int
    hash: str


def read_logo(content: bytes) -> Logo:
    """Return what the picture is. Raises LogoError."""
    if len(content) > MOST_BYTES:
        raise LogoError(
            f"The file has {len(content) // 1000} kB. Save it smaller: a logo may have {MOST_BYTES // 1000}."
        )
    for magic, kind, read in _READERS:
        if content.startswith(magic):
            try:
                width, height = read(content)
            except (struct.error, zlib.error, IndexError, _BrokenError) as error:
                raise LogoError("The picture is damaged or cut off. Save it anew and upload it once more.") from error
            _check_sides(width, height)
            return Logo(kind, width, height, hashlib.sha256(content).hexdigest()[:32])
    raise LogoError("A logo must be a PNG, JPEG or WebP picture. SVG is not taken, because it can hold script.")


def shown_size(width: int, height: int) -> tuple[int, int]:
    """Return width and height in CSS pixels at which a logo is shown: never larger than it is, nor than its place."""
    scale = min(1.0, WIDEST / width, HIGHEST / height)
    return max(1, round(width * scale)), max(1, round(height * scale))


class _BrokenError(ValueError):
    """The bytes are not what their beginning says."""


def _check_sides(width: int, height: int) -> None:
    if not (LEAST_SIDE <= width <= MOST_SIDE and LEAST_SIDE <= height <= MOST_SIDE):
        raise LogoError(f"It has {width} by {height} pixels. Each side must have {LEAST_SIDE} to {MOST_SIDE}.")


def _png(content: bytes) -> tuple[int, int]:
    chunks = list(_png_chunks(content))
    if not chunks or chunks[0][0] != b"IHDR" or chunks[-1][0] != b"IEND":
        raise _BrokenError
    if any(name == b"acTL" for name, _ in chunks):
        raise LogoError("The picture moves. Upload one that stands still.")
    width, height, depth, colour, _, _, interlaced = struct.unpack(">IIBBBBB", chunks[0][1])
    _check_sides(width, height)  # before anything is inflated
    samples = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}.get(colour)
    if samples is None or depth not in (1, 2, 4, 8, 16) or interlaced > 1:
        raise _BrokenError
    most = height * (1 + (width * samples * depth + 7) // 8) * (2 if interlaced else 1) + 64
    inflate = zlib.decompressobj()
    pixels = inflate.decompress(b"".join(data for name, data in chunks if name == b"IDAT"), most)
    if not inflate.eof or not pixels or (not interlaced and len(pixels) != most - 64):
        raise _BrokenError
    return width, height


def _png_chunks(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    place = 8
    while place < len(content):
        (length,) = struct.unpack_from(">I", content, place)
        name, data = content[place + 4 : place + 8], content[place + 8 : place + 8 + length]
        (checksum,) = struct.unpack_from(">I", content, place + 8 + length)
        if zlib.crc32(name + data) != checksum:
            raise _BrokenError
        yield name, data
        place += length + 12


def _jpeg(content: bytes) -> tuple[int, int]:
    if content.rstrip(b"\0")[-2:] != b"\xff\xd9":
        raise _BrokenError
    place = 2
    while True:
        if content[place] != 0xFF:
            raise _BrokenError
        marker = content[place + 1]
        (length,) = struct.unpack_from(">H", content, place + 2)
        # Frames of every coding but the markers between them that define tables (DHT, JPG, DAC).
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack_from(">HH", content, place + 5)
            return width, height
        if marker == 0xDA or length < 2:
            raise _BrokenError
        place += 2 + length


def _webp(content: bytes) -> tuple[int, int]:
    (length,) = struct.unpack_from("<I", content, 4)
    if content[8:12] != b"WEBP" or length + 8 > len(content):
        raise _BrokenError
    name, data = content[12:16], content[20:]
    if name == b"VP8X":
        if data[0] & 0b10:
            raise LogoError("The picture moves. Upload one that stands still.")
        return 1 + int.from_bytes(data[4:7], "little"), 1 + int.from_bytes(data[7:10], "little")
    if name == b"VP8L" and data[0] == 0x2F:
        bits = int.from_bytes(data[1:5], "little")
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    if name == b"VP8 " and data[3:6] == b"\x9d\x01\x2a":
        width, height = struct.unpack_from("<HH", data, 6)
        return width & 0x3FFF, height & 0x3FFF
    raise _BrokenError


_READERS: tuple[tuple[bytes, str, Callable[[bytes], tuple[int, int]]], ...] = (
    (b"\x89PNG\r\n\x1a\n", "png", _png),
    (b"\xff\xd8\xff", "jpg", _jpeg),
    (b"RIFF", "webp", _webp),
)
