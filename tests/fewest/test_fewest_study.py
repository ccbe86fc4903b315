"""A month of the sample, lived under targets: whether they hold, with how many contacts, and that no cap is broken.

The touchpoints of November and December 1997 with the planted truth of who answers; each seed has its own customers'
moods. Beside the plan stand the fewest contacts that anybody could have made who had known the whole month and how
readily each kind of touchpoint is answered about, and the naive rule: the busiest touchpoint first until it has enough.
"""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from django.db import transaction

from analytics.month_cells import month_of
from contacts.models import Contact, Customer, Identifier, Touchpoint
from cxsurvey.fewest.keeping import plan_contacts
from cxsurvey.fewest.rates import needed
from cxsurvey.sample.answers import Invited, Reaction, react
from cxsurvey.sample.people import people
from cxsurvey.sample.purchases import purchases
from cxsurvey.sample.touchpoints import Happening, happenings
from cxsurvey.sample.truth import TRUTH
from surveys.allocation import Group, plan
from surveys.answering import submit
from surveys.delivery import deliver
from surveys.models import Invitation, Target
from surveys.planning import plan as plan_wave
from tests.contacts.makers import cap, put_in_force
from tests.surveys.makers import make_program, make_version

NOVEMBER, DECEMBER = datetime(1997, 11, 1, tzinfo=UTC), datetime(1997, 12, 1, tzinfo=UTC)
DAY, APART = timedelta(days=1), timedelta(days=30)
WHOLE, PART = {"purchase": 14, "delivery": 24, "service_call": 32}, {"purchase": 18, "delivery": 32, "service_call": 45}
"""Margins by kind: of the whole month, and of its second half."""


@dataclass(frozen=True)
class Month:
    """What became of it, by kind: answers, needed, contacts; the fewest contacts, and what the naive rule does."""

    answers: dict[str, int]
    needed: dict[str, int]
    contacts: Counter[str]
    fewest: float
    naive: dict[str, float]
    naive_contacts: int

    @property
    def more(self) -> float:
        """Contacts beyond the fewest, as a share."""
        return self.contacts.total() / self.fewest - 1


def happened() -> list[Happening]:
    """The touchpoints of both months."""
    bought = purchases()
    rows = happenings(people(sorted({row.customer for row in bought})), bought)
    return [row for row in rows if row.kind in WHOLE and NOVEMBER <= instant(row) < DECEMBER + 31 * DAY]


def instant(row: Happening) -> datetime:
    return row.at.replace(tzinfo=UTC)


def load(rows: Sequence[Happening]) -> None:
    """Everybody in UTC, with an email address."""
    times = {"created_at": NOVEMBER, "updated_at": NOVEMBER}
    names = sorted({row.customer for row in rows})
    saved = Customer.objects.bulk_create(
        Customer(source="cdnow", external_id=name, time_zone="UTC", **times) for name in names
    )
    ids = {one.external_id: one.pk for one in saved}
    seen = {"first_seen_at": NOVEMBER, "last_seen_at": NOVEMBER}
    Identifier.objects.bulk_create(
        Identifier(customer_id=pk, type="email", value=f"c{name}@example.com", **seen) for name, pk in ids.items()
    )
    Touchpoint.objects.bulk_create(
        Touchpoint(
            customer_id=ids[row.customer],
            source="sample",
            external_id=row.external_id,
            kind=row.kind,
            channel=row.channel,
            team=row.team,
            outcome=row.outcome,
            occurred_at=instant(row),
            received_at=instant(row),
            updated_at=instant(row),
        )
        for row in rows
    )


def live(seed: int, margins: dict[str, int], rows: Sequence[Happening], first: datetime) -> Month:
    """Live through December from the first day on, night by night, and let everything go again."""
    truth = replace(TRUTH, seed=seed)
    with transaction.atomic():
        load(rows)
        put_in_force(cap(1, "30 days", "invitations"))
        version = make_version()
        for kind, margin in margins.items():
            program = make_program(version, slug=kind, kinds=[kind], starts_at=first, contact_channels=["email"])
            Target.objects.create(program=program, value=kind, margin=margin)
        due: list[tuple[datetime, int, Reaction]] = []
        for day in (first + n * DAY for n in range((DECEMBER + 31 * DAY - first).days)):
            plan_contacts(day + timedelta(minutes=3))
            at = day + timedelta(hours=23)
            plan_wave(at)
            deliver(at, worker="study")
            due += _reactions(at, truth)
            due = _answered(due, at + timedelta(hours=1))
        # What a cap has delayed goes out in January, and still counts for December.
        for at in (DECEMBER + n * DAY for n in range(31, 31 + 15)):
            deliver(at, worker="study")
            due += _reactions(at, truth)
        _answered(due, DECEMBER + 90 * DAY)
        month = _told(rows, first)
        transaction.set_rollback(True)
    return month


def _reactions(at: datetime, truth: object) -> list[tuple[datetime, int, Reaction]]:
    sent = Invitation.objects.filter(sent_at=at).select_related("touchpoint")
    found = []
    for one in sent:
        touchpoint = one.touchpoint
        assert touchpoint
        facts = touchpoint.external_id, touchpoint.kind, touchpoint.outcome, touchpoint.team
        reaction = react(Invited(*facts, "email", "en", 0), truth)  # type: ignore[arg-type]
        if reaction.answers:
            found.append((at + reaction.after, one.pk, reaction))
    return found


def _answered(due: list[tuple[datetime, int, Reaction]], until: datetime) -> list[tuple[datetime, int, Reaction]]:
    """Let those answer whose time has come; return the others."""
    for at, pk, reaction in due:
        if at < until:
            invitation = Invitation.objects.select_related("customer", "program", "version__survey").get(pk=pk)
            submit(invitation, {"score": reaction.answers["score"]}, at=at)
    return [one for one in due if one[0] >= until]


def _told(rows: Sequence[Happening], first: datetime) -> Month:
    contacts: Counter[str] = Counter()
    answers: Counter[str] = Counter()
    mixes: dict[str, list[int]] = defaultdict(list)
    columns = ("touchpoint__kind", "response__answers__number")
    asked = Invitation.objects.filter(state=Invitation.State.SENT)
    for kind, score in asked.values_list(*columns):
        contacts[kind] += 1
        if score is not None:
            answers[kind] += 1
            mixes[kind].append(score)
    need = {
        target.value: needed(
            target.margin,
            tuple(sum(score in these for score in mixes[target.value]) for these in ((9, 10), (7, 8), range(7))),  # type: ignore[arg-type]
        )
        for target in Target.objects.all()
    }
    assert_no_cap_was_broken()
    rates = {kind: answers[kind] / contacts[kind] for kind in need}
    had: dict[str, set[str]] = defaultdict(set)
    december = [row for row in rows if first <= instant(row) < month_of(DECEMBER)[1] - timedelta(hours=13)]
    for row in december:
        had[row.customer].add(row.kind)
    sets = Counter(tuple(sorted(kinds)) for kinds in had.values())
    best = plan(need, [Group(kinds, rates, number) for kinds, number in sets.items()])
    naive, naive_contacts = busiest_first(december, need, rates)
    return Month(dict(answers), need, contacts, best.total, naive, naive_contacts)


def assert_no_cap_was_broken() -> None:
    """The ledger read again by hand: nobody has two invitations within 30 days."""
    last: dict[int, datetime] = {}
    invited = Contact.objects.filter(purpose="invitation").exclude(outcome__in=["rejected", "cancelled"]).order_by("at")
    for customer, at in invited.values_list("customer", "at"):
        assert customer not in last or at - last[customer] >= APART
        last[customer] = at
    assert last


def busiest_first(
    rows: Sequence[Happening], need: dict[str, int], rates: dict[str, float]
) -> tuple[dict[str, float], int]:
    """Answers to expect and contacts, where each day everybody is asked, about the busiest touchpoint first."""
    volume = Counter(row.kind for row in rows)
    asked: dict[str, datetime] = {}
    found: Counter[str] = Counter()
    for row in sorted(rows, key=lambda row: (row.at.date(), -volume[row.kind])):
        free = row.customer not in asked or instant(row) - asked[row.customer] >= APART
        if free and found[row.kind] * rates[row.kind] < need[row.kind]:
            found[row.kind] += 1
            asked[row.customer] = instant(row)
    return {kind: found[kind] * rates[kind] for kind in need}, found.total()


@pytest.mark.django_db
@pytest.mark.one_database
def test_targets_hold_with_hardly_more_than_the_fewest_contacts(pytestconfig: pytest.Config) -> None:
    whole = pytestconfig.getoption("whole")
    margins, first = (WHOLE, DECEMBER) if whole else (PART, DECEMBER + 16 * DAY)
    rows = happened()
    months = [live(seed, margins, rows, first) for seed in range(1, 21 if whole else 2)]
    for month in months:
        print(  # noqa: T201
            f"{month.contacts.total()} contacts, fewest {month.fewest:.0f}; answers {month.answers}, "
            f"needed {month.needed}; naive {month.naive_contacts} contacts, {month.naive}"
        )
    reached = [month.answers[kind] / month.needed[kind] for month in months for kind in margins]
    more = float(np.mean([month.more for month in months]))
    print(f"{np.mean(reached):.3f} of what is needed, least {min(reached):.3f}; {more:+.1%} contacts")  # noqa: T201
    # One month is what luck made of it: of 50 answers that were to come, 10 may not. The mean shows a fault.
    assert np.mean(reached) >= (0.98 if whole else 0.8)
    assert min(reached) >= (0.75 if whole else 0.5)
    assert more <= (0.02 if whole else 0.3)
