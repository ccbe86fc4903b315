"""The admin's menu: what each person may open, in the order of a manager's day."""

from typing import Any, NamedTuple

from django.http import HttpRequest
from django.urls import reverse

from contacts.readers import limits_of
from cxsurvey.addressed import is_offered


class Item(NamedTuple):
    """A line of the menu; `right` is what shows it."""

    words: str
    icon: str
    address: str
    right: str


def group(title: str, *items: tuple[str, str, str, str]) -> tuple[str, list[Item]]:
    """Return a group of the menu."""
    return title, [Item(*item) for item in items]


GROUPS = [
    group(
        "See to it",
        ("Follow-ups", "support_agent", "admin:recovery_followup_changelist", "recovery.view_followup"),
        ("Replies to read", "sms", "admin:surveys_incomingsms_changelist", "surveys.view_incomingsms"),
        ("Calls", "call", "calls", "surveys.add_callattempt"),
        ("Customers", "groups", "admin:contacts_customer_changelist", "contacts.view_customer"),
        ("Same person?", "join_inner", "admin:contacts_proposal_changelist", "contacts.view_proposal"),
        ("Appointments", "event", "admin:contacts_appointment_changelist", "contacts.view_appointment"),
    ),
    group(
        "Learn",
        ("Report", "monitoring", "report", "surveys.view_response"),
        (
            "Reports by mail",
            "schedule_send",
            "admin:analytics_scheduledreport_changelist",
            "analytics.view_scheduledreport",
        ),
        ("Feeds for sheets", "rss_feed", "admin:analytics_feed_changelist", "analytics.view_feed"),
        ("Customers at risk", "trending_down", "customers-at-risk", "contacts.view_customer"),
        ("Weights of drivers", "balance", "admin:analytics_driverweight_changelist", "analytics.view_driverweight"),
        ("When customers are lost", "event_busy", "admin:analytics_churnrule_changelist", "analytics.view_churnrule"),
        ("Comments", "forum", "comments", "surveys.view_response"),
        ("Themes", "sell", "admin:analytics_theme_changelist", "analytics.view_theme"),
        ("Scores", "straighten", "admin:analytics_metric_changelist", "analytics.view_metric"),
        ("Journey", "route", "admin:analytics_journeystage_changelist", "analytics.view_journeystage"),
        ("Exports", "download", "exports", "contacts.export"),
        ("Responses", "rate_review", "admin:surveys_response_changelist", "surveys.view_response"),
        (
            "You said, we did",
            "construction",
            "admin:recovery_improvement_changelist",
            "recovery.view_improvement",
        ),
    ),
    group(
        "Ask",
        ("Programs", "conversion_path", "admin:surveys_program_changelist", "surveys.view_program"),
        ("Surveys", "quiz", "admin:surveys_survey_changelist", "surveys.view_survey"),
        ("New survey", "add_notes", "survey-new", "surveys.add_survey"),
        ("Open links", "qr_code_2", "admin:surveys_openlink_changelist", "surveys.view_openlink"),
        ("Invitations", "outgoing_mail", "admin:surveys_invitation_changelist", "surveys.view_invitation"),
        ("Call cases", "phone_in_talk", "admin:surveys_callcase_changelist", "surveys.view_callcase"),
        ("Sending", "send", "sending", "surveys.view_pause"),
        ("Import a survey", "upload_file", "survey-import", "surveys.add_survey"),
        ("Brands", "storefront", "admin:contacts_brand_changelist", "contacts.view_brand"),
    ),
    group(
        "How often",
        ("Policy", "speed", "admin:contacts_policyversion_changelist", "contacts.view_policyversion"),
        ("Try a policy", "science", "policy-try", "contacts.view_policyversion"),
        ("Fewest contacts", "adjust", "fewest-contacts", "surveys.view_target"),
        ("Holdout", "experiment", "holdout", "contacts.view_holdout"),
        ("Who competes?", "calendar_month", "competition", "contacts.view_decision"),
        ("Planning", "waves", "admin:surveys_wave_changelist", "surveys.view_wave"),
        ("Decisions", "rule", "admin:contacts_decision_changelist", "contacts.view_decision"),
        ("Contacts", "contact_mail", "admin:contacts_contact_changelist", "contacts.view_contact"),
        ("Overrides", "lock_open", "admin:contacts_override_changelist", "contacts.view_override"),
    ),
    group(
        "What came in",
        ("Touchpoints", "touch_app", "admin:contacts_touchpoint_changelist", "contacts.view_touchpoint"),
        ("Import a file", "upload_file", "import-new", "contacts.add_importrun"),
        ("Earlier imports", "history", "admin:contacts_importrun_changelist", "contacts.view_importrun"),
        ("Event sources", "sensors", "admin:contacts_eventsource_changelist", "contacts.view_eventsource"),
        ("What events mean", "label", "admin:contacts_eventmeaning_changelist", "contacts.view_eventmeaning"),
        ("Events", "bolt", "admin:contacts_event_changelist", "contacts.view_event"),
    ),
    group(
        "What goes out",
        ("Webhooks", "webhook", "admin:recovery_webhookendpoint_changelist", "recovery.view_webhookendpoint"),
        ("Deliveries", "outbound", "admin:recovery_webhookdelivery_changelist", "recovery.view_webhookdelivery"),
    ),
    group(
        "People",
        ("Users", "person", "admin:auth_user_changelist", "auth.view_user"),
        ("API tokens", "key", "admin:cxsurvey_apitoken_changelist", "cxsurvey.view_apitoken"),
        ("How long data is kept", "auto_delete", "retention", "cxsurvey.view_retention"),
        ("Audit", "policy", "admin:cxsurvey_auditentry_changelist", "cxsurvey.view_auditentry"),
    ),
]


def navigation(request: HttpRequest) -> list[dict[str, Any]]:
    """Return the groups in which the reader may open something, and of each what that is.

    Addresses are looked up once a page: Unfold compares and writes each several times.
    """
    limits = limits_of(request.user)
    groups = []
    for title, items in GROUPS:
        shown = [
            {"title": item.words, "icon": item.icon, "link": reverse(item.address)}
            for item in items
            if request.user.has_perm(item.right) and is_offered(limits, item.address)
        ]
        if shown:
            groups.append({"title": title, "items": shown})
    return groups
