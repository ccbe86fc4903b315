"""What leaves this room as files: customers, touchpoints, the ledger, the decisions."""

from django.db.models import Exists, OuterRef, Subquery
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce

from contacts.exporting import BOOLEAN, CODE, INSTANT, INTEGER, JSON, NUMBER, Column, QueryTable, export_filters
from contacts.models import ConsentEvent, Contact, Customer, Decision, Identifier, OptOut, Touchpoint
from contacts.models.customers import PERSON


def address_of(kind: Identifier.Type) -> Combinable:
    """Return the customer's address of a kind that is in use: the one that was seen last."""
    theirs = Identifier.objects.filter(customer=OuterRef("pk"), type=kind, closed_at=None)
    return Subquery(theirs.order_by("-last_seen_at", "-pk").values("value")[:1])


CUSTOMERS = QueryTable(
    "customers",
    "Every record of a customer, with the addresses in use; erased ones too, with nothing left in them.",
    "contacts.view_customer",
    (
        Column("customer_id", "pk", "our number of the record", INTEGER),
        Column(
            "person_id",
            Coalesce("merged_into", "pk"),
            "our number of the person: the same on all records that were merged",
            INTEGER,
        ),
        Column("source", "source", "system that the record came from"),
        Column("external_id", "external_id", "the customer's id there", personal=True),
        Column("name", "name", "the customer's name", empty=True, personal=True),
        Column("email", address_of(Identifier.Type.EMAIL), "email address in use", empty=True, personal=True),
        Column("phone", address_of(Identifier.Type.PHONE), "phone number in use, E.164", empty=True, personal=True),
        Column("brand", "brand__slug", "brand under whose name the customer is asked", CODE, empty=True),
        Column(
            "account", "account__external_id", "household or company, its id in its system", empty=True, personal=True
        ),
        Column("language", "language", "language that the customer is written to in", empty=True),
        Column("country", "country", "country, ISO 3166-1", empty=True),
        Column("time_zone", "time_zone", "time zone, IANA", empty=True),
        Column("value", "value", "what the customer is worth", NUMBER, unit="currency of the source", empty=True),
        Column("attributes", "attributes", "what else the source tells, as JSON", JSON, personal=True),
        Column(
            "opted_out",
            Exists(OptOut.objects.filter(customer=OuterRef("pk"), reopened_at=None)),
            "true where the record has a no that stands, to one channel or to all",
            BOOLEAN,
        ),
        Column("simulated", "simulated", "true where it was made up by the sample", BOOLEAN),
        Column("erased_at", "erased_at", "when all that said who it was was erased, UTC", INSTANT, empty=True),
        Column("created_at", "created_at", "when it was first heard of, UTC", INSTANT),
        Column("updated_at", "updated_at", "last change, UTC", INSTANT),
    ),
    lambda: Customer.objects.order_by("updated_at", "pk"),
    export_filters(Customer, "created_at", "updated_at", "source", "language", "country", "simulated"),
)

TOUCHPOINTS = QueryTable(
    "touchpoints",
    "Every touchpoint, whether it was asked about or not.",
    "contacts.view_touchpoint",
    (
        Column("touchpoint_id", "pk", "our number of the touchpoint", INTEGER),
        Column("source", "source", "system that it came from"),
        Column("external_id", "external_id", "its id there"),
        Column(
            "customer", "customer__external_id", "the customer's id in the system that they came from", personal=True
        ),
        Column("person_id", PERSON, "our number of the person, the same on all of their records", INTEGER),
        Column("kind", "kind", "what it was: call, visit, purchase ..."),
        Column("channel", "channel", "where it happened, as the source calls it"),
        Column("occurred_at", "occurred_at", "when it happened, UTC", INSTANT),
        Column("direction", "direction", "in: by the customer, out: by us; empty where unknown", CODE, empty=True),
        Column("agent", "agent", "who served", empty=True, personal=True),
        Column("team", "team", "team of who served", empty=True),
        Column("product", "product", "what it was about", empty=True),
        Column("reference", "reference", "ticket, order or call number", empty=True),
        Column("outcome", "outcome", "how it ended, as the source calls it", empty=True),
        Column(
            "value", "value", "its value, in the source's currency", NUMBER, unit="currency of the source", empty=True
        ),
        Column("simulated", "simulated", "true where it was made up by the sample", BOOLEAN),
        Column("updated_at", "updated_at", "last change, UTC", INSTANT),
    ),
    lambda: Touchpoint.objects.order_by("updated_at", "pk"),
    export_filters(Touchpoint, "occurred_at", "updated_at", "kind", "channel", "source", "simulated"),
)

CONTACTS = QueryTable(
    "contacts",
    "The ledger: every use of a customer's attention, and the responses and declines that the rules' clocks read.",
    "contacts.view_contact",
    (
        Column("contact_id", "pk", "our number of the contact", INTEGER),
        Column(
            "customer", "customer__external_id", "the customer's id in the system that they came from", personal=True
        ),
        Column("person_id", PERSON, "our number of the person, the same on all of their records", INTEGER),
        Column("at", "at", "the instant from which it counts, UTC", INSTANT),
        Column("channel", "channel", "email, sms or phone; empty for responses and declines", CODE, empty=True),
        Column(
            "purpose",
            "purpose",
            "invitation, reminder, thank_you, call, other; response and decline are no contacts",
            CODE,
        ),
        Column("outcome", "outcome", "what became of it; cancelled, rejected, bounced and expired do not count", CODE),
        Column("survey", "survey", "survey that it was for", empty=True),
        Column("program", "program", "program that planned it", empty=True),
        Column("source", "source", "system that made it"),
        Column("seconds", "seconds", "attention asked for or talk time, in seconds", INTEGER, unit="seconds"),
        Column("by", "by__username", "who made it, where a person did", empty=True, personal=True),
        Column(
            "override_id", "override_id", "override that let it through, where the policy said no", INTEGER, empty=True
        ),
        Column("simulated", "simulated", "true where it was made up by the sample", BOOLEAN),
        Column("recorded_at", "recorded_at", "when it was written, UTC", INSTANT),
        Column("updated_at", "updated_at", "last change, UTC", INSTANT),
    ),
    lambda: Contact.objects.order_by("updated_at", "pk"),
    export_filters(
        Contact, "at", "updated_at", "channel", "purpose", "outcome", "survey", "program", "source", "simulated"
    ),
)

DECISIONS = QueryTable(
    "decisions",
    "Every answer of the gate with its reasons: also those who were never asked, and why.",
    "contacts.view_decision",
    (
        Column("decision_id", "pk", "our number of the decision", INTEGER),
        Column(
            "customer", "customer__external_id", "the customer's id in the system that they came from", personal=True
        ),
        Column("person_id", PERSON, "our number of the person, the same on all of their records", INTEGER),
        Column("touchpoint_id", "touchpoint_id", "touchpoint that it was about", INTEGER, empty=True),
        Column("touchpoint_kind", "touchpoint__kind", "its kind", empty=True),
        Column("stage", "stage", "plan, hand_over, call, person or give_way (to a higher priority)", CODE),
        Column("requested_at", "at", "the instant that was asked for, UTC", INSTANT),
        Column("channel", "channel", "email, sms or phone", CODE, empty=True),
        Column("purpose", "purpose", "invitation, reminder, thank_you, call, other", CODE),
        Column("survey", "survey", "survey that it was for", empty=True),
        Column("program", "program", "program that asked", empty=True),
        Column("decision", "result", "send, delay or skip", CODE),
        Column(
            "allowed_at",
            "allowed_at",
            "first instant at which all rules pass, UTC; empty where never",
            INSTANT,
            empty=True,
        ),
        Column("reasons", "reasons", "every rule that did not pass, as JSON", JSON),
        Column(
            "probability",
            "probability",
            "by design: the share of the program's sample; see the table inclusion",
            NUMBER,
            unit="share, 0 to 1",
        ),
        Column("policy_version", "policy_version__number", "version of the policy that decided", INTEGER, empty=True),
        Column("decided_at", "decided_at", "when it was decided, UTC", INSTANT),
    ),
    lambda: Decision.objects.order_by("decided_at", "pk"),
    export_filters(Decision, "decided_at", "decided_at", "stage", "result", "channel", "purpose", "survey", "program"),
)

CONSENTS = QueryTable(
    "consents",
    "Every word of a customer on being contacted, with what proves it; gone once the customer is erased.",
    "contacts.view_consentevent",
    (
        Column("consent_id", "pk", "our number of the word", INTEGER),
        Column(
            "customer", "customer__external_id", "the customer's id in the system that they came from", personal=True
        ),
        Column("person_id", PERSON, "our number of the person, the same on all of their records", INTEGER),
        Column("at", "at", "when it was said, UTC", INSTANT),
        Column("said", "said", "opt_out, opt_in, wish or withdrawn (all wishes taken back)", CODE),
        Column("channel", "channel", "email, sms or phone; empty for all, and of most wishes", CODE, empty=True),
        Column("asked", "asked", "what a wish asks for, as JSON", JSON),
        Column("via", "via", "link, reply, complaint, call, staff or import", CODE),
        Column("source", "source", "system that told us"),
        Column("by", "by__username", "colleague who recorded it", empty=True, personal=True),
        Column("language", "language", "language of the text that was shown", empty=True),
        Column("shown", "shown", "the text that the customer answered to, as it stood there", empty=True),
        Column("version", "version", "where it stood: the survey's version", empty=True),
        Column("wording", "wording", "the customer's own words", empty=True, personal=True),
        Column("evidence", "evidence", "the row that it came by, or its id in its source", empty=True, personal=True),
        Column("recorded_at", "recorded_at", "when we recorded it, UTC", INSTANT),
    ),
    lambda: ConsentEvent.objects.order_by("recorded_at", "pk"),
    export_filters(ConsentEvent, "at", "recorded_at", "said", "channel", "via", "source"),
)

TABLES = (CUSTOMERS, TOUCHPOINTS, CONTACTS, DECISIONS, CONSENTS)
