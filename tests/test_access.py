"""Everything that is kept about a person is in what she gets: no table with a row about her is left out unsaid."""

import io
import json
import zipfile
from pathlib import Path

import pytest
from django.apps import apps
from django.db import models
from pytest_django import Settings

from contacts.models import Customer
from cxsurvey.models import AuditEntry
from cxsurvey.own_data import own_data
from tests.staff import client_of
from tests.surveys.makers import make_customer
from tests.test_canaries import found_in
from tests.test_erasing import make_zerlina
from tests.test_merge_pages import page

#: Table with a way to a customer -> the part that has what it holds, or why none has.
TOLD = {
    "contacts.Identifier": "addresses",
    "contacts.OptOut": "refusals",
    "contacts.Wish": "wishes",
    "contacts.ConsentEvent": "consents",
    "contacts.ErasureDue": "(only that she waits to be erased)",
    "contacts.Touchpoint": "experiences",
    "contacts.Appointment": "appointments",
    "contacts.Override": "overrides",
    "contacts.Contact": "contacts",
    "contacts.Decision": "decisions",
    "contacts.Event": "events",
    "contacts.Proposal": "compared",
    "contacts.NewestContacts": "(a cache of contacts)",
    "surveys.Invitation": "messages",
    "surveys.Attempt": "handed_over",
    "surveys.ProviderEvent": "(adds up to what became of the message, in handed_over)",
    "surveys.OutboxMessage": "written",
    "surveys.IncomingSms": "texts",
    "surveys.Response": "answers",
    "surveys.Answer": "answers",
    "surveys.CallCase": "call_cases",
    "surveys.CallAttempt": "calls",
    "recovery.FollowUp": "follow_ups",
    "recovery.FollowUpNote": "notes",
    "recovery.WebhookEvent": "told_to_other_systems",
    "recovery.WebhookDelivery": "told_to_other_systems",
    "recovery.WebhookAttempt": "(how another system answered the call)",
    "analytics.CustomerRisk": "risks",
    "analytics.CommentTheme": "themes",
    "analytics.CommentReading": "(when the comment was read)",
    "analytics.ThemeCorrection": "(what a colleague said about a theme, in themes)",
}


def about_persons() -> set[str]:
    """Return every table whose rows lead to a customer, over any number of others."""
    found: set[type[models.Model]] = {Customer}
    while more := {
        model
        for model in apps.get_models()
        if model not in found
        for field in model._meta.concrete_fields
        if field.related_model in found
    }:
        found |= more
    return {model._meta.label for model in found - {Customer}}


@pytest.mark.django_db
def test_every_table_with_a_way_to_a_customer_is_told_or_named() -> None:
    assert about_persons() == TOLD.keys()
    parts = own_data([make_customer().pk], "UTC").keys()
    assert {part for part in TOLD.values() if not part.startswith("(")} <= parts


@pytest.mark.django_db
def test_staff_take_out_everything_and_that_is_audited(settings: Settings, tmp_path: Path) -> None:
    settings.UPLOADS_FOLDER = str(tmp_path)
    customer, manager = make_zerlina(), client_of("CX manager")
    address = f"/admin/customers/{customer.pk}/"
    assert "All that is known of this customer" in page(manager, address)
    shown = page(manager, f"{address}data/")
    for told in ("Zerlina Quux", "canary: stop", "Rang Zerlina back", "Zerlina asked", "Zerlina&#x27;s mother"):
        assert told in shown
    response = manager.post(f"{address}data/file/")
    assert "no-store" in response["Cache-Control"]
    with zipfile.ZipFile(io.BytesIO(response.content)) as parts:
        data, readme = json.loads(parts.read("data.json")), parts.read("README.txt").decode()
        read = parts.read("data.html").decode()
    assert data["person"][0]["name"] == "Zerlina Quux"
    assert data["legend"]["consents"][""] == "Was Sie zu Nachrichten von uns gesagt haben", "hers is German"
    assert '<html lang="de">' in read
    assert "zerlina@home.example" in read
    assert "Comments, and hidden fields of answers: 730 days" in readme
    assert "and from these of our systems: crm." in readme
    entries = AuditEntry.objects.filter(subject_type="contacts.customer", subject_id=str(customer.pk))
    assert list(entries.order_by("pk").values_list("action", flat=True)) == ["saw", "saw", "exported"]
    assert not found_in(repr(list(AuditEntry.objects.values())).encode())


@pytest.mark.django_db
def test_interviewers_do_not_take_it_out() -> None:
    customer, interviewer = make_customer(), client_of("Interviewer")
    assert interviewer.get(f"/admin/customers/{customer.pk}/data/").status_code == 403
    assert interviewer.post(f"/admin/customers/{customer.pk}/data/file/").status_code == 403
    assert "All that is known of this customer" not in page(interviewer, f"/admin/customers/{customer.pk}/")
