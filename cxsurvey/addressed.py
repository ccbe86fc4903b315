"""What each address names, and which ones are for who reads all brands: one table, by the name of an address.

For who reads only some brands an address is closed until it stands here. What is open leaves out other brands itself.
"""

from collections.abc import Mapping
from typing import Any

from django.apps import apps
from django.core.exceptions import PermissionDenied
from django.http import Http404

from contacts.brands import House, belonging, visible_to
from contacts.readers import Reader

ALL_BRANDS = "This is about all brands together, and you read only some. Ask somebody who reads all of them."
SAFE = ("GET", "HEAD", "OPTIONS")


def _each(names: str, **parts: str) -> dict[str, Mapping[str, str]]:
    return dict.fromkeys(names.split(), parts)


ROWS: Mapping[str, Mapping[str, str]] = {
    **_each(
        "customer-page customer-call customer-appointment customer-override customer-opt-out customer-why "
        "customer-same-person customer-take-apart customer-erase eligibility",
        customer_id="contacts.customer",
    ),
    "customer-merge": {"customer_id": "contacts.customer", "other_id": "contacts.customer"},
    "appointment-cancel": {"pk": "contacts.appointment"},
    **_each("proposal proposal-different", pk="contacts.proposal"),
    **_each("sending-unknown", pk="surveys.invitation"),
    **_each("sending-resume", pk="surveys.pause"),
    **_each("reply reply-seen reply-answer reply-opt-out", pk="surveys.incomingsms"),
    **_each("call call-take call-state call-hold call-release call-result", pk="surveys.callcase"),
    **_each(
        "preview preview-mail preview-test translate translate-save translate-download translate-upload formats "
        "formats-download editor editor-add editor-save editor-do editor-pages editor-words editor-settings "
        "editor-publish version-next version-discard version-step survey-duplicate",
        version_id="surveys.surveyversion",
    ),
    **_each("survey survey-compare", survey_id="surveys.survey"),
    **_each("open-card open-qr open-link-receipts", link_id="surveys.openlink"),
    **_each("import import-run import-cancel import-rejects", pk="contacts.importrun"),
    **_each("imports-one imports-run imports-cancel imports-rejects", pk="contacts.importrun"),
    "comment-correct": {"pk": "surveys.response"},
    "outbox-message": {"message_id": "surveys.outboxmessage"},
    **_each("follow-up follow-up-take follow-up-note follow-up-close", pk="recovery.followup"),
    "admin:surveys_survey_versions_page": {"object_id": "surveys.survey"},
    **_each("admin:surveys_program_preview admin:surveys_program_targets", object_id="surveys.program"),
}
"""Name of an address -> which part of it names a row of which table."""
WHOLE = {
    *("policy-try", "policy-publish", "sending-pause", "sending-wave", "sending-wave-pause", "sending-wave-cancel"),
    *("fewest-contacts", "fewest-contacts-try", "fewest-contacts-plan"),
    *("holdout", "holdout-choose", "customer-data", "customer-data-file", "retention"),
    *("user-login", "user-login-reset", "user-login-end", "user-login-unlock", "admin:auth_user_login_of"),
    *("webhook-secret", "webhook-secret-shown", "admin:view_on_site", "admin:auth_user_password_change"),
}
"""Addresses of what all brands share; `view_on_site` leads to any row."""
READ_BY_ALL = {"policy"}
"""Of these only what changes something."""
OPEN = {
    *("start", "competition", "sending", "sending-pause-some", "calls", "call-next", "survey-new"),
    *("survey-import", "survey-import-store", "import-new", "imports"),
    *("exports", "export-new", "export-cancel", "export-file", "export-unknown", "dictionary"),
    *("export-runs", "export-run", "export-run-cancel", "export-run-file", "export-run-manifest"),
    *("export-customers", "export-touchpoints", "export-contacts", "export-decisions", "export-invitations"),
    "export-consents",
    *("export-responses", "export-answers", "export-open_responses", "export-open_answers", "export-scores"),
    *("export-inclusion", "responses", "scores", "reports", "eligibility-by-name"),
    *("report", "report-plotly", "report-page", "comments", "comment-words", "customers-at-risk"),
    *("admin:index", "admin:app_list", "admin:search", "admin:autocomplete", "admin:jsi18n"),
    *("login-code", "login-passkey", "login-set-up", "login-lost", "password-forgotten", "password-new", "kept-form"),
    *("your-login", "your-app", "your-app-remove", "your-codes", "your-passkey-ask", "your-passkey"),
    *("your-passkey-remove", "your-logins-end"),
    *("admin:login", "admin:logout", "admin:password_change", "admin:password_change_done"),
    *("outbox", "hook", "events-in", "cloudevents-in", "desk-in", "feed-scores", "health"),
    *("schema", "api-docs"),
}
"""Addresses that show nothing of a brand, or leave out what is of others; some of them ask for a key of their own."""


def let_in(reader: Reader, name: str, parts: Mapping[str, Any], method: str) -> None:
    """Say nothing where a reader may go to the address of this name with these values in it.

    Raises Http404 for rows of other brands, as for those that are not there, and PermissionDenied for what is about all
    brands. One statement for each row that the address names.
    """
    if reader.brands is None:
        return
    for part, table in ROWS.get(name, {}).items():
        rows = apps.get_model(table)._default_manager  # noqa: SLF001 - public in all but name
        try:
            if not visible_to(reader, rows.filter(pk=parts[part])).exists():
                raise Http404
        except ValueError as error:  # no number
            raise Http404 from error
    if not (name in ROWS or name in OPEN or (name in READ_BY_ALL and method in SAFE) or _is_table(name)):
        raise PermissionDenied(ALL_BRANDS)


def is_offered(reader: Reader, name: str) -> bool:
    """Whether the menu leads somebody to the page of this name: not to one that is closed, or always empty."""
    if reader.brands is None:
        return True
    if not _is_table(name):
        return name not in WHOLE
    app, _, model = name.removeprefix("admin:").removesuffix("_changelist").partition("_")
    return not isinstance(belonging(apps.get_model(app, model)), House)


def _is_table(name: str) -> bool:
    """Whether it is a page of a table of the admin, each of which is `contacts.limited_admin.Limited`."""
    return name.startswith("admin:") and name not in WHOLE and name.rpartition("_")[2] in TABLE_PAGES


TABLE_PAGES = ("changelist", "add", "history", "delete", "change")
