"""Two brands about which every table knows something, each with a word of its own in every text that it has."""

from dataclasses import dataclass
from datetime import timedelta

from django.contrib.auth.models import User
from django.core.files.base import ContentFile
from django.db.models import Model
from django.utils import timezone

from analytics.models import ChurnRun, CommentReading, CustomerRisk
from contacts.models import (
    Account,
    Appointment,
    Brand,
    BrandLimit,
    Contact,
    Customer,
    Decision,
    Event,
    EventSource,
    OptOut,
    Override,
    Proposal,
)
from cxsurvey.models import ExportRun
from cxsurvey.uploads import Asked, preview
from recovery.models import FollowUp
from surveys.defaults import ensure_survey_for_history
from surveys.models import Attempt, IncomingSms, Look, OutboxMessage, Pause, Response, Survey
from tests.surveys.answered import make_response
from tests.surveys.makers import (
    NOON,
    make_brand,
    make_case,
    make_customer,
    make_invitation,
    make_open_link,
    make_program,
    make_touchpoint,
)

DAY = timedelta(days=1)


@dataclass(frozen=True)
class World:
    """What a brand has: its `word`, which stands in all of its texts, and a row of each table by the table's name."""

    word: str
    brand: Brand
    rows: dict[str, Model]
    customer: Customer
    other: Customer

    def pk(self, table: str) -> int:
        """The id of its row of a table."""
        return int(self.rows[table].pk)


def limit(user: User, *brands: Brand) -> User:
    """Let a user read these brands only."""
    for brand in brands:
        BrandLimit.objects.create(user=user, brand=brand)
    return user


def make_world(word: str, phone: str, by: User, answers: int) -> World:
    """Make a brand with a survey, a program, customers, and everything that happens with them; `answers` responses."""
    now = timezone.now()
    brand = make_brand(f"{word} stores", slug=word, legal_lines=f"{word} limited")
    version = ensure_survey_for_history(f"{word}-nps", f"How is {word}?", NOON, brand)
    Survey.objects.filter(pk=version.survey_id).update(review_url=f"https://{word}.example")
    program = make_program(version, slug=f"{word}-program", name=f"After {word}", kinds=[f"{word}_visit"])
    account = Account.objects.create(source=word, external_id=f"{word}-house", name=f"House of {word}")
    customer, other = (
        make_customer(
            external_id=f"{word}-{n}", source=word, name=f"Ann {word} {n}", email=f"{word}{n}@example.com",
            phone=phone if n == 1 else "", brand=brand, account=account, attributes={"vip": word},
        )
        for n in (1, 2)
    )  # fmt: skip
    about = {"agent": f"{word} agent", "team": f"{word} team", "product": f"{word} kettle", "outcome": f"{word} fixed"}
    place = {"kind": f"{word}_visit", "channel": f"{word}_shop", "source": word, "reference": f"{word}-7"}
    for _ in range(answers):
        response = make_response(
            2, f"The {word} kettle leaks.", version=version, touchpoint=make_touchpoint(customer, **about, **place),
            answered_at=now - DAY, updated_at=now - DAY,
        )  # fmt: skip
        CommentReading.objects.create(response=response, as_of=now)
    invitation = make_invitation(
        version, program=program, touchpoint=response.touchpoint, state="unknown", state_reason=f"{word} silent"
    )
    attempt = Attempt.objects.create(
        invitation=invitation, number=1, channel="email", gateway="outbox", detail=word, started_at=NOON,
        outcome="unknown",
    )  # fmt: skip
    message = OutboxMessage.objects.create(
        attempt=attempt, channel="email", sender=f"{word}@example.com", recipient=f"{word}1@example.com",
        subject=word, text=word, html=f"<p>{word}</p>", at=NOON,
    )  # fmt: skip
    own = {"customer": customer, "at": now - DAY, "survey": f"{word}-nps", "program": f"{word}-program"}
    contact = Contact.objects.create(
        **own, channel="phone", purpose="call", outcome="completed", source=word, by=by, recorded_at=now, updated_at=now
    )
    reason = {"rule": f"{word} cap", "kind": "cap", "used": 1, "limit": 1, "channel": "email"}
    decision = Decision.objects.create(
        **own, stage="plan", channel="email", purpose="invitation", result="skip", reasons=[reason], decided_at=now,
        touchpoint=response.touchpoint, counted=[contact.pk],
    )  # fmt: skip
    follow_up = FollowUp.objects.create(
        response=response, customer=customer, trigger="low_score", opened_at=NOON, due_at=NOON, action=f"Sent {word}"
    )
    case = make_case(make_touchpoint(other, **about, **place), program=program)
    sms = IncomingSms.objects.create(
        gateway="test", key=word, sender=phone, recipient="+447700900999", text=f"Bad {word}", at=NOON,
        received_at=NOON, customer=customer, for_person=f"Not sure about {word}",
    )  # fmt: skip
    open_link = make_open_link(version, name=f"Counter {word}", kind=f"{word}_visit")
    Response.objects.create(
        version=version, open_link=open_link, source="cxsurvey", channel="web", language="en", answered_at=NOON,
        updated_at=NOON,
    )  # fmt: skip
    run, _ = ChurnRun.objects.get_or_create(at=NOON, defaults={"until": NOON, "days": 90})
    CustomerRisk.objects.create(run=run, customer=customer, probability=0.9, base=0.0)
    source = EventSource.objects.create(name=f"{word}-cdp", sender="segment", created_at=NOON, write_key_hash=word)
    file = f"external_id,name\n{word}-9,{word}\n".encode()
    touchpoint = response.touchpoint
    assert touchpoint
    rows: tuple[Model, ...] = (
        *(brand, account, customer, touchpoint, contact, decision, version.survey, version, program),
        *(invitation, message, response, follow_up, case, sms, open_link, source),
        Proposal.objects.create(first=customer, second=other, why="email", found_at=NOON),
        Look.objects.create(brand=brand, colour="#123456"),
        Pause.objects.create(program=program, reason=f"{word} is closed", at=NOON, by=by),
        OptOut.objects.create(customer=other, channel="sms", at=NOON, via="staff", wording=f"No {word}"),
        Override.objects.create(
            customer=customer, channel="email", reason=f"{word} begged", by=by, at=NOON, ends_at=now + DAY
        ),
        Appointment.objects.create(
            customer=customer, starts_at=now + DAY, ends_at=now + 2 * DAY, by=by, at=NOON, updated_at=NOON
        ),
        Event.objects.create(
            source=source, message_id=word, name=f"{word} event", occurred_at=NOON, received_at=NOON, digest=word,
            customer=customer, body={"x": word}, state="unmapped",
        ),
        preview(ContentFile(file).chunks(), Asked("customers", word, f"{word}.csv", by.pk), at=NOON),
        ExportRun.objects.create(
            table="customers", format="csv", by=by, asked_at=NOON, asked={"source": word}, personal=True
        ),
    )  # fmt: skip
    return World(word, brand, {row._meta.label_lower: row for row in rows}, customer, other)
