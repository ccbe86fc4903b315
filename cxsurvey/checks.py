"""System checks: what a production installation must not be started with. Silent where CXSURVEY_PRODUCTION is off."""

from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error
from django.core.exceptions import ImproperlyConfigured
from django.core.mail import get_connection
from django.http.request import validate_host

from surveys.channels.provider_hooks import PROVIDER_HOOKS, is_signed, missing_package
from surveys.channels.providers import PROVIDERS
from surveys.channels.return_path import LONGEST_BASE

SHORTEST_KEY = 32
TWO_FACTOR = ("required", "offered")
Finding = tuple[bool, str, str, str]
"""Whether it is wrong, the number of the error, what is wrong, and the way out."""
NEEDED_FOR_SMS = {
    "twilio": ("TWILIO_URL", "TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKENS"),
    "kannel": ("KANNEL_URL", "KANNEL_USERNAME", "KANNEL_PASSWORD", "KANNEL_HOOK_TOKENS"),
}
LOOPBACK = ("localhost", "127.0.0.1", "::1")
MAIL_THAT_GOES_NOWHERE = ("console", "dummy", "filebased", "locmem")


def production_settings(**_: object) -> list[CheckMessage]:
    """Return an Error with the way out for each unsafe setting; they stop every command, also `run` and `qcluster`."""
    if not settings.PRODUCTION:
        return []
    findings = [*_of_the_site(), *_of_the_login(), *_of_the_messages(), *_of_the_sms(), *_of_the_sms_gateways_safety()]
    findings += [*_of_the_provider(), *_of_the_bounces()]
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


def _of_the_login() -> list[Finding]:
    return [
        (
            settings.TWO_FACTOR not in TWO_FACTOR,
            "E009",
            f"TWO_FACTOR is {settings.TWO_FACTOR}, which says nothing about second factors.",
            f"Choose one of {', '.join(TWO_FACTOR)}.",
        ),
        (
            len(settings.TWO_FACTOR_KEY) < SHORTEST_KEY,
            "E010",
            "TWO_FACTOR_KEY can be guessed, and with it the codes of all authenticator apps.",
            f"Use at least {SHORTEST_KEY} random characters; .env.example shows how to make them.",
        ),
    ]


def _of_the_messages() -> list[Finding]:
    mail = settings.EMAIL_BACKEND.split(".")[-2]
    return [
        (
            settings.OUTBOX_PAGE,
            "E006",
            "The page /outbox/ shows staff the links of customers: whoever opens one answers as the customer.",
            "Remove OUTBOX_PAGE.",
        ),
        (
            mail in MAIL_THAT_GOES_NOWHERE and settings.CHANNEL_GATEWAYS.get("email") == "email",
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


def _of_the_provider() -> list[Finding]:
    provider = settings.CHANNEL_GATEWAYS.get("email", "")
    if provider not in PROVIDERS:
        return []
    missing, view = _missing(PROVIDERS[provider].backend), PROVIDER_HOOKS[provider].view
    package = missing_package(view)
    return [
        (bool(missing), "E020", f"EMAIL_GATEWAY is {provider}, which cannot be used: {missing}", "See .env.example."),
        (
            not settings.ANYMAIL.get("WEBHOOK_SECRET") and not is_signed(view),
            "E021",
            f"What {provider} tells of bounces would be refused, as nothing proves that it comes from there.",
            "Set ANYMAIL_WEBHOOK_SECRET to user:password, and put both into the address that the provider calls.",
        ),
        (
            bool(package),
            "E027",
            f"What {provider} tells of bounces would be refused: the package {package}, which checks it, is missing.",
            f"Run pip install {package}. Or remove the key of its signature and set ANYMAIL_WEBHOOK_SECRET.",
        ),
    ]


def _missing(backend: str) -> str:
    """What django-anymail says that a provider's backend lacks."""
    try:
        get_connection(backend)
    except ImproperlyConfigured as error:
        return " ".join(str(error).split())
    return ""


def _of_the_bounces() -> list[Finding]:
    local, _, domain = settings.BOUNCE_ADDRESS.partition("@")
    url = urlsplit(settings.BOUNCE_IMAP_URL)
    return [
        (
            bool(settings.BOUNCE_ADDRESS) and not (domain and 0 < len(local) <= LONGEST_BASE and "+" not in local),
            "E022",
            f"BOUNCE_ADDRESS is {settings.BOUNCE_ADDRESS}, which leaves no place for what a notice is about.",
            f"Write one such as bounce@bounces.example.com, with at most {LONGEST_BASE} characters before the @.",
        ),
        (
            bool(settings.BOUNCE_IMAP_URL) and url.scheme not in ("imaps", "imap+tls", "imap"),
            "E023",
            f"BOUNCE_IMAP_URL begins with {url.scheme}://, which is no way to read a mailbox.",
            "Let it begin with imaps:// or imap+tls://.",
        ),
        (
            url.scheme == "imap" and url.hostname not in LOOPBACK,
            "E024",
            "BOUNCE_IMAP_URL begins with imap://: its password would travel unencrypted.",
            "Let it begin with imaps:// or imap+tls://.",
        ),
        (
            bool(settings.BOUNCE_ADDRESS) != bool(settings.BOUNCE_IMAP_URL),
            "E025",
            "Of BOUNCE_ADDRESS and BOUNCE_IMAP_URL only one is set: notices would come to where nobody reads them.",
            "Set both, or neither.",
        ),
    ]
