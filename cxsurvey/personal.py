"""What is personal in the tables: one decision for each, from which pages, searches and orders follow.

Of every field that can hold words it is said whether it is hidden from whoever may not see names, addresses and
comments. Colleagues are no secret among each other; who served or called a customer is.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from django.apps import apps
from django.db.models import Model


@dataclass(frozen=True, slots=True)
class Decision:
    """Names of a table's fields, with spaces between them: `hidden` ones, and those that are `open` to who sees rows.

    `displays`: what its page in the admin shows besides, made of what is hidden; it is left out.
    """

    hidden: str = ""
    open: str = ""
    displays: str = ""


OPEN_TOO: Mapping[str, str] = {
    "admin.logentry": "object_id object_repr change_message",
    "auth.permission": "name codename",
    "auth.group": "name",
    "auth.user": "username first_name last_name email password",
    "contenttypes.contenttype": "app_label model",
    "django_q.schedule": "name func hook args kwargs cron task cluster intended_date_kwarg",
    "contacts.era": "key",
    "contacts.brand": "slug name sender_email sender_phone legal_lines default_language",
    "contacts.erased": "hash",
    "contacts.eventmeaning": "name kind channel columns",
    "contacts.policy": "slug name",
    "contacts.policyversion": "document why",
    "contacts.decision": "survey program reasons counted",
    "contacts.contactkind": "survey program source tags",
    "contacts.holdout": "salt cap why",
    "contacts.wish": "hours",
    "surveys.survey": "slug name review_url",
    "surveys.surveyversion": "hidden_fields",
    "surveys.question": "key details show_if jumps module fact aspect",
    "surveys.translation": "language field text",
    "surveys.target": "value",
    "surveys.plannedtarget": "margins",
    "surveys.plannedgroup": "group",
    "surveys.look": "colour logo logo_type logo_hash",
    "surveys.program": "slug name kinds channels filters contact_channels",
    "surveys.wave": "programs cancel_reason",
    "surveys.waverange": "touchpoints report",
    "surveys.pause": "reason",
    "surveys.allowance": "gateway",
    "analytics.feed": "name address_hash brands",
    "analytics.journeystage": "name kinds",
    "analytics.metric": "name lowest highest",
    "analytics.countedmonth": "scores",
    "analytics.churnrule": "leaving_kinds problem_outcomes",
    "analytics.churnrun": "refusal numbers",
    "analytics.customerrisk": "reasons",
    "analytics.reportmail": "detail",
    "analytics.themewords": "language words",
    "analytics.commentreading": "codebook",
    "analytics.driverweight": "driver",
    "recovery.improvement": "kind language text",
    "recovery.webhookmark": "told_at_risk",
    "cxsurvey.heartbeat": "name",
    "cxsurvey.apitoken": "name scopes hash begins_with",
    "cxsurvey.guesses": "key whom",
    "cxsurvey.authenticatorapp": "salt",
    "cxsurvey.passkey": "name credential_id public_key",
    "cxsurvey.recoverycode": "hash",
    "cxsurvey.retention": "kind",
    "cxsurvey.auditentry": "subject_type subject_id details",
}
"""Tables in which nothing is hidden."""
DECISIONS: Mapping[str, Decision] = {
    **{table: Decision(open=names) for table, names in OPEN_TOO.items()},
    "cxsurvey.loginsession": Decision("session_key session_data browser address"),
    **dict.fromkeys(
        ("django_q.task", "django_q.success", "django_q.failure"),
        Decision("args kwargs result", "id name func hook group cluster"),
    ),
    "django_q.ormq": Decision("payload", "key"),
    "contacts.account": Decision("external_id name", "source"),
    "contacts.customer": Decision("external_id name attributes", "source time_zone language country"),
    "contacts.identifier": Decision("value closed_reason", "issuer verified_by"),
    "contacts.touchpoint": Decision(
        "agent attributes", "source external_id kind channel team product reference outcome"
    ),
    "contacts.optout": Decision("wording"),
    "contacts.consentevent": Decision("wording evidence", "shown source asked language version"),
    "contacts.eventsource": Decision(open="name ids_of write_key_hash"),
    "contacts.event": Decision("message_id user_id anonymous_id body digest detail", "name"),
    "contacts.importrun": Decision(
        "problem rejects", "source file_name file digest sheet time_zone mapping taken_from request_key"
    ),
    "contacts.override": Decision("reason"),
    "contacts.contact": Decision("by", "survey program source external_id tags"),
    "surveys.invitation": Decision("state_reason", "language claimed_by link_key"),
    "surveys.attempt": Decision("key reference detail", "gateway"),
    "surveys.outboxmessage": Decision("recipient subject text html", "sender"),
    "surveys.openlink": Decision(open="name kind touchpoint_channel link_key"),
    "surveys.opensecret": Decision("secret"),
    "surveys.openmark": Decision("mark"),
    "surveys.response": Decision("attributes", "source external_id channel language"),
    "surveys.answer": Decision("text", "part"),
    "surveys.callcase": Decision("answers", "language disposition"),
    "surveys.callattempt": Decision("by note", "late"),
    "surveys.providerrequest": Decision("query body", "gateway"),
    "surveys.providerevent": Decision("key reference provider_reference detail", "gateway"),
    "surveys.incomingsms": Decision("key sender text", "gateway recipient for_person"),
    "analytics.scheduledreport": Decision("filters", "name report"),
    "analytics.theme": Decision(open="key name", displays="examples"),
    "recovery.followup": Decision("action no_action_reason"),
    "recovery.followupnote": Decision("text"),
    "recovery.webhookendpoint": Decision(open="name url events pause_reason", displays="newest"),
    "recovery.webhookevent": Decision("data personal", "uid"),
    "recovery.webhookdelivery": Decision(displays="newest attempts"),
    "recovery.webhookattempt": Decision("answer"),
    "cxsurvey.exportrun": Decision("problem", "table format asked columns brands next_changes_since file sha256"),
}
"""Every table with a field that can hold words, and those whose pages show what is hidden in others."""


def hidden_in_tables() -> Iterator[tuple[type[Model], frozenset[str]]]:
    """Yield each table with the names of what is hidden in it, for `contacts.hiding`."""
    for name, decision in DECISIONS.items():
        if decision.hidden:
            yield apps.get_model(name), frozenset(decision.hidden.split())


def left_out(table: type[Model]) -> frozenset[str]:
    """Return what a table's page in the admin leaves out."""
    decision = DECISIONS.get(table._meta.label_lower, Decision())  # noqa: SLF001
    return frozenset(decision.displays.split())
