"""People of the house, as tests of pages use them: in a role, logged in or with a token."""

from copy import copy
from http.cookies import SimpleCookie

from django.contrib.auth.models import Group, User
from django.test import Client
from django.utils import timezone

from contacts.scopes import TokenScope
from cxsurvey.models import ApiToken
from cxsurvey.tokens import make_token


def member_of(role: str) -> User:
    """Return somebody in the role; the same one whenever a test asks."""
    user, _ = User.objects.get_or_create(username=role, defaults={"is_staff": True})
    user.groups.add(Group.objects.get(name=role))
    return user


def client_of(role: str) -> Client:
    """Return a browser in which a member of the role is logged in."""
    client = Client()
    client.force_login(member_of(role))
    return client


def program_of(role: str) -> Client:
    """Return a program that calls the API with the token of a member of the role."""
    return with_token(member_of(role))


def with_token(user: User, *scopes: str) -> Client:
    """Return a program that calls the API with a token of the user, for these scopes or for all."""
    return Client(headers={"Authorization": f"Token {token_of(user, *scopes)}"})


def token_of(user: User, *scopes: str) -> str:
    """Return a new token of the user, for these scopes or for all."""
    token = ApiToken(name="Test", user=user, scopes=scopes or TokenScope.values)
    return make_token(token, at=timezone.now(), lives=None).text


def as_after(login: Client) -> Client:
    """Return a browser of a test's own, as that which logged in was then."""
    browser = copy(login)
    browser.cookies = SimpleCookie()
    browser.cookies.update(login.cookies)
    return browser
