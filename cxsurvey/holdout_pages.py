"""The holdout is chosen by somebody who has seen what it costs; every choice is kept with who, when and why."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin.models import ADDITION
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from contacts.explaining import named
from contacts.gate.audit import audit
from contacts.guarded import admin_page, show, staff_id
from contacts.holdouts import (
    MOST,
    PROPOSED,
    TIMES_HIGHER,
    Choice,
    HoldoutError,
    choose,
    holdout_in_force,
    rules_to_vary,
    say_arms,
    say_share,
)
from contacts.models import Holdout
from contacts.policies import policy_in_force

SHARES = (0.02, 0.05, 0.1, 0.2)
"""Of which the page tells the cost, beside the one that is filled in."""
EARLIER = 20


class HoldoutForm(forms.Form):
    """Shares in percent, as managers say them."""

    share = forms.FloatField(
        label="Held out (% of the customers)",
        min_value=0,
        max_value=100 * MOST,
        widget=forms.NumberInput({"step": "any"}),
        help_text=f"0 is nobody; {100 * PROPOSED:.0f} is proposed.",
    )
    cap = forms.ChoiceField(label="Rule of the policy", required=False)
    limit = forms.IntegerField(
        label="Its limit for them",
        required=False,
        min_value=1,
        help_text=f"Lower than the policy's, or up to {TIMES_HIGHER} times it.",
    )
    limit_share = forms.FloatField(
        label="With another limit (% of the customers)",
        required=False,
        min_value=0,
        max_value=100 * MOST,
        widget=forms.NumberInput({"step": "any"}),
        help_text="0 is nobody.",
    )
    why = forms.CharField(
        label="Why?",
        max_length=1000,
        widget=forms.Textarea({"rows": 2}),
        help_text="Kept with your name and the time.",
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        rules = {name: f"{name}: {cap['limit']} in {cap['window']}" for name, cap in rules_to_vary().items()}
        self.fields["cap"] = forms.ChoiceField(
            label="Rule of the policy", required=False, choices=[("", "None"), *rules.items()]
        )

    def choice(self) -> Choice:
        """What was filled in, with shares from 0 to 1."""
        values = self.cleaned_data
        share = (values.get("limit_share") or 0.0) / 100
        return Choice(values["share"] / 100, values.get("cap") or "", values.get("limit") or 0, share)


def holdout(request: HttpRequest) -> HttpResponse:
    """Show what is measured, what a share costs, and what was chosen before."""
    return _show(request, HoldoutForm(initial=_as_filled_in(holdout_in_force())))


@require_POST
def choose_holdout(request: HttpRequest) -> HttpResponse:
    """Put a choice in force, or say what is wrong with it beside its cost."""
    form = HoldoutForm(request.POST)
    if not form.is_valid():
        return _show(request, form, 400)
    try:
        chosen = _choose(form.choice(), timezone.now(), staff_id(request), form.cleaned_data["why"])
    except HoldoutError as error:
        form.add_error(error.field, str(error))
        return _show(request, form, 400)
    messages.success(request, f"{chosen}, from now on.")
    return redirect("holdout")


@transaction.atomic
def _choose(choice: Choice, at: datetime, by_id: int, why: str) -> Holdout:
    chosen = choose(choice, at=at, by_id=by_id, why=why)
    audit(chosen, ADDITION, f"{chosen}; another limit for {say_share(chosen.limit_share)}", by_id=by_id, at=at)
    return chosen


def _as_filled_in(chosen: Holdout | None) -> dict[str, Any]:
    if chosen is None:
        return {"share": f"{100 * PROPOSED:g}", "limit_share": "0"}
    limit = {"cap": chosen.cap["name"], "limit": chosen.limit} if chosen.limit_share else {}
    return {"share": f"{100 * chosen.share:g}", "limit_share": f"{100 * chosen.limit_share:g}", **limit}


def _show(request: HttpRequest, form: HoldoutForm, status: int = 200) -> HttpResponse:
    # Numpy is heavy: only who opens this page pays for it.
    from analytics.holdout_cost import LastYear, cost, last_year

    def rows(year: LastYear) -> Iterator[tuple[str, Any]]:
        for share in sorted({*SHARES, *_filled_in(form)}):
            yield say_share(share), cost(share, year)

    at, in_force = timezone.now(), holdout_in_force()
    year = last_year(at)
    return show(
        request,
        "cxsurvey/holdout.html",
        status,
        title="Holdout",
        form=form,
        told=say_arms(in_force, policy_in_force()[1]),
        in_force=in_force,
        by=named(in_force.by) if in_force and in_force.by else "",
        year=year,
        rows=list(rows(year)),
        earlier=[
            (row, say_share(row.share), say_share(row.limit_share))
            for row in Holdout.objects.select_related("by").order_by("-at", "-pk")[:EARLIER]
        ],
    )


def _filled_in(form: HoldoutForm) -> list[float]:
    """The share that is filled in, where it is one of which a cost can be told."""
    try:
        share = float(form["share"].value() or 0) / 100
    except ValueError:
        return []
    return [share] if 0 < share <= MOST else []


urlpatterns = [
    admin_page("holdout/", holdout, "holdout", "contacts.view_holdout"),
    admin_page("holdout/choose/", choose_holdout, "holdout-choose", "contacts.view_holdout", "contacts.add_holdout"),
]
