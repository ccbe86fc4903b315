"""What the sample's shop asks: its brand, its surveys and the programs that turn touchpoints into questions."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from contacts.models import Brand, Holdout
from contacts.policies import ensure_default_policy
from cxsurvey.sample.chat_survey import CHAT
from cxsurvey.sample.truth import TRUTH
from surveys.defaults import ensure_fixed_survey, ensure_nps_survey, ensure_survey
from surveys.models import Program

SMS_FIRST = ("sms", "email")
EMAIL_FIRST = ("email", "sms")
BY_PHONE = ("phone",)


@dataclass(frozen=True)
class Plan:
    """One program: which touchpoints are asked about, how many of them, how soon and by which channel.

    `outcomes`: those of the touchpoints that it is about; empty for all.
    """

    slug: str
    name: str
    kind: str
    share: float
    delay: timedelta
    worth: timedelta
    channels: tuple[str, ...]
    priority: int
    outcomes: tuple[str, ...] = ()


PLANS = (
    Plan("purchase", "After a purchase", "purchase", 0.2, timedelta(days=1), timedelta(days=10), EMAIL_FIRST, 0),
    Plan(
        "delivery",
        "After a delivery",
        "delivery",
        0.4,
        timedelta(hours=6),
        timedelta(days=10),
        EMAIL_FIRST,
        10,
        ("on time", "late"),
    ),
    Plan("chat", "After a chat", "chat", 1.0, timedelta(hours=1), timedelta(days=5), EMAIL_FIRST, 20),
    Plan(
        "service-call",
        "After a service call",
        "service_call",
        1.0,
        timedelta(hours=2),
        timedelta(days=7),
        SMS_FIRST,
        30,
    ),
    Plan(
        "damage",
        "Calls after a damaged delivery",
        "delivery",
        1.0,
        timedelta(days=1),
        timedelta(days=21),
        BY_PHONE,
        40,
        ("damaged",),
    ),
)


def set_up(at: datetime) -> Brand:
    """Create the brand, its surveys, the programs from `at` on, and a policy where none is in force yet."""
    brand = Brand.objects.create(
        slug="example-music",
        name="Example Music",
        sender_email="feedback@example.com",
        legal_lines="Example Music, 1 Example Street, New York. A made-up shop.",
    )
    survey, after_chat = ensure_nps_survey(at, brand).survey, ensure_survey(CHAT, at, brand).survey
    ensure_fixed_survey(at, brand)
    Program.objects.bulk_create(
        Program(
            slug=f"after-{plan.slug}",
            name=plan.name,
            survey=after_chat if plan.slug == "chat" else survey,
            active=True,
            starts_at=at,
            kinds=[plan.kind],
            filters={"outcome": list(plan.outcomes)} if plan.outcomes else {},
            delay=plan.delay,
            worth=plan.worth,
            share=plan.share,
            contact_channels=list(plan.channels),
            priority=plan.priority,
        )
        for plan in PLANS
    )
    ensure_default_policy(at)
    if not Holdout.objects.filter(in_force=True).exists():
        Holdout.objects.create(salt="sample", share=TRUTH.held_out, at=at, why="To know what our own surveys do.")
    return brand
