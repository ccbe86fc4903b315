"""A brand's look: colours that everybody can read, and pictures that are pictures."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries

from contacts.models import Brand
from surveys.colours import (
    DARK_GROUNDS,
    HOUSE,
    LIGHT_GROUNDS,
    can_be_read,
    contrast,
    nearest_readable,
    read_colour,
    shades,
    write_colour,
)
from surveys.costs import limit
from surveys.links import token
from surveys.logos import LogoError, read_logo, shown_size
from surveys.looks import set_logo
from surveys.models import Look
from tests.surveys.makers import make_brand, make_invitation, make_version
from tests.surveys.pictures import jpeg, png, webp

COLOURS = st.tuples(*[st.integers(0, 255)] * 3)


def test_contrast_is_that_of_wcag() -> None:
    assert contrast((0, 0, 0), (255, 255, 255)) == pytest.approx(21)
    assert contrast((119, 119, 119), (255, 255, 255)) == pytest.approx(4.48, abs=0.01), "#777 is the usual example"
    assert contrast((118, 118, 118), (255, 255, 255)) == pytest.approx(4.54, abs=0.01)


@given(COLOURS)
def test_every_colour_has_a_nearest_one_that_can_be_read(colour: tuple[int, int, int]) -> None:
    near = nearest_readable(colour)
    assert can_be_read(near)
    assert near == colour or not can_be_read(colour)
    assert all(part <= before for part, before in zip(near, colour, strict=True)), "it only gets darker"


@given(COLOURS)
def test_links_and_buttons_can_be_read_by_day_and_by_night(colour: tuple[int, int, int]) -> None:
    both = shades(write_colour(nearest_readable(colour)))
    for pair, grounds in ((both.day, LIGHT_GROUNDS), (both.night, DARK_GROUNDS)):
        lead, on_lead = read_colour(pair.lead), read_colour(pair.on_lead)
        assert min(contrast(lead, ground) for ground in grounds) >= 4.5
        assert contrast(lead, on_lead) >= 4.5


@pytest.mark.parametrize("text", ["", "red", "#12345", "#12345g", "#1234567", "1f4e79", "#1f4e79;}"])
def test_what_is_no_colour_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="six digits"):
        read_colour(text)


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (png(), "png"),
        (jpeg(), "jpg"),
        (webp(), "webp"),
        (webp(kind="VP8L"), "webp"),
        (webp(kind="VP8 "), "webp"),
    ],
)
def test_pictures_are_read_from_their_bytes(content: bytes, kind: str) -> None:
    logo = read_logo(content)
    assert (logo.kind, logo.width, logo.height) == (kind, 120, 40)
    assert len(logo.hash) == 32


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", "SVG is not taken"),
        (b"GIF89a" + b"\0" * 40, "PNG, JPEG or WebP"),
        (b"", "PNG, JPEG or WebP"),
        (png()[:-20], "damaged"),
        (png().replace(b"IDAT", b"IDAU"), "damaged"),
        (png(pixels=b"\0" * 10), "damaged"),
        (png(pixels=b"\0" * 10_000_000), "damaged"),
        (jpeg()[:-4], "damaged"),
        (b"\xff\xd8\xff", "damaged"),
        (b"\xff\xd8\xff\xc0\0\x02\xff\xd9", "damaged"),
        (webp()[:24], "damaged"),
        (webp(kind="VP8L").replace(b"\x2f", b"\x30"), "damaged"),
        (png(moves=True), "moves"),
        (webp(moves=True), "moves"),
        (png(4000, 20), "4000 by 20"),
        (webp(8, 8), "8 by 8"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 200_000, "200 kB"),
    ],
)
def test_what_is_no_logo_is_refused_with_a_way_out(content: bytes, told: str) -> None:
    with pytest.raises(LogoError, match=told):
        read_logo(content)


def test_a_logo_is_shown_no_larger_than_its_place_and_never_stretched() -> None:
    assert shown_size(120, 40) == (120, 40)
    assert shown_size(1000, 500) == (112, 56)
    assert shown_size(2000, 16) == (224, 2)


@pytest.fixture
def manager(db: None) -> Client:
    user = User.objects.create(username="cx", is_staff=True)
    user.groups.add(Group.objects.get(name="CX manager"))
    client = Client()
    client.force_login(user)
    return client


def save(client: Client, brand: Brand, **look: Any) -> Any:
    """Send the brand's form as the admin's page does."""
    own = Look.objects.filter(brand=brand).first()
    values: dict[str, Any] = {"name": brand.name, "slug": brand.slug, "default_language": "en"}
    values |= {"look-TOTAL_FORMS": "1", "look-INITIAL_FORMS": "1" if own else "0", "look-0-brand": brand.pk}
    values |= {"look-0-id": own.pk} if own else {}
    fields = {"colour": "", "transactional_seconds": "60", "relationship_seconds": "180"} | look
    return client.post(
        f"/admin/contacts/brand/{brand.pk}/change/",
        values | {f"look-0-{name}": value for name, value in fields.items()},
    )


def test_a_manager_gives_a_brand_its_colour_logo_and_limits(manager: Client) -> None:
    brand = make_brand()
    upload = SimpleUploadedFile("logo.png", png())
    assert save(manager, brand, colour="#1F4E79", upload=upload, transactional_seconds="45").status_code == 302
    look = Look.objects.get(brand=brand)
    assert (look.colour, look.logo_type, look.logo_width, look.transactional_seconds) == ("#1f4e79", "png", 120, 45)
    assert bytes(look.logo) == png()
    assert limit(make_version_of(brand)) == 45
    page = manager.get(f"/admin/contacts/brand/{brand.pk}/change/").content.decode()
    assert f"/s/look/{look.logo_hash}.png" in page
    assert save(manager, brand, without_logo="on").status_code == 302
    look.refresh_from_db()
    assert (look.logo_hash, bytes(look.logo)) == ("", b"")


def make_version_of(brand: Brand) -> Any:
    invitation = make_invitation(make_version())
    survey = invitation.version.survey
    survey.brand = brand
    return survey


def test_a_colour_that_cannot_be_read_is_refused_with_the_nearest_that_can(manager: Client) -> None:
    response = save(manager, make_brand(), colour="#ffcc00")
    told = response.content.decode()
    assert response.status_code == 200
    assert "hard to read: the contrast is 1.3 to 1, and must be 4.5" in told
    suggested = told.split("can be read is ")[1][:7]
    assert can_be_read(read_colour(suggested))
    assert save(manager, make_brand(), colour=suggested).status_code == 302


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        (lambda: {"colour": "red"}, "six digits"),
        (lambda: {"upload": SimpleUploadedFile("logo.png", b"<svg/>")}, "SVG is not taken"),
    ],
)
def test_what_cannot_be_a_look_is_told_beside_its_field(
    manager: Client, fields: Callable[[], dict[str, Any]], told: str
) -> None:
    response = save(manager, make_brand(), **fields())
    assert told in response.content.decode()
    assert not Look.objects.exists()


def branded(colour: str = "#8a1538", logo: bytes = b"") -> Any:
    version = make_version()
    look = Look(brand=version.survey.brand, colour=colour)
    if logo:
        set_logo(look, logo)
    look.save()
    return make_invitation(version, due_at=timezone.now(), state="sent", sent_at=timezone.now())


@pytest.mark.django_db
def test_pages_wear_the_colour_and_the_logo(client: Client, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    invitation = branded(logo=png(1000, 500))
    client.get(f"/s/{token(invitation)}")
    with django_assert_num_queries(1):
        page = client.get(f"/s/{token(invitation)}").content.decode()
    assert "--lead:#8a1538;--on-lead:#ffffff" in page
    look = Look.objects.get()
    assert f'<img src="/s/look/{look.logo_hash}.png" alt="Northwind Outfitters" width="112" height="56">' in page
    assert len(page) < 15_000


def test_a_brand_without_a_look_has_its_name_and_the_default_colour(client: Client, db: None) -> None:
    invitation = make_invitation(due_at=timezone.now())
    page = client.get(f"/s/{token(invitation)}").content.decode()
    assert '<p class="brand">Northwind Outfitters</p>' in page
    assert page.count(":root{--lead") == 0
    for pair in (HOUSE.day, HOUSE.night):
        assert f"--lead:{pair.lead};--on-lead:{pair.on_lead.replace('#ffffff', '#fff')};" in page


def test_a_logo_is_served_for_good_and_only_as_what_it_is(client: Client, db: None) -> None:
    branded(logo=webp())
    look = Look.objects.get()
    response = client.get(f"/s/look/{look.logo_hash}.webp")
    assert (response.content, response["Content-Type"]) == (webp(), "image/webp")
    assert response["Cache-Control"] == "public, max-age=31536000, immutable"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert not response.cookies
    for wrong in (f"{look.logo_hash}.png", "0" * 32 + ".webp", f"{look.logo_hash}.exe"):
        assert client.get(f"/s/look/{wrong}").status_code == 404
