"""Who may do what: three groups, their rights in one table."""

from collections.abc import Mapping

from django.contrib.auth.models import Group, Permission
from django.db import transaction

VIEW, ADD, CHANGE, DELETE = "view", "add", "change", "delete"
_LOOK = (VIEW,)
_EDIT = (VIEW, ADD, CHANGE)

_CONTACTS = (
    "customer",
    "account",
    "identifier",
    "optout",
    "wish",
    "touchpoint",
    "contact",
    "decision",
    "policyversion",
)
_SURVEYS = (
    "survey",
    "surveyversion",
    "question",
    "translation",
    "program",
    "invitation",
    "attempt",
    "response",
    "answer",
)

#: Group -> (app label, model) -> what its members may do with the rows.
ROLES: Mapping[str, Mapping[tuple[str, str], tuple[str, ...]]] = {
    "CX manager": {
        **{("contacts", model): _LOOK for model in _CONTACTS},
        **{("surveys", model): _LOOK for model in _SURVEYS},
        ("contacts", "brand"): _EDIT,
        ("contacts", "contact"): (VIEW, ADD),
        ("contacts", "optout"): (VIEW, ADD),
        ("contacts", "policy"): _EDIT,
        ("contacts", "policyversion"): (VIEW, ADD),
        ("contacts", "importrun"): (VIEW, ADD),
        ("surveys", "survey"): _EDIT,
        ("surveys", "surveyversion"): (*_EDIT, DELETE),
        ("surveys", "question"): (*_EDIT, DELETE),
        ("surveys", "translation"): (*_EDIT, DELETE),
        ("surveys", "program"): _EDIT,
        ("recovery", "followup"): (VIEW, CHANGE),
        ("recovery", "followupnote"): (VIEW, ADD),
        ("recovery", "improvement"): (*_EDIT, DELETE),
    },
    "Analyst": {
        **{("contacts", model): _LOOK for model in ("customer", "touchpoint", "contact", "decision")},
        **{("surveys", model): _LOOK for model in ("survey", "program", "invitation", "response", "answer")},
    },
    "Interviewer": {
        ("contacts", "customer"): _LOOK,
        ("contacts", "touchpoint"): _LOOK,
        ("contacts", "contact"): (VIEW, ADD),
        ("contacts", "optout"): (VIEW, ADD),
        ("recovery", "followup"): (VIEW, CHANGE),
        ("recovery", "followupnote"): (VIEW, ADD),
    },
}


@transaction.atomic
def install_roles() -> None:
    """Give every group exactly the rights of `ROLES`; safe to repeat. Needs the migrations to be applied."""
    for name, rights in ROLES.items():
        group, _ = Group.objects.get_or_create(name=name)
        wanted = {(app, f"{action}_{model}") for (app, model), actions in rights.items() for action in actions}
        permissions = Permission.objects.filter(content_type__app_label__in={app for app, _ in wanted})
        permissions = permissions.select_related("content_type")
        group.permissions.set(
            permission
            for permission in permissions
            if (permission.content_type.app_label, permission.codename) in wanted
        )
