"""What a limit to some brands means beyond pages: figures, files, feeds, mails, imports, refusals, and the audit."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import IntegrityError, connection
from django.db.models import ProtectedError
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from analytics import counted_months
from analytics.feeds import begin, ended
from analytics.metrics import definitions
from analytics.models import CountedMonth, Feed
from analytics.month_cells import month_cells
from analytics.nps import nps_rows
from analytics.period import Period
from analytics.report_mail import make
from analytics.scope import narrowed
from contacts import gate
from contacts.intake import CUSTOMERS, TOUCHPOINTS, Unreadable
from contacts.models import Brand, BrandLimit, Contact, Customer, ImportRun, Override, Touchpoint
from contacts.readers import EVERYTHING, Reader, reader_of
from cxsurvey import exports, import_work, uploads
from cxsurvey.models import AuditEntry
from cxsurvey.uploads import Asked
from surveys.candidates import undecided
from tests.analytics.reported import make_reader, make_scheduled
from tests.branded import World, limit, make_world
from tests.staff import client_of, member_of
from tests.surveys.answered import make_response
from tests.surveys.makers import NOON, make_customer, make_touchpoint

pytestmark = pytest.mark.django_db
LATER = NOON + timedelta(days=200)


@pytest.fixture
def worlds() -> tuple[World, World]:
    stranger = User.objects.create(username="stranger")
    first = make_world("qalpha", "+447700900101", stranger, answers=3)
    return first, make_world("qbeta", "+447700900102", stranger, answers=4)


@pytest.fixture
def manager(worlds: tuple[World, World]) -> User:
    return limit(member_of("CX manager"), worlds[0].brand)


def fresh(user: User) -> User:
    return User.objects.get(pk=user.pk)


def of_alpha(world: World) -> Reader:
    return Reader(personal=True, brands=frozenset([world.brand.pk]))


def n_of(reader: Reader) -> int:
    scope = narrowed(Period(None, None, timezone.now()), {}, reader)
    return nps_rows("overall", scope)[0]["n"]


def test_nobody_limits_an_administrator_and_no_limit_means_all(worlds: tuple[World, World]) -> None:
    root = limit(User.objects.create(username="root", is_superuser=True), worlds[0].brand)
    assert reader_of(root).brands is None
    assert reader_of(User.objects.create(username="free")).brands is None


def test_a_brand_that_somebody_is_limited_to_stays(worlds: tuple[World, World], manager: User) -> None:
    brand = Brand.objects.create(slug="empty", name="Empty")
    limit(manager, brand)
    with pytest.raises(ProtectedError):  # without its row the manager would read all brands
        brand.delete()
    with pytest.raises(IntegrityError):
        BrandLimit.objects.create(user=manager, brand=brand)


def test_figures_are_of_the_readers_brands_and_say_so(worlds: tuple[World, World]) -> None:
    alpha = of_alpha(worlds[0])
    assert (n_of(EVERYTHING), n_of(alpha)) == (7, 3)
    scope = narrowed(Period(None, None, timezone.now()), {}, alpha)
    assert "brand qalpha stores only" in str(scope)
    assert "brand" not in str(narrowed(scope.period, {}))


def test_counted_months_tell_nothing_of_other_brands(worlds: tuple[World, World]) -> None:
    for world, answers in zip(worlds, (2, 5), strict=True):
        version = world.rows["surveys.surveyversion"]
        for _ in range(answers):
            make_response(9, version=version, touchpoint=make_touchpoint(world.customer, kind="visit"))  # type: ignore[arg-type]
    counted_months.count_months(LATER)
    assert CountedMonth.objects.exclude(scores=None).exists()
    metrics, period = definitions().values(), Period(None, NOON + timedelta(days=60), LATER)
    found = [
        month_cells(narrowed(period, {}, reader), metrics)["nps"].values()
        for reader in (EVERYTHING, of_alpha(worlds[0]))
    ]
    assert [sum(sum(cell.counts) for cell in cells) for cells in found] == [7, 2]


def test_a_refusal_by_another_brands_contact_says_no_more_than_that(worlds: tuple[World, World], manager: User) -> None:
    own, other = worlds
    now = timezone.now()
    Contact.objects.update(outcome="cancelled")
    Override.objects.all().delete()
    Customer.objects.filter(pk=other.customer.pk).update(merged_into=own.customer)
    for days in range(1, 29):  # every cap is full, by the other brand alone
        Contact.objects.create(
            customer=other.customer, at=now - timedelta(days=days), channel="email", purpose="invitation",
            outcome="delivered", survey="qbeta-nps", program="qbeta-program", source="cxsurvey", recorded_at=now,
            updated_at=now,
        )  # fmt: skip
    [verdict] = gate.eligibilities(own.customer.pk, {"email": "invitation"}, at=now).values()
    assert verdict.decision != "send", "All brands count together."
    client = Client()
    client.force_login(fresh(manager))
    page = client.get(f"/admin/customers/{own.customer.pk}/why/").content.decode()
    assert "Another brand of ours asked" in page
    assert "qbeta" not in page.casefold()
    told = client.get(f"/api/v1/customers/{own.customer.pk}/eligibility/?channel=email").json()
    assert [rule["contacts"] for rule in told["rules"] if rule["contacts"]] == []
    assert any(rule["used"] for rule in told["rules"] if not rule["passes"])
    assert client.get(f"/admin/customers/{own.customer.pk}/erase/").status_code == 403
    by_name = "/api/v1/customers/eligibility/?channel=email&source={0}&external_id={0}-1"
    assert [client.get(by_name.format(world.word)).status_code for world in worlds] == [200, 404]


@pytest.mark.django_db(transaction=True)
def test_files_and_feeds_end_with_the_brands_of_who_made_them(worlds: tuple[World, World], manager: User) -> None:
    free = member_of("Analyst")
    for user, brands in ((free, None), (manager, [worlds[0].brand.pk])):
        run = exports.ask(user.pk, "touchpoints", "csv", {}, NOON, reader_of(fresh(user)))
        exports.write_waiting(timezone.now)
        run.refresh_from_db()
        assert (run.state, run.brands, run.rows_done) == ("done", brands, 4 if brands else 9)
        assert ("qbeta" in exports.path_of(run).read_text()) is (brands is None)
        feed = Feed(name="Sheet")
        begin(feed, fresh(user), 30, timezone.now())
        assert exports.may_fetch(run, fresh(user), reader_of(fresh(user)))
        assert ended(feed, timezone.now()) == ""
        if user == free:
            limit(free, worlds[0].brand)
        else:
            BrandLimit.objects.filter(user=manager).update(brand=worlds[1].brand)
        feed.by = fresh(user)
        assert not exports.may_fetch(run, fresh(user), reader_of(fresh(user)))
        assert ended(feed, timezone.now()) == "Who made it does not read all of its brands any more"


def test_a_mailed_report_is_of_the_recipients_brands(worlds: tuple[World, World]) -> None:
    scheduled = make_scheduled(make_reader(), report="delivery", period="last-30-days")
    for reader, names_it in ((EVERYTHING, True), (of_alpha(worlds[0]), False)):
        made = make(scheduled, timezone.now(), timezone.now(), reader)
        assert ("qbeta" in made.file.content.casefold()) is names_it
        assert ("brand qalpha stores only" in str(made.file.content)) is not names_it
        assert ("Brand: qalpha stores only" in made.text) is not names_it


def imported(manager: User, subject: str, text: str, source: str) -> ImportRun:
    run = uploads.preview([text.encode()], Asked(subject, source, "a.csv", manager.pk), at=NOON)
    uploads.ask(run, at=NOON)
    import_work.work(timezone.now, lambda: False)
    run.refresh_from_db()
    return run


def test_a_limited_manager_brings_in_what_is_of_the_own_brands(worlds: tuple[World, World], manager: User) -> None:
    rows = "external_id,name,brand\nnew,N,\nqbeta-1,Stolen,\nmine,M,qalpha\nelse,E,qbeta\n"
    run = imported(manager, CUSTOMERS.name, rows, "qbeta")
    assert (run.created, run.rejected, [one["line"] for one in run.rejects]) == (2, 2, [3, 5])
    assert set(Customer.objects.filter(external_id__in=["new", "mine"]).values_list("brand__slug", flat=True)) == {
        "qalpha"
    }
    assert Customer.objects.get(external_id="qbeta-1").name == "Ann qbeta 1"
    taken = worlds[1].rows["contacts.touchpoint"]
    head = "external_id,customer,kind,channel,occurred_at\n"
    lines = (f"{customer}-t,{customer},call,x,2026-05-01T10:00:00Z" for customer in ("new", "qbeta-1", "who"))
    run = imported(manager, TOUCHPOINTS.name, head + "\n".join(lines), "qbeta")
    assert (run.created, run.rejected) == (1, 2)
    Touchpoint.objects.filter(pk=taken.pk).update(source="qalpha", external_id="hers")
    run = imported(manager, TOUCHPOINTS.name, f"{head}hers,qalpha-1,call,x,2026-05-01T10:00:00Z\n", "qalpha")
    assert (run.updated, run.rejected) == (0, 1)
    with pytest.raises(Unreadable, match="reads all brands"):
        imported(manager, "responses", "external_id,customer,survey,answered_at,score\n", "qalpha")


def test_a_brand_is_said_by_files_and_an_unknown_one_rejected() -> None:
    brand = Brand.objects.create(slug="north", name="North")
    known = make_customer(source="csv", external_id="k", brand=brand)
    text = b"external_id,brand\nk,\nn,north\nx,south\n"
    run = uploads.preview([text], Asked("customers", "csv", "a.csv"), at=NOON)
    uploads.ask(run, at=NOON)
    import_work.work(timezone.now, lambda: False)
    run.refresh_from_db()
    known.refresh_from_db()
    assert (known.brand, Customer.objects.get(external_id="n").brand) == (brand, brand)
    assert [one["expected"] for one in run.rejects] == ["the key of a brand: north"]


def test_a_program_asks_customers_of_its_brand_and_of_none(worlds: tuple[World, World]) -> None:
    program: Any = worlds[0].rows["surveys.program"]
    program.kinds = ["visit"]
    nobodys = make_customer()
    for customer in (worlds[0].customer, worlds[1].customer, nobodys):
        make_touchpoint(customer, kind="visit", occurred_at=NOON)
    found = {one.customer_id for part in undecided(program, NOON + timedelta(days=3)) for one in part}
    assert found == {worlds[0].customer.pk, nobodys.pk}


def test_who_reads_what_is_set_by_administrators_and_noted(worlds: tuple[World, World], manager: User) -> None:
    root = User.objects.create(username="root", is_staff=True, is_superuser=True)
    client = Client()
    client.force_login(root)
    page = f"/admin/auth/user/{manager.pk}/change/"
    assert "(none listed: all)" in client.get(page).content.decode()
    row = BrandLimit.objects.get(user=manager)
    given = {
        "username": "manager", "is_active": "on", "is_staff": "on", "date_joined_0": "2026-05-05",
        "date_joined_1": "12:00:00", "brand_limits-TOTAL_FORMS": "1", "brand_limits-INITIAL_FORMS": "1",
        "brand_limits-0-id": row.pk, "brand_limits-0-user": manager.pk, "brand_limits-0-brand": worlds[1].brand.pk,
    }  # fmt: skip
    answer = client.post(page, given)
    assert answer.status_code == 302, answer.context["errors"]
    assert reader_of(fresh(manager)).brands == frozenset([worlds[1].brand.pk])
    [entry] = AuditEntry.objects.filter(subject_type="contacts.brandlimit")
    assert (entry.subject_id, entry.by_id, entry.details) == (
        str(manager.pk),
        root.pk,
        {"brands": [worlds[1].brand.pk]},
    )
    assert client_of("CX manager").get(page).status_code == 403


def test_a_limit_costs_no_statement_where_rows_are_listed(worlds: tuple[World, World], manager: User) -> None:
    lists = ("/admin/contacts/touchpoint/", "/admin/", "/admin/surveys/program/", "/api/v1/scores/")
    costs = {}
    for limited in (True, False):
        if not limited:
            BrandLimit.objects.all().delete()
        client = Client()
        client.force_login(manager)
        for address in (lists[0], *lists):  # the first loads what is kept
            with CaptureQueriesContext(connection) as asked:
                client.get(address)
            costs[limited, address] = len(asked)
    more = {address: costs[True, address] - costs[False, address] for address in lists}
    assert more.pop("/api/v1/scores/") == 1, "The names of the brands are asked for."
    assert max(more.values()) <= 0
