"""System checks: what a production installation must not be started with. Silent where CXSURVEY_PRODUCTION is off."""

from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error
from django.http.request import validate_host

SHORTEST_KEY = 32
Finding = tuple[bool, str, str, str]
"""Whether it is wrong, the number of the error, what is wrong, and the way out."""
NEEDED_FOR_SMS = {
    "twilio": ("TWILIO_URL", "TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKENS"),
    "kannel": ("KANNEL_URL", "KANNEL_USERNAME", "KANNEL_PASSWORD", "KANNEL_HOOK_TOKENS"),
}
MAIL_THAT_GOES_NOWHERE = ("console", "dummy", "filebased", "locmem")


def production_settings(**_: object) -> list[CheckMessage]:
    """Return an Error with the way out for each unsafe setting; they stop every command, also `run` and `qcluster`."""
    if not settings.PRODUCTION:
        return []
    findings = [*_of_the_site(), *_of_the_messages(), *_of_the_sms(), *_of_the_sms_gateways_safety()]
    return [Error(what, hint=hint, id=f"cxsurvey.{number}") for wrong, number, what, hint in findings if wrong]


def _of_the_site() -> list[Finding]:
    site = urlsplit(settings.SITE_URL)
    short = [key_id for key_id, secret in settings.LINK_KEYS.items() if len(secret) < SHORTEST_KEY]
    return [
        (settings.DEBUG, "E001", "DEBUG shows settings and customers' data on error pages.", "Remove DEBUG."),
        (
            site.scheme != "https",
            "E002",
            f"SITE_URL is {settings.SITE_URL}: survey links would travel unencrypted.",
            "Let it begin with https://.",
        ),
        (
            "*" in settings.ALLOWED_HOSTS,
            "E003",
            "ALLOWED_HOSTS accepts every name, so that a forged one gets into links.",
            "List the names under which this installation is reached.",
        ),
        (
            not validate_host(site.hostname or "", settings.ALLOWED_HOSTS),
            "E004",
            f"The host of SITE_URL, {site.hostname}, is not in ALLOWED_HOSTS: survey links would be refused.",
            "Add it to ALLOWED_HOSTS.",
        ),
        (
            bool(short),
            "E005",
            f"LINK_KEYS has keys that can be guessed: {', '.join(short)}.",
            f"Use at least {SHORTEST_KEY} random characters for each; .env.example shows how to make them.",
        ),
    ]


def _of_the_messages() -> list[Finding]:
    mail = settings.EMAIL_BACKEND.split(".")[-2]
    return [
        (
            settings.OUTBOX_PAGE,
            "E006",
            "The page /outbox/ shows every message to whoever opens it.",
            "Remove OUTBOX_PAGE.",
        ),
        (
            mail in MAIL_THAT_GOES_NOWHERE,
            "E007",
            f"EMAIL_URL leads to the {mail} backend: mail would count as sent and reach nobody.",
            "Name an SMTP server.",
        ),
        (
            "outbox" in settings.CHANNEL_GATEWAYS.values(),
            "E008",
            "EMAIL_GATEWAY or SMS_GATEWAY is outbox: messages would count as delivered and reach nobody.",
            "Remove it. Without SMS_GATEWAY nobody is asked by SMS.",
        ),
    ]


def _of_the_sms() -> list[Finding]:
    gateway = settings.CHANNEL_GATEWAYS.get("sms", "")
    missing = [name for name in NEEDED_FOR_SMS.get(gateway, ()) if not getattr(settings, name)]
    address = {"twilio": settings.TWILIO_URL, "kannel": settings.KANNEL_URL}.get(gateway, "")
    return [
        (
            gateway not in {"", "outbox", *NEEDED_FOR_SMS},
            "E030",
            f"SMS_GATEWAY is {gateway}, which is no gateway.",
            f"Choose one of {', '.join(NEEDED_FOR_SMS)}.",
        ),
        (
            bool(missing),
            "E031",
            f"SMS_GATEWAY is {gateway}, but it lacks {', '.join(missing)}.",
            "Set what is missing; .env.example says what it is.",
        ),
        (
            bool(address) and urlsplit(address).scheme not in {"http", "https"},
            "E032",
            f"The address of the SMS gateway, {address}, is none of HTTP.",
            "Let it begin with https://, or with http:// inside your own network.",
        ),
        (
            (settings.SMS_PRICE is None) != (not settings.SMS_CURRENCY),
            "E035",
            "Only one of SMS_PRICE and SMS_CURRENCY is set.",
            "Set both, or none if the cost is not to be shown.",
        ),
    ]


def _of_the_sms_gateways_safety() -> list[Finding]:
    gateway = settings.CHANNEL_GATEWAYS.get("sms", "")
    guessable = [token for token in settings.KANNEL_HOOK_TOKENS if len(token) < SHORTEST_KEY]
    return [
        (
            gateway == "twilio" and urlsplit(settings.TWILIO_URL).scheme == "http",
            "E033",
            f"TWILIO_URL is {settings.TWILIO_URL}: numbers, texts and the token would travel unencrypted.",
            "Let it begin with https://.",
        ),
        (
            gateway == "kannel" and bool(guessable),
            "E034",
            "KANNEL_HOOK_TOKENS has tokens that can be guessed: anybody could report deliveries and send opt-outs.",
            f"Use at least {SHORTEST_KEY} random characters for each; .env.example shows how to make them.",
        ),
    ]
