"""The contract's words, once: what a channel, a purpose and an outcome may be (docs/frequency.md)."""

from django.db import models


class Channel(models.TextChoices):
    """By what means a customer is contacted. A touchpoint's own channel is free text and not this."""

    EMAIL = "email", "Email"
    SMS = "sms", "SMS"
    PHONE = "phone", "Phone"


class Purpose(models.TextChoices):
    """What a ledger row was for. The last two are clock events of the rules, and no contact."""

    INVITATION = "invitation", "Invitation"
    REMINDER = "reminder", "Reminder"
    THANK_YOU = "thank_you", "Thank-you"
    CALL = "call", "Call"
    OTHER = "other", "Other message"
    RESPONSE = "response", "Response"
    DECLINE = "decline", "Decline"


CLOCK_EVENTS = (Purpose.RESPONSE, Purpose.DECLINE)

#: The `source` of what this installation itself did; every other is another system.
OURS = "cxsurvey"


class Outcome(models.TextChoices):
    """What became of a contact; which of these count is section 5 of the contract."""

    RESERVED = "reserved", "Reserved"
    ACCEPTED = "accepted", "Accepted by the gateway"
    DELIVERED = "delivered", "Delivered"
    DEFERRED = "deferred", "Deferred"
    UNKNOWN = "unknown", "Unknown"
    CANCELLED = "cancelled", "Cancelled"
    REJECTED = "rejected", "Rejected"
    BOUNCED = "bounced", "Bounced"
    EXPIRED = "expired", "Expired unsent"
    NO_ANSWER = "no_answer", "No answer"
    BUSY = "busy", "Busy"
    VOICEMAIL = "voicemail", "Voicemail"
    NOT_NOW = "not_now", "Not now (bad moment)"
    REFUSED = "refused", "Refused"
    COMPLETED = "completed", "Completed"


#: The outcomes that give the place in the ledger back (contract, section 5).
RELEASED = (Outcome.CANCELLED, Outcome.REJECTED, Outcome.BOUNCED, Outcome.EXPIRED)

#: The outcomes of a call that was dialled.
CALL_OUTCOMES = (
    Outcome.NO_ANSWER,
    Outcome.BUSY,
    Outcome.VOICEMAIL,
    Outcome.NOT_NOW,
    Outcome.REFUSED,
    Outcome.COMPLETED,
)


class Via(models.TextChoices):
    """How a customer's word (opt-out, wish) reached us."""

    LINK = "link", "Survey link"
    REPLY = "reply", "Reply to a message"
    COMPLAINT = "complaint", "Complaint"
    CALL = "call", "Call"
    STAFF = "staff", "Staff"
    IMPORT = "import", "Import"
