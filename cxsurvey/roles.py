"""Who may do what: three groups and their rights, in one table."""

from collections.abc import Mapping

from django.contrib.auth.models import Group, Permission
from django.db import transaction

from contacts.readers import SEES_PERSONAL

EXPORT = "contacts.export"


def rights(app: str, actions: str, models: str) -> set[str]:
    """Return the permissions for every action on every model, both given as words, e.g. `contacts.view_customer`."""
    return {f"{app}.{action}_{model}" for action in actions.split() for model in models.split()}


ROLES: Mapping[str, set[str]] = {
    "CX manager": {
        EXPORT,
        SEES_PERSONAL,
        *rights("contacts", "view", "customer account identifier optout wish touchpoint contact decision importrun"),
        *rights("contacts", "add", "contact optout importrun"),
        *rights("contacts", "view", "event proposal"),
        *rights("contacts", "view add change", "eventsource eventmeaning"),
        *rights("contacts", "merge erase access", "customer"),
        *rights("contacts", "view", "consentevent"),
        *rights("cxsurvey", "view change", "retention"),
        *rights("contacts", "view add", "override"),
        *rights("contacts", "view add change", "appointment"),
        *rights("contacts", "view add change", "brand"),
        *rights("contacts", "view add", "policy policyversion holdout"),
        *rights("surveys", "view", "invitation attempt response answer wave"),
        *rights("surveys", "view change", "incomingsms"),
        *rights("surveys", "view add change", "survey program pause look openlink"),
        *rights("surveys", "view add change delete", "target"),
        *rights("surveys", "view", "callcase"),
        *rights("surveys", "view add", "callattempt"),
        *rights("surveys", "view add change delete", "surveyversion question translation"),
        *rights("analytics", "view add change delete", "theme themewords journeystage"),
        *rights("analytics", "add", "themecorrection"),
        *rights("analytics", "view add change delete", "scheduledreport driverweight"),
        *rights("analytics", "view add change", "feed"),
        *rights("analytics", "view change", "metric churnrule"),
        *rights("recovery", "view change", "followup"),
        *rights("recovery", "view add", "followupnote"),
        *rights("recovery", "view add change delete", "improvement"),
        *rights("recovery", "view", "webhookendpoint webhookdelivery"),
    },
    "Analyst": {
        EXPORT,
        *rights("contacts", "view", "touchpoint contact decision policy policyversion holdout"),
        *rights("surveys", "view", "survey surveyversion program target invitation response answer wave"),
        *rights("analytics", "view add change", "feed"),
        *rights("analytics", "view", "theme themewords journeystage metric churnrule driverweight scheduledreport"),
    },
    "Interviewer": {
        SEES_PERSONAL,
        *rights("contacts", "view", "customer touchpoint identifier optout wish contact"),
        *rights("contacts", "add", "contact optout"),
        *rights("contacts", "view add change", "appointment"),
        *rights("surveys", "view change", "incomingsms"),
        *rights("surveys", "add", "callattempt"),
        *rights("recovery", "view change", "followup"),
        *rights("recovery", "view add", "followupnote"),
    },
}


@transaction.atomic
def install_roles() -> None:
    """Give every group exactly the rights of `ROLES`; safe to repeat. Needs the migrations to be applied."""
    known = {
        f"{app}.{codename}": pk
        for pk, app, codename in Permission.objects.values_list("pk", "content_type__app_label", "codename")
    }
    for name, wanted in ROLES.items():
        group, _ = Group.objects.get_or_create(name=name)
        group.permissions.set(known[right] for right in wanted)
