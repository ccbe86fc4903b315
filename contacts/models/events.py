"""Events that other systems send, as they came, and what those of a name are to us."""

from django.db import models
from django.db.models import Q

from contacts.models.customers import Customer
from contacts.models.touchpoints import Touchpoint
from contacts.models.words import Channel, Purpose

DEVICE = " device"
"""Behind the name of a source: whose ids anonymous ids are, as identifiers keep it."""


class EventSource(models.Model):
    """A system that sends us events; its customers and touchpoints are kept under its name.

    Of the write key only the hash is kept (`contacts.events.keys`).
    """

    class Sender(models.TextChoices):
        EVENTS = "events", "A client of Segment or RudderStack, or CloudEvents"
        CHATWOOT = "chatwoot", "Chatwoot"
        ZENDESK = "zendesk", "Zendesk"
        ZAMMAD = "zammad", "Zammad"

    sender = models.CharField(
        "what sends",
        max_length=8,
        choices=Sender,
        default=Sender.EVENTS,
        help_text="Events, or a help desk's webhooks.",
    )
    name = models.SlugField(
        max_length=50,
        unique=True,
        help_text="The system's name. Take that of its imported files, so that the same id is the same customer.",
    )
    strict = models.BooleanField(
        default=False,
        help_text="Answer each request with a verdict for every event, and not only that it came.",
    )
    ids_of = models.CharField(
        "customer ids are those of",
        max_length=60,
        blank=True,
        help_text="For a help desk that knows your own customer ids: the name of the source that they are from.",
    )
    vouches = models.BooleanField(
        "believe what it calls verified",
        default=False,
        help_text="Records with the same verified address may then be merged by themselves. Only for systems whose key "
        "or secret nobody else can read: no website, no app.",
    )
    write_key_hash = models.CharField(max_length=64, unique=True, editable=False)
    created_at = models.DateTimeField(editable=False)
    closed_at = models.DateTimeField(null=True, editable=False)

    def __str__(self) -> str:
        return self.name

    @property
    def is_desk(self) -> bool:
        """Whether it is a help desk, whose webhooks come to an address of its own."""
        return self.sender != EventSource.Sender.EVENTS


class Event(models.Model):
    """Something that a system told us of one of its customers, once, whatever the number of copies.

    `digest` is the hash of its body, by which another body under the same id is noticed; `occurred_at` is corrected for
    the sender's clock. `customer` and `touchpoint` are what it became. `detail` says why it is not used, or what of it
    was left out.
    """

    class Type(models.TextChoices):
        TRACK = "track", "Something happened"
        IDENTIFY = "identify", "Who somebody is"
        PAGE = "page", "Page"
        SCREEN = "screen", "Screen"
        GROUP = "group", "Where somebody belongs"
        ALIAS = "alias", "Another id of somebody"

    class State(models.TextChoices):
        WAITING = "waiting", "Waits for its turn"
        APPLIED = "applied", "Taken in"
        UNMAPPED = "unmapped", "Nobody has said what it means"
        NOBODY = "nobody", "Of somebody we do not know"
        UNUSED = "unused", "Not used, as somebody decided"
        PERSON = "person", "For a person to see to"
        REFUSED = "refused", "Cannot be used"

    source = models.ForeignKey(EventSource, on_delete=models.PROTECT, related_name="events")
    message_id = models.CharField(max_length=200)
    type = models.CharField(max_length=8, choices=Type, blank=True)
    name = models.CharField(max_length=200, blank=True)
    user_id = models.CharField(max_length=200, blank=True)
    anonymous_id = models.CharField(max_length=200, blank=True)
    occurred_at = models.DateTimeField()
    received_at = models.DateTimeField()
    body = models.JSONField(default=dict)
    digest = models.CharField(max_length=64)
    state = models.CharField(max_length=8, choices=State)
    detail = models.CharField(max_length=300, blank=True)
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, null=True, blank=True, related_name="events")
    touchpoint = models.ForeignKey(Touchpoint, on_delete=models.SET_NULL, null=True, blank=True, related_name="events")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source", "message_id"], name="event_once")]
        indexes = [
            models.Index(fields=["state", "id"], name="event_state"),
            models.Index(fields=["source", "name", "id"], name="event_name"),
            models.Index(fields=["source", "user_id", "occurred_at"], name="event_user"),
            models.Index(fields=["source", "anonymous_id"], condition=~Q(anonymous_id=""), name="event_device"),
            models.Index(fields=["received_at"], name="event_received"),
        ]

    def __str__(self) -> str:
        return f"{self.name or self.get_type_display()}, {self.occurred_at:%Y-%m-%d %H:%M}"


class EventMeaning(models.Model):
    """What the events of a name are to us; those of a name without one are kept, shown, and never used.

    `columns`: property of the event -> our column; other properties are kept as attributes. For a message `channel` is
    one of ours and it counts in the ledger for its `purpose`; of a yes or no it is one of ours, or empty for all; for a
    touchpoint it is free text.
    """

    class Becomes(models.TextChoices):
        TOUCHPOINT = "touchpoint", "A touchpoint"
        MESSAGE = "message", "A message or call to the customer, which counts in the caps"
        OPT_OUT = "opt_out", "A customer's no to being contacted"
        OPT_IN = "opt_in", "A customer's yes to it, which takes back a no"
        NOTHING = "nothing", "Nothing: it is not used"

    class Direction(models.TextChoices):
        IN = "in", "By the customer"
        OUT = "out", "By us"
        NONE = "", "Neither"

    source = models.ForeignKey(EventSource, on_delete=models.CASCADE, related_name="meanings")
    name = models.CharField("name of the events", max_length=200)
    becomes = models.CharField(max_length=10, choices=Becomes)
    kind = models.CharField(max_length=60, blank=True, help_text="Of the touchpoint, such as service call.")
    channel = models.CharField(
        max_length=60,
        blank=True,
        help_text="Of a touchpoint: the shop, the hotline. Of a message: email, sms or phone. Of a yes or no: one of "
        "these, or empty for all.",
    )
    direction = models.CharField(max_length=3, choices=Direction, blank=True)
    purpose = models.CharField(max_length=12, choices=Purpose, blank=True)
    columns = models.JSONField(default=dict, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source", "name"], name="event_meaning_once"),
            models.CheckConstraint(
                condition=Q(becomes="nothing")
                | Q(becomes="touchpoint") & ~Q(kind="") & ~Q(channel="")
                | Q(becomes="message", channel__in=Channel.values) & ~Q(purpose="")
                | Q(becomes__in=["opt_out", "opt_in"], channel__in=["", *Channel.values]),
                name="event_meaning_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} of {self.source}"
