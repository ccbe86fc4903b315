"""The page on which it is decided for how long each kind of data is kept, after a look at what would go."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from contacts.guarded import admin_page, show, staff_id
from contacts.models import Erased
from contacts.retention import Kind
from cxsurvey import retention
from cxsurvey.retention import KINDS, TooShort

LONGEST = 36_500
SURE = "sure"


class RetentionForm(forms.Form):
    """Days for each kind; empty is for good."""

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, initial=retention.all_days())
        for kind in KINDS:
            field = forms.IntegerField(label=kind.name, required=False, min_value=1, max_value=LONGEST)
            field.widget.attrs |= {"class": "cx-days", "aria-describedby": f"id_{kind.key}_helptext"}
            self.fields[kind.key] = field

    def clean(self) -> dict[str, Any]:
        """Refuse by name what the contract on how often needs for longer."""
        values = super().clean() or {}
        for kind in KINDS:
            if kind.key in values:
                try:
                    retention.check(kind.key, values[kind.key])
                except TooShort as error:
                    self.add_error(kind.key, str(error))
        return values

    def changed(self) -> dict[str, int | None]:
        """What was decided anew, by kind."""
        now = retention.all_days()
        return {key: days for key, days in self.cleaned_data.items() if days != now[key]}


def retention_page(request: HttpRequest) -> HttpResponse:
    """Show what is kept for how long; before that is changed, show what would go, and ask whether somebody is sure."""
    form = RetentionForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        return _show(request, form, 400 if form.errors else 200)
    changed, at = form.changed(), timezone.now()
    if not changed:
        messages.info(request, "Nothing was changed.")
        return redirect("retention")
    if SURE not in request.POST:
        meaning = [_meaning(retention.BY_KEY[key], days, at) for key, days in changed.items()]
        return _show(request, form, 200, meaning=meaning)
    retention.decide(changed, at=at, by_id=staff_id(request))
    messages.success(request, "Saved. What is too old by now goes in the coming night, shortly after two o'clock.")
    return redirect("retention")


def _meaning(kind: Kind, days: int | None, at: Any) -> dict[str, Any]:
    before, now = retention.all_days()[kind.key], retention.gone(kind.key, days, at)
    return {"kind": kind, "before": before, "days": days, "gone": now}


def _show(request: HttpRequest, form: RetentionForm, status: int, **more: Any) -> HttpResponse:
    return show(
        request,
        "cxsurvey/retention.html",
        status,
        title="For how long data is kept",
        form=form,
        kinds=[(kind, form[kind.key]) for kind in KINDS],
        need=retention.needed(),
        came_again=sum(Erased.objects.filter(came_again__gt=0).values_list("came_again", flat=True)),
        **more,
    )


urlpatterns = [
    admin_page("retention/", retention_page, "retention", "cxsurvey.view_retention", "cxsurvey.change_retention")
]
