"""Logins that the tests of a module share."""

from copy import copy
from http.cookies import SimpleCookie

from django.test import Client


def as_after(login: Client) -> Client:
    """Return a browser of a test's own, as that which logged in was then."""
    browser = copy(login)
    browser.cookies = SimpleCookie()
    browser.cookies.update(login.cookies)
    return browser
