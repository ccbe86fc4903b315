"""The command that tries a policy on the past, by what scripts rely on: exit status, standard output and error."""

import json
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from contacts.models import Contact, Customer, Decision, OptOut, PolicyVersion, Wish
from contacts.records import read_records
from tests.contacts.makers import cap, put_in_force
from tests.surveys.makers import make_customer, make_program, make_touchpoint

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
MAY = datetime(2026, 5, 1, tzinfo=UTC)
ASKED = ["--kind", "purchase", "--channel", "email", "--delay", "12h", "--expires", "24h"]
MONTH = {"caps": [{"name": "month", "limit": 1, "measure": "contacts", "window": "30 days"}]}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Return a policy of at most one contact in 30 days."""
    path = tmp_path / "policy.json"
    path.write_text(json.dumps(MONTH))
    return path


def run(file: Path, *asked: str, since: str = "2026-05-01", until: str = "2026-06-01") -> tuple[Any, str]:
    """Return what the command says, and its warnings."""
    out, err = StringIO(), StringIO()
    options = ["--policy", str(file), "--since", since, "--until", until, "--json", *(asked or ASKED)]
    call_command("replay_policy", *options, stdout=out, stderr=err)
    return json.loads(out.getvalue()), err.getvalue()


def buy(customer: Customer | None = None, *days: int) -> Customer:
    """Let a customer buy at midnight, so many days after the first of May."""
    customer = customer or make_customer()
    for day in days:
        make_touchpoint(customer, occurred_at=MAY + day * DAY)
    return customer


def contact(customer: Customer, at: datetime, **fields: Any) -> None:
    values = {"channel": "email", "purpose": "invitation", "outcome": "delivered", "source": "cxsurvey"} | fields
    Contact.objects.create(customer=customer, at=at, recorded_at=at, updated_at=at, **values)


def counts(found: Any) -> tuple[int, int, int]:
    assert found["asked"] + sum(found["skipped"].values()) == found["touchpoints"]
    return found["touchpoints"], found["asked"], found["skipped"]["cap"]


def test_without_a_program_and_a_policy_in_force_it_works_and_writes_nothing(file: Path) -> None:
    PolicyVersion.objects.all().delete()
    buy(None, 0, 10, 29, 30)
    found, warned = run(file)
    assert counts(found) == (4, 2, 2)
    assert warned == ""
    assert found["in_force"]["policy"] == "Default policy (none is in force)"
    assert not Contact.objects.exists()
    assert not Decision.objects.exists()


def test_the_first_day_is_in_the_period_and_the_last_named_is_not(file: Path) -> None:
    for day in (-1, 0, 1):
        buy(None, day)
    found, _ = run(file, since="2026-05-01", until="2026-05-02")
    assert found["touchpoints"] == 1


def test_days_are_those_of_the_organisation(file: Path, settings: Any) -> None:
    settings.TIME_ZONE = "America/New_York"
    buy(None, 0)
    assert run(file, since="2026-05-01", until="2026-05-02")[0]["touchpoints"] == 0
    assert run(file, since="2026-04-30", until="2026-05-01")[0]["touchpoints"] == 1


def test_what_was_sent_before_counts_and_what_we_sent_inside_does_not(file: Path) -> None:
    before, ours, theirs = buy(None, 3), buy(None, 3), buy(None, 3)
    contact(before, MAY - DAY)
    contact(ours, MAY + DAY)
    contact(theirs, MAY + DAY, source="old-tool")
    assert counts(run(file)[0]) == (3, 1, 2)


@pytest.mark.parametrize("outcome", ["cancelled", "bounced"])
def test_a_place_that_was_given_back_does_not_count(file: Path, outcome: str) -> None:
    contact(buy(None, 3), MAY - DAY, outcome=outcome)
    assert counts(run(file)[0]) == (1, 1, 0)


def test_merged_records_are_one_customer(file: Path) -> None:
    head, other = buy(None, 0), buy(None, 5)
    Customer.objects.filter(pk=other.pk).update(merged_into=head)
    assert len(read_records([head.pk])) == 2
    found, _ = run(file)
    assert counts(found) == (2, 1, 1)
    assert found["customers"] == 1


def test_a_zone_that_nobody_knows_of_is_as_none(file: Path) -> None:
    customer = buy(None, 0)
    Customer.objects.filter(pk=customer.pk).update(time_zone="Nowhere/Land")
    assert counts(run(file)[0]) == (1, 1, 0)


def test_who_share_a_number_share_what_they_get_there(file: Path) -> None:
    put_in_force(cap(1, "30 days"))
    for day in (0, 1):
        buy(make_customer(phone="+12125550100"), day)
    noon = ["--kind", "purchase", "--channel", "sms", "--delay", "12h", "--expires", "24h"]
    assert counts(run(file, *noon)[0]) == (2, 1, 1)
    assert counts(run(file)[0]) == (2, 2, 0)


def test_a_landline_gets_no_sms_there_either(file: Path) -> None:
    make_program(delay=DAY, worth=2 * DAY, slug="after", contact_channels=["sms"])
    for number in ("+442079460018", "+447700900123"):
        buy(make_customer(phone=number, time_zone="UTC"), 0)
    found, _ = run(file, "--program", "after")
    assert (found["touchpoints"], found["asked"], found["skipped"]["consent"]) == (2, 1, 1)


def test_opt_outs_and_wishes_are_those_of_today(file: Path) -> None:
    out, rare, paused = buy(None, 0), buy(None, 0, 40), buy(None, 0)
    OptOut.objects.create(customer=out, channel="email", at=MAY + 300 * DAY, via="link")
    Wish.objects.create(customer=rare, kind="once_in_days", once_in_days=60, at=MAY, via="link")
    Wish.objects.create(customer=paused, kind="pause", pause_until=MAY + 2 * DAY, at=MAY, via="link")
    found, _ = run(file, until="2026-08-01")
    assert (found["asked"], found["skipped"]["consent"], found["skipped"]["wish"]) == (1, 1, 2)


def test_a_delay_is_asked_later_within_its_time(file: Path) -> None:
    buy(None, 0, 25)
    found, _ = run(file, "--kind", "purchase", "--channel", "email", "--delay", "12h", "--expires", "6d")
    assert (found["asked"], found["delayed"], found["customers_at_cap"]) == (2, 1, 1)
    assert found["contacts_per_customer"] == [
        {"contacts": 0, "customers": 0},
        {"contacts": 1, "customers": 0},
        {"contacts": 2, "customers": 1},
    ]


def test_what_comes_after_its_expiry_is_too_late(file: Path) -> None:
    buy(None, 0)
    found, _ = run(file, "--kind", "purchase", "--channel", "email", "--delay", "25h", "--expires", "24h")
    assert found["skipped"]["expiry"] == 1


def test_the_policy_in_force_stands_beside_it(file: Path) -> None:
    put_in_force(cap(1, "10 days"))
    buy(None, 0, 10, 20)
    found, _ = run(file)
    assert (counts(found), counts(found["in_force"])) == ((3, 1, 2), (3, 3, 0))


def test_a_program_asks_as_it_stands(file: Path) -> None:
    program = make_program(delay=DAY, worth=2 * DAY, starts_at=MAY + 300 * DAY, active=False, slug="after")
    buy(None, 0)
    buy(make_customer(email=""), 0)
    make_touchpoint(kind="chat", occurred_at=MAY)
    found, _ = run(file, "--program", "after")
    assert (found["touchpoints"], found["asked"], found["skipped"]["consent"]) == (2, 1, 1)
    assert found["attention_hours"] == round(program.survey.versions.get().seconds / 3600, 1)


def test_a_program_asks_the_share_that_it_draws(file: Path) -> None:
    make_program(slug="some", share=0.5)
    for _ in range(60):
        buy(None, 0)
    found, _ = run(file, "--program", "some")
    assert found["asked"] + found["skipped"]["sampling"] == 60
    assert 10 < found["asked"] < 50


def test_the_table_says_the_same_to_a_person(file: Path) -> None:
    buy(None, 0, 10)
    out = StringIO()
    period = ["--since", "2026-05-01", "--until", "2026-06-01"]
    call_command("replay_policy", "--policy", str(file), *period, *ASKED, stdout=out)
    assert "in force" in out.getvalue().splitlines()[0]
    assert out.getvalue().splitlines()[2].split()[-3:] == ["1", "1", "0"]


@pytest.mark.parametrize(
    ("asked", "place"),
    [
        (["--program", "nowhere"], '--program: there is no program "nowhere"'),
        (["--program", "nowhere", "--kind", "purchase"], "leave out --kind"),
        (["--kind", "purchase"], "--channel, --delay, --expires missing"),
        ([*ASKED[:4], "--delay", "12", "--expires", "1d"], '--delay: "12" is no duration'),
    ],
)
def test_what_is_asked_unclearly_is_refused_with_the_option(file: Path, asked: list[str], place: str) -> None:
    refused(file, place, *asked)


@pytest.mark.parametrize(("since", "until"), [("2026-06-01", "2026-05-01"), ("2026-05-01", "2026-05-01")])
def test_a_period_without_a_day_is_refused(file: Path, since: str, until: str) -> None:
    refused(file, f"--until {until} is not after --since", since=since, until=until)


def test_a_date_that_is_none_is_refused(file: Path) -> None:
    refused(file, '--since: "May" is no date', since="May")


@pytest.mark.parametrize("text", ['{"caps": [{"name": "x"}]}', "[]", "{", '{"policy": {}}'])
def test_a_policy_that_cannot_be_read_is_refused_with_the_place(file: Path, text: str) -> None:
    file.write_text(text)
    refused(file, f"--policy {file}: ")


def test_a_policy_that_never_blocks_is_answered_with_a_warning(file: Path) -> None:
    file.write_text(json.dumps({"caps": [MONTH["caps"][0] | {"window": "0 days"}]}))
    buy(None, 0, 1)
    found, warned = run(file)
    assert found["asked"] == 2
    assert "caps[0].window: a window of 0 never blocks" in warned


def test_a_kind_that_never_came_in_is_warned_of(file: Path) -> None:
    buy(None, 0)
    found, warned = run(file, "--kind", "purchas", *ASKED[2:])
    assert found["touchpoints"] == 0
    assert "the kinds that have come in are: purchase" in warned


def refused(file: Path, place: str, *asked: str, since: str = "2026-05-01", until: str = "2026-06-01") -> None:
    """Expect exit status 2, the place on standard error, and nothing on standard output."""
    out = StringIO()
    options = ["--policy", str(file), "--since", since, "--until", until, "--json", *(asked or ASKED)]
    with pytest.raises(CommandError) as error:
        call_command("replay_policy", *options, stdout=out)
    assert (error.value.returncode, out.getvalue()) == (2, "")
    assert place in str(error.value)
