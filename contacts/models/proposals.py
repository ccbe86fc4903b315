"""Records that may be one person, and what was decided about each two of them."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from contacts.models.customers import Customer


class Proposal(models.Model):
    """Two customer records that may be one person (`first` is the older one): asked once, and what came of it is kept.

    It holds ids only. `held` says why they were not merged by themselves; empty where they were.
    """

    class Why(models.TextChoices):
        ID = "id", "One names the other's id"
        EMAIL = "email", "Same email"
        PHONE = "phone", "Same phone number"
        ALIAS = "alias", "Their system says so"
        SPLIT = "split", "They were one person before"

    class Held(models.TextChoices):
        UNVERIFIED = "unverified", "Not shown to be theirs on both records"
        SHARED = "shared", "A third person has it too"
        SOURCE = "source", "One system keeps them as two customers"
        NAME = "name", "Their names are different"
        BRAND = "brand", "They belong to different brands"
        ACCOUNT = "account", "They belong to different accounts"
        OPT_OUT = "opt_out", "They said no to different things"
        RECORDS = "records", "It would be too many records for one person"
        DAY = "day", "Enough were merged by themselves that day"
        TOLD = "told", "A system's word alone merges nobody"

    class State(models.TextChoices):
        OPEN = "open", "To decide"
        MERGED = "merged", "One person"
        DIFFERENT = "different", "Not the same person"

    first = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+")
    second = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+")
    why = models.CharField(max_length=8, choices=Why)
    held = models.CharField("why it was left to you", max_length=10, choices=Held, blank=True)
    state = models.CharField(max_length=9, choices=State, default=State.OPEN)
    found_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["first", "second"], name="proposal_once"),
            models.CheckConstraint(condition=Q(first__lt=F("second")), name="proposal_older_first"),
            models.CheckConstraint(
                condition=Q(state="open", decided_at=None) | ~Q(state="open") & Q(decided_at__isnull=False),
                name="proposal_decided_when",
            ),
        ]
        indexes = [
            models.Index(fields=["found_at"], condition=Q(state="open"), name="proposal_open"),
            models.Index(fields=["decided_at"], condition=Q(state="merged", held=""), name="proposal_by_itself"),
        ]

    def __str__(self) -> str:
        return f"Are customers {self.first_id} and {self.second_id} one person?"


class Compared(models.Model):
    """How far records have been compared: the last ids that were; no row or one.

    A run compares up to the ids that were the last ones `seen` at an earlier run's beginning: a row with a smaller id
    that another transaction is still writing is not passed over. What was verified until `at` has been looked at too.
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    identifiers = models.BigIntegerField(default=0)
    identifiers_seen = models.BigIntegerField(default=0)
    customers = models.BigIntegerField(default=0)
    customers_seen = models.BigIntegerField(default=0)
    seen_at = models.DateTimeField(null=True)
    at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="compared_single")]

    def __str__(self) -> str:
        return f"Compared until {self.at}"
