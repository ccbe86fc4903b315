"""Customers who all answer at once, and a server that is killed meanwhile: an answer is kept once, or nobody said so.

The judge is the customers' own log of what they were told. `make faults` lets 500 links be answered by 200 people at
once, and 10,000 under 20 kills (`--whole`); the suite a few.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random
from threading import Lock

import pytest
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone

from contacts.models import Contact
from surveys.links import invitation_id, token
from surveys.models import Answer, Invitation, Response
from tests.surveys.answer_crowd import STORED, TOO_LATE, Post, insist, send_at_once
from tests.surveys.answer_server import AnswerServer, answer_server
from tests.surveys.makers import make_customer, make_invitation, make_version

pytestmark = pytest.mark.django_db(transaction=True)


@dataclass(frozen=True, slots=True)
class Campaign:
    """How many links, people at once, and kills."""

    links: int
    people: int
    kills: int


@pytest.fixture
def crowded(pytestconfig: pytest.Config) -> Campaign:
    """Everybody at once, several with the same link."""
    return Campaign(500, 200, 0) if pytestconfig.getoption("whole") else Campaign(40, 40, 0)


@pytest.fixture
def deadly(pytestconfig: pytest.Config) -> Campaign:
    """Fewer at once, so that the kills fall all over it."""
    return Campaign(10_000, 24, 20) if pytestconfig.getoption("whole") else Campaign(60, 12, 2)


def make_links(count: int) -> list[str]:
    """Send invitations, each to a customer of its own; return what opens them."""
    version, sent_at = make_version(), timezone.now() - timedelta(hours=1)
    about = {"due_at": sent_at, "state": "sent", "sent_at": sent_at, "touchpoint": None}
    with transaction.atomic():
        links = [token(make_invitation(version, customer=make_customer(), **about)) for _ in range(count)]
    connection.close()
    return links


@dataclass(frozen=True, slots=True)
class Verdict:
    """Links by what is wrong with them; nothing should be."""

    lost: list[str]
    """Somebody was told that an answer is stored, and there is none."""
    not_once: list[str]
    """An answer is stored, but not exactly one, with one event in the ledger."""
    another: list[str]
    """What is stored nobody sent, or it was refused, or a later answer was acknowledged."""


RIGHT = Verdict([], [], [])


def judge(log: Sequence[Post]) -> Verdict:
    """Compare what customers were told with what the database holds."""
    posts: dict[str, list[Post]] = defaultdict(list)
    for one in log:
        posts[one.token].append(one)
    kept, verdict = read_kept(), Verdict([], [], [])
    for link, sent in posts.items():
        stored = kept[invitation_id(link)]
        if any(one.status in (STORED, TOO_LATE) for one in sent) and not stored.scores:
            verdict.lost.append(link)
        if stored != Kept() and (stored.responses, len(stored.scores), stored.events) != (1, 1, 1):
            verdict.not_once.append(link)
        if not {*stored.scores} <= {one.score for one in sent if may_be_last(one, sent)}:
            verdict.another.append(link)
    return verdict


def may_be_last(one: Post, sent: Sequence[Post]) -> bool:
    """Whether this answer may be the one that is kept: it was not refused, and none that began later was stored."""
    later = any(other.status == STORED and other.began > one.ended for other in sent)
    return one.status in (STORED, None) and not later


@dataclass(slots=True)
class Kept:
    """What the database holds of an invitation: its responses, scores, and events in its customer's ledger."""

    responses: int = 0
    scores: list[int | None] = field(default_factory=list)
    events: int = 0


def read_kept() -> dict[int | None, Kept]:
    """Return what the database holds, by invitation."""
    kept: dict[int | None, Kept] = defaultdict(Kept)
    for pk in Response.objects.values_list("invitation", flat=True):
        kept[pk].responses += 1
    for pk, number in Answer.objects.filter(question__key="score").values_list("response__invitation", "number"):
        kept[pk].scores.append(number)
    invitations = dict(Invitation.objects.values_list("customer", "pk"))
    for customer in Contact.objects.filter(purpose="response").values_list("customer", flat=True):
        kept[invitations[customer]].events += 1
    return kept


class Killer:
    """Kills now a worker and now all of them, evenly over the links that are done."""

    def __init__(self, server: AnswerServer, campaign: Campaign) -> None:
        self.server, self.random, self.lock = server, Random(5), Lock()  # noqa: S311 (chance, not secrecy)
        self.due = [campaign.links * n // (campaign.kills + 1) for n in range(1, campaign.kills + 1)]
        self.done = 0

    def __call__(self, links_done: int) -> None:
        with self.lock:
            if not self.due or links_done < self.due[0]:
                return
            self.due.pop(0)
            self.done += 1
            if self.done % 2:
                self.server.kill_worker(self.random)
            else:
                self.server.kill_all()


def test_everybody_at_once_is_answered_once(suite_env: dict[str, str], crowded: Campaign) -> None:
    links = make_links(crowded.links)
    answers = [(link, score) for link in links for score in (2, 7, 9)]
    with answer_server(suite_env) as server:
        log = send_at_once(server.port, answers, people=crowded.people)
    assert {sent.status for sent in log} <= {STORED, TOO_LATE}
    assert judge(log) == RIGHT
    assert Response.objects.count() == crowded.links


def test_killing_the_server_loses_and_doubles_no_answer(suite_env: dict[str, str], deadly: Campaign) -> None:
    links = make_links(deadly.links)
    with answer_server(suite_env) as server:
        killer = Killer(server, deadly)
        log = insist(server.port, links, people=deadly.people, watch=killer)
    assert {sent.status for sent in log} <= {STORED, TOO_LATE, None}
    assert judge(log) == RIGHT
    assert (Response.objects.count(), killer.done) == (deadly.links, deadly.kills)
    broken = sum(sent.status is None for sent in log)
    print(f"{deadly.links} answers, {killer.done} kills, {broken} connections broken: none lost, none doubled")  # noqa: T201


def test_a_server_that_acknowledges_before_it_stores_is_caught(suite_env: dict[str, str]) -> None:
    """The control: this judge sees what the order of commit and reply prevents."""
    links = make_links(12)
    with answer_server(suite_env, "tests.surveys.hasty_server") as server:
        log = send_at_once(server.port, [(link, 9) for link in links], people=4)
    assert {sent.status for sent in log} == {STORED}
    assert judge(log).lost


def test_the_judge_sees_another_answer_than_was_acknowledged_and_one_that_counts_twice(client: Client) -> None:
    [link] = make_links(1)
    log = [Post(link, 9, STORED, 0, 1), Post(link, 2, STORED, 2, 3), Post(link, 4, TOO_LATE, 4, 5)]
    assert judge(log) == Verdict([link], [], [])
    client.post(f"/s/{link}", {"score": "2"})
    assert judge(log) == RIGHT
    for score in (9, 4):
        Answer.objects.update(number=score)
        assert judge(log) == Verdict([], [], [link])
    Answer.objects.update(number=2)
    event = Contact.objects.get(purpose="response")
    event.pk, event.external_id = None, "once more"
    event.save()
    assert judge(log) == Verdict([], [link], [])
