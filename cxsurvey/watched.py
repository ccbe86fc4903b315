"""Which answers show single customers or a secret, and how the audit names them: one table, by an address's name."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from analytics.reports import REPORTS, SEES_PERSONS
from cxsurvey.models import AuditEntry

Action = AuditEntry.Action

CUSTOMER = ("contacts.customer", "customer_id")
PAGES: Mapping[str, tuple[str, str]] = {
    **dict.fromkeys(
        ("customer-page", "customer-why", "customer-same-person", "customer-merge", "eligibility"), CUSTOMER
    ),
    **dict.fromkeys(("customer-call", "customer-opt-out", "customer-appointment", "customer-override"), CUSTOMER),
    **dict.fromkeys(("customer-erase", "customer-data", "customer-data-file"), CUSTOMER),
    "eligibility-by-name": ("contacts.customer", ""),
    "customers-at-risk": ("analytics.customerrisk", ""),
    "comments": ("surveys.answer", ""),
    **dict.fromkeys(("follow-up", "follow-up-note", "follow-up-close"), ("recovery.followup", "pk")),
    **dict.fromkeys(("reply", "reply-answer", "reply-opt-out"), ("surveys.incomingsms", "pk")),
    **dict.fromkeys(("call", "call-result"), ("surveys.callcase", "pk")),
    "calls": ("surveys.callcase", ""),
    **dict.fromkeys(("outbox", "outbox-message"), ("surveys.outboxmessage", "message_id")),
    **dict.fromkeys(("import", "import-rejects", "imports-rejects"), ("contacts.importrun", "pk")),
    **dict.fromkeys(("proposal", "proposal-different"), ("contacts.proposal", "pk")),
    "webhook-secret-shown": ("webhook-secret", "pk"),
}
"""Name of an address -> the table of what it shows, or a name, and which part of the address says the row, if any."""
TABLES = {
    *("contacts.customer", "contacts.account", "contacts.touchpoint", "contacts.contact", "contacts.decision"),
    *("contacts.override", "contacts.appointment", "contacts.event", "contacts.importrun"),
    *("contacts.proposal", "recovery.webhookdelivery"),
    *("surveys.invitation", "surveys.response", "surveys.incomingsms", "surveys.callcase", "recovery.followup"),
}
"""The tables of the admin whose rows are about single customers."""
BEGUN = dict.fromkeys(("import-run", "imports-run"), ("contacts.importrun", "pk"))
"""Addresses at which somebody begins what then changes in many transactions, as `PAGES`."""
EXPORTS = ("export-", "responses")
"""What the names of downloads begin with."""
FILES = ("export-file", "export-run-file")
"""Addresses of files that exports were written into."""
TAKEN = "customer-data-file"
"""The address at which all that is known of one customer is taken out."""
TAKES_NOTHING = {"export-runs", "export-run", "export-run-manifest", "export-unknown", "export-new", "export-cancel"}
"""Addresses that are about exports, and have no rows of them."""
DAYS = ("since", "until", "updated_since")
"""Filters of downloads whose values are instants; of others the audit has only the names, as values may say who."""
NAME = re.compile(r"[a-z_]{1,40}")


@dataclass(frozen=True, slots=True)
class Look:
    """What an answer shows."""

    action: AuditEntry.Action
    subject_type: str
    subject_id: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)


def look_at(name: str, values: Mapping[str, Any], query: Mapping[str, str]) -> Look | None:
    """Return what is seen at the address of this name with these values in it; None where it is about nobody.

    A table of the admin is `admin:contacts_customer_changelist`.
    """
    if name in TAKES_NOTHING:
        return None
    if name in FILES:
        return Look(Action.EXPORTED, "cxsurvey.exportrun", str(values["pk"]))
    if name.startswith(EXPORTS):
        return Look(Action.EXPORTED, name, details=_of_export(values, query))
    if name in ("report-page", "reports"):
        key = str(values.get("report_key", ""))
        return Look(Action.SAW, "report", key) if key in REPORTS and REPORTS[key].persons else None
    if name in PAGES:
        table, part = PAGES[name]
        return Look(Action.EXPORTED if name == TAKEN else Action.SAW, table, str(values.get(part, "")))
    return _in_admin(name, values, query)


def right_to_see(look: Look) -> str:
    """Return the right without which the answer leaves single customers out; empty where it shows them always."""
    return SEES_PERSONS if look.subject_type == "report" else ""


def _of_export(values: Mapping[str, Any], query: Mapping[str, str]) -> dict[str, Any]:
    days = {name: query[name] for name in DAYS if name in query}
    others = sorted(name for name in set(query) - set(DAYS) if NAME.fullmatch(name))
    told = {"format": values.get("file_format", ""), **days, "filters": others}
    return {name: value for name, value in told.items() if value}


def _in_admin(name: str, values: Mapping[str, Any], query: Mapping[str, str]) -> Look | None:
    app, _, rest = name.removeprefix("admin:").partition("_")
    model, _, page = rest.partition("_")
    if not name.startswith("admin:") or f"{app}.{model}" not in TABLES:
        return None
    action = Action.SEARCHED if page == "changelist" and query.get("q") else Action.SAW
    return Look(action, f"{app}.{model}", str(values.get("object_id", "")))
