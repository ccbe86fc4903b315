"""What may be wrong with records and touchpoints, as conditions: for the lists that show them and for what counts."""

from functools import reduce
from operator import or_

from django.db.models import DecimalField, Exists, F, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Coalesce

from contacts.junk import OF_ROLES
from contacts.models import Customer, Identifier, Touchpoint
from contacts.models.customers import PERSON
from contacts.sharing import addresses

TOLD = ("customer", "occurred_at", "kind", "channel", "direction", "agent", "team", "product", "reference", "outcome")
"""What two rows about the same experience have in common, beside what it was worth."""
WORTH = Coalesce("value", Value(-1), output_field=DecimalField())
EARLY = Q(received_at__lt=F("occurred_at"))
"""Of a touchpoint: it was told of before it happened."""


def unreachable() -> Q:
    """Whether a record that stands for a person has no address that works, and no record of hers has."""
    working = addresses().filter(closed_at=None)
    # Apart, because SQLite would look through all addresses for each customer to find those of either.
    own, merged = (Exists(working.filter(**{of: OuterRef("pk")})) for of in ("customer", "customer__merged_into"))
    return ~Q(own) & ~Q(merged)


def shared() -> Exists:
    """Whether another person has an address too; for addresses with the alias `person` (`of_persons`)."""
    alike = of_persons().filter(type=OuterRef("type"), value=OuterRef("value"))
    return Exists(alike.filter(~Q(person=OuterRef("person"))))


def of_persons() -> QuerySet[Identifier]:
    """All addresses, each with the `person` who has it: records that were merged are one."""
    return addresses().alias(person=PERSON)


def of_a_role() -> Q:
    """Whether an address is the email of a role, such as info@."""
    mailboxes = (Q(value__startswith=f"{mailbox}@") for mailbox in OF_ROLES)
    return Q(reduce(or_, mailboxes), type=Identifier.Type.EMAIL, closed_at=None)


def sharing(type_: str) -> QuerySet[Customer]:
    """The records with an address of a type that another person has too."""
    return Customer.objects.filter(pk__in=of_persons().filter(shared(), type=type_).values("customer"))


def twice() -> Exists:
    """Whether a touchpoint differs from an older row in its id alone; for rows with the alias `worth` (`WORTH`)."""
    same = {name: OuterRef(name) for name in TOLD}
    older = Touchpoint.objects.alias(worth=WORTH).filter(**same, pk__lt=OuterRef("pk"))
    return Exists(older.filter(worth=OuterRef("worth")))
