"""Fewest contacts: a page of the admin that shows what the targets of the month take, before anybody is asked."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from contacts.guarded import admin_page, show
from surveys.models import ContactPlan, PlannedTarget, Target


@require_safe
def fewest(request: HttpRequest) -> HttpResponse:
    """Show the plan in force."""
    plan = ContactPlan.objects.in_force(timezone.now()).first()
    rows = PlannedTarget.objects.filter(plan=plan).select_related("target__program").order_by("target")
    return _show(request, list(rows), plan.made_at if plan else None, plan)


@require_POST
def try_targets(request: HttpRequest) -> HttpResponse:
    """Show what all targets would take, those of programs that are not active yet too. Keeps nothing."""
    from cxsurvey.fewest.keeping import try_out

    now = timezone.now()
    return _show(request, try_out(now), now, None)


@require_POST
def plan_again(request: HttpRequest) -> HttpResponse:
    """Plan the rest of the month now, and not only in the night."""
    from cxsurvey.fewest.keeping import plan_contacts

    if plan_contacts(timezone.now()):
        messages.success(request, "Planned. From now on the programs ask by this plan.")
    else:
        messages.warning(request, "No active program has a target. Name one on the program's page.")
    return redirect("fewest-contacts")


def _show(
    request: HttpRequest, rows: Sequence[PlannedTarget], at: datetime | None, plan: ContactPlan | None
) -> HttpResponse:
    about: dict[str, Any] = {
        "title": "Fewest contacts for a trustworthy answer",
        "at": at,
        "plan": plan,
        "targets": Target.objects.count(),
        "changed": Target.objects.not_in(plan) if plan else (),
    }
    if rows:
        # Drawing is heavy: only who looks at a plan pays for it.
        from analytics import charts
        from cxsurvey.fewest import picture, words

        about |= {
            "section": picture.picture(rows),
            "settings": charts.SETTINGS,
            "helps": list(words.helps(rows)),
            "margins": list(zip(rows, words.names(rows), map(words.one_point_less, rows), strict=True)),
        }
    return show(request, "cxsurvey/fewest.html", **about)


urlpatterns = [
    admin_page("fewest-contacts/", fewest, "fewest-contacts", "surveys.view_target"),
    admin_page("fewest-contacts/try/", try_targets, "fewest-contacts-try", "surveys.change_target"),
    admin_page("fewest-contacts/plan/", plan_again, "fewest-contacts-plan", "surveys.change_target"),
]
