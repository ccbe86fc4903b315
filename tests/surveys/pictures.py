"""Pictures made byte by byte, right ones and broken ones."""

import struct
import zlib


def png(width: int = 120, height: int = 40, *, moves: bool = False, pixels: bytes | None = None) -> bytes:
    """Return a grey PNG; `pixels`: what is deflated in place of them."""
    rows = b"".join(b"\0" + b"\x40" * width for _ in range(height)) if pixels is None else pixels
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    parts = [
        (b"IHDR", head),
        *([(b"acTL", b"\0" * 8)] if moves else []),
        (b"IDAT", zlib.compress(rows)),
        (b"IEND", b""),
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(name, data) for name, data in parts)


def jpeg(width: int = 120, height: int = 40) -> bytes:
    """Return the frame of a JPEG, behind a segment that is jumped over."""
    comment = b"\xff\xfe" + struct.pack(">H", 6) + b"\xff\xc0ab"
    frame = b"\xff\xc0" + struct.pack(">HBHHB", 11, 8, height, width, 1) + b"\1\x11\0"
    return b"\xff\xd8" + comment + frame + b"\xff\xda\0\2pixels\xff\xd9"


def webp(width: int = 120, height: int = 40, *, kind: str = "VP8X", moves: bool = False) -> bytes:
    """Return the head of a WebP of one of its three kinds."""
    sides = {
        "VP8X": bytes([2 if moves else 0, 0, 0, 0])
        + (width - 1).to_bytes(3, "little")
        + (height - 1).to_bytes(3, "little"),
        "VP8L": b"\x2f" + ((width - 1) | (height - 1) << 14).to_bytes(4, "little"),
        "VP8 ": b"\0\0\0\x9d\x01\x2a" + struct.pack("<HH", width, height),
    }[kind]
    chunk = kind.encode() + struct.pack("<I", len(sides)) + sides
    return b"RIFF" + struct.pack("<I", len(chunk) + 4) + b"WEBP" + chunk


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
