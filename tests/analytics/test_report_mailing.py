"""Scheduled reports against a real SMTP server: each due one once, to who may see it, and what fails is said."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from email.message import EmailMessage
from threading import Thread
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from pytest_django import Settings

from analytics.models import ReportMail
from analytics.report_mailing import CLAIM_LASTS, TRIES, TRY_AGAIN_AFTER, ask_for_one, make_due, send_waiting, set_due
from surveys.channels.gateways import GATEWAYS
from surveys.pausing import pause
from tests.analytics.reported import make_reader, make_scheduled
from tests.analytics.world import make_responses
from tests.surveys.mail_server import Postbox, mail_server
from tests.surveys.makers import NOON, make_touchpoint

pytestmark = pytest.mark.django_db
MONDAY = datetime.fromisoformat("2026-05-11T07:00:00+00:00")
WEEK = timedelta(days=7)


@pytest.fixture
def postbox(settings: Settings) -> Iterator[Postbox]:
    postbox = Postbox()
    with mail_server(postbox) as port:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
        settings.CHANNEL_GATEWAYS = {"email": "email"}
        yield postbox
        GATEWAYS["email"].connections.close()  # type: ignore[attr-defined]


@pytest.fixture
def ann() -> User:
    return make_reader()


def work(at: datetime = MONDAY) -> None:
    """Do what the job does, at a moment that does not move."""
    make_due(at)
    send_waiting(lambda: at)


def states() -> list[tuple[str, int, str]]:
    return list(ReportMail.objects.order_by("pk").values_list("state", "tries", "detail"))


def content(mail: EmailMessage, kind: str) -> str:
    return next(str(part.get_content()) for part in mail.walk() if part.get_content_type() == kind)


def attached(mail: EmailMessage) -> tuple[str, str]:
    [file] = mail.iter_attachments()
    return str(file.get_filename()), str(file.get_content())


def test_the_mail_has_the_figures_and_the_whole_report_as_a_file(postbox: Postbox, ann: User) -> None:
    make_responses(20, 10, 15, touchpoint=make_touchpoint(kind="service_call"), answered_at=NOON - timedelta(days=10))
    make_responses(20, 0, 0, touchpoint=make_touchpoint(kind="visit"))
    make_scheduled(ann, report="touchpoints", filters={"kind": "service_call"})
    work()
    [mail] = postbox.taken
    assert mail["To"] == "ann@cx.example"
    assert mail["Subject"] == "Monday figures: 1 Apr 2026 to 30 Apr 2026"
    for words in (content(mail, "text/plain"), content(mail, "text/html")):
        assert "NPS 11.1" in words
        assert "45 answers" in words
        assert "/admin/report/touchpoints/?since=2026-04-01" in words
        assert "every week on Monday at 7:00" in words
    name, page = attached(mail)
    assert name == "monday-figures_2026-04-01_2026-04-30.html"
    assert "NPS 11.1" in page
    assert "Content-Security-Policy" in page
    assert ReportMail.objects.get().sent_at == MONDAY


def test_all_reports_come_in_one_file(postbox: Postbox, ann: User) -> None:
    make_scheduled(ann, report="")
    work()
    _, page = attached(postbox.taken[0])
    for title in ("Touchpoints", "Fatigue", "Delivery", "Data quality"):
        assert f">{title}</h2>" in page


def test_it_is_sent_once_however_often_the_job_runs(postbox: Postbox, ann: User) -> None:
    scheduled = make_scheduled(ann, make_reader("ben"))
    work(MONDAY - timedelta(seconds=1))
    assert postbox.taken == []
    for minutes in (0, 0, 1, 60):
        work(MONDAY + timedelta(minutes=minutes))
    assert sorted(postbox.recipients) == ["ann@cx.example", "ben@cx.example"]
    scheduled.refresh_from_db()
    assert scheduled.due_at == MONDAY + WEEK


def test_after_a_long_silence_it_is_sent_once(postbox: Postbox, ann: User) -> None:
    make_scheduled(ann)
    work(MONDAY + 5 * WEEK)
    work(MONDAY + 5 * WEEK + timedelta(minutes=1))
    assert len(postbox.taken) == 1


def test_what_is_switched_off_is_not_sent(postbox: Postbox, ann: User) -> None:
    scheduled = make_scheduled(ann, on=False)
    work()
    assert postbox.taken == []
    scheduled.on = True
    scheduled.save()
    set_due(scheduled, MONDAY)
    work()
    assert postbox.taken == [], "it is on from the next Monday"
    work(MONDAY + WEEK)
    assert len(postbox.taken) == 1


@pytest.mark.parametrize("lost", [{"is_active": False}, {"is_staff": False}, {"email": ""}])
def test_who_may_not_see_it_any_more_gets_nothing(postbox: Postbox, ann: User, lost: dict[str, Any]) -> None:
    make_scheduled(ann)
    User.objects.filter(pk=ann.pk).update(**lost)
    work()
    assert postbox.taken == []
    assert states()[0][0] == "failed"
    assert ("address" if "email" in lost else "May not see reports") in states()[0][2]


def test_who_lost_the_right_gets_nothing_and_the_others_do(postbox: Postbox, ann: User) -> None:
    make_scheduled(ann, make_reader("ben"))
    ann.groups.clear()
    work()
    assert postbox.recipients == ["ben@cx.example"]


def test_what_fails_for_now_is_tried_again_twice_and_then_said(postbox: Postbox, ann: User) -> None:
    make_scheduled(ann)
    postbox.on_recipient = "451 4.3.0 Try later"
    at = MONDAY
    for tried in range(1, TRIES + 1):
        work(at)
        work(at + timedelta(minutes=1))
        assert len(postbox.recipients) == tried
        at += TRY_AGAIN_AFTER
    work(at + WEEK / 2)
    assert len(postbox.recipients) == TRIES
    [(state, tries, told)] = states()
    assert (state, tries) == ("failed", TRIES)
    assert told.startswith("Tried 3 times. 451")


def test_the_second_try_arrives(postbox: Postbox, ann: User) -> None:
    make_scheduled(ann)
    postbox.on_sender = "451 4.3.0 Try later"
    work()
    postbox.on_sender = "250 OK"
    work(MONDAY + TRY_AGAIN_AFTER)
    assert [state for state, _, _ in states()] == ["sent"]
    assert len(postbox.taken) == 1


def test_what_is_refused_for_good_is_not_tried_again(postbox: Postbox, ann: User) -> None:
    make_scheduled(ann)
    postbox.on_recipient = "550 5.1.1 No such user"
    work()
    work(MONDAY + TRY_AGAIN_AFTER)
    assert len(postbox.recipients) == 1
    assert states()[0][0] == "failed"


def test_a_lost_answer_leaves_the_fate_unknown_and_nothing_is_sent_twice(postbox: Postbox, ann: User) -> None:
    make_scheduled(ann)
    postbox.hang_up_at = "DATA"
    work()
    postbox.hang_up_at = ""
    work(MONDAY + timedelta(days=1))
    [(state, _, told)] = states()
    assert state == "unknown"
    assert "not sent again by itself" in told
    assert len(postbox.taken) == 1, "this server had taken it"


@pytest.mark.parametrize(("handed", "state", "mails"), [(True, "unknown", 0), (False, "sent", 1)])
def test_what_a_dead_worker_left(postbox: Postbox, ann: User, handed: bool, state: str, mails: int) -> None:
    make_scheduled(ann)
    make_due(MONDAY)
    claimed = {"state": "claimed", "claimed_at": MONDAY, "tries": 1, "handed_at": MONDAY if handed else None}
    ReportMail.objects.update(**claimed)
    work(MONDAY + CLAIM_LASTS)
    assert states()[0][0] == "claimed", "it may still be at it"
    work(MONDAY + CLAIM_LASTS + timedelta(seconds=1))
    assert states()[0][0] == state
    assert len(postbox.taken) == mails


def test_a_worker_that_dies_each_time_is_given_up(postbox: Postbox, ann: User) -> None:
    make_scheduled(ann)
    make_due(MONDAY)
    ReportMail.objects.update(state="claimed", claimed_at=MONDAY, tries=TRIES)
    work(MONDAY + 2 * CLAIM_LASTS)
    assert states()[0][0] == "failed"


def test_a_report_that_cannot_be_made_does_not_stop_the_others(postbox: Postbox, ann: User) -> None:
    make_scheduled(ann, name="Gone", report="gone")
    make_scheduled(ann, name="There")
    work()
    assert [mail["Subject"].split(":")[0] for mail in postbox.taken] == ["There"]
    told = ReportMail.objects.get(scheduled__name="Gone")
    assert (told.state, told.tries) == ("waiting", 1)
    assert "could not be made" in told.detail


def test_the_kill_switch_holds_reports_too(postbox: Postbox, ann: User) -> None:
    make_scheduled(ann)
    held = pause("A restore.", at=NOON, by_id=ann.pk)
    work()
    assert postbox.taken == []
    held.ended_at = MONDAY
    held.save()
    work()
    assert len(postbox.taken) == 1


def test_send_me_one_goes_to_me_alone_and_moves_nothing(postbox: Postbox, ann: User) -> None:
    scheduled = make_scheduled(ann, make_reader("ben"))
    ask_for_one(scheduled, ann.pk, NOON)
    work(NOON)
    assert postbox.recipients == ["ann@cx.example"]
    scheduled.refresh_from_db()
    assert scheduled.due_at == MONDAY


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_send_it_once(postbox: Postbox) -> None:
    readers = [make_reader(f"reader{n}") for n in range(3)]
    make_scheduled(*readers)

    def worker() -> None:
        try:
            work()
        finally:
            connection.close()

    workers = [Thread(target=worker) for _ in range(2)]
    for one in workers:
        one.start()
    for one in workers:
        one.join()
    assert sorted(postbox.recipients) == sorted(reader.email for reader in readers)
    assert {state for state, _, _ in states()} == {"sent"}


@pytest.mark.django_db(transaction=True)
def test_no_transaction_is_open_while_a_mail_is_handed_over(postbox: Postbox, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[bool] = []
    send = GATEWAYS["email"].send

    def watched(message: Any) -> Any:
        seen.append(connection.in_atomic_block)
        return send(message)

    monkeypatch.setattr(GATEWAYS["email"], "send", watched)
    make_scheduled(make_reader())
    work()
    assert seen == [False]
    assert states()[0][0] == "sent"
