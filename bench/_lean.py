"""The leanest views that could stand in for the customer's page: through the same server and middleware.

GET: one statement and a page that was rendered before, with what no two responses may share put in: the nonce without
which the browser refuses its style, the link that its forms lead to, the signed time at which it was loaded; and the
headers that keep the link from caches and other sites. A page without them would be faster and could not be used.
POST: one transaction that writes, in bare SQL, the rows that the product writes for an answer to the default survey,
and nothing else; no rule is asked.
"""

import re
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any

from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

if TYPE_CHECKING:
    from django.core.handlers.wsgi import WSGIHandler

ONE = """
SELECT invitation.customer_id, invitation.touchpoint_id, invitation.version_id, invitation.channel, language,
    closes_at FROM surveys_invitation invitation WHERE invitation.id = %s
"""
RESPONSE = """
INSERT INTO surveys_response (invitation_id, customer_id, touchpoint_id, version_id, channel, language, answered_at,
    finished_at, updated_at, source, external_id, page, device, test, simulated, attributes)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, 'cxsurvey', '', 0, '', false, false, '{}') RETURNING id
"""
ANSWERS = """
INSERT INTO surveys_answer (response_id, question_id, part, number, text, known)
VALUES (%s, %s, '', %s, '', false), (%s, %s, '', NULL, %s, false)
"""
CONTACT = """
INSERT INTO contacts_contact (customer_id, at, channel, purpose, outcome, survey, program, source, external_id, tags,
    seconds, priority, simulated, recorded_at, updated_at)
VALUES (%s, %s, '', 'response', 'completed', 'nps', '', 'cxsurvey', %s, '[]', 0, 0, false, %s, %s)
"""
MOVED = ", ".join(f"{name}_{n} = {name}_{n - 1}" for name in ("at", "kind") for n in range(2, 9))
NEWEST = f"UPDATE contacts_newestcontacts SET at_1 = %s, kind_1 = 1, {MOVED} WHERE customer_id = %s"  # noqa: S608


@csrf_exempt
def nothing(_: HttpRequest) -> HttpResponse:
    """Answer nothing."""
    return HttpResponse()


@csrf_exempt
def lean(request: HttpRequest, token: str) -> HttpResponse:
    """Show or take an answer with the least that could do it."""
    invitation_id, write_time, keep_private = _steps()
    pk = invitation_id(token)
    with connection.cursor() as cursor:
        cursor.execute(ONE, [pk])
        [*about, _] = cursor.fetchone()
    if request.method == "POST":
        _store(pk, about, request.POST["score"], request.POST["reason"])
        return keep_private(HttpResponse(status=303, headers={"Location": f"/s/{token}/thanks"}))
    loaded = write_time(timezone.now(), f"/s/{token}")
    return keep_private(HttpResponse(PAGE[0] % {"nonce": str(request.csp_nonce), "link": token, "loaded": loaded}))


@cache
def _steps() -> tuple[Any, ...]:
    """What the project is asked for; its models can be imported only after django.setup()."""
    names = (("links", "invitation_id"), ("page_times", "write_time"), ("visits", "keep_private"))
    return tuple(getattr(import_module(f"surveys.{module}"), name) for module, name in names)


@transaction.atomic
def _store(pk: int, about: list[object], score: str, reason: str) -> None:
    at = timezone.now()
    with connection.cursor() as cursor:
        cursor.execute(RESPONSE, [pk, *about, at, at, at])
        [response] = cursor.fetchone()
        cursor.execute(ANSWERS, [response, 1, int(score), response, 2, reason])
        cursor.execute(CONTACT, [about[0], at, f"response:{response}", at, at])
        cursor.execute(NEWEST, [int(at.timestamp() * 1_000_000), about[0]])


PAGE: list[str] = []
"""The page of the default survey, as a format."""


def server() -> "WSGIHandler":
    """Return the project with these views beside its own; gunicorn calls this."""
    application: WSGIHandler = import_module("cxsurvey.wsgi").application
    patterns = import_module("cxsurvey.urls").urlpatterns
    patterns[:0] = [path("s/nothing/", nothing), path("s/lean/<str:token>", lean)]
    address = import_module("bench.answers").first_page()
    shown = import_module("django.test").Client().get(address, headers={"host": "127.0.0.1"})
    page = shown.content.decode().replace("%", "%%").replace(shown.wsgi_request._csp_nonce, "%(nonce)s")  # noqa: SLF001
    page = page.replace(address.removeprefix("/s/"), "%(link)s")
    PAGE.append(re.sub(r'(?<=name="home.at" value=")[^"]+', "%(loaded)s", page))
    return application
