"""A token gives what was committed after it: once, whoever was writing when it was made."""

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from datetime import timedelta

import psycopg
import pytest
from django.conf import settings as project
from django.db import connection, transaction

from contacts import changes
from contacts.changes import BEGINNING, Token, TokenError, between, here, token_of
from contacts.exporting import QueryTable
from contacts.models import Era, Touchpoint
from cxsurvey.exports import TABLES
from cxsurvey.management.commands.migrate import WATCHED
from surveys.models import Response
from surveys.planning import plan
from tests.postgres import database_url
from tests.surveys.answered import make_response
from tests.surveys.makers import NOON, make_customer, make_program, make_touchpoint

ON_SQLITE = "sqlite" in project.DATABASES["default"]["ENGINE"]
commits = pytest.mark.django_db(transaction=True)


class Copy:
    """What a client has pulled of the touchpoints so far: every id that came, each time that it came."""

    def __init__(self) -> None:
        self.token: Token | None = None

    def pull(self) -> list[int]:
        until = here()
        found = between(Touchpoint.objects.order_by("pk"), self.token, until)
        self.token = until
        return list(found.values_list("pk", flat=True))


@contextmanager
def writing(write: Callable[[], object]) -> Iterator[Callable[[], None]]:
    """Let another connection write and stay in its transaction until what is given is called."""
    written, may_end = threading.Event(), threading.Event()

    def run() -> None:
        try:
            with transaction.atomic():
                write()
                written.set()
                may_end.wait(60)
        finally:
            written.set()
            connection.close()

    other = threading.Thread(target=run)
    other.start()

    def end() -> None:
        may_end.set()
        other.join()

    try:
        assert written.wait(60)
        yield end
    finally:
        end()


def in_savepoint(write: Callable[[], object]) -> Callable[[], None]:
    def nested() -> None:
        make_touchpoint()  # so that the transaction has a number, and the savepoint another one
        with transaction.atomic():
            write()

    return nested


@commits
def test_what_is_new_or_changed_comes_once() -> None:
    copy, old = Copy(), make_touchpoint()
    assert copy.pull() == [old.pk]
    assert copy.pull() == []
    new = make_touchpoint()
    Touchpoint.objects.filter(pk=old.pk).update(team="North")
    assert copy.pull() == [old.pk, new.pk]
    assert copy.pull() == []
    for team in ("South", "West"):  # over what is there already, as imports write
        old.team = team
        Touchpoint.objects.bulk_create([old], update_conflicts=True, unique_fields=["id"], update_fields=["team"])
    assert copy.pull() == [old.pk]


@commits
@pytest.mark.parametrize("around", [lambda write: write, in_savepoint], ids=["transaction", "savepoint"])
def test_what_was_in_the_making_comes_when_it_is_committed(
    around: Callable[[Callable[[], object]], Callable[[], object]],
) -> None:
    copy, customer = Copy(), make_customer()
    late = make_touchpoint(customer)
    with writing(around(lambda: Touchpoint.objects.filter(pk=late.pk).update(team="North"))) as commit:
        before = copy.pull()
        assert copy.pull() == []
        commit()
    after = copy.pull()
    assert before == [late.pk]
    assert late.pk in after
    assert copy.pull() == []


@commits
@pytest.mark.skipif(ON_SQLITE, reason="On SQLite only one transaction writes at a time")
def test_what_others_commit_meanwhile_waits_for_the_oldest_writer_and_is_not_lost() -> None:
    copy, customer = Copy(), make_customer()
    assert copy.pull() == []
    with writing(in_savepoint(lambda: make_touchpoint(customer))) as commit:
        first = make_touchpoint(customer)
        seen = copy.pull()
        commit()
    assert seen == []
    later = copy.pull()
    assert later[-1] == first.pk
    assert len(later) == 3
    assert copy.pull() == []


@commits
@pytest.mark.skipif(ON_SQLITE, reason="SQLite has no server with other databases")
def test_a_writer_in_another_database_of_the_server_is_not_waited_for() -> None:
    with psycopg.connect(database_url(os.environ["DATABASE_URL"], "postgres")) as other:
        other.execute("SELECT pg_current_xact_id()")
        copy = Copy()
        made = make_touchpoint()
        assert copy.pull() == [made.pk]


@pytest.mark.django_db
@pytest.mark.skipif(ON_SQLITE, reason="SQLite has no roles")
def test_an_ordinary_role_of_the_server_may_ask_all_this() -> None:
    with connection.cursor() as cursor:
        cursor.execute("CREATE ROLE plain")
        cursor.execute("GRANT SELECT ON contacts_era TO plain")
        cursor.execute("SET LOCAL ROLE plain")
        asked, state = here(), changes.state()
        cursor.execute("RESET ROLE")
    assert (asked.history, state) == (here().history, changes.state())


@commits
def test_a_row_that_was_rolled_back_is_in_no_answer() -> None:
    copy = Copy()
    with transaction.atomic():
        make_touchpoint()
        transaction.set_rollback(True)
    kept = make_touchpoint()
    assert copy.pull() == [kept.pk]


@commits
def test_a_row_comes_again_when_one_changes_that_it_consists_of() -> None:
    paths = ("", "touchpoint", "invitation")
    with_touchpoint, without = make_response(), make_response(invitation=None)
    Response.objects.filter(pk=without.pk).update(touchpoint=None)
    since = here()
    Touchpoint.objects.filter(responses=with_touchpoint).update(team="North")
    until = here()
    assert list(between(Response.objects.all(), since, until, paths)) == [with_touchpoint]
    assert list(between(Response.objects.all(), since, until)) == []
    Response.objects.filter(pk=without.pk).update(language="de")
    assert list(between(Response.objects.all(), until, here(), paths)) == [without]
    assert set(between(Response.objects.all(), None, here(), paths)) == {with_touchpoint, without}


@commits
def test_an_answer_ends_where_its_token_says_though_it_is_read_later() -> None:
    early, changed = make_touchpoint(), make_touchpoint()
    until = here()
    Touchpoint.objects.filter(pk=changed.pk).update(updated_at=NOON + timedelta(hours=1))
    make_touchpoint()
    assert list(between(Touchpoint.objects.all(), None, until)) == [early]


@commits
def test_a_token_is_a_short_text_and_means_the_same_when_it_comes_back() -> None:
    token = here()
    assert token_of(str(token), here()) == token
    assert len(str(token)) < 1000
    assert token_of(BEGINNING, token) is None


@pytest.mark.django_db
@pytest.mark.parametrize("text", ["", "abc", "2026-05-05T12:00:00Z", "W10", "WyJhIiwxXQ", "WyJhIixbXV0", "é", "=" * 9])
def test_what_is_no_token_is_refused(text: str) -> None:
    with pytest.raises(TokenError, match=r"no token of ours.*“beginning”"):
        token_of(text, here())


@pytest.mark.django_db
def test_a_token_of_before_a_restore_is_refused() -> None:
    before = here()
    changes.begin_anew()
    with pytest.raises(TokenError, match=r"before a backup was restored.*“beginning”"):
        token_of(str(before), here())
    assert Era.objects.count() == 1


@pytest.mark.django_db
def test_a_token_that_cannot_be_compared_is_refused() -> None:
    now = here()
    name, place = next(iter(now.places.items()))
    for places in ({**now.places, name: place + 1}, {"other": place}):  # of a time that is forgotten, of other tables
        with pytest.raises(TokenError, match="replace your copy"):
            token_of(str(Token(now.history, places)), now)


@pytest.mark.django_db
@pytest.mark.skipif(ON_SQLITE, reason="SQLite has no such numbers")
def test_a_token_is_refused_when_numbers_of_transactions_may_have_come_round() -> None:
    old = here()
    for age, refused in ((changes.CIRCLE // 2 - 1, False), (changes.CIRCLE // 2, True)):
        now = Token(old.history, {name: place + age for name, place in old.places.items()})
        with pytest.raises(TokenError, match="very old") if refused else nullcontext():
            assert token_of(str(old), now) == old


@pytest.mark.django_db
@pytest.mark.skipif(not ON_SQLITE, reason="On PostgreSQL nothing is put on")
def test_where_what_notes_changes_was_off_tokens_end() -> None:
    before = here()
    changes.install(["contacts_touchpoint"])
    assert here().history == before.history
    with connection.cursor() as cursor:
        cursor.execute("DROP TRIGGER changed_in_contacts_touchpoint")
    changes.install(["contacts_touchpoint"])
    assert here().history != before.history


def test_every_row_that_an_exported_one_consists_of_is_watched() -> None:
    tables = [table for table in TABLES.values() if isinstance(table, QueryTable)]
    needed = {changes._model_of(table.query().model, path) for table in tables for path in table.consists_of}
    assert needed == set(WATCHED)


@pytest.mark.django_db
@pytest.mark.skipif(not ON_SQLITE, reason="On PostgreSQL nothing is noted")
def test_planning_and_importing_new_rows_notes_nothing_beside() -> None:
    make_program()
    for _ in range(3):
        make_touchpoint()
    before = here()
    assert plan(NOON).programs[0].asked == 3
    moved = {name for name, place in here().places.items() if place != before.places[name]}
    assert moved == {"contacts_contact", "contacts_decision", "surveys_invitation"}
