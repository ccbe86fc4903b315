"""What providers told us, as it came and as we read it."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from contacts.models import Customer
from surveys.channels.events import Status
from surveys.models.invitations import Attempt, Invitation


class ProviderRequest(models.Model):
    """A call that a provider made to /hooks/<gateway>/, raw; kept for a month, to find out what happened."""

    gateway = models.CharField(max_length=60)
    received_at = models.DateTimeField()
    query = models.TextField(blank=True)
    body = models.TextField(blank=True)

    class Meta:
        indexes = [models.Index(fields=["received_at"], name="provider_request_time")]

    def __str__(self) -> str:
        return f"{self.gateway}, {self.received_at:%Y-%m-%d %H:%M}"


class ProviderEvent(models.Model):
    """News of one message, once, whatever the number of copies. What a message's news add up to is in its attempt.

    `attempt` is empty while nobody knows the message (yet). `applied_at`: when it took effect.
    """

    gateway = models.CharField(max_length=60)
    key = models.CharField(max_length=200)
    status = models.CharField(max_length=12, choices=[(status.value, status.value.capitalize()) for status in Status])
    reference = models.CharField(max_length=200, blank=True, help_text="Our name for the message.")
    provider_reference = models.CharField(max_length=200, blank=True, help_text="The provider's name for it.")
    detail = models.CharField(max_length=500, blank=True)
    at = models.DateTimeField()
    received_at = models.DateTimeField()
    attempt = models.ForeignKey(Attempt, on_delete=models.CASCADE, null=True, blank=True, related_name="events")
    applied_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["gateway", "key"], name="provider_event_once")]
        indexes = [
            models.Index(fields=["received_at"], condition=Q(applied_at=None), name="provider_event_waiting"),
            models.Index(fields=["at"], name="provider_event_time"),
        ]

    def __str__(self) -> str:
        return f"{self.get_status_display()} ({self.gateway})"


class IncomingSms(models.Model):
    """A message that came to one of our numbers, once, with what it was taken for and what came of it.

    `sender` is in E.164 wherever it is a phone number. `customer` is empty where nobody has that number, or several
    have it and it is not clear who wrote. `invitation` is the one that it answers, never a reminder.
    """

    class Meaning(models.TextChoices):
        STOP = "stop", "No more messages"
        START = "start", "Messages again"
        HELP = "help", "Who are you?"
        SCORE = "score", "An answer to our question"
        COMMENT = "comment", "A comment"
        OTHER = "other", "Something else"

    gateway = models.CharField(max_length=60)
    key = models.CharField(max_length=200)
    sender = models.CharField(max_length=40)
    recipient = models.CharField(max_length=40)
    text = models.TextField(blank=True)
    at = models.DateTimeField()
    received_at = models.DateTimeField()
    meaning = models.CharField(max_length=8, choices=Meaning, blank=True, help_text="Empty until it was read.")
    number = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="What it answers: a score of 0 to 10, or 1 and 0 for yes and no."
    )
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, null=True, blank=True, related_name="incoming_sms")
    invitation = models.ForeignKey(
        Invitation, on_delete=models.SET_NULL, null=True, blank=True, related_name="incoming_sms"
    )
    applied_at = models.DateTimeField(null=True, blank=True)
    reply_due = models.BooleanField(default=False, help_text="Whether we still have to reply by ourselves.")
    for_person = models.CharField(max_length=300, blank=True, help_text="Why a person has to see to it.")
    seen_at = models.DateTimeField(null=True, blank=True)
    seen_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    class Meta:
        verbose_name = "SMS from a customer"
        verbose_name_plural = "replies by SMS"
        constraints = [models.UniqueConstraint(fields=["gateway", "key"], name="incoming_sms_once")]
        indexes = [
            models.Index(fields=["received_at"], condition=Q(applied_at=None), name="incoming_sms_waiting"),
            models.Index(fields=["at"], condition=Q(seen_at=None) & ~Q(for_person=""), name="incoming_sms_for_person"),
            models.Index(fields=["sender", "at"], name="incoming_sms_sender"),
            models.Index(fields=["received_at"], condition=Q(reply_due=True), name="incoming_sms_reply_due"),
            models.Index(
                fields=["sender"], condition=Q(customer=None, meaning="stop"), name="incoming_sms_stop_of_unknown"
            ),
        ]

    def __str__(self) -> str:
        return f"SMS of {self.at:%Y-%m-%d %H:%M}"
