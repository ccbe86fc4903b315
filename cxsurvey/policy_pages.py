"""A policy is changed only by somebody who has seen what the change would have meant."""

import json
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin.models import ADDITION, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from contacts import frequency, policies
from contacts.explaining import say_changes
from contacts.frequency.windows import start_of_day
from contacts.guarded import admin_page, show, staff_id
from contacts.models import PolicyVersion
from contacts.models.words import Channel
from cxsurvey.comparing import compare
from cxsurvey.policy_form import CapForm, PolicyForm
from cxsurvey.policy_scopes import scope_warnings
from surveys.models import Program
from surveys.replaying import CannotReplayError, Inquiry, of_kind, of_program

YEAR = timedelta(days=365)
MOST = 200_000
"""Touchpoints that a page looks at; for more there is the command."""
EVERY, ONE_KIND = "*", "kind"


class TrialForm(forms.Form):
    """On which touchpoints the policy is tried."""

    since = forms.DateField(label="From", widget=forms.DateInput({"type": "date"}))
    until = forms.DateField(
        label="Until", widget=forms.DateInput({"type": "date"}), help_text="The day after the last one."
    )
    asking = forms.ChoiceField(label="As asked by")
    kind = forms.CharField(label="Kind of touchpoint", required=False, max_length=60)
    channel = forms.ChoiceField(label="By", choices=Channel.choices, required=False)
    delay = forms.IntegerField(label="Hours after the touchpoint", min_value=0, initial=12, required=False)
    worth = forms.IntegerField(label="Not later than hours after it", min_value=0, initial=24, required=False)

    def __init__(self, at: datetime, data: Any = None) -> None:
        today = timezone.localdate(at)
        super().__init__(data, initial={"since": today - YEAR, "until": today})
        programs = Program.objects.order_by("-active", "name")
        named = [(program.slug, str(program) if program.active else f"{program} (not active)") for program in programs]
        together = [(EVERY, "All active programs together")] if any(program.active for program in programs) else []
        self.ways = dict([*together, *named, (ONE_KIND, "No program: one kind of touchpoint, see below")])
        self.fields["asking"] = forms.ChoiceField(label="As asked by", choices=list(self.ways.items()))
        self.initial["asking"] = next(iter(self.ways))

    def one_kind(self) -> bool:
        """Whether no program is chosen."""
        return bool(self["asking"].value() == ONE_KIND)

    def asked_by(self) -> str:
        """What is chosen, in words."""
        if self.one_kind():
            return f"every {self['kind'].value()} by {self['channel'].value()}".replace("_", " ")
        return self.ways[self["asking"].value()]

    def carried(self) -> list[tuple[str, str]]:
        """What was chosen, for the next page to send on."""
        return [(field.html_name, field.value() or "") for field in self]

    def clean(self) -> dict[str, Any]:
        """The period holds a day, and what the choice needs is there."""
        values = super().clean() or {}
        since, until = values.get("since"), values.get("until")
        if since and until and until <= since:
            self.add_error("until", f"This is not after {since}. Name the day after the last one of the period.")
        if values.get("asking") == ONE_KIND:
            for name in ("kind", "channel", "delay", "worth"):
                if values.get(name) in (None, "") and name not in self.errors:
                    self.add_error(name, "Without a program this is needed.")
        if not self.errors:
            try:
                values["inquiries"] = _inquiries(values)
            except CannotReplayError as error:
                self.add_error("asking", str(error))
        return values


def try_policy(request: HttpRequest) -> HttpResponse:
    """Choose rules and a period; then see what the rules would have meant. Writes nothing, by GET or POST."""
    if request.method != "POST":
        return _form(request, PolicyForm(policies.version_in_force().document), TrialForm(timezone.now()))
    if "document" in request.POST:
        document, wrong = _posted(request)
        shown = policies.version_in_force().document if wrong else document
        return _form(request, PolicyForm(shown), TrialForm(timezone.now(), request.POST), wrong)
    if "more" in request.POST:
        return _form(request, PolicyForm(data=_one_more(request)), TrialForm(timezone.now(), request.POST))
    rules, trial = PolicyForm(data=request.POST), TrialForm(timezone.now(), request.POST)
    if not (rules.is_valid() & trial.is_valid()):
        return _form(request, rules, trial, status=400)
    document = rules.document()
    if wrong := policies.problems(document):
        return _form(request, rules, trial, wrong, status=400)
    return _meaning(request, document, trial)


@require_POST
def publish_policy(request: HttpRequest) -> HttpResponse:
    """Put the rules in force that were shown, if they were compared with those that still are."""
    version, trial = policies.version_in_force(), TrialForm(timezone.now(), request.POST)
    document, wrong = _posted(request)
    if wrong or not trial.is_valid():
        return _form(request, PolicyForm(version.document if wrong else document), trial, wrong, status=400)
    why = request.POST.get("why", "").strip()
    if request.POST.get("compared") != str(version.pk or ""):
        problem = "Another version was put in force meanwhile. Look again: the comparison is with that one now."
        return _meaning(request, document, trial, problem, status=409)
    if not why:
        return _meaning(request, document, trial, "Say why: it is kept with the version.", status=400)
    published = _publish(version, document, why, staff_id(request))
    messages.success(request, f"{published} is in force. Every decision from now on goes by it.")
    return redirect("admin:contacts_policyversion_change", published.pk)


@transaction.atomic
def _publish(version: PolicyVersion, document: dict[str, object], why: str, by_id: int) -> PolicyVersion:
    """The next version of the policy in force; who did it, and what differs, is in the admin's log too."""
    at = timezone.now()
    published = policies.publish(*policies.slug_and_name(), document, at=at, by_id=by_id, why=why)
    LogEntry.objects.create(
        user_id=by_id,
        content_type=ContentType.objects.get_for_model(PolicyVersion),
        object_id=str(published.pk),
        object_repr=str(published),
        action_flag=ADDITION,
        action_time=at,
        change_message=" ".join(say_changes(version.document, document)),
    )
    return published


def _meaning(
    request: HttpRequest, document: dict[str, object], trial: TrialForm, problem: str = "", status: int = 200
) -> HttpResponse:
    """Show what a policy would have meant, beside the one in force."""
    # Numpy and its friends are heavy: only who tries a policy pays for them.
    from cxsurvey.what_if import shortened, what_if

    zone = timezone.get_default_timezone()
    wanted, until = (start_of_day(trial.cleaned_data[name], zone) for name in ("since", "until"))
    inquiries = trial.cleaned_data["inquiries"]
    since = shortened(inquiries, wanted, until, MOST)
    version = policies.version_in_force()
    compared = [policies.of_document(version.document), policies.of_document(document)]
    before, after = what_if(compared, inquiries, since, until, timezone.now())
    return show(
        request,
        "cxsurvey/policy_meaning.html",
        status,
        title="What this policy would have meant",
        version=version,
        changes=say_changes(version.document, document),
        rows=compare(before, after),
        touchpoints=before.touchpoints,
        since=since,
        until=until - timedelta(microseconds=1),
        shortened=MOST if since > wanted else None,
        document=json.dumps(document),
        trial=trial,
        problem=problem,
        warnings=list(scope_warnings(document)),
        why=request.POST.get("why", ""),
    )


def _form(
    request: HttpRequest, rules: PolicyForm, trial: TrialForm, wrong: list[str] | None = None, status: int = 200
) -> HttpResponse:
    return show(
        request, "cxsurvey/policy_form.html", status, title="Try a policy", rules=rules, trial=trial, wrong=wrong or []
    )


def _posted(request: HttpRequest) -> tuple[dict[str, Any], list[str]]:
    """The policy that the page before carried on, and what is wrong with it, if another hand has written it."""
    try:
        document = dict(frequency.read_json(request.POST.get("document", "")))
    except frequency.DocumentError as error:
        return {}, [str(error)]
    return document, policies.problems(document)


def _one_more(request: HttpRequest) -> Any:
    """What was filled in, with an empty row below it."""
    data = request.POST.copy()
    rows = int(data.get("caps-TOTAL_FORMS", "0"))
    data["caps-TOTAL_FORMS"] = str(rows + 1)
    for name, field in CapForm.base_fields.items():
        if field.initial:
            data[f"caps-{rows}-{name}"] = field.initial
    return data


def _inquiries(values: dict[str, Any]) -> list[Inquiry]:
    """What is asked about. Raises CannotReplayError."""
    if values["asking"] == ONE_KIND:
        hours = (timedelta(hours=values[name]) for name in ("delay", "worth"))
        return [of_kind(values["kind"], values["channel"], *hours)]
    programs = Program.objects.select_related("survey")
    chosen = programs.filter(active=True) if values["asking"] == EVERY else programs.filter(slug=values["asking"])
    return [of_program(program) for program in chosen]


urlpatterns = [
    admin_page("policy/", try_policy, "policy-try", "contacts.view_policyversion"),
    admin_page("policy/publish/", publish_policy, "policy-publish", "contacts.add_policyversion"),
]
