"""How often a customer may be asked: the whole contract of docs/frequency.md, pure (no database, no clock)."""

from contacts.frequency.document import Document, answers, parse_document, preview, read_json
from contacts.frequency.evaluate import evaluate, pressure
from contacts.frequency.explain import Explanation, Finding, explain
from contacts.frequency.facts import Customer, Leave, Reason, Request, Row, Verdict
from contacts.frequency.lanes import Lane, Step, Stretch, free_places, lanes
from contacts.frequency.policy import DEFAULT_POLICY, Policy, check_policy, parse_policy, parse_wish
from contacts.frequency.reading import DocumentError, PolicyError

__all__ = [
    "DEFAULT_POLICY",
    "Customer",
    "Document",
    "DocumentError",
    "Explanation",
    "Finding",
    "Lane",
    "Leave",
    "Policy",
    "PolicyError",
    "Reason",
    "Request",
    "Row",
    "Step",
    "Stretch",
    "Verdict",
    "answers",
    "check_policy",
    "evaluate",
    "explain",
    "free_places",
    "lanes",
    "parse_document",
    "parse_policy",
    "parse_wish",
    "pressure",
    "preview",
    "read_json",
]
