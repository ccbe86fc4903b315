from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce


class Brand(models.Model):
    """Under whose name customers are asked."""

    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=120)
    sender_email = models.EmailField(blank=True, help_text="Empty: the installation's own address.")
    sender_phone = models.CharField(max_length=20, blank=True, help_text="Sender of SMS and calls, in E.164.")
    legal_lines = models.TextField(blank=True, help_text="Shown under every message and survey page.")
    default_language = models.CharField(max_length=12, default="en")

    def __str__(self) -> str:
        return self.name


class Account(models.Model):
    """A household or a company that several customers belong to."""

    source = models.CharField(max_length=60)
    external_id = models.CharField(max_length=200)
    name = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source", "external_id"], name="account_source_external_id")]

    def __str__(self) -> str:
        return self.name or self.external_id


class Customer(models.Model):
    """A person, as one source names them.

    When two records turn out to be one person, the one points to the other through `merged_into` and keeps its rows;
    whatever counts per person counts over the record and all that were merged into it, so that a split only clears
    the pointer. A record that is pointed to is never merged itself: chains have length one.
    """

    source = models.CharField(max_length=60)
    external_id = models.CharField(max_length=200)
    brand = models.ForeignKey(Brand, on_delete=models.PROTECT, null=True, blank=True, related_name="customers")
    account = models.ForeignKey(Account, on_delete=models.PROTECT, null=True, blank=True, related_name="customers")
    name = models.CharField(max_length=200, blank=True)
    time_zone = models.CharField(max_length=64, blank=True, help_text="IANA name; empty where unknown.")
    language = models.CharField(max_length=12, blank=True)
    country = models.CharField(max_length=2, blank=True, help_text="ISO 3166-1 alpha-2.")
    value = models.DecimalField(max_digits=14, decimal_places=2, null=True, blank=True)
    attributes = models.JSONField(default=dict, blank=True)
    simulated = models.BooleanField(default=False, help_text="Made up by the sample, not a real person's data.")
    merged_into = models.ForeignKey(
        "self", on_delete=models.PROTECT, db_index=False, null=True, blank=True, related_name="merged_records"
    )
    erased_at = models.DateTimeField(
        null=True, blank=True, help_text="From then on nothing in the record says who it was (`contacts.erasing`)."
    )
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        permissions = [
            ("merge_customer", "Can merge customer records and take them apart"),
            ("erase_customer", "Can erase all that is known of a customer"),
            ("access_customer", "Can take out all that is known of a customer"),
            ("see_personal", "Can see names, addresses and comments"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["source", "external_id"], name="customer_source_external_id"),
            models.CheckConstraint(
                condition=Q(merged_into__isnull=True) | ~Q(merged_into=F("id")),
                name="customer_not_merged_into_itself",
            ),
        ]
        # Of the few that were merged only: an index of all would hold one value a million times, and SQLite, which
        # knows no shares of single values, would then rather read the table.
        indexes = [models.Index(fields=["merged_into"], condition=Q(merged_into__isnull=False), name="customer_merged")]

    def __str__(self) -> str:
        return self.name or self.external_id

    @property
    def person_id(self) -> int:
        """Id of the record that stands for the whole person."""
        return self.merged_into_id or self.pk


PERSON = Coalesce("customer__merged_into", "customer")
"""Of a row that belongs to a customer record: `person_id` of the record."""


class Identifier(models.Model):
    """An address or a name by which a customer is known elsewhere.

    `value` is normalised (`contacts.identity`): email case-folded, phone in E.164, anything else as it came.
    `verified_by` says who showed that it is the customer's (`contacts.verifying`); it is kept once it is known.
    A closed one (hard bounce, invalid number) is never used again; closing an address is no opt-out.
    """

    class Type(models.TextChoices):
        EMAIL = "email", "Email"
        PHONE = "phone", "Phone"
        EXTERNAL = "external", "External id"

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="identifiers")
    type = models.CharField(max_length=12, choices=Type)
    issuer = models.CharField(max_length=60, blank=True, help_text="Whose id it is; empty for addresses.")
    value = models.CharField(max_length=254)
    verified_at = models.DateTimeField(null=True, blank=True)
    verified_by = models.CharField(max_length=60, blank=True)
    first_seen_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_reason = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["customer", "type", "issuer", "value"], name="identifier_once_per_customer")
        ]
        indexes = [
            models.Index(fields=["value", "type", "issuer"], name="identifier_lookup"),
            models.Index(fields=["verified_at"], condition=Q(verified_at__isnull=False), name="identifier_verified"),
        ]

    def __str__(self) -> str:
        return self.value
