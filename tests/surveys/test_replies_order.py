"""However messages arrive, in whatever order and however often, the end is that of their own times."""

import random
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import permutations
from threading import Barrier

import pytest
from django.db import OperationalError, connection, transaction

from contacts.models import Contact, OptOut
from surveys.answering import AlreadyAnsweredError, submit
from surveys.channels.events import IncomingMessage
from surveys.models import Answer, IncomingSms, Invitation, Response
from surveys.replying import apply_waiting, take_in
from tests.surveys.texting import PHONE, ask_by_sms, message, minutes, text_us

LATE = minutes(60)
STORY = ["Nobody called back.", "3", "It was cold.", "no, 2", "11", "thanks"]


def ends(story: Sequence[IncomingMessage]) -> tuple[object, ...]:
    """Return what the messages came to, taken in in this order, and begin anew."""
    with transaction.atomic():
        ask_by_sms()
        for one in story:
            take_in("test", [one], LATE)
        found = what_is_there()
        transaction.set_rollback(True)
    return found


def what_is_there() -> tuple[object, ...]:
    return (
        sorted(Answer.objects.values_list("question__kind", "number", "text")),
        list(Response.objects.values_list("answered_at", "channel")),
        list(IncomingSms.objects.order_by("at", "key").values_list("key", "meaning", "number", "for_person")),
        list(OptOut.objects.filter(reopened_at=None).values_list("channel", flat=True)),
    )


@pytest.mark.django_db
def test_scores_and_comments_come_to_the_same_in_any_order() -> None:
    story = [message(text, minutes(n), key=str(n)) for n, text in enumerate(STORY)]
    expected = ends(story)
    assert expected[0] == [("nps", 2, ""), ("text", None, "Nobody called back.")]
    shuffled = random.Random(4)  # noqa: S311
    for _ in range(12):
        copies = story * shuffled.randint(1, 3)
        shuffled.shuffle(copies)
        assert ends(copies) == expected


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("texts", "channels"),
    [(["STOP", "START"], []), (["START", "STOP"], ["sms"]), (["STOP", "START", "STOP"], ["sms"])],
)
def test_stops_and_starts_come_to_the_same_in_any_order(texts: list[str], channels: list[str]) -> None:
    story = [message(text, minutes(n), key=str(n)) for n, text in enumerate(texts)]
    for order in permutations(story):
        assert ends(order)[3] == channels, [one.text for one in order]


@pytest.mark.django_db
def test_two_scores_of_the_same_second_come_to_the_same_in_any_order() -> None:
    story = [message("9", minutes(1), key="a"), message("4", minutes(1), key="b")]
    assert ends(story)[0] == ends(story[::-1])[0] == [("nps", 4, "")]


@pytest.mark.django_db
def test_a_clock_that_runs_ahead_outdoes_nothing_that_is_said_later() -> None:
    ask_by_sms()
    text_us("START", minutes(60 * 24), arrives=minutes(5))
    text_us("STOP", minutes(6))
    assert OptOut.objects.filter(reopened_at=None).exists()


def at_once(*steps: object) -> None:
    """Run the steps at the same time, each on a connection of its own."""
    start = Barrier(len(steps))

    def run(step: object) -> None:
        start.wait()
        try:
            step()  # type: ignore[operator]
        except (AlreadyAnsweredError, OperationalError):
            pass  # the other was first; what a database could not wait for is applied later
        finally:
            connection.close()

    with ThreadPoolExecutor(len(steps)) as threads:
        list(threads.map(run, steps))


@pytest.mark.django_db(transaction=True)
def test_sms_and_web_at_the_same_time_are_one_response() -> None:
    for n in range(6):
        invitation = ask_by_sms(phone=f"+44770090020{n}")
        opened = Invitation.objects.get(pk=invitation.pk)
        sms = [message(text, minutes(m), sender=f"+44770090020{n}") for m, text in enumerate(["7", "Slow."], start=1)]
        at_once(
            lambda told=sms[0]: take_in("test", [told], minutes(5)),
            lambda told=sms[1]: take_in("test", [told], minutes(5)),
            lambda asked=opened: submit(asked, {"score": "9"}, at=minutes(3)),
        )
        apply_waiting(minutes(6))
        answers = sorted(Answer.objects.filter(response__invitation=invitation).values_list("question__kind", "number"))
        assert answers in ([("nps", 9), ("text", None)], [("nps", 7), ("text", None)])
        assert Contact.objects.filter(customer=invitation.customer, purpose="response").count() == 1
    assert not IncomingSms.objects.filter(applied_at=None).exists()


@pytest.mark.django_db(transaction=True)
def test_copies_at_the_same_time_are_one_message() -> None:
    ask_by_sms()
    told = message("STOP", minutes(1), key="same")
    at_once(*[lambda: take_in("test", [told], minutes(2)) for _ in range(4)])
    apply_waiting(minutes(3))
    assert IncomingSms.objects.get().applied_at
    assert OptOut.objects.get().channel == "sms"
    assert IncomingSms.objects.filter(sender=PHONE, reply_due=True).count() == 1
