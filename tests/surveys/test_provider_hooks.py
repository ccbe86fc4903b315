"""What providers tell, in the form and with the proof that each of them really uses."""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.metadata import metadata
from importlib.util import find_spec
from typing import Any

import pytest
from django.http import HttpRequest
from django.test import Client, RequestFactory
from pytest_django import Settings

from surveys.channels.events import HookRefusedError, Status, StatusEvent
from surveys.channels.gateways import GATEWAYS
from surveys.channels.hooks import HOOKS
from surveys.channels.provider_hooks import PROVIDER_HOOKS, SIGNATURE_PACKAGES, missing_package
from surveys.channels.providers import PROVIDERS
from surveys.models import ProviderEvent
from tests.surveys.makers import NOON
from tests.surveys.test_email import MESSAGE

REFERENCE = MESSAGE.reference
AT = "2026-05-05T11:00:00Z"
EPOCH = int(datetime(2026, 5, 5, 11, tzinfo=UTC).timestamp())
BASIC = {"Authorization": f"Basic {base64.b64encode(b'hooks:secret').decode()}"}


@pytest.fixture(autouse=True)
def keys(settings: Settings) -> None:
    settings.ANYMAIL = {
        "WEBHOOK_SECRET": "hooks:secret",
        "MAILGUN_API_KEY": "secret",
        "MAILGUN_WEBHOOK_SIGNING_KEY": "signing",
        "MANDRILL_WEBHOOK_KEY": "signing",
        "MAILTRAP_TRACKING_SECRET": "signing",
    }


def posted(body: object, headers: Mapping[str, str] = BASIC) -> HttpRequest:
    return RequestFactory().post("/hooks/x/", json.dumps(body), content_type="application/json", headers=dict(headers))


def told(name: str, request: HttpRequest) -> list[StatusEvent]:
    events = HOOKS[name].read(request, NOON)
    assert all(isinstance(event, StatusEvent) for event in events)
    return [event for event in events if isinstance(event, StatusEvent)]


def statuses(name: str, body: object) -> list[Status]:
    return [event.status for event in told(name, posted(body))]


def refused(name: str, request: HttpRequest) -> HookRefusedError:
    with pytest.raises(HookRefusedError) as caught:
        HOOKS[name].read(request, NOON)
    return caught.value


def postmark(kind: str = "Bounce", **fields: Any) -> dict[str, Any]:
    times = {"BouncedAt": AT} if kind in ("Bounce", "SpamComplaint") else {"DeliveredAt": AT}
    return {"RecordType": kind, "MessageID": "guid-1", "Metadata": {"reference": REFERENCE}} | times | fields


def mailgun(event: str = "failed", *, key: str = "signing", **fields: Any) -> dict[str, Any]:
    token = "token-1"
    signature = hmac.digest(key.encode(), f"{EPOCH}{token}".encode(), hashlib.sha256).hex()
    data = {"event": event, "timestamp": EPOCH, "recipient": MESSAGE.recipient}
    data |= {name.replace("_", "-"): value for name, value in fields.items()}
    data |= {"user-variables": {"reference": REFERENCE}, "message": {"headers": {"message-id": "id-1"}}}
    return {"signature": {"timestamp": str(EPOCH), "token": token, "signature": signature}, "event-data": data}


def mandrill(*events: dict[str, Any], key: str = "signing") -> HttpRequest:
    form = {"mandrill_events": json.dumps(events)}
    signed = "http://hooks:secret@testserver/hooks/x/mandrill_events" + form["mandrill_events"]
    signature = base64.b64encode(hmac.digest(key.encode(), signed.encode(), "sha1")).decode()
    return RequestFactory().post("/hooks/x/", form, headers=BASIC | {"X-Mandrill-Signature": signature})


def mandrill_event(kind: str) -> dict[str, Any]:
    return {"event": kind, "ts": EPOCH, "msg": {"_id": "id-1", "email": "a@b.c", "metadata": {"reference": REFERENCE}}}


def test_a_bounce_at_postmark_becomes_an_event_about_our_message() -> None:
    [event] = told("postmark", posted(postmark(ID=42, Type="HardBounce", Details="550 5.1.1 No such user")))
    assert event == StatusEvent(
        key="bounced:42",
        status=Status.BOUNCED,
        at=datetime(2026, 5, 5, 11, tzinfo=UTC),
        reference=REFERENCE,
        provider_reference="guid-1",
        detail="550 5.1.1 No such user",
    )


@pytest.mark.parametrize(
    ("body", "meaning"),
    [
        (postmark("Delivery"), [Status.DELIVERED]),
        (postmark(ID=1, Type="HardBounce"), [Status.BOUNCED]),
        (postmark(ID=1, Type="BadEmailAddress"), [Status.BOUNCED]),
        (postmark(ID=1, Type="SoftBounce"), [Status.FAILED]),
        (postmark(ID=1, Type="Blocked"), [Status.FAILED]),
        (postmark(ID=1, Type="Transient"), [Status.DEFERRED]),
        (postmark("SpamComplaint", ID=1, Type="SpamComplaint"), [Status.COMPLAINED]),
        (postmark("SubscriptionChange", SuppressSending=True, SuppressionReason="ManualSuppression"), ["unsubscribed"]),
        (postmark("SubscriptionChange", SuppressSending=False), []),
        (postmark(ID=1, Type="AutoResponder"), []),
        (postmark("Open"), []),
        (postmark("Click"), []),
        (postmark("SomethingNew"), []),
    ],
)
def test_what_postmark_means(body: dict[str, Any], meaning: list[Status]) -> None:
    assert statuses("postmark", body) == meaning


@pytest.mark.parametrize(
    ("body", "meaning"),
    [
        (mailgun("delivered"), [Status.DELIVERED]),
        (mailgun("complained"), [Status.COMPLAINED]),
        (mailgun("unsubscribed"), [Status.UNSUBSCRIBED]),
        (mailgun("opened"), []),
        (mailgun("clicked"), []),
        (mailgun(severity="temporary"), [Status.DEFERRED]),
        (mailgun(severity="permanent", reason="suppress-bounce"), [Status.BOUNCED]),
        (
            mailgun(severity="permanent", delivery_status={"code": 550, "message": "5.1.1 No such user"}),
            ["bounced"],
        ),
        (mailgun(severity="permanent", delivery_status={"code": 550, "message": "5.7.1 Spam"}), [Status.FAILED]),
        (mailgun(severity="permanent", delivery_status={"code": 605, "message": "Too old"}), [Status.FAILED]),
    ],
)
def test_what_mailgun_means(body: dict[str, Any], meaning: list[Status]) -> None:
    assert statuses("mailgun", body) == meaning


@pytest.mark.parametrize(
    ("name", "body", "meaning"),
    [
        ("brevo", {"event": "hard_bounce"}, [Status.BOUNCED]),
        ("brevo", {"event": "invalid_email"}, [Status.BOUNCED]),
        ("brevo", {"event": "soft_bounce"}, [Status.FAILED]),
        ("brevo", {"event": "spam"}, [Status.COMPLAINED]),
        ("brevo", {"event": "unique_proxy_open"}, []),
        ("mailjet", [{"event": "bounce", "hard_bounce": True, "error": "user unknown"}], [Status.BOUNCED]),
        ("mailjet", [{"event": "bounce", "hard_bounce": False, "error": "quota exceeded"}], [Status.FAILED]),
        ("mailjet", [{"event": "blocked", "error": "user unknown"}, {"event": "sent"}], ["bounced", "delivered"]),
        ("mailjet", [{"event": "blocked", "error": "spam reporter"}], [Status.UNSUBSCRIBED]),
        ("resend", {"type": "email.bounced", "data": {"bounce": {"message": "", "type": "Permanent"}}}, ["bounced"]),
        ("resend", {"type": "email.bounced", "data": {"bounce": {"message": "", "type": "Transient"}}}, ["failed"]),
        ("resend", {"type": "email.opened", "data": {}}, []),
        ("sparkpost", [{"msys": {"message_event": {"type": "bounce", "bounce_class": "10"}}}], [Status.BOUNCED]),
        ("sparkpost", [{"msys": {"message_event": {"type": "bounce", "bounce_class": "22"}}}], [Status.FAILED]),
        ("sparkpost", [{"msys": {"message_event": {"type": "bounce", "bounce_class": "60"}}}], []),
    ],
)
def test_what_others_mean(name: str, body: object, meaning: list[Status]) -> None:
    assert statuses(name, body) == meaning


@pytest.mark.filterwarnings("ignore:django-anymail has dropped official support for SendGrid")
@pytest.mark.parametrize(("kind", "meaning"), [("bounce", Status.BOUNCED), ("blocked", Status.FAILED)])
def test_sendgrid_tells_a_block_from_a_bounce_and_names_our_message(kind: str, meaning: Status) -> None:
    body = {"event": "bounce", "type": kind, "timestamp": EPOCH, "sg_event_id": "e1", "reference": REFERENCE}
    [event] = told("sendgrid", posted([body]))
    assert (event.status, event.key, event.reference) == (meaning, "bounced:e1", REFERENCE)


@pytest.mark.parametrize(("kind", "meaning"), [("hard_bounce", Status.BOUNCED), ("soft_bounce", Status.FAILED)])
def test_mandrill_signs_its_address_and_its_form(kind: str, meaning: Status) -> None:
    [event] = told("mandrill", mandrill(mandrill_event(kind), mandrill_event("open")))
    assert (event.status, event.reference) == (meaning, REFERENCE)
    error = refused("mandrill", mandrill(mandrill_event(kind), key="other"))
    assert (error.status, "secret" in str(error)) == (403, False)


def test_mailtrap_signs_its_body() -> None:
    body = {"event": "bounce", "timestamp": EPOCH, "message_id": "id-1", "custom_variables": {"reference": REFERENCE}}
    text = json.dumps({"events": [body]}).encode()
    signature = hmac.digest(b"signing", text, hashlib.sha256).hex()
    [event] = told("mailtrap", posted({"events": [body]}, BASIC | {"Mailtrap-Signature": signature}))
    assert (event.status, event.reference) == (Status.BOUNCED, REFERENCE)
    changed = posted({"events": [body | {"message_id": "id-2"}]}, BASIC | {"Mailtrap-Signature": signature})
    assert refused("mailtrap", changed).status == 403


@pytest.mark.parametrize(
    "headers",
    [{}, {"Authorization": f"Basic {base64.b64encode(b'hooks:wrong').decode()}"}, {"Authorization": "Basic x"}],
)
@pytest.mark.parametrize("name", ["postmark", "brevo", "mailjet", "resend", "sparkpost"])
def test_who_does_not_know_the_password_is_not_heard(name: str, headers: dict[str, str]) -> None:
    assert refused(name, posted(postmark("Delivery"), headers)).status == 403


def test_who_does_not_know_mailgun_s_key_is_not_heard() -> None:
    assert refused("mailgun", posted(mailgun("delivered", key="other"))).status == 403


def test_a_second_password_lets_it_be_changed_without_a_gap(settings: Settings) -> None:
    settings.ANYMAIL |= {"WEBHOOK_SECRET": ["hooks:new", "hooks:secret"]}
    assert statuses("postmark", postmark("Delivery")) == [Status.DELIVERED]


@pytest.mark.parametrize("name", ["postmark", "brevo", "mailjet", "resend", "sparkpost", "sendgrid", "mailtrap"])
def test_without_a_password_nobody_is_heard(settings: Settings, name: str) -> None:
    settings.ANYMAIL = {}
    error = refused(name, posted(postmark("Delivery")))
    assert (error.status, "ANYMAIL_WEBHOOK_SECRET" in str(error)) == (403, True)


@pytest.mark.parametrize(
    "body", ["", "[" * 100_000, "no JSON", "[]", "{}", "null", "7", '"x"', "[7]", '{"RecordType": []}', "\xff"]
)
@pytest.mark.parametrize("name", sorted(PROVIDER_HOOKS.keys() - {"sendgrid"}))
def test_what_no_provider_sends_is_refused_or_means_nothing(name: str, body: str) -> None:
    request = RequestFactory().post("/hooks/x/", body, content_type="application/json", headers=BASIC)
    try:
        assert HOOKS[name].read(request, NOON) == []
    except HookRefusedError as error:
        assert error.status in (400, 403)  # noqa: PT017


def test_a_hook_for_incoming_mail_that_was_set_by_mistake_is_told_so() -> None:
    error = refused("postmark", posted({"FromFull": {}, "MessageID": "guid-1"}))
    assert (error.status, "inbound" in str(error)) == (400, True)


def test_each_copy_has_the_same_key_and_each_event_its_own() -> None:
    bodies = [
        postmark("Delivery"),
        postmark("Delivery", MessageID="guid-2"),
        postmark("Delivery", DeliveredAt="2026-05-05T11:00:01Z"),
        postmark(ID=1, Type="HardBounce"),
        postmark(ID=2, Type="HardBounce"),
    ]
    once, twice = ([told("postmark", posted(body))[0].key for body in bodies] for _ in range(2))
    assert once == twice
    assert len(set(once)) == len(bodies)


def test_an_event_of_tomorrow_or_without_a_time_is_of_now() -> None:
    for at in ("2027-01-01T00:00:00Z", "never"):
        [event] = told("postmark", posted(postmark("Delivery", DeliveredAt=at)))
        assert event.at == NOON


def test_every_provider_can_send_and_tell() -> None:
    assert PROVIDERS.keys() == PROVIDER_HOOKS.keys()
    assert PROVIDERS.keys() < GATEWAYS.keys()


@pytest.mark.django_db
def test_through_the_door_a_copy_is_kept_once_and_a_forgery_not_at_all(client: Client) -> None:
    body = json.dumps(postmark(ID=42, Type="HardBounce"))
    for _ in range(3):
        assert client.post("/hooks/postmark/", body, content_type="application/json", headers=BASIC).status_code == 200
    assert client.head("/hooks/postmark/").status_code == 200
    assert client.get("/hooks/postmark/", headers=BASIC).status_code == 405
    forged = client.post("/hooks/postmark/", body, content_type="application/json")
    assert forged.status_code == 403
    assert list(ProviderEvent.objects.values_list("gateway", "key", "status")) == [
        ("postmark", "bounced:42", "bounced")
    ]


@pytest.mark.parametrize(
    ("name", "key"), [("resend", "RESEND_SIGNING_SECRET"), ("sendgrid", "SENDGRID_TRACKING_WEBHOOK_VERIFICATION_KEY")]
)
def test_a_signature_that_cannot_be_checked_names_the_package(settings: Settings, name: str, key: str) -> None:
    view = PROVIDER_HOOKS[name].view
    settings.ANYMAIL = {"WEBHOOK_SECRET": "user:password"}
    assert missing_package(view) == ""
    settings.ANYMAIL = {key: "whsec_c2VjcmV0"}
    package = {"resend": "svix", "sendgrid": "cryptography"}[name]
    assert missing_package(view) == ("" if find_spec(package) else package)


def test_these_are_all_the_packages_that_anymail_asks_for_to_check_what_our_providers_tell() -> None:
    needed = metadata("django-anymail").get_all("Requires-Dist") or []
    asking = {name for name in PROVIDER_HOOKS if any(f"extra == '{name}'" in line for line in needed)}
    assert {view.partition(".")[0] for view in SIGNATURE_PACKAGES} == asking
