"""The icon: where browsers look for it by themselves, and where pages of ours name it."""

import re

import pytest
from django.contrib.auth.models import User
from django.contrib.staticfiles import finders
from django.test import Client


def test_what_browsers_look_for_by_themselves_is_there_and_kept(client: Client) -> None:
    response = client.get("/favicon.ico")
    assert response.status_code == 200
    assert response["Content-Type"] in ("image/x-icon", "image/vnd.microsoft.icon")
    assert "max-age=" in response["Cache-Control"]
    content = response.getvalue()
    assert content[:6] == b"\0\0\1\0\1\0", "an icon with one picture"
    assert content[22:30] == b"\x89PNG\r\n\x1a\n"
    assert len(content) < 2000
    assert not response.cookies


@pytest.mark.parametrize("page", ["/admin/login/", "/admin/", "/calls/", "/outbox/"])
def test_pages_for_colleagues_name_a_picture_that_is_there(client: Client, db: None, page: str) -> None:
    if page != "/admin/login/":
        client.force_login(User.objects.create(username="ada", is_staff=True, is_superuser=True))
    [icon] = re.findall(r'<link[^>]* href="/static/([^"]*icon[^"]*)"', client.get(page).content.decode())
    assert icon == "cxsurvey/icon.svg"
    assert finders.find(icon)
