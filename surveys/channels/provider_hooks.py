"""What email providers tell us of messages, read and checked by django-anymail's own classes.

Only who is reached matters here. That a mail was opened or a link followed is never trusted and not even kept: mail
scanners do both. Automatic replies are no answer, no bounce and no opt-out.
"""

import hashlib
from collections.abc import Callable, Mapping
from datetime import datetime
from importlib.util import find_spec
from typing import Any

from anymail.exceptions import AnymailConfigurationError, AnymailWebhookValidationFailure
from django.conf import settings
from django.http import HttpRequest
from django.utils.module_loading import import_string

from surveys.channels.events import Event, HookRefusedError, Status, StatusEvent
from surveys.channels.mail_codes import codes

#: django-anymail's names of events and of reasons (its documentation, "Tracking sent mail status") -> ours.
STATUSES = {
    "queued": Status.ACCEPTED,
    "sent": Status.ACCEPTED,
    "deferred": Status.DEFERRED,
    "delivered": Status.DELIVERED,
    "failed": Status.FAILED,
    "unsubscribed": Status.UNSUBSCRIBED,
    "complained": Status.COMPLAINED,
}
#: Why a provider did not even try: what it knows of the address, or that the customer said no to it before.
REJECTIONS = {
    "invalid": Status.BOUNCED,
    "bounced": Status.BOUNCED,
    "unsubscribed": Status.UNSUBSCRIBED,
    "spam": Status.UNSUBSCRIBED,
}
UNREADABLE = (ValueError, KeyError, TypeError, AttributeError, IndexError, AssertionError, RecursionError)
"""What anymail's parsing raises for a request that the provider would not send."""


class ProviderHook:
    """The hook of one provider; `hard` tells from its bounce whether the address is at fault, or something passing."""

    methods: tuple[str, ...] = ("POST", "HEAD")

    def __init__(self, view: str, hard: Callable[[Any], bool]) -> None:
        self.view = view
        self.hard = hard

    def read(self, request: HttpRequest, at: datetime) -> list[Event]:
        """Return what became of messages. Raises HookRefusedError."""
        if request.method == "HEAD":  # some ask whether anybody is there before they tell anything
            return []
        view = self._view()
        try:
            view.run_validators(request)
            told = view.parse_events(request)
        except AnymailWebhookValidationFailure as error:
            # Its own text may quote the password that came with the request.
            raise HookRefusedError(
                "The password or the signature is not the one agreed on with the provider."
            ) from error
        except AnymailConfigurationError as error:
            raise HookRefusedError(str(error), status=400) from error
        except UNREADABLE as error:
            raise HookRefusedError("This is no event of the provider.", status=400) from error
        return [read for event in told if (read := self._event(event, at))]

    def answer(self) -> tuple[str, str]:
        """Providers ask for nothing but the status 200."""
        return "", "text/plain"

    def _view(self) -> Any:
        """Return anymail's view, which reads its settings. One that would let everybody in is not used."""
        view_class = import_string(f"anymail.webhooks.{self.view}")
        if not settings.ANYMAIL.get("WEBHOOK_SECRET") and not is_signed(self.view):
            raise HookRefusedError("Nobody can be told apart here. Set ANYMAIL_WEBHOOK_SECRET to user:password.")
        return view_class()

    def _event(self, told: Any, at: datetime) -> StatusEvent | None:
        status = self._status(told)
        if status is None:
            return None
        metadata = told.metadata if isinstance(told.metadata, Mapping) else {}
        return StatusEvent(
            key=_key(told),
            status=status,
            at=min(told.timestamp or at, at),
            reference=str(metadata.get("reference") or ""),
            provider_reference=str(told.message_id or ""),
            detail=str(told.mta_response or told.description or told.reject_reason or ""),
        )

    def _status(self, told: Any) -> Status | None:
        if told.event_type == "bounced":
            return Status.BOUNCED if self.hard(told) else Status.FAILED
        if told.event_type == "rejected":
            return REJECTIONS.get(told.reject_reason, Status.FAILED)
        return STATUSES.get(told.event_type)


def is_signed(view: str) -> bool:
    """Whether the settings have the key with which the provider signs what it tells."""
    return any(settings.ANYMAIL.get(name) for name in SIGNING_KEYS.get(view, ()))


def missing_package(view: str) -> str:
    """The package without which no signature of the provider can be checked, where it signs; empty for none."""
    package = SIGNATURE_PACKAGES.get(view, "")
    return package if package and is_signed(view) and find_spec(package) is None else ""


def _key(told: Any) -> str:
    """Name the event: by the provider's own id, or where it gives none by what it says, which each copy repeats."""
    if told.event_id:
        return f"{told.event_type}:{told.event_id}"
    at = told.timestamp.isoformat() if told.timestamp else ""
    said = "\n".join(map(str, (told.event_type, told.message_id, told.recipient, at)))
    return hashlib.sha256(said.encode()).hexdigest()


def _mailgun(told: Any) -> bool:
    found = told.esp_event.get("event-data", {})
    code = found.get("delivery-status", {}).get("code", "")
    return found.get("reason") == "suppress-bounce" or codes(f"{code} {told.mta_response}").bad_address


def _sparkpost(told: Any) -> bool:
    [event] = told.esp_event["msys"].values()
    return event.get("bounce_class") in {"10", "30"}


def _resend(told: Any) -> bool:
    return bool(told.esp_event["data"].get("bounce", {}).get("type") == "Permanent")


def _says(field: str, *values: str) -> Callable[[Any], bool]:
    return lambda told: told.esp_event.get(field) in values


#: Signed by the provider itself, where the key for it is set; the others prove themselves by user and password.
SIGNING_KEYS = {
    "mailgun.MailgunTrackingWebhookView": ("MAILGUN_WEBHOOK_SIGNING_KEY", "MAILGUN_API_KEY"),
    "mailtrap.MailtrapTrackingWebhookView": ("MAILTRAP_TRACKING_SECRET",),
    "mandrill.MandrillCombinedWebhookView": ("MANDRILL_WEBHOOK_KEY",),
    "resend.ResendTrackingWebhookView": ("RESEND_SIGNING_SECRET",),
    "sendgrid.SendGridTrackingWebhookView": ("SENDGRID_TRACKING_WEBHOOK_VERIFICATION_KEY",),
}
#: What django-anymail checks a signature with, where that is a package of its own (its documentation, "Installing").
SIGNATURE_PACKAGES = {
    "resend.ResendTrackingWebhookView": "svix",
    "sendgrid.SendGridTrackingWebhookView": "cryptography",
}
#: Provider -> its hook. How each tells a hard bounce is from its own documentation of webhooks.
PROVIDER_HOOKS = {
    "brevo": ProviderHook("brevo.BrevoTrackingWebhookView", _says("event", "hard_bounce", "invalid_email")),
    "mailgun": ProviderHook("mailgun.MailgunTrackingWebhookView", _mailgun),
    "mailjet": ProviderHook(
        "mailjet.MailjetTrackingWebhookView", lambda told: told.esp_event.get("hard_bounce") is True
    ),
    "mailtrap": ProviderHook("mailtrap.MailtrapTrackingWebhookView", _says("event", "bounce")),
    "mandrill": ProviderHook("mandrill.MandrillCombinedWebhookView", _says("event", "hard_bounce")),
    "postmark": ProviderHook("postmark.PostmarkTrackingWebhookView", _says("Type", "HardBounce", "BadEmailAddress")),
    "resend": ProviderHook("resend.ResendTrackingWebhookView", _resend),
    "sendgrid": ProviderHook("sendgrid.SendGridTrackingWebhookView", _says("type", "bounce")),
    "sparkpost": ProviderHook("sparkpost.SparkPostTrackingWebhookView", _sparkpost),
}
