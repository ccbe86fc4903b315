"""How often a customer may be asked: the whole contract of docs/frequency.md, pure (no database, no clock)."""

from contacts.frequency.document import Document, answers, parse_document, preview, read_json
from contacts.frequency.evaluate import evaluate, pressure
from contacts.frequency.facts import Customer, Reason, Request, Row, Verdict
from contacts.frequency.policy import DEFAULT_POLICY, Policy, check_policy, parse_policy
from contacts.frequency.reading import DocumentError, PolicyError

__all__ = [
    "DEFAULT_POLICY",
    "Customer",
    "Document",
    "DocumentError",
    "Policy",
    "PolicyError",
    "Reason",
    "Request",
    "Row",
    "Verdict",
    "answers",
    "check_policy",
    "evaluate",
    "parse_document",
    "parse_policy",
    "pressure",
    "preview",
    "read_json",
]
