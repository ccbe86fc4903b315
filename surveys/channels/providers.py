"""Email by the interface of a provider, through django-anymail: EMAIL_GATEWAY names it, ANYMAIL_... are its keys."""

from datetime import datetime, timedelta
from typing import Any

import requests
from anymail.backends.postmark import EmailBackend as Postmark
from anymail.backends.resend import EmailBackend as Resend
from anymail.exceptions import (
    AnymailAPIError,
    AnymailConfigurationError,
    AnymailInvalidAddress,
    AnymailRecipientsRefused,
    AnymailUnsupportedFeature,
)
from django.core.mail import get_connection

from surveys.channels.base import Certainty, ChannelError, FateUnknownError, Gateway, Message, Sent
from surveys.channels.http import never_connected, retry_after
from surveys.channels.mail import as_mail, mailable, name

TOO_MANY, UNAVAILABLE = 429, 503
TRACKING_CAN_BE_SWITCHED_OFF = frozenset({"mailgun", "mailjet", "mandrill", "postmark", "sendgrid", "sparkpost"})
"""For the others it has to be switched off in the provider's own settings."""


class ProviderGateway(Gateway):
    """A provider that can neither be given a key nor be asked what became of our reference."""

    def __init__(self, provider: str) -> None:
        self.provider = provider

    @property
    def backend(self) -> str:
        """Dotted path of the mail backend."""
        return f"anymail.backends.{self.provider}.EmailBackend"

    def send(self, message: Message) -> Sent:
        """Hand the message to the provider. What is not settled by its answer is passing, or unknown."""
        mail: Any = as_mail(message)
        mail.to = [mailable(message.recipient)]
        mail.metadata = {"reference": name(message)}
        if self.provider in TRACKING_CAN_BE_SWITCHED_OFF:
            mail.track_opens = mail.track_clicks = False
        try:
            get_connection(self.backend).send_messages([mail])
        except AnymailRecipientsRefused as error:
            invalid = "invalid" in mail.anymail_status.status
            raise ChannelError(_told(error), permanent=True, bad_address=invalid) from error
        except (AnymailConfigurationError, AnymailInvalidAddress, AnymailUnsupportedFeature) as error:
            # Raised before anything is sent: for an operator to mend, and no fault of the customer's.
            raise ChannelError(_told(error), permanent=False) from error
        except AnymailAPIError as error:
            raise _fate(error, message.at) from error
        if mail.anymail_status.status == {"failed"}:
            raise ChannelError(f"{self.provider} could not send it.", permanent=False)
        return Sent(reference=str(mail.anymail_status.message_id or ""))


class ResendGateway(ProviderGateway):
    """Resend honours a key for 24 hours (its documentation, "Idempotency Keys")."""

    certainty = Certainty.KEYED
    key_window = timedelta(hours=24)

    @property
    def backend(self) -> str:
        """Dotted path of the backend below, which hands the key over."""
        return f"{__name__}.KeyedResend"


class KeyedResend(Resend):
    """Resend's backend with its Idempotency-Key, which is a header of the request and not of the mail."""

    def build_message_payload(self, message: Any, defaults: dict[str, Any]) -> Any:
        """Add the key to what anymail would send."""
        payload = super().build_message_payload(message, defaults)
        payload.headers["Idempotency-Key"] = message.metadata["reference"]
        return payload


class PostmarkGateway(ProviderGateway):
    """Postmark can be asked for a message by its metadata (its documentation, "Messages API")."""

    certainty = Certainty.LOOK_UP

    def look_up(self, message: Message) -> Sent | None:
        """Ask for the message. That it is not listed proves nothing: it may be listed late, or without our name."""
        reference = name(message)
        try:
            answer = _ask_postmark(reference)
            answer.raise_for_status()
            found = answer.json()["Messages"]
        except (AnymailConfigurationError, requests.RequestException, KeyError, ValueError, TypeError) as error:
            raise FateUnknownError(f"Postmark does not tell: {error}") from error
        ours = [listed for listed in found if listed.get("Metadata", {}).get("reference") == reference]
        if ours:
            return Sent(reference=ours[0]["MessageID"])
        raise FateUnknownError(f"Postmark does not list {reference} (yet).")


def _ask_postmark(reference: str) -> requests.Response:
    backend = Postmark()
    return requests.get(
        f"{backend.api_url}messages/outbound",
        params={"count": "10", "offset": "0", "metadata_reference": reference},
        headers={"Accept": "application/json", "X-Postmark-Server-Token": backend.server_token},
        timeout=backend.timeout,
    )


def _fate(error: AnymailAPIError, at: datetime) -> ChannelError | FateUnknownError:
    """What an answer that is no success means, or that there was none.

    A refusal (4xx) may be about our account, our sender or our key as well as about this message: it is tried again,
    so that an operator has the time to mend it. A conflict (409) is about the key: the first request may have arrived.
    """
    status = error.status_code
    if status is None:
        reached = not _never_reached(error)
        return FateUnknownError(_told(error)) if reached else ChannelError(_told(error), permanent=False)
    if status in (TOO_MANY, UNAVAILABLE):
        return ChannelError(_told(error), permanent=False, busy_for=retry_after(error.response, at))
    if 400 <= status < 500 and status not in (408, 409):
        return ChannelError(_told(error), permanent=False)
    return FateUnknownError(_told(error))


def _never_reached(error: AnymailAPIError) -> bool:
    """Whether there was no connection at all: then nothing was handed over."""
    cause = error.__cause__
    if isinstance(cause, requests.ConnectTimeout | requests.exceptions.SSLError):
        return True
    return isinstance(cause, requests.ConnectionError) and never_connected(cause)


def _told(error: Exception) -> str:
    return " ".join(str(error).split())


PROVIDERS: dict[str, ProviderGateway] = {
    **{provider: ProviderGateway(provider) for provider in ("brevo", "mailgun", "mailjet", "mailtrap", "mandrill")},
    **{provider: ProviderGateway(provider) for provider in ("sendgrid", "sparkpost")},
    "postmark": PostmarkGateway("postmark"),
    "resend": ResendGateway("resend"),
}
