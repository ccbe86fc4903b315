"""The codes that lead to open links, read by a reader that is not ours: as files and as printed."""

import base64
import struct
import zlib
from typing import TypeAlias
from xml.etree import ElementTree as ET

import numpy as np
import pytest
import segno
import zxingcpp
from numpy.typing import NDArray
from playwright.sync_api import Browser, Page
from pytest_django.live_server_helper import LiveServer

from surveys.open_cards import qr_png, qr_svg
from surveys.open_tokens import open_url
from tests.browsing import log_in
from tests.surveys.makers import make_open_link, make_touchpoint

Greys: TypeAlias = NDArray[np.uint8]
"""A picture: 0 for black to 255 for white, row by row."""
SMALLEST_MODULE = 0.4
"""Millimetres of a module that cameras of phones still tell apart at arm's length."""
UNPACK = """async png => {
  const image = new Image();
  image.src = "data:image/png;base64," + png;
  await image.decode();
  const canvas = new OffscreenCanvas(image.width, image.height).getContext("2d");
  canvas.drawImage(image, 0, 0);
  const pixels = canvas.getImageData(0, 0, image.width, image.height).data;
  let greys = "";
  for (let at = 0; at < pixels.length; at += 4) greys += String.fromCharCode(pixels[at + 1]);
  return [image.width, image.height, btoa(greys)];
}"""
ADDRESS = "https://ask.example.com/s/o/1-7abcdefghijklmnopqrstuv"
pytestmark = pytest.mark.django_db


def modules(png: bytes) -> list[list[bool]]:
    """Return which pixels of a PNG of one bit a pixel are dark, row by row."""
    width, height, depth, colour = struct.unpack(">IIBB", png[16:26])
    assert (depth, colour) == (1, 0)
    start = png.index(b"IDAT")
    (length,) = struct.unpack(">I", png[start - 4 : start])
    rows, wide = zlib.decompress(png[start + 4 : start + 4 + length]), (width + 7) // 8
    lines, before = [], bytes(wide)
    for y in range(height):
        way, *line = rows[y * (wide + 1) : (y + 1) * (wide + 1)]
        assert way in (0, 2), "as it is, or what is added to the row above"
        before = bytes((new + old) % 256 for new, old in zip(line, before, strict=True)) if way else bytes(line)
        lines.append(before)
    return [[not line[x // 8] >> (7 - x % 8) & 1 for x in range(width)] for line in lines]


def test_the_png_is_the_code_of_the_address_with_its_quiet_zone() -> None:
    pixels = modules(qr_png(ADDRESS))
    small = [row[6::12] for row in pixels[6::12]]
    inner = [row[4:-4] for row in small[4:-4]]
    assert not any(any(row[:4]) or any(row[-4:]) for row in small)
    assert not any(any(row) for row in [*small[:4], *small[-4:]])
    assert inner == [[bool(module) for module in row] for row in segno.make_qr(ADDRESS, error="m").matrix]


def read_code(pixels: Greys) -> list[str]:
    """Return what a reader that is not ours finds in a picture of greys, dark on light only."""
    found = zxingcpp.read_barcodes(
        pixels, formats=zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode), try_invert=False, try_downscale=False
    )
    return [code.text for code in found if code.valid]


def greys(png: bytes) -> Greys:
    return np.where(np.array(modules(png)), 0, 255).astype(np.uint8)


def test_a_reader_of_codes_reads_the_address_also_small_smeared_and_torn() -> None:
    link = make_open_link()
    for address in (open_url(link), open_url(link, make_touchpoint().pk)):
        sharp = greys(qr_png(address))
        assert read_code(sharp) == [address]
        assert read_code(np.ascontiguousarray(sharp[1::4, 1::4])) == [address], "3 pixels a module"
        assert read_code(np.ascontiguousarray(np.rot90(sharp))) == [address]
        smeared = np.clip(sharp.astype(int) * 0.6 + 60, 0, 255).astype(np.uint8)
        assert read_code(smeared) == [address], "grey on grey, as on a receipt"
        torn = sharp.copy()
        middle, tenth = len(sharp) // 2, len(sharp) // 10
        torn[middle : middle + 2 * tenth, middle : middle + 2 * tenth] = 255
        assert read_code(torn) == [address], "a hole of 4 % of the code"
        assert read_code(255 - sharp) == [], "so this reader would notice light on dark"


@pytest.mark.django_db(transaction=True)
def test_a_reader_of_codes_reads_the_printed_card_in_every_size_by_day_and_by_night(
    browser: Browser, live_server: LiveServer
) -> None:
    link = make_open_link()
    context = browser.new_context(viewport={"width": 800, "height": 900}, color_scheme="dark")
    log_in(context, live_server)
    page = context.new_page()
    for size, millimetres in (("a5", 78.0), ("a6", 54.6)):
        page.goto(f"{live_server.url}/admin/open-links/{link.pk}/card/?size={size}")
        page.emulate_media(media="print")
        code = page.locator("svg.qr")
        box, drawn = code.bounding_box(), (code.get_attribute("viewBox") or "").split()
        assert box
        assert box["width"] / 96 * 25.4 == pytest.approx(millimetres, abs=1)
        assert millimetres / float(drawn[2]) > SMALLEST_MODULE
        assert read_code(as_greys(page, code.screenshot())) == [open_url(link)]
        assert read_code(as_greys(page, page.screenshot())) == [open_url(link)], "from further away, with all around it"
    context.close()


def as_greys(page: Page, png: bytes) -> Greys:
    """Return a screenshot as greys; the browser unpacks it."""
    canvas = page.context.new_page()
    width, height, shades = canvas.evaluate(UNPACK, base64.b64encode(png).decode())
    canvas.close()
    return np.frombuffer(base64.b64decode(shades), np.uint8).reshape(height, width)


def test_the_svg_is_one_drawing_that_names_itself() -> None:
    root = ET.fromstring(qr_svg(ADDRESS))  # noqa: S314  # our own drawing
    assert root.tag.endswith("svg")
    assert root.attrib["viewBox"].startswith("0 0 ")
    assert [child.text for child in root if child.tag.endswith("title")] == ["Link to the survey"]
    assert "script" not in qr_svg(ADDRESS)
