from django.db import models

from contacts.models.customers import Customer
from contacts.models.words import Channel, Purpose

DEPTH = 8
"""So many contacts of a customer are kept at hand: more than the limit of any sensible cap."""
ABSENT = -(2**63)
"""In place of an instant where there are no more contacts; smaller than any."""


class ContactKind(models.Model):
    """What caps tell contacts apart by, once for all contacts that are alike in it; never changed and never removed."""

    channel = models.CharField(max_length=8, choices=Channel, blank=True)
    purpose = models.CharField(max_length=12, choices=Purpose)
    survey = models.CharField(max_length=60, blank=True)
    program = models.CharField(max_length=60, blank=True)
    source = models.CharField(max_length=60)
    tags = models.JSONField(default=list, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["channel", "purpose", "survey", "program", "source", "tags"], name="contact_kind_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_purpose_display()} {self.survey}".strip()


class NewestContacts(models.Model):
    """The newest rows of the ledger of one customer record that count: a cache, so that nobody has to scan the ledger.

    `at_1` is the instant of the newest in microseconds since the epoch, ready to be calculated with in bulk, and
    `kind_1` the id of its ContactKind. Behind the last contact the places hold ABSENT and 0. Written by
    `contacts.newest` in the transaction that writes the ledger; `check_ledger` recomputes it.
    """

    customer = models.OneToOneField(
        Customer, on_delete=models.CASCADE, primary_key=True, db_constraint=False, related_name="newest_contacts"
    )
    at_1 = models.BigIntegerField(default=ABSENT)
    at_2 = models.BigIntegerField(default=ABSENT)
    at_3 = models.BigIntegerField(default=ABSENT)
    at_4 = models.BigIntegerField(default=ABSENT)
    at_5 = models.BigIntegerField(default=ABSENT)
    at_6 = models.BigIntegerField(default=ABSENT)
    at_7 = models.BigIntegerField(default=ABSENT)
    at_8 = models.BigIntegerField(default=ABSENT)
    kind_1 = models.BigIntegerField(default=0)
    kind_2 = models.BigIntegerField(default=0)
    kind_3 = models.BigIntegerField(default=0)
    kind_4 = models.BigIntegerField(default=0)
    kind_5 = models.BigIntegerField(default=0)
    kind_6 = models.BigIntegerField(default=0)
    kind_7 = models.BigIntegerField(default=0)
    kind_8 = models.BigIntegerField(default=0)

    class Meta:
        verbose_name_plural = "newest contacts"

    def __str__(self) -> str:
        return f"Newest contacts of {self.customer_id}"
