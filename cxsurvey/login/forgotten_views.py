"""A password that was forgotten is chosen anew by a link in a mail; nobody learns from it who there is."""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.forms import SetPasswordForm
from django.contrib.auth.models import User
from django.contrib.auth.views import PasswordResetConfirmView
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.urls import path
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods
from django_q.tasks import async_task

from contacts.client_address import client_address
from contacts.guarded import show
from cxsurvey.audit import record
from cxsurvey.login import guesses, sessions, telling
from cxsurvey.login.telling import News
from cxsurvey.models import AuditEntry

SENDS = "cxsurvey.tasks.send_forgotten_password"


class EmailForm(forms.Form):
    email = forms.EmailField(
        label="Your email address", widget=forms.EmailInput({"autocomplete": "email", "autofocus": True})
    )


@never_cache
@require_http_methods(["GET", "POST"])
def forgotten(request: HttpRequest) -> HttpResponse:
    """Take an address, and say the same to everybody; the worker looks whose it is."""
    if not telling.can_mail():
        raise Http404
    form, asked = EmailForm(request.POST or None), False
    if request.method == "POST" and form.is_valid():
        email, asked = form.cleaned_data["email"], True
        if guesses.take(guesses.forgotten_places(email, client_address(request)), timezone.now()) is None:
            async_task(SENDS, email)
    status = 400 if form.errors else 200
    return show(request, "cxsurvey/login/forgotten.html", status, title="A new password", form=form, asked=asked)


class ChoosePassword(PasswordResetConfirmView):
    """The page behind the link. It logs nobody in: the second factor is still asked for."""

    template_name = "cxsurvey/login/choose_password.html"
    title = "Choose a new password"

    def form_valid(self, form: "SetPasswordForm[User]") -> HttpResponse:
        """Take the new password and end all logins."""
        super().form_valid(form)
        user, at = form.user, timezone.now()
        record(AuditEntry.Action.CHANGED, "password", str(user.pk), at=at, by_id=user.pk, details={"with": "mail"})
        sessions.end_logins(user.pk, at=at, by_id=user.pk)
        telling.tell(user, News.PASSWORD)
        return show(self.request, self.template_name, title="Your new password holds", done=True)

    def get_success_url(self) -> str:
        return ""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        return {**admin.site.each_context(self.request), **context, "title": self.title}

    def dispatch(self, *args: Any, **kwargs: Any) -> HttpResponseBase:
        answer: HttpResponseBase = super().dispatch(*args, **kwargs)
        answer.headers["Referrer-Policy"] = "no-referrer"
        return answer


urlpatterns = [
    path("login/forgotten/", forgotten, name="password-forgotten"),
    path("login/new-password/<slug:uidb64>/<str:token>/", ChoosePassword.as_view(), name="password-new"),
]
