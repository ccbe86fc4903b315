"""Nothing that reaches a person is in what the process writes about itself, whichever door it came through."""

import io
import json
import logging
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NoReturn

import pytest
from django.contrib.auth.models import Permission, User
from django.core import mail
from django.http import HttpRequest
from django.test import Client, RequestFactory
from django.urls import include, path
from django.views.debug import ExceptionReporter, get_exception_reporter_class
from gunicorn.config import Config  # type: ignore[import-untyped]
from gunicorn.glogging import Logger  # type: ignore[import-untyped]
from pytest_django import Settings

from cxsurvey import import_work, uploads
from cxsurvey.masked_logs import mask
from surveys.channels.base import ChannelError
from surveys.channels.gateways import GATEWAYS
from surveys.delivery import deliver
from surveys.models import Invitation
from tests.contacts.events.senders import make_source
from tests.contacts.events.test_door import post
from tests.surveys.gateways import ToldGateway
from tests.surveys.makers import NOON, make_invitation

EMAILS = [f"kanari{n}@example.org" for n in range(100)]
PHONES = [f"+1212555{1000 + n}" for n in range(100)]
NATIONAL = [f"(212) 555-{1000 + n}" for n in range(100)]
LINK = "/s/1-Ab3dEfGhIjKlMnOpQrStUvWxYz"


def breaks(request: HttpRequest) -> NoReturn:
    """Fail as a view can: with what was sent in the error."""
    raise ValueError(f"No channel reaches {request.GET['q']} or {request.POST['phone']}.")


urlpatterns = [path("", include("cxsurvey.urls")), path("breaks/", breaks)]


def fails(email: str, phone: str) -> NoReturn:
    """Fail as a job can."""
    raise ValueError(f"Nobody has {email} and {phone}.")


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    """What handlers write that know nothing of masks, one at the root and one at gunicorn's log of requests."""
    handler = logging.StreamHandler(io.StringIO())
    loggers = [logging.getLogger(name) for name in ("", "gunicorn.access", "django-q")]
    for logger in loggers:
        logger.addHandler(handler)
    yield handler.stream
    for logger in loggers:
        logger.removeHandler(handler)


def hits(text: str) -> list[str]:
    return [canary for canary in (*EMAILS, *PHONES, *NATIONAL, LINK.removeprefix("/s/")) if canary in text]


@pytest.mark.django_db
def test_no_door_writes_an_address_or_a_number(written: io.StringIO, settings: Settings) -> None:
    settings.ROOT_URLCONF, settings.ADMINS = __name__, [("Admin", "admin@house.example")]
    _, key = make_source()
    client = Client(raise_request_exception=False)
    config = Config()
    config.set("accesslog", "-")
    access = Logger(config)
    for email, phone, national in zip(EMAILS, PHONES, NATIONAL, strict=True):
        post(key, {"batch": [{"type": "track", "messageId": email, "timestamp": phone}]})
        client.get("/hooks/kannel/", {"from": phone, "text": email})
        assert client.post(f"/breaks/?q={email}", {"phone": national}).status_code == 500
        _fail_as_a_job(email, phone)
        logging.getLogger("anything").warning("%s wrote to %s", email, {"phone": phone}, stack_info=True)
        _note_access(access, f"{LINK}?to={email.replace('@', '%40')}&phone=%2B{phone[1:]}")
    text = written.getvalue()
    assert hits(text) == []
    for sign in ("Traceback", "No channel reaches [email] or [phone].", "/s/[token]", "cannot be used", "Nobody has"):
        assert sign in text
    assert len(mail.outbox) == len(EMAILS)
    assert hits("".join(f"{message.subject}{message.body}" for message in mail.outbox)) == []


@pytest.mark.django_db(transaction=True)
def test_a_bad_row_and_a_failed_send_are_told_without_who_it_was(
    written: io.StringIO, settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    settings.UPLOADS_FOLDER, settings.ADMINS = str(tmp_path), [("Admin", "admin@house.example")]
    rows = (f"c{n},{email}@,{phone}0000000\n" for n, (email, phone) in enumerate(zip(EMAILS, PHONES, strict=True)))
    run = uploads.preview(
        [f"external_id,email,phone\n{''.join(rows)}".encode()], uploads.Asked("customers", "crm", "a.csv"), at=NOON
    )
    uploads.ask(run, at=NOON)
    import_work.work(lambda: NOON, lambda: False)
    everybody = " ".join((*EMAILS, *PHONES, *NATIONAL))
    for fate in (ValueError(everybody), ChannelError(f"550 {everybody}", permanent=True)):
        make_invitation()
        monkeypatch.setitem(GATEWAYS, "outbox", ToldGateway(fate))
        deliver(NOON)
    assert "Could not deliver invitation" in written.getvalue()
    assert hits(written.getvalue() + "".join(f"{sent.subject}{sent.body}" for sent in mail.outbox)) == []
    pages = [f"/admin/imports/{run.pk}/", f"/admin/imports/{run.pk}/rejects.csv", "/admin/contacts/importrun/"]
    pages += ["/admin/surveys/invitation/", "/admin/sending/"]
    pages += [f"/admin/surveys/invitation/{pk}/change/" for pk in Invitation.objects.values_list("pk", flat=True)]
    careful = User.objects.create(username="careful", is_staff=True)
    careful.user_permissions.set(Permission.objects.exclude(codename="see_personal"))
    root = User.objects.create(username="root", is_staff=True, is_superuser=True)
    shown = {user: "".join(seen_by(user, page) for page in pages) for user in (careful, root)}
    assert hits(shown[careful]) == []
    assert set(EMAILS) - set(hits(shown[root])) == set()


def seen_by(user: User, page: str) -> str:
    client = Client()
    client.force_login(user)
    answer: Any = client.get(page)
    return str((answer.getvalue() if answer.streaming else answer.content).decode())


def _fail_as_a_job(email: str, phone: str) -> None:
    try:
        fails(email, phone)
    except ValueError:
        logging.getLogger("django-q").exception("Failed job for %s", email)


def _note_access(log: Logger, target: str) -> None:
    environ = {"REQUEST_METHOD": "GET", "RAW_URI": target, "SERVER_PROTOCOL": "HTTP/1.1", "REMOTE_ADDR": "127.0.0.1"}
    response = SimpleNamespace(status="200 OK", sent=1, headers=[])
    log.access(response, SimpleNamespace(headers=[("REFERER", target)]), environ, timedelta(seconds=1))


def test_reports_of_errors_hold_nothing_that_was_sent_or_worked_with() -> None:
    request = RequestFactory().post(f"/breaks/?q={EMAILS[0]}", {"phone": PHONES[0], "comment": COMMENT})
    try:
        breaks(request)
    except ValueError:
        raised = sys.exc_info()
    ours: Any = get_exception_reporter_class(request)
    told = _told(ours(request, *raised))
    assert hits(told) == []
    assert COMMENT not in told
    assert "breaks" in told
    assert {EMAILS[0], PHONES[0]} <= set(hits(_told(ExceptionReporter(request, *raised))))


COMMENT = "A kanari sang."  # far from the lines of code that a report shows


def _told(reporter: Any) -> str:
    return str(reporter.get_traceback_html()) + str(reporter.get_traceback_text())


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("to ada.l+x@mail.example.org.", "to [email]."),
        ("q=ada%40example.org&n=1", "q=[email]&n=1"),
        ("call +49 171 1234567 or 0171/1234567", "call [phone] or [phone]"),
        ("202%20555%200123", "[phone]"),
        ("(212) 555-1001 (212) 555-1006 (212) 555-1011", "[phone]"),
        ("2026-11-27 (212) 555-1001", "2026-11-27 [phone]"),
        (f'"GET {LINK}/you?x=1 HTTP/1.1" 200', '"GET /s/[token] HTTP/1.1" 200'),
        ("Authorization: Token 0123456789abcdef0123", "Authorization: Token [token]"),
    ],
)
def test_what_reaches_a_person_is_masked(text: str, masked: str) -> None:
    assert mask(text) == masked == mask(masked)


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-27 12:00:00,123 INFO cxsurvey: started",
        "2026-11-27T12:00:00.123456+00:00",
        "at 127.0.0.1:8000, from 192.168.100.200",
        "webhook 550e8400-e29b-41d4-a716-446655440000",
        "2026-11-27 1234567890123456 rows",
        "Export 12345678 took 0.123456789 s, 1,234,567,890 bytes",
        'File "/srv/app/surveys/delivery.py", line 223, in deliver',
    ],
)
def test_what_is_no_address_stays_readable(text: str) -> None:
    assert mask(text) == text


def test_arguments_that_do_not_fit_are_masked_too(written: io.StringIO) -> None:
    logging.getLogger("anything").warning("%d of %s", EMAILS[0], json.dumps({"phone": PHONES[0]}))
    assert hits(written.getvalue()) == []
    assert "[email]" in written.getvalue()
