"""The only door to a customer's attention, and the only writer of the ledger and of the decisions.

A question is answered and its place reserved in one transaction that holds the persons (and accounts) locked. Call
`reserve` or `recheck` once per transaction: who locks twice may wait crosswise with another who does.
"""

from contacts.gate.asks import Answer, Ask, GateError, Grant
from contacts.gate.book import Book, assess, eligibilities, eligibility, read_book, read_named_book
from contacts.gate.calls import log_call, plan_calls
from contacts.gate.clock import clock_event
from contacts.gate.hand_over import recheck, recheck_all, settle, settle_all, take_back
from contacts.gate.leaves import LeaveError, NamedTime, appoint, cancel_appointment, override
from contacts.gate.priority import takeable
from contacts.gate.recording import Entry, Recorded, record
from contacts.gate.reserving import reserve
from contacts.policies import policy_in_force

__all__ = [
    "Answer",
    "Ask",
    "Book",
    "Entry",
    "GateError",
    "Grant",
    "LeaveError",
    "NamedTime",
    "Recorded",
    "appoint",
    "assess",
    "cancel_appointment",
    "clock_event",
    "eligibilities",
    "eligibility",
    "log_call",
    "override",
    "plan_calls",
    "policy_in_force",
    "read_book",
    "read_named_book",
    "recheck",
    "recheck_all",
    "record",
    "reserve",
    "settle",
    "settle_all",
    "take_back",
    "takeable",
]
